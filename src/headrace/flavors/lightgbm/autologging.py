"""Autologging of LightGBM: ``lightgbm.train`` and ``fit`` of its scikit-learn interface."""

from collections.abc import Iterable
from typing import Any

from headrace import plugins
from headrace.autologging import boosting, datasets, models, switch
from headrace.autologging.integration import Integration, Patch
from headrace.autologging.session import Call, Session

_KINDS = ("split", "gain")


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """Wherever ``train`` can be had by name, and ``fit`` of every class that has its own."""
    for module in ("lightgbm", "lightgbm.engine", "lightgbm.sklearn"):
        yield Patch(
            owner=plugins.load(module), name="train", before=before, after=after, inside=inside
        )
    sklearn = plugins.load("lightgbm.sklearn")
    for kind in (
        sklearn.LGBMModel,
        sklearn.LGBMClassifier,
        sklearn.LGBMRegressor,
        sklearn.LGBMRanker,
    ):
        if "fit" in vars(kind):
            yield Patch(owner=kind, name="fit", before=before_fit, after=after_fit)


def before(session: Session, call: Call) -> Call:
    """The params, and an ear for each round."""
    given = call.arguments()
    session.params({**given["params"], "num_boost_round": given.get("num_boost_round")})
    return inside(session, call)


def inside(session: Session, call: Call) -> Call:
    """An ear for each round."""

    def ear(environment: Any) -> None:
        with session.quietly("the scores of a round"):
            scores = environment.evaluation_result_list or ()
            session.metrics({f"{one[0]}-{one[1]}": one[2] for one in scores}, environment.iteration)

    return call.with_(callbacks=[*(call.given("callbacks") or ()), ear])


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The best round, importances, the booster."""
    _booster(session, result)
    log_model = plugins.load("headrace.flavors.lightgbm.model:log_model")
    models.record(session, log_model, result, None, result.predict)


def before_fit(session: Session, call: Call) -> None:
    """The params of the estimator."""
    session.params(call.instance.get_params())


def after_fit(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The data, the best round, importances, the estimator."""
    estimator, given = call.instance, call.arguments()
    datasets.record(session, given.get("X"), given.get("y"))
    _booster(session, estimator.booster_)
    log_model = plugins.load("headrace.flavors.lightgbm.model:log_model")
    models.record(session, log_model, estimator, given.get("X"), estimator.predict)


def _booster(session: Session, booster: Any) -> None:
    if booster.best_iteration > 0:
        rounds = {
            "stopped_iteration": booster.current_iteration(),
            "best_iteration": booster.best_iteration,
        }
        session.metrics(rounds)
    names = booster.feature_name()
    for kind in _KINDS:
        with session.quietly(f"importances by {kind}"):
            found = booster.feature_importance(importance_type=kind).tolist()
            boosting.importances(session, kind, dict(zip(names, found, strict=True)))


INTEGRATION = Integration(
    name="lightgbm",
    modules=("lightgbm",),
    distribution="lightgbm",
    install=install,
    records=boosting.RECORDS,
)
autolog = switch.function_of(INTEGRATION)
