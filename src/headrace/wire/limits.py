"""What a question may hold, as far as its values alone can tell: names, lengths, ranges, counts.

A store asks `check` once for each question, so that every surface and the embedded client refuse the
same things with the same words. What needs the database is the store's to refuse.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from msgspec import Struct

from headrace.entities import (
    RUN_NAME_TAG,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunStatus,
    RunTag,
)
from headrace.errors import InvalidValueError
from headrace.wire import evaluation as e
from headrace.wire import tracking as w

MAX_METRICS = 1_000
MAX_PARAMS = 100
MAX_TAGS = 100
MAX_BATCH = 1_000

KEY_LENGTH = 250
VALUE_BYTES = 1024 * 1024
"""Of a param or a run tag. It is kept whole or refused; MLflow cuts at 6,000 and 8,000 characters."""
NAME_LENGTH = 500
LOCATION_LENGTH = 2_048
STATUS_MESSAGE_LENGTH = 1_000
EXPERIMENT_TAG_LENGTH = 20_000
INPUT_TAG_KEY_LENGTH = 255
INPUT_TAG_VALUE_LENGTH = 500
DATASET_LENGTHS = {
    "name": 500,
    "digest": 36,
    "source_type": 500,
    "source": 65_535,
    "schema": 1_048_575,
    "profile": 16_777_215,
}
MAX_PAGE = 50_000
MAX_SERIES_RUNS = 100
MAX_INTERVAL_POINTS = 2_500
MAX_DATASET_EXPERIMENTS = 20

_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1

_KEY = re.compile(r"[/\w.\- :]*")
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-]{0,255}")
_EXPERIMENT_ID = re.compile(r"-?[0-9]{1,30}", re.ASCII)
_MODEL_NAME = re.compile(r"""[^/:.%"']+""")
_MODEL_ID = re.compile(r"m-[\w\-]{1,34}", re.ASCII)
_RUN_STATUSES = get_args(RunStatus)


def check(question: Struct) -> None:
    """Raise `InvalidValueError` if the question holds what no store keeps; it names the field."""
    rule = _RULES.get(type(question))
    if rule is not None:
        rule(question)
    else:
        _texts(question)


# Text and keys

# Keys repeat: a run logs the same few a thousand times. Bounded, so that hostile ones cost no memory.
_known_keys: set[str] = set()
_MAX_KNOWN_KEYS = 20_000


def _key(key: str, name: str) -> None:
    if key in _known_keys:
        return
    if len(key) > KEY_LENGTH:
        raise _invalid(name, key, f"it has {len(key)} characters; {KEY_LENGTH} are allowed")
    if not _KEY.fullmatch(key):
        raise _invalid(
            name, key, "a name holds letters, digits, _ - . / : and blanks, nothing else"
        )
    if key.startswith(("/", "..")) or posixpath.normpath(key) != key or key == ".":
        raise _invalid(name, key, "a name must be a plain relative path, such as 'train/loss'")
    if len(_known_keys) >= _MAX_KNOWN_KEYS:
        _known_keys.clear()
    _known_keys.add(key)


