"""Rules of questions about experiments, runs, metrics, datasets and logged models."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

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
from headrace.wire.limits.values import (
    DATASET_LENGTHS,
    EXPERIMENT_TAG_LENGTH,
    INPUT_TAG_KEY_LENGTH,
    INPUT_TAG_VALUE_LENGTH,
    INT64_MAX,
    INT64_MIN,
    LOCATION_LENGTH,
    MAX_BATCH,
    MAX_DATASET_EXPERIMENTS,
    MAX_INTERVAL_POINTS,
    MAX_METRICS,
    MAX_PAGE,
    MAX_PARAMS,
    MAX_SERIES_RUNS,
    MAX_TAGS,
    NAME_LENGTH,
    STATUS_MESSAGE_LENGTH,
    check_count,
    check_experiment_id,
    check_experiment_ids,
    check_key,
    check_length,
    check_range,
    check_run_id,
    check_text,
    check_texts,
    check_value,
    invalid,
    known_keys,
)

_MODEL_NAME = re.compile(r"""[^/:.%"']+""")
_MODEL_ID = re.compile(r"m-[\w\-]{1,34}", re.ASCII)
_RUN_STATUSES = get_args(RunStatus)

# Experiments


def _name(name: str, field: str) -> None:
    if not name.strip():
        raise invalid(field, name, "a name must not be blank")
    check_length(name, field, NAME_LENGTH)


def _create_experiment(question: w.CreateExperiment) -> None:
    _name(question.name, "name")
    check_length(question.artifact_location, "artifact_location", LOCATION_LENGTH)
    for i, tag in enumerate(question.tags):
        check_key(tag.key, f"tags[{i}].key")
        check_length(tag.value, f"tags[{i}].value", EXPERIMENT_TAG_LENGTH)
    if question.experiment_id is not None:
        check_experiment_id(question.experiment_id)
    check_range(question.creation_time, "creation_time", 0, INT64_MAX)
    check_range(question.last_update_time, "last_update_time", 0, INT64_MAX)


def _update_experiment(question: w.UpdateExperiment) -> None:
    check_experiment_id(question.experiment_id)
    _name(question.new_name, "new_name")


def _set_experiment_tag(question: w.SetExperimentTag) -> None:
    check_experiment_id(question.experiment_id)
    check_key(question.key, "key")
    check_length(question.value, "value", EXPERIMENT_TAG_LENGTH)


def _names_experiment(question: Any) -> None:
    check_experiment_id(question.experiment_id)
    check_texts(question)


# Runs


def _create_run(question: w.CreateRun) -> None:
    check_experiment_id(question.experiment_id)
    if question.run_id is not None:
        check_run_id(question.run_id)
    check_range(question.start_time, "start_time", INT64_MIN, INT64_MAX)
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
    check_text(question.run_id, "run_id")
    # Decoding has checked it, but a question may also be built in this process.
    if question.status is not None and question.status not in _RUN_STATUSES:
        raise invalid("status", question.status, f"one of {', '.join(_RUN_STATUSES)}")
    check_range(question.end_time, "end_time", INT64_MIN, INT64_MAX)
    check_length(question.run_name, "run_name", NAME_LENGTH)


def _search_runs(question: w.SearchRuns) -> None:
    check_range(question.max_results, "max_results", 1, MAX_PAGE)
    check_experiment_ids(question.experiment_ids)
    check_texts(question)


def _tabulate_runs(question: w.TabulateRuns) -> None:
    check_range(question.max_results, "max_results", 1, 10_000)
    check_range(question.offset, "offset", 0, INT64_MAX)
    check_experiment_ids(question.experiment_ids)
    check_texts(question)


def _names_experiments(question: Any) -> None:
    check_experiment_ids(question.experiment_ids)
    check_texts(question)


def _search_datasets(question: w.SearchDatasets) -> None:
    check_count(question.experiment_ids, "experiments", MAX_DATASET_EXPERIMENTS)
    _names_experiments(question)


# Params, metrics, tags


def _log_param(question: w.LogParam) -> None:
    check_text(question.run_id, "run_id")
    check_key(question.key, "key")
    check_value(question.value, "value", question.key)


def _log_metric(question: w.LogMetric) -> None:
    check_text(question.run_id, "run_id")
    if question.key not in known_keys:
        check_key(question.key, "name")
    if not 0 <= question.timestamp <= INT64_MAX:
        raise invalid("timestamp", question.timestamp, "milliseconds since 1970, not negative")
    check_range(question.step, "step", INT64_MIN, INT64_MAX)
    _sources(question, "")


def _log_batch(question: w.LogBatch) -> None:
    check_run_id(question.run_id)
    metrics, params, tags = question.metrics, question.params, question.tags
    check_count(metrics, "metrics", MAX_METRICS)
    check_count(params, "params", MAX_PARAMS)
    check_count(tags, "tags", MAX_TAGS)
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
    known = known_keys
    for i, metric in enumerate(metrics):
        if metric.key not in known:
            check_key(metric.key, f"metrics[{i}].name")
        if not 0 <= metric.timestamp <= INT64_MAX:
            reason = "milliseconds since 1970, not negative"
            raise invalid(f"metrics[{i}].timestamp", metric.timestamp, reason)
        if not INT64_MIN <= metric.step <= INT64_MAX:
            raise invalid(f"metrics[{i}].step", metric.step, "a 64-bit integer")
        if metric.model_id is not None or metric.dataset_name is not None:
            _sources(metric, f"metrics[{i}].")


