"""Autologging of CatBoost: ``fit`` of its models, and ``catboost.train``, which calls it."""

from collections.abc import Iterable
from typing import Any

from headrace import plugins
from headrace.autologging import boosting, datasets, models, switch
from headrace.autologging.integration import Integration, Patch
from headrace.autologging.session import Call, Session

_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """``fit`` of every class that has its own."""
    core = plugins.load("catboost.core")
    for name in _CLASSES:
        kind = getattr(core, name)
        if "fit" in vars(kind):
            yield Patch(owner=kind, name="fit", before=before, after=after)


def before(session: Session, call: Call) -> None:
    """The params that were given."""
    session.params(call.instance.get_params())


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The rounds, the best of them, importances, the data, the model.

    The rounds are read when the training is over: a callback would be refused on a GPU.
    """
    model, given = call.instance, call.arguments()
    with session.quietly("the scores of the rounds"):
        _rounds(session, model)
    if model.get_best_iteration() is not None:
        session.metrics(
            {
                "stopped_iteration": len(_longest(model.get_evals_result())) - 1,
                "best_iteration": model.get_best_iteration(),
            }
        )
    with session.quietly("importances"):
        found = dict(zip(model.feature_names_, model.feature_importances_.tolist(), strict=True))
        boosting.importances(session, "PredictionValuesChange", found)
    data = None if isinstance(given["X"], plugins.load("catboost:Pool")) else given["X"]
    datasets.record(session, data, given.get("y"))
    log_model = plugins.load("headrace.flavors.catboost.model:log_model")
    models.record(session, log_model, model, data, model.predict)


def _rounds(session: Session, model: Any) -> None:
    results = model.get_evals_result()
    for step in range(len(_longest(results))):
        session.metrics(
            {
                f"{data}-{metric}": values[step]
                for data, metrics in results.items()
                for metric, values in metrics.items()
                if step < len(values)
            },
            step,
        )


def _longest(results: dict[str, dict[str, list[float]]]) -> list[float]:
    return max((values for one in results.values() for values in one.values()), key=len, default=[])


INTEGRATION = Integration(
    name="catboost",
    modules=("catboost",),
    distribution="catboost",
    install=install,
    records=boosting.RECORDS,
)
autolog = switch.function_of(INTEGRATION)
