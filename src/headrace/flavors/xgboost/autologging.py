"""Autologging of XGBoost: ``xgboost.train`` and ``fit`` of its scikit-learn interface."""

from collections.abc import Iterable
from typing import Any

from headrace import plugins
from headrace.autologging import boosting, datasets, models, switch
from headrace.autologging.integration import Integration, Patch
from headrace.autologging.session import Call, Session

_ALSO_PARAMS = ("num_boost_round", "maximize", "early_stopping_rounds", "verbose_eval")
_KINDS = ("weight",)


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """Wherever ``train`` can be had by name, and ``fit`` of every class that has its own."""
    for module in ("xgboost", "xgboost.training", "xgboost.sklearn"):
        yield Patch(
            owner=plugins.load(module), name="train", before=before, after=after, inside=inside
        )
    sklearn = plugins.load("xgboost.sklearn")
    for kind in (
        sklearn.XGBModel,
        sklearn.XGBClassifier,
        sklearn.XGBRanker,
        sklearn.XGBRFClassifier,
    ):
        if "fit" in vars(kind):
            yield Patch(owner=kind, name="fit", before=before_fit, after=after_fit)


def before(session: Session, call: Call) -> Call:
    """The params, and an ear for each round."""
    given = call.arguments()
    session.params({**given["params"], **{key: given.get(key) for key in _ALSO_PARAMS}})
    return inside(session, call)


def inside(session: Session, call: Call) -> Call:
    """An ear for each round."""
    callbacks = [*(call.given("callbacks") or ()), _ear(session)]
    return call.with_(callbacks=callbacks)


def after(session: Session, call: Call, result: Any) -> None:
    """The best round, importances, the booster."""
    if call.given("early_stopping_rounds"):
        _stopped(session, result)
    _importances(session, result)
    log_model = plugins.load("headrace.flavors.xgboost.model:log_model")
    models.record(
        session,
        log_model,
        result,
        None,
        result.predict,
        model_format=session.options["model_format"],
    )


def before_fit(session: Session, call: Call) -> None:
    """The params of the estimator."""
    session.params(call.instance.get_params())


def after_fit(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The data, the best round, importances, the estimator."""
    estimator, given = call.instance, call.arguments()
    datasets.record(session, given.get("X"), given.get("y"))
    booster = estimator.get_booster()
    if getattr(estimator, "early_stopping_rounds", None):
        _stopped(session, booster)
    _importances(session, booster)
    log_model = plugins.load("headrace.flavors.xgboost.model:log_model")
    models.record(
        session, log_model, estimator, given.get("X"), estimator.predict,
        model_format=session.options["model_format"],
    )  # fmt: skip


def _stopped(session: Session, booster: Any) -> None:
    session.metrics(
        {
            "stopped_iteration": booster.num_boosted_rounds() - 1,
            "best_iteration": booster.best_iteration,
        }
    )


def _importances(session: Session, booster: Any) -> None:
    for kind in session.options["importance_types"] or _KINDS:
        with session.quietly(f"importances by {kind}"):
            boosting.importances(session, kind, booster.get_score(importance_type=kind))


def _ear(session: Session) -> Any:
    base: Any = plugins.load("xgboost.callback:TrainingCallback")

    class Ear(base):  # type: ignore[misc]  # what is imported late has no type
        """Records the scores of each round."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
            with session.quietly("the scores of a round"):
                last = {
                    f"{data}-{metric}": values[-1][0]
                    if isinstance(values[-1], tuple)
                    else values[-1]
                    for data, metrics in evals_log.items()
                    for metric, values in metrics.items()
                }
                session.metrics(last, epoch)
            return False

    return Ear()


INTEGRATION = Integration(
    name="xgboost",
    modules=("xgboost",),
    distribution="xgboost",
    install=install,
    options={"importance_types": None, "model_format": "ubj"},
    records=boosting.RECORDS,
)
autolog = switch.function_of(INTEGRATION)