def _sources(metric: Metric | w.LogMetric, place: str) -> None:
    check_length(metric.model_id, f"{place}model_id", NAME_LENGTH)
    check_length(metric.dataset_name, f"{place}dataset_name", DATASET_LENGTHS["name"])
    check_length(metric.dataset_digest, f"{place}dataset_digest", DATASET_LENGTHS["digest"])


def _params(params: Iterable[Param]) -> None:
    seen: set[str] = set()
    for i, param in enumerate(params):
        check_key(param.key, f"params[{i}].key")
        check_value(param.value, f"params[{i}].value", param.key)
        if param.key in seen:
            raise InvalidValueError(
                f"Duplicate parameter key '{param.key}' in one request; a param is written once."
            )
        seen.add(param.key)


def _tags(tags: Iterable[RunTag]) -> None:
    for i, tag in enumerate(tags):
        check_key(tag.key, f"tags[{i}].key")
        check_value(tag.value, f"tags[{i}].value", tag.key)


def _set_tag(question: w.SetTag) -> None:
    check_text(question.run_id, "run_id")
    check_key(question.key, "key")
    check_value(question.value, "value", question.key)


# Metric history


def _get_metric_history(question: w.GetMetricHistory) -> None:
    check_range(question.max_results, "max_results", 1)
    check_texts(question)


def _get_metric_history_bulk(question: w.GetMetricHistoryBulk) -> None:
    check_range(question.max_results, "max_results", 1)
    check_count(question.run_id, "runs", MAX_SERIES_RUNS)
    check_texts(question)


def _get_metric_history_interval(question: w.GetMetricHistoryInterval) -> None:
    check_range(question.max_results, "max_results", 1, MAX_INTERVAL_POINTS)
    check_count(question.run_ids, "runs", MAX_SERIES_RUNS)
    check_texts(question)
    start, end = question.start_step, question.end_step
    if (start is None) != (end is None):
        raise InvalidValueError("start_step and end_step are given together, or not at all.")
    if start is not None and end is not None and start > end:
        raise InvalidValueError(f"start_step {start} lies after end_step {end}.")


def _sample_metrics(question: w.SampleMetrics) -> None:
    check_range(question.max_points, "max_points", 4, 100_000)
    check_texts(question)


# Datasets and logged models


def _log_inputs(question: w.LogInputs) -> None:
    check_run_id(question.run_id)
    check_count(question.datasets, "datasets", MAX_BATCH)
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
    check_text(question.run_id, "run_id")
    _models(question.models)


def _models(models: Sequence[LoggedModelInput | LoggedModelOutput]) -> None:
    check_count(models, "models", MAX_BATCH)
    for i, model in enumerate(models):
        check_length(model.model_id, f"models[{i}].model_id", NAME_LENGTH)


def _create_logged_model(question: w.CreateLoggedModel) -> None:
    check_experiment_id(question.experiment_id)
    if question.name and not _MODEL_NAME.fullmatch(question.name):
        raise invalid("name", question.name, """a model's name holds none of / : . % " '""")
    for name in ("name", "model_type", "source_run_id"):
        check_length(getattr(question, name), name, NAME_LENGTH)
    if question.model_id is not None and not _MODEL_ID.fullmatch(question.model_id):
        raise invalid(
            "model_id",
            question.model_id,
            "'m-', then letters, digits, _ and -, 36 characters in all",
        )
    check_length(question.status_message, "status_message", STATUS_MESSAGE_LENGTH)
    check_range(question.creation_timestamp_ms, "creation_timestamp_ms", 0, INT64_MAX)
    check_range(question.last_updated_timestamp_ms, "last_updated_timestamp_ms", 0, INT64_MAX)
    _model_params(question.params)
    _model_tags(question.tags)


def _log_logged_model_params(question: w.LogLoggedModelParams) -> None:
    check_text(question.model_id, "model_id")
    _model_params(question.params)


def _set_logged_model_tags(question: w.SetLoggedModelTags) -> None:
    check_text(question.model_id, "model_id")
    _model_tags(question.tags)


def _model_params(params: Sequence[Param]) -> None:
    check_count(params, "params", MAX_BATCH)
    _params(params)


def _model_tags(tags: Sequence[RunTag]) -> None:
    check_count(tags, "tags", MAX_BATCH)
    _tags(tags)


def _search_logged_models(question: w.SearchLoggedModels) -> None:
    check_range(question.max_results, "max_results", 0, MAX_PAGE)
    check_experiment_ids(question.experiment_ids)
    check_texts(question)


# Evaluation datasets


def _create_evaluation_dataset(question: e.CreateEvaluationDataset) -> None:
    _name(question.name, "name")
    check_texts(question)


def _upsert_evaluation_records(question: e.UpsertEvaluationRecords) -> None:
    check_length(question.updated_by, "updated_by", NAME_LENGTH)
    check_texts(question)


def _asks_for_page(question: Any) -> None:
    check_range(question.max_results, "max_results", 1, MAX_PAGE)
    check_texts(question)


RULES: dict[type[Any], Callable[[Any], None]] = {
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
