"""Autologging of Spark ML: ``fit`` of every estimator, pipelines and searches included."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from headrace import plugins
from headrace.autologging import models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import LONGEST_PARAM, TAG, Call, Session
from headrace.flavors.spark import sources
from headrace.fluent import runs

_PARTS = ("stages", "estimator", "evaluator", "estimatorParamMaps")
"""Params that hold other estimators: these are told by themselves."""


def install(integration: Integration) -> Iterable[Patch]:
    """``fit``, which all estimators have from their base class."""
    reading = sys.modules.get("pyspark.sql.readwriter")
    if reading is not None:
        sources.listen(reading.DataFrameReader, lambda: switch.options_of(integration))
    ml = sys.modules.get("pyspark.ml.base")
    if ml is not None:
        yield Patch(owner=ml.Estimator, name="fit", before=before, after=after)


def before(session: Session, call: Call) -> None:
    """What the estimator is made of, and how each part is set up."""
    estimator = call.instance
    kind = type(estimator)
    session.run.set_tags(
        {"estimator_name": kind.__name__, "estimator_class": f"{kind.__module__}.{kind.__name__}"}
    )
    stages = [type(one).__name__ for one in _stages(estimator)]
    session.params({"stages": ", ".join(stages)} if stages else {})
    given = call.given("params")
    extra = given if isinstance(given, dict) else None
    session.params(dict(_params(estimator, extra)))
    with session.quietly("what was read"):
        sources.record(session)


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """How a search went, how the fit converged, the model."""
    if isinstance(result, list | tuple):
        return  # several models of one call
    with session.quietly("the search"):
        _search(session, result)
    with session.quietly("how the fit went"):
        _progress(session, result)
    log_model = plugins.load("headrace.flavors.spark.model:log_model")
    models.record(session, log_model, getattr(result, "bestModel", result), None, None)


def _stages(estimator: Any) -> list[Any]:
    if estimator.hasParam("stages"):
        return list(estimator.getOrDefault("stages"))
    return [estimator.getOrDefault("estimator")] if estimator.hasParam("estimator") else []


def _params(estimator: Any, extra: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The params of an estimator by name, those of its parts behind the name of the part's class."""
    for param, value in estimator.extractParamMap(extra).items():
        if param.name not in _PARTS:
            yield prefix + param.name, value
    seen: Counter[str] = Counter()
    for part in _stages(estimator):
        name = type(part).__name__
        seen[name] += 1
        number = f"_{seen[name]}" if seen[name] > 1 else ""
        yield from _params(part, extra, f"{prefix}{name}{number}.")


def _search(session: Session, found: Any) -> None:
    """Each setting that was tried as a child run, with its score."""
    scores = getattr(found, "avgMetrics", None) or getattr(found, "validationMetrics", None)
    if not scores:
        return
    metric = found.getEvaluator().getMetricName()
    larger = found.getEvaluator().isLargerBetter()
    best = (max if larger else min)(range(len(scores)), key=scores.__getitem__)
    tags = {TAG: session.integration.name, **(session.options.get("extra_tags") or {})}
    for place, settings in enumerate(found.getEstimatorParamMaps()):
        chosen = {param.name: str(value)[:LONGEST_PARAM] for param, value in settings.items()}
        with runs.open_run(parent_run_id=session.run.info.run_id, tags=tags) as child:
            child.log_params(chosen)
            child.log_metrics({metric: float(scores[place])})
        if place == best:
            session.params({f"best_{name}": value for name, value in chosen.items()})
            session.metrics({f"best_{metric}": scores[place]})


def _progress(session: Session, model: Any) -> None:
    """The objective by iteration, where the model has noted it: no job of Spark is run for it."""
    last = getattr(model, "stages", [model])[-1]
    if not getattr(last, "hasSummary", False):
        return
    for step, value in enumerate(getattr(last.summary, "objectiveHistory", ())):
        session.metrics({"objective": value}, step)


INTEGRATION = Integration(
    name="spark",
    modules=("pyspark.ml.base", "pyspark.sql.readwriter"),
    distribution="pyspark",
    install=install,
    without=("log_input_examples", "log_model_signatures"),
    records=(
        Recorded("tags", "`estimator_name`, `estimator_class`"),
        Recorded("params", "`stages`; the params of the estimator, and of its parts: `LogisticRegression.regParam`"),
        Recorded("metrics", "`objective` by iteration, where the model has it"),
        Recorded(
            "runs",
            "of `CrossValidator` and `TrainValidationSplit`: each setting as a child run with its score, and "
            "`best_…` params and score",
        ),
        Recorded(
            "dataset",
            "what `spark.read` reads, with its path, version and format, as context `read`: in the run that is "
            "active then, or else in that of the next training",
        ),
        Recorded("model", "`model`: the fitted pipeline, of a search the best"),
    ),
)  # fmt: skip
autolog = switch.function_of(INTEGRATION)
