"""Questions and answers about experiments, runs, metrics, datasets and logged models.

Field names and defaults are those of the MLflow REST protocol. A field without a default is required.
"""

from typing import Annotated

from msgspec import Meta, Struct, field

from headrace.entities import (
    DatasetInput,
    DatasetSummary,
    Experiment,
    ExperimentTag,
    LoggedModel,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
    ModelStatus,
    Param,
    Run,
    RunInfo,
    RunStatus,
    RunTag,
)

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
View = int


class Question(Struct, frozen=True, omit_defaults=True):
    """A request; ``omit_defaults`` keeps what travels small."""


class Answer(Struct, frozen=True, omit_defaults=True):
    """A response."""


class Nothing(Answer, frozen=True):
    """The empty answer of a write."""


# Experiments


class CreateExperiment(Question, frozen=True):
    """The last three are Headrace's own fields, for an experiment that comes from another store."""

    name: str
    artifact_location: str | None = None
    tags: list[ExperimentTag] = []
    experiment_id: str | None = None
    creation_time: Int64 | None = None
    last_update_time: Int64 | None = None


class CreatedExperiment(Answer, frozen=True):
    experiment_id: str


class GetExperiment(Question, frozen=True):
    experiment_id: str


class GetExperimentByName(Question, frozen=True):
    experiment_name: str


class GotExperiment(Answer, frozen=True):
    experiment: Experiment


class DeleteExperiment(Question, frozen=True):
    experiment_id: str


class RestoreExperiment(Question, frozen=True):
    experiment_id: str


class UpdateExperiment(Question, frozen=True):
    experiment_id: str
    new_name: str


class SetExperimentTag(Question, frozen=True):
    experiment_id: str
    key: str
    value: str


class DeleteExperimentTag(Question, frozen=True):
    experiment_id: str
    key: str


class SearchExperiments(Question, frozen=True):
    max_results: int
    page_token: str | None = None
    filter: str | None = None
    order_by: list[str] = []
    view_type: View = 1


class FoundExperiments(Answer, frozen=True):
    experiments: list[Experiment] = []
    next_page_token: str | None = None


class SummarizeExperiments(Question, frozen=True):
    experiment_ids: list[str]


class ExperimentSummary(Answer, frozen=True):
    experiment_id: str
    active_runs: int = field(default_factory=int)
    running_runs: int = field(default_factory=int)
    last_activity: int | None = None


class ExperimentSummaries(Answer, frozen=True):
    summaries: list[ExperimentSummary] = field(default_factory=list)


# Runs


class CreateRun(Question, frozen=True):
    experiment_id: str
    user_id: str | None = None
    run_name: str | None = None
    start_time: Int64 | None = None
    tags: list[RunTag] = []
    run_id: str | None = None
    """Made by the client, so that a repeated request creates one run (Headrace's own field)."""


class GetRun(Question, frozen=True):
    run_id: str


class GotRun(Answer, frozen=True):
    run: Run


class UpdateRun(Question, frozen=True):
    run_id: str
    status: RunStatus | None = None
    end_time: Int64 | None = None
    run_name: str | None = None


class UpdatedRun(Answer, frozen=True):
    run_info: RunInfo


class DeleteRun(Question, frozen=True):
    run_id: str


class RestoreRun(Question, frozen=True):
    run_id: str


class SearchRuns(Question, frozen=True):
    experiment_ids: list[str] = []
    filter: str | None = None
    run_view_type: View = 1
    max_results: int = 1000
    order_by: list[str] = []
    page_token: str | None = None


class FoundRuns(Answer, frozen=True):
    runs: list[Run] = []
    next_page_token: str | None = None


class TabulateRuns(Question, frozen=True):
    """A page of a runs table: only the columns asked for, and how many runs match.

    A column is a field of the search language (``metrics.rmse``, ``min(metrics.rmse)``,
    ``params.depth``, ``tags.team``).
    """

    experiment_ids: list[str]
    filter: str | None = None
    run_view_type: View = 1
    order_by: list[str] = []
    columns: list[str] = []
    offset: Annotated[int, Meta(ge=0)] = 0
    max_results: Annotated[int, Meta(ge=1, le=10_000)] = 100
    count: bool = True


class RunRow(Answer, frozen=True):
    run_id: str
    experiment_id: str
    run_name: str
    status: RunStatus
    lifecycle_stage: str
    user_id: str
    start_time: int
    end_time: int | None = None
    parent_run_id: str | None = None
    children: int = 0
    values: list[float | str | None] = field(default_factory=list)
    """One value a column, ``None`` where the run has none."""


class RunTable(Answer, frozen=True):
    rows: list[RunRow] = field(default_factory=list)
    total: int | None = None
    """How many runs match in all, where the question asked to count."""


