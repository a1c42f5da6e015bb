"""`evaluate`: a model or its predictions, measured against targets, and kept in a run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from headrace import plugins
from headrace.data import from_pandas
from headrace.errors import InvalidValueError
from headrace.evaluation.custom import EvaluationMetric
from headrace.evaluation.result import Case, EvaluationArtifact, EvaluationResult, Measured
from headrace.fluent import artifacts, recording
from headrace.fluent.runs import active_run, start_run
from headrace.pyfunc import PyFuncModel, load_model

EVALUATORS = {
    "classifier": "headrace.evaluation.classifier:measure",
    "regressor": "headrace.evaluation.regressor:measure",
}


def evaluate(  # noqa: PLR0913  (MLflow's signature)
    model: str | PyFuncModel | Callable[[Any], Any] | None = None,
    data: Any = None,
    *,
    model_type: str,
    targets: Any,
    predictions: str | None = None,
    feature_names: Sequence[str] | None = None,
    evaluator_config: Mapping[str, Any] | None = None,
    extra_metrics: Sequence[EvaluationMetric] = (),
) -> EvaluationResult:
    """Measure a model on ``data`` and log what is found to the current run, or to one of its own.

    ``model`` is a URI, a loaded model or a function; without one, the column ``predictions`` of ``data``
    is measured. ``data`` is a data frame of pandas; ``targets`` names its column of true values, or is
    an array with one entry a row. ``model_type`` is ``classifier``, ``regressor``, or a name under the
    entry points ``headrace.evaluators``. Of ``evaluator_config``, ``sample_weights`` (one a row),
    ``metric_prefix``, ``pos_label``, ``label_list`` and ``average`` count. Raises `InvalidValueError`
    for what does not fit together; then nothing is logged.
    """
    settings = dict(evaluator_config or {})
    measure = plugins.find("headrace.evaluators", model_type, EVALUATORS)
    case, score = _asked(model, data, targets, predictions, feature_names, settings)
    found: Measured = measure(case)
    numbers = {**score, **found.metrics}
    for metric in extra_metrics:
        numbers[metric.name] = metric.of(case, numbers)
    prefix = settings.get("metric_prefix") or ""
    metrics = {prefix + name: value for name, value in numbers.items()}
    opened = active_run()
    with nullcontext(opened) if opened else start_run() as run:
        if isinstance(targets, str):
            recording.log_input(from_pandas(data, targets=targets), context="eval")
        recording.log_metrics(metrics)
        return EvaluationResult(metrics, _kept(found, prefix), run.info.run_id)


def _asked(
    model: Any, data: Any, targets: Any, predictions: str | None,
    names: Sequence[str] | None, settings: Mapping[str, Any],
) -> tuple[Case, dict[str, float]]:  # fmt: skip
    if not isinstance(data, plugins.load("pandas:DataFrame")):
        raise InvalidValueError(f"data must be a DataFrame of pandas, not {type(data).__name__}.")
    target = _column(data, targets, "targets") if isinstance(targets, str) else np.asarray(targets)
    if len(target) != len(data):
        raise InvalidValueError(f"There are {len(target)} targets for {len(data)} rows.")
    weights = settings.get("sample_weights")
    weights = None if weights is None else np.asarray(weights)
    if model is None:
        if predictions is None:
            raise InvalidValueError("Give a model, or name the column of its predictions.")
        predicted = _column(data, predictions, "predictions")
        return Case(target, predicted, weights=weights, settings=settings), {}
    features = data.drop(columns=[targets]) if isinstance(targets, str) else data
    features = features if names is None else features[list(names)]
    return _predicted(model, features, Case(target, None, weights=weights, settings=settings))


def _predicted(model: Any, features: Any, case: Case) -> tuple[Case, dict[str, float]]:
    loaded = load_model(model) if isinstance(model, str) else model
    if not isinstance(loaded, PyFuncModel):
        said = np.asarray(loaded(features))
        return Case(case.target, said, weights=case.weights, settings=case.settings), {}
    said, raw = np.asarray(loaded.predict(features)), loaded.get_raw_model()
    probabilities = raw.predict_proba(features) if hasattr(raw, "predict_proba") else None
    classes = None if probabilities is None else getattr(raw, "classes_", None)
    whole = Case(
        case.target, said, None if classes is None else probabilities, classes,
        case.weights, case.settings,
    )  # fmt: skip
    if not hasattr(raw, "score"):
        return whole, {}
    return whole, {"score": float(raw.score(features, case.target, sample_weight=case.weights))}


def _column(data: Any, name: str, role: str) -> Any:
    if name not in data.columns:
        known = ", ".join(map(str, data.columns[:20]))
        raise InvalidValueError(f"No column '{name}' for {role}. Columns: {known}.")
    return data[name].to_numpy()


def _kept(found: Measured, prefix: str) -> dict[str, EvaluationArtifact]:
    contents: dict[str, tuple[str, Any]] = {}
    for name, table in found.tables.items():
        contents[prefix + name] = f"{prefix}{name}.csv", table
        artifacts.log_text(table.to_csv(index=False), f"{prefix}{name}.csv")
    for name, draw in found.pictures.items():
        figure = plugins.load("matplotlib.figure:Figure")()
        draw(figure.add_subplot())
        contents[prefix + name] = f"{prefix}{name}.png", figure
        artifacts.log_figure(figure, f"{prefix}{name}.png")
    return {
        name: EvaluationArtifact(artifacts.get_artifact_uri(file), content)
        for name, (file, content) in contents.items()
    }
