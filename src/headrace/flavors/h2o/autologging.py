"""Autologging of H2O: ``train`` of its estimators, and AutoML with its leaderboard."""

from collections.abc import Iterable, Mapping
from typing import Any

from headrace import plugins
from headrace.autologging import models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import TAG, Call, Session
from headrace.fluent import runs

_KINDS = {"training": "training_metrics", "validation": "validation_metrics",
          "cross_validation": "cross_validation_metrics"}  # fmt: skip
_LEADERBOARD = "leaderboard.csv"


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """``train`` of what trains one model, and of what trains many."""
    one = plugins.load("h2o.estimators.estimator_base:H2OEstimator")
    yield Patch(owner=one, name="train", after=after)
    many = plugins.load("h2o.automl:H2OAutoML")
    yield Patch(owner=many, name="train", after=after_many)


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The params and the scores of the model, and the model."""
    _one(session, call.instance)


def after_many(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The leaderboard, its best models as child runs, and the best of all."""
    found = call.instance
    with session.quietly("the leaderboard"):
        table = found.leaderboard.as_data_frame()
        session.run.log_text(table.to_csv(index=False), _LEADERBOARD)
        session.metrics({"models": len(table)})
        rows = table.head(session.options["max_tuning_runs"]).to_dict("records")
        for place, row in enumerate(rows, 1):
            _child(session, place, row)
    _one(session, found.leader)


def _one(session: Session, model: Any) -> None:
    session.run.set_tag("model_id", model.model_id)
    session.params(model.actual_params)
    for prefix, kind in _KINDS.items():
        with session.quietly(f"the scores of the {prefix}"):
            session.metrics(
                {f"{prefix}_{key}": value for key, value in _scores(model, kind).items()}
            )
    log_model = plugins.load("headrace.flavors.h2o.model:log_model")
    models.record(session, log_model, model, None, None)


def _scores(model: Any, kind: str) -> dict[str, Any]:
    """The scores that the cluster has sent along with the model."""
    found = model._model_json["output"].get(kind)  # noqa: SLF001  (elsewhere each score has a method)
    given = getattr(found, "_metric_json", None) or {}
    return {key: value for key, value in given.items() if isinstance(value, int | float)}


def _child(session: Session, place: int, row: Mapping[str, Any]) -> None:
    tags = {TAG: session.integration.name, **(session.options.get("extra_tags") or {})}
    name = str(row["model_id"])
    with runs.open_run(
        parent_run_id=session.run.info.run_id, run_name=name, tags={**tags, "model_id": name}
    ) as child:
        scores = {key: float(value) for key, value in row.items() if key != "model_id"}
        child.log_metrics({"place": float(place), **scores})


INTEGRATION = Integration(
    name="h2o",
    modules=("h2o",),
    distribution="h2o",
    install=install,
    options={"max_tuning_runs": 5},
    without=("log_input_examples", "log_model_signatures", "log_datasets"),
    records=(
        Recorded("tags", "`model_id`"),
        Recorded("params", "the params of the model, of AutoML those of the best"),
        Recorded("metrics", "`training_…`, `validation_…`, `cross_validation_…`: the scores that H2O has"),
        Recorded(
            "runs",
            "of AutoML: `leaderboard.csv`, and its first `max_tuning_runs` models as child runs with their "
            "place and scores",
        ),
        Recorded("model", "`model`, of AutoML the best"),
    ),
)  # fmt: skip
autolog = switch.function_of(INTEGRATION)