class ListColumns(Question, frozen=True):
    experiment_ids: list[str]


class Columns(Answer, frozen=True):
    """The keys that runs of the experiments have, sorted."""

    metrics: list[str] = field(default_factory=list)
    params: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


# Params, metrics, tags


class LogParam(Question, frozen=True):
    run_id: str
    key: str
    value: str = ""


class LogMetric(Question, frozen=True):
    run_id: str
    key: str
    value: float
    timestamp: Int64
    step: Int64 = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogBatch(Question, frozen=True):
    run_id: str
    metrics: list[Metric] = []
    params: list[Param] = []
    tags: list[RunTag] = []


class SetTag(Question, frozen=True):
    run_id: str
    key: str
    value: str = ""


class DeleteTag(Question, frozen=True):
    run_id: str
    key: str


class LogInputs(Question, frozen=True):
    run_id: str
    datasets: list[DatasetInput] = []
    models: list[LoggedModelInput] = []


class LogOutputs(Question, frozen=True):
    run_id: str
    models: list[LoggedModelOutput]


class LogModelRecord(Question, frozen=True):
    """The 2.x client's record of a model in a run: its MLmodel as JSON."""

    run_id: str
    model_json: str


class GetMetricHistory(Question, frozen=True):
    run_id: str
    metric_key: str
    page_token: str | None = None
    max_results: int | None = None


class MetricHistory(Answer, frozen=True):
    metrics: list[Metric] = []
    next_page_token: str | None = None


class GetMetricHistoryBulk(Question, frozen=True):
    run_id: list[str]
    metric_key: str
    max_results: int = 25_000


class GetMetricHistoryInterval(Question, frozen=True):
    run_ids: list[str]
    metric_key: str
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_results: int = 2_500


class SampleMetrics(Question, frozen=True):
    """Points to draw: per series at most ``max_points``, with every extreme kept (min-max).

    With ``x_metric_key`` each point is placed by another metric of its run: the value that metric had
    at the point's step, or last before it. Points before the first such value are left out.
    """

    run_ids: list[str]
    metric_keys: list[str]
    max_points: Annotated[int, Meta(ge=4, le=100_000)] = 1_000
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    x_metric_key: str | None = None


class SampledSeries(Answer, frozen=True):
    run_id: str
    key: str
    count: int
    """How many points the whole series has."""
    steps: list[int] = field(default_factory=list)
    timestamps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    first_timestamp: int = 0
    """Of the whole series' first point, in milliseconds: where relative time begins, also of a part."""
    x: list[float] | None = None
    """Where the points stand, when another metric places them."""


class SampledMetrics(Answer, frozen=True):
    series: list[SampledSeries] = field(default_factory=list)


# Datasets


class SearchDatasets(Question, frozen=True):
    experiment_ids: list[str]


class FoundDatasets(Answer, frozen=True):
    dataset_summaries: list[DatasetSummary] = []


# Logged models


class CreateLoggedModel(Question, frozen=True):
    """The last five are Headrace's own fields, for a model that comes from another store."""

    experiment_id: str
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: list[LoggedModelParameter] = []
    tags: list[LoggedModelTag] = []
    model_id: str | None = None
    status: ModelStatus | None = None
    status_message: str | None = None
    creation_timestamp_ms: Int64 | None = None
    last_updated_timestamp_ms: Int64 | None = None


class GotLoggedModel(Answer, frozen=True):
    model: LoggedModel


class GetLoggedModel(Question, frozen=True):
    model_id: str
    allow_deleted: bool = False


class FinalizeLoggedModel(Question, frozen=True):
    model_id: str
    status: ModelStatus


class DeleteLoggedModel(Question, frozen=True):
    model_id: str


class LogLoggedModelParams(Question, frozen=True):
    model_id: str
    params: list[LoggedModelParameter] = []


class SetLoggedModelTags(Question, frozen=True):
    model_id: str
    tags: list[LoggedModelTag] = []


class DeleteLoggedModelTag(Question, frozen=True):
    model_id: str
    tag_key: str


class ModelDataset(Struct, frozen=True):
    dataset_name: str
    dataset_digest: str | None = None


class ModelOrderBy(Struct, frozen=True):
    field_name: str
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class SearchLoggedModels(Question, frozen=True):
    experiment_ids: list[str]
    filter: str | None = None
    datasets: list[ModelDataset] = []
    max_results: int | None = None
    order_by: list[ModelOrderBy] = []
    page_token: str | None = None


class FoundLoggedModels(Answer, frozen=True):
    models: list[LoggedModel] = []
    next_page_token: str | None = None