def _text(value: str, name: str) -> None:
    if "\0" in value:
        raise _invalid(name, value, "it holds a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _invalid(name, value, "it holds half of a surrogate pair") from error


def check_value(value: str, name: str, key: str) -> None:
    """Raise `InvalidValueError` for the value of a key that is too long to keep, or no text."""
    _text(value, name)
    size = len(value) if value.isascii() else len(value.encode())
    if size > VALUE_BYTES:
        raise InvalidValueError(
            f"The value of '{key}' ({name}) has {size:,} bytes; at most {VALUE_BYTES:,} are kept. "
            "Log it as an artifact."
        )


def check_length(value: str | None, name: str, limit: int) -> None:
    """Raise `InvalidValueError` for more characters than that, or what no database keeps as text."""
    if value is None:
        return
    _text(value, name)
    if len(value) > limit:
        raise _invalid(name, value, f"it has {len(value)} characters; {limit} are allowed")


def _texts(value: Any, place: str = "") -> None:
    """Every text in a question must be one that each database can keep."""
    if isinstance(value, str):
        _text(value, place)
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            _texts(getattr(value, field), f"{place}.{field}" if place else field)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _texts(item, f"{place}[{i}]")


def _invalid(name: str, value: object, reason: str) -> InvalidValueError:
    shown = repr(value)
    shown = shown if len(shown) <= 100 else f"{shown[:100]}..."
    return InvalidValueError(f"Invalid value {shown} for parameter '{name}' supplied: {reason}.")


def _run_id(run_id: str) -> None:
    if not _RUN_ID.fullmatch(run_id):
        raise _invalid("run_id", run_id, "a run id holds letters, digits, _ and -")


def _experiment_id(experiment_id: str, name: str = "experiment_id") -> None:
    if not _EXPERIMENT_ID.fullmatch(experiment_id):
        raise _invalid(name, experiment_id, "an experiment id is an integer")


def _experiment_ids(experiment_ids: Sequence[str]) -> None:
    for i, experiment_id in enumerate(experiment_ids):
        _experiment_id(experiment_id, f"experiment_ids[{i}]")


def _range(value: int | None, name: str, low: int, high: int | None = None) -> None:
    if value is None or (value >= low and (high is None or value <= high)):
        return
    raise _invalid(name, value, f"at least {low}" + (f", at most {high}" if high else ""))


def _count(items: Sequence[Any], what: str, limit: int) -> None:
    if len(items) > limit:
        raise InvalidValueError(
            f"A request holds at most {limit} {what}; this one has {len(items)}."
        )


# Experiments


def _name(name: str, field: str) -> None:
    if not name.strip():
        raise _invalid(field, name, "a name must not be blank")
    check_length(name, field, NAME_LENGTH)


def _create_experiment(question: w.CreateExperiment) -> None:
    _name(question.name, "name")
    check_length(question.artifact_location, "artifact_location", LOCATION_LENGTH)
    for i, tag in enumerate(question.tags):
        _key(tag.key, f"tags[{i}].key")
        check_length(tag.value, f"tags[{i}].value", EXPERIMENT_TAG_LENGTH)
    if question.experiment_id is not None:
        _experiment_id(question.experiment_id)
    _range(question.creation_time, "creation_time", 0, _INT64_MAX)
    _range(question.last_update_time, "last_update_time", 0, _INT64_MAX)


def _update_experiment(question: w.UpdateExperiment) -> None:
    _experiment_id(question.experiment_id)
    _name(question.new_name, "new_name")


def _set_experiment_tag(question: w.SetExperimentTag) -> None:
    _experiment_id(question.experiment_id)
    _key(question.key, "key")
    check_length(question.value, "value", EXPERIMENT_TAG_LENGTH)


def _names_experiment(question: Any) -> None:
    _experiment_id(question.experiment_id)
    _texts(question)


# Runs


def _create_run(question: w.CreateRun) -> None:
    _experiment_id(question.experiment_id)
    if question.run_id is not None:
        _run_id(question.run_id)
    _range(question.start_time, "start_time", _INT64_MIN, _INT64_MAX)
    for name in ("user_id", "run_name"):
        check_length(getattr(question, name), name, NAME_LENGTH)
    _tags(question.tags)
    said = [tag.value for tag in question.tags if tag.key == RUN_NAME_TAG]
    if question.run_name and said and said[-1] != question.run_name:
        raise InvalidValueError(
            f"The run is named twice: run_name is '{question.run_name}', "
            f"the tag {RUN_NAME_TAG} says '{said[-1]}'."
        )


def _update_run(question: w.UpdateRun) -> None:
    _text(question.run_id, "run_id")
    # Decoding has checked it, but a question may also be built in this process.
    if question.status is not None and question.status not in _RUN_STATUSES:
        raise _invalid("status", question.status, f"one of {', '.join(_RUN_STATUSES)}")
    _range(question.end_time, "end_time", _INT64_MIN, _INT64_MAX)
    check_length(question.run_name, "run_name", NAME_LENGTH)


def _search_runs(question: w.SearchRuns) -> None:
    _range(question.max_results, "max_results", 1, MAX_PAGE)
    _experiment_ids(question.experiment_ids)
    _texts(question)


def _tabulate_runs(question: w.TabulateRuns) -> None:
    _range(question.max_results, "max_results", 1, 10_000)
    _range(question.offset, "offset", 0, _INT64_MAX)
    _experiment_ids(question.experiment_ids)
    _texts(question)


def _names_experiments(question: Any) -> None:
    _experiment_ids(question.experiment_ids)
    _texts(question)


def _search_datasets(question: w.SearchDatasets) -> None:
    _count(question.experiment_ids, "experiments", MAX_DATASET_EXPERIMENTS)
    _names_experiments(question)


# Params, metrics, tags


def _log_param(question: w.LogParam) -> None:
    _text(question.run_id, "run_id")
    _key(question.key, "key")
    check_value(question.value, "value", question.key)


def _log_metric(question: w.LogMetric) -> None:
    _text(question.run_id, "run_id")
    if question.key not in _known_keys:
        _key(question.key, "name")
    if not 0 <= question.timestamp <= _INT64_MAX:
        raise _invalid("timestamp", question.timestamp, "milliseconds since 1970, not negative")
    _range(question.step, "step", _INT64_MIN, _INT64_MAX)
    _sources(question, "")


def _log_batch(question: w.LogBatch) -> None:
    _run_id(question.run_id)
    metrics, params, tags = question.metrics, question.params, question.tags
    _count(metrics, "metrics", MAX_METRICS)
    _count(params, "params", MAX_PARAMS)
    _count(tags, "tags", MAX_TAGS)
    if len(metrics) + len(params) + len(tags) > MAX_BATCH:
        raise InvalidValueError(
            f"A request holds at most {MAX_BATCH} metrics, params and tags together; "
            f"this one has {len(metrics) + len(params) + len(tags)}."
        )
    if metrics:
        _metrics(metrics)
    if params:
        _params(params)
    _tags(tags)


def _metrics(metrics: Sequence[Metric]) -> None:
    known = _known_keys
    for i, metric in enumerate(metrics):
        if metric.key not in known:
            _key(metric.key, f"metrics[{i}].name")
        if not 0 <= metric.timestamp <= _INT64_MAX:
            reason = "milliseconds since 1970, not negative"
            raise _invalid(f"metrics[{i}].timestamp", metric.timestamp, reason)
        if not _INT64_MIN <= metric.step <= _INT64_MAX:
            raise _invalid(f"metrics[{i}].step", metric.step, "a 64-bit integer")
        if metric.model_id is not None or metric.dataset_name is not None:
            _sources(metric, f"metrics[{i}].")


def _sources(metric: Metric | w.LogMetric, place: str) -> None:
    check_length(metric.model_id, f"{place}model_id", NAME_LENGTH)
    check_length(metric.dataset_name, f"{place}dataset_name", DATASET_LENGTHS["name"])
    check_length(metric.dataset_digest, f"{place}dataset_digest", DATASET_LENGTHS["digest"])


def _params(params: Iterable[Param]) -> None:
    seen: set[str] = set()
    for i, param in enumerate(params):
        _key(param.key, f"params[{i}].key")
        check_value(param.value, f"params[{i}].value", param.key)
        if param.key in seen:
            raise InvalidValueError(
                f"Duplicate parameter key '{param.key}' in one request; a param is written once."
            )
        seen.add(param.key)


def _tags(tags: Iterable[RunTag]) -> None:
    for i, tag in enumerate(tags):
        _key(tag.key, f"tags[{i}].key")
        check_value(tag.value, f"tags[{i}].value", tag.key)


def _set_tag(question: w.SetTag) -> None:
    _text(question.run_id, "run_id")
    _key(question.key, "key")
    check_value(question.value, "value", question.key)


# Metric history


def _get_metric_history(question: w.GetMetricHistory) -> None:
    _range(question.max_results, "max_results", 1)
    _texts(question)


def _get_metric_history_bulk(question: w.GetMetricHistoryBulk) -> None:
    _range(question.max_results, "max_results", 1)
    _count(question.run_id, "runs", MAX_SERIES_RUNS)
    _texts(question)


def _get_metric_history_interval(question: w.GetMetricHistoryInterval) -> None:
    _range(question.max_results, "max_results", 1, MAX_INTERVAL_POINTS)
    _count(question.run_ids, "runs", MAX_SERIES_RUNS)
    _texts(question)
    start, end = question.start_step, question.end_step
    if (start is None) != (end is None):
        raise InvalidValueError("start_step and end_step are given together, or not at all.")
    if start is not None and end is not None and start > end:
        raise InvalidValueError(f"start_step {start} lies after end_step {end}.")


def _sample_metrics(question: w.SampleMetrics) -> None:
    _range(question.max_points, "max_points", 4, 100_000)
    _texts(question)


# Datasets and logged models


def _log_inputs(question: w.LogInputs) -> None:
    _run_id(question.run_id)
    _count(question.datasets, "datasets", MAX_BATCH)
    for i, entry in enumerate(question.datasets):
        _dataset_input(entry, f"datasets[{i}]")
    _models(question.models)


def _dataset_input(entry: DatasetInput, place: str) -> None:
    for name, limit in DATASET_LENGTHS.items():
        check_length(getattr(entry.dataset, name), f"{place}.dataset.{name}", limit)
    for i, tag in enumerate(entry.tags):
        check_length(tag.key, f"{place}.tags[{i}].key", INPUT_TAG_KEY_LENGTH)
        check_length(tag.value, f"{place}.tags[{i}].value", INPUT_TAG_VALUE_LENGTH)


def _log_outputs(question: w.LogOutputs) -> None:
    _text(question.run_id, "run_id")
    _models(question.models)


def _models(models: Sequence[LoggedModelInput | LoggedModelOutput]) -> None:
    _count(models, "models", MAX_BATCH)
    for i, model in enumerate(models):
        check_length(model.model_id, f"models[{i}].model_id", NAME_LENGTH)


def _create_logged_model(question: w.CreateLoggedModel) -> None:
    _experiment_id(question.experiment_id)
    if question.name and not _MODEL_NAME.fullmatch(question.name):
        raise _invalid("name", question.name, """a model's name holds none of / : . % " '""")
    for name in ("name", "model_type", "source_run_id"):
        check_length(getattr(question, name), name, NAME_LENGTH)
    if question.model_id is not None and not _MODEL_ID.fullmatch(question.model_id):
        raise _invalid(
            "model_id",
            question.model_id,
            "'m-', then letters, digits, _ and -, 36 characters in all",
        )
    check_length(question.status_message, "status_message", STATUS_MESSAGE_LENGTH)
    _range(question.creation_timestamp_ms, "creation_timestamp_ms", 0, _INT64_MAX)
    _range(question.last_updated_timestamp_ms, "last_updated_timestamp_ms", 0, _INT64_MAX)
    _model_params(question.params)
    _model_tags(question.tags)


def _log_logged_model_params(question: w.LogLoggedModelParams) -> None:
    _text(question.model_id, "model_id")
    _model_params(question.params)


def _set_logged_model_tags(question: w.SetLoggedModelTags) -> None:
    _text(question.model_id, "model_id")
    _model_tags(question.tags)


def _model_params(params: Sequence[Param]) -> None:
    _count(params, "params", MAX_BATCH)
    _params(params)


def _model_tags(tags: Sequence[RunTag]) -> None:
    _count(tags, "tags", MAX_BATCH)
    _tags(tags)


def _search_logged_models(question: w.SearchLoggedModels) -> None:
    _range(question.max_results, "max_results", 0, MAX_PAGE)
    _experiment_ids(question.experiment_ids)
    _texts(question)


# Evaluation datasets


def _create_evaluation_dataset(question: e.CreateEvaluationDataset) -> None:
    _name(question.name, "name")
    _texts(question)


def _upsert_evaluation_records(question: e.UpsertEvaluationRecords) -> None:
    check_length(question.updated_by, "updated_by", NAME_LENGTH)
    _texts(question)


def _asks_for_page(question: Any) -> None:
    _range(question.max_results, "max_results", 1, MAX_PAGE)
    _texts(question)


_RULES: dict[type[Any], Callable[[Any], None]] = {
    w.CreateExperiment: _create_experiment,
    w.GetExperiment: _names_experiment,
    w.DeleteExperiment: _names_experiment,
    w.RestoreExperiment: _names_experiment,
    w.UpdateExperiment: _update_experiment,
    w.SetExperimentTag: _set_experiment_tag,
    w.DeleteExperimentTag: _names_experiment,
    w.SearchExperiments: _asks_for_page,
    w.SummarizeExperiments: _names_experiments,
    w.CreateRun: _create_run,
    w.UpdateRun: _update_run,
    w.SearchRuns: _search_runs,
    w.TabulateRuns: _tabulate_runs,
    w.ListColumns: _names_experiments,
    w.LogParam: _log_param,
    w.LogMetric: _log_metric,
    w.LogBatch: _log_batch,
    w.SetTag: _set_tag,
    w.LogInputs: _log_inputs,
    w.LogOutputs: _log_outputs,
    w.GetMetricHistory: _get_metric_history,
    w.GetMetricHistoryBulk: _get_metric_history_bulk,
    w.GetMetricHistoryInterval: _get_metric_history_interval,
    w.SampleMetrics: _sample_metrics,
    w.SearchDatasets: _search_datasets,
    w.CreateLoggedModel: _create_logged_model,
    w.LogLoggedModelParams: _log_logged_model_params,
    w.SetLoggedModelTags: _set_logged_model_tags,
    w.SearchLoggedModels: _search_logged_models,
    e.CreateEvaluationDataset: _create_evaluation_dataset,
    e.SearchEvaluationDatasets: _asks_for_page,
    e.GetEvaluationRecords: _asks_for_page,
    e.UpsertEvaluationRecords: _upsert_evaluation_records,
}
