"""The table of operations: each is said once, here.

The server's routes, the HTTP store, the OpenAPI document and the UI's types are made from the rows;
``tests/arch`` holds the table and the store protocol to the same names.
"""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from headrace.wire import evaluation as e
from headrace.wire import journals as j
from headrace.wire import registry as r
from headrace.wire import review as v
from headrace.wire import tables as t
from headrace.wire import tracking as w
from headrace.wire import webhooks as h

Q = TypeVar("Q")
A = TypeVar("A")

Verb = Literal["GET", "POST", "PATCH", "DELETE"]
Right = Literal["read", "edit", "delete", "administer"]
"""What a caller needs on the object that the question names (see the permission matrix)."""


@dataclass(frozen=True)
class Operation(Generic[Q, A]):
    """One row: the store method, where it is found on the wire, and what goes in and out."""

    method: str
    verbs: tuple[Verb, ...]
    path: str
    question: type[Q]
    answer: type[A]
    right: Right
    surfaces: tuple[str, ...] = ("api", "ajax-api")

    @property
    def urls(self) -> tuple[str, ...]:
        """The absolute paths that the operation answers on."""
        return tuple(f"/{surface}/{self.path}" for surface in self.surfaces)

    @property
    def client_url(self) -> str:
        """The path that Headrace's own client calls."""
        return self.urls[0]


_AJAX = ("ajax-api",)
_M = "2.0/mlflow/"
_H = "2.0/headrace/"
_E = "3.0/mlflow/datasets/"
_R = _M + "registered-models/"
_V = _M + "model-versions/"
_T = _M + "transition-requests/"


def _row(  # noqa: PLR0913  (a row of a table: each column is an argument)
    method: str,
    verbs: str,
    path: str,
    question: type[Q],
    answer: type[A],
    right: Right,
    surfaces: tuple[str, ...] = ("api", "ajax-api"),
) -> Operation[Q, A]:
    return Operation(method, tuple(verbs.split()), path, question, answer, right, surfaces)  # type: ignore[arg-type]


# fmt: off
TRACKING: tuple[Operation[Any, Any], ...] = (
    _row("create_experiment", "POST", _M + "experiments/create", w.CreateExperiment, w.CreatedExperiment, "edit"),
    _row("get_experiment", "GET", _M + "experiments/get", w.GetExperiment, w.GotExperiment, "read"),
    _row("get_experiment_by_name", "GET", _M + "experiments/get-by-name", w.GetExperimentByName, w.GotExperiment, "read"),
    _row("search_experiments", "POST GET", _M + "experiments/search", w.SearchExperiments, w.FoundExperiments, "read"),
    _row("summarize_experiments", "POST", _H + "experiments/summaries", w.SummarizeExperiments, w.ExperimentSummaries, "read"),
    _row("update_experiment", "POST", _M + "experiments/update", w.UpdateExperiment, w.Nothing, "edit"),
    _row("delete_experiment", "POST", _M + "experiments/delete", w.DeleteExperiment, w.Nothing, "delete"),
    _row("restore_experiment", "POST", _M + "experiments/restore", w.RestoreExperiment, w.Nothing, "delete"),
    _row("set_experiment_tag", "POST", _M + "experiments/set-experiment-tag", w.SetExperimentTag, w.Nothing, "edit"),
    _row("delete_experiment_tag", "POST", _M + "experiments/delete-experiment-tag", w.DeleteExperimentTag, w.Nothing, "edit"),
    _row("create_run", "POST", _M + "runs/create", w.CreateRun, w.GotRun, "edit"),
    _row("get_run", "GET", _M + "runs/get", w.GetRun, w.GotRun, "read"),
    _row("update_run", "POST", _M + "runs/update", w.UpdateRun, w.UpdatedRun, "edit"),
    _row("delete_run", "POST", _M + "runs/delete", w.DeleteRun, w.Nothing, "delete"),
    _row("restore_run", "POST", _M + "runs/restore", w.RestoreRun, w.Nothing, "delete"),
    _row("search_runs", "POST", _M + "runs/search", w.SearchRuns, w.FoundRuns, "read"),
    _row("tabulate_runs", "POST", _H + "runs/table", w.TabulateRuns, w.RunTable, "read"),
    _row("list_columns", "POST", _H + "runs/columns", w.ListColumns, w.Columns, "read"),
    _row("list_values", "POST", _H + "runs/values", t.ListValues, t.Values, "read"),
    _row("find_variation", "POST", _H + "runs/variation", t.FindVariation, t.Variation, "read"),
    _row("group_runs", "POST", _H + "runs/groups", t.GroupRuns, t.RunGroups, "read"),
    _row("log_param", "POST", _M + "runs/log-parameter", w.LogParam, w.Nothing, "edit"),
    _row("log_metric", "POST", _M + "runs/log-metric", w.LogMetric, w.Nothing, "edit"),
    _row("log_batch", "POST", _M + "runs/log-batch", w.LogBatch, w.Nothing, "edit"),
    _row("set_tag", "POST", _M + "runs/set-tag", w.SetTag, w.Nothing, "edit"),
    _row("delete_tag", "POST", _M + "runs/delete-tag", w.DeleteTag, w.Nothing, "edit"),
    _row("log_inputs", "POST", _M + "runs/log-inputs", w.LogInputs, w.Nothing, "edit"),
    _row("log_outputs", "POST", _M + "runs/outputs", w.LogOutputs, w.Nothing, "edit"),
    _row("append_journal", "POST", _H + "journals/append", j.AppendJournal, j.AppendedJournal, "edit"),
    _row("log_model_record", "POST", _M + "runs/log-model", w.LogModelRecord, w.Nothing, "edit"),
    _row("get_metric_history", "GET", _M + "metrics/get-history", w.GetMetricHistory, w.MetricHistory, "read"),
    _row("get_metric_history_bulk", "GET", _M + "metrics/get-history-bulk", w.GetMetricHistoryBulk, w.MetricHistory, "read", _AJAX),
    _row("get_metric_history_interval", "GET", _M + "metrics/get-history-bulk-interval", w.GetMetricHistoryInterval, w.MetricHistory, "read"),
    _row("sample_metrics", "POST", _H + "metrics/sample", w.SampleMetrics, w.SampledMetrics, "read"),
    _row("band_metrics", "POST", _H + "metrics/bands", t.BandMetrics, t.MetricBands, "read"),
    _row("search_datasets", "POST", _M + "experiments/search-datasets", w.SearchDatasets, w.FoundDatasets, "read"),
    _row("create_logged_model", "POST", _M + "logged-models", w.CreateLoggedModel, w.GotLoggedModel, "edit"),
    _row("search_logged_models", "POST", _M + "logged-models/search", w.SearchLoggedModels, w.FoundLoggedModels, "read"),
    _row("get_logged_model", "GET", _M + "logged-models/{model_id}", w.GetLoggedModel, w.GotLoggedModel, "read"),
    _row("finalize_logged_model", "PATCH", _M + "logged-models/{model_id}", w.FinalizeLoggedModel, w.GotLoggedModel, "edit"),
    _row("delete_logged_model", "DELETE", _M + "logged-models/{model_id}", w.DeleteLoggedModel, w.Nothing, "delete"),
    _row("log_logged_model_params", "POST", _M + "logged-models/{model_id}/params", w.LogLoggedModelParams, w.Nothing, "edit"),
    _row("set_logged_model_tags", "PATCH", _M + "logged-models/{model_id}/tags", w.SetLoggedModelTags, w.GotLoggedModel, "edit"),
    _row("delete_logged_model_tag", "DELETE", _M + "logged-models/{model_id}/tags/{tag_key:path}", w.DeleteLoggedModelTag, w.Nothing, "edit"),
    _row("create_evaluation_dataset", "POST", _E + "create", e.CreateEvaluationDataset, e.GotEvaluationDataset, "edit"),
    _row("search_evaluation_datasets", "POST GET", _E + "search", e.SearchEvaluationDatasets, e.FoundEvaluationDatasets, "read"),
    _row("get_evaluation_dataset", "GET", _E + "{dataset_id}", e.GetEvaluationDataset, e.GotEvaluationDataset, "read"),
    _row("delete_evaluation_dataset", "DELETE", _E + "{dataset_id}", e.DeleteEvaluationDataset, w.Nothing, "delete"),
    _row("get_evaluation_records", "GET", _E + "{dataset_id}/records", e.GetEvaluationRecords, e.EvaluationRecords, "read"),
    _row("upsert_evaluation_records", "POST", _E + "{dataset_id}/records", e.UpsertEvaluationRecords, e.UpsertedEvaluationRecords, "edit"),
    _row("delete_evaluation_records", "DELETE", _E + "{dataset_id}/records", e.DeleteEvaluationRecords, e.DeletedEvaluationRecords, "edit"),
    _row("set_evaluation_dataset_tags", "PATCH", _E + "{dataset_id}/tags", e.SetEvaluationDatasetTags, w.Nothing, "edit"),
    _row("delete_evaluation_dataset_tag", "DELETE", _E + "{dataset_id}/tags/{key:path}", e.DeleteEvaluationDatasetTag, w.Nothing, "edit"),
    _row("add_evaluation_dataset_experiments", "POST", _E + "{dataset_id}/add-experiments", e.AddEvaluationDatasetExperiments, e.GotEvaluationDataset, "edit"),
    _row("remove_evaluation_dataset_experiments", "POST", _E + "{dataset_id}/remove-experiments", e.RemoveEvaluationDatasetExperiments, e.GotEvaluationDataset, "edit"),
    _row("get_evaluation_dataset_experiments", "GET", _E + "{dataset_id}/experiment-ids", e.GetEvaluationDatasetExperiments, e.EvaluationDatasetExperiments, "read"),
    _row("create_registered_model", "POST", _R + "create", r.CreateRegisteredModel, r.GotRegisteredModel, "edit"),
    _row("get_registered_model", "GET", _R + "get", r.GetRegisteredModel, r.GotRegisteredModel, "read"),
    _row("rename_registered_model", "POST", _R + "rename", r.RenameRegisteredModel, r.GotRegisteredModel, "edit"),
    _row("update_registered_model", "PATCH", _R + "update", r.UpdateRegisteredModel, r.GotRegisteredModel, "edit"),
    _row("delete_registered_model", "DELETE", _R + "delete", r.DeleteRegisteredModel, w.Nothing, "delete"),
    _row("search_registered_models", "GET", _R + "search", r.SearchRegisteredModels, r.FoundRegisteredModels, "read"),
    _row("set_registered_model_tag", "POST", _R + "set-tag", r.SetRegisteredModelTag, w.Nothing, "edit"),
    _row("delete_registered_model_tag", "DELETE", _R + "delete-tag", r.DeleteRegisteredModelTag, w.Nothing, "edit"),
    _row("get_latest_versions", "POST GET", _R + "get-latest-versions", r.GetLatestVersions, r.ModelVersions, "read"),
    _row("set_registered_model_alias", "POST", _R + "alias", r.SetAlias, w.Nothing, "edit"),
    _row("delete_registered_model_alias", "DELETE", _R + "alias", r.DeleteAlias, w.Nothing, "edit"),
    _row("get_model_version_by_alias", "GET", _R + "alias", r.GetByAlias, r.GotModelVersion, "read"),
    _row("create_model_version", "POST", _V + "create", r.CreateModelVersion, r.GotModelVersion, "edit"),
    _row("register_models", "POST", _H + "model-versions/register", r.RegisterModels, r.RegisteredVersions, "edit"),
    _row("get_model_version", "GET", _V + "get", r.GetModelVersion, r.GotModelVersion, "read"),
    _row("update_model_version", "PATCH", _V + "update", r.UpdateModelVersion, r.GotModelVersion, "edit"),
    _row("delete_model_version", "DELETE", _V + "delete", r.DeleteModelVersion, w.Nothing, "delete"),
    _row("search_model_versions", "GET", _V + "search", r.SearchModelVersions, r.FoundModelVersions, "read"),
    _row("set_model_version_tag", "POST", _V + "set-tag", r.SetModelVersionTag, w.Nothing, "edit"),
    _row("delete_model_version_tag", "DELETE", _V + "delete-tag", r.DeleteModelVersionTag, w.Nothing, "edit"),
    _row("transition_model_version_stage", "POST", _V + "transition-stage", r.TransitionStage, r.GotModelVersion, "edit"),
    _row("get_model_version_download_uri", "GET", _V + "get-download-uri", r.GetDownloadUri, r.DownloadUri, "read"),
    _row("create_transition_request", "POST", _T + "create", v.CreateTransitionRequest, v.GotTransitionRequest, "edit"),
    _row("list_transition_requests", "GET", _T + "list", v.ListTransitionRequests, v.TransitionRequests, "read"),
    _row("approve_transition_request", "POST", _T + "approve", v.ApproveTransitionRequest, v.GotActivity, "edit"),
    _row("reject_transition_request", "POST", _T + "reject", v.RejectTransitionRequest, v.GotActivity, "edit"),
    _row("delete_transition_request", "DELETE", _T + "delete", v.DeleteTransitionRequest, v.GotActivity, "edit"),
    _row("create_comment", "POST", _M + "comments/create", v.CreateComment, v.GotComment, "edit"),
    _row("update_comment", "PATCH", _M + "comments/update", v.UpdateComment, v.GotComment, "edit"),
    _row("delete_comment", "DELETE", _M + "comments/delete", v.DeleteComment, w.Nothing, "edit"),
    _row("list_activities", "GET", _H + "model-versions/activities", v.ListActivities, v.Activities, "read"),
    _row("find_in_stage", "GET", _H + "model-versions/in-stage", v.FindInStage, v.FoundInStage, "read"),
    _row("check_transition", "POST", _H + "model-versions/check-transition", v.CheckTransition, v.CheckedTransition, "read"),
    _row("set_model_policy", "POST", _H + "model-policies/set", v.SetModelPolicy, v.GotModelPolicy, "administer"),
    _row("get_model_policy", "GET", _H + "model-policies/get", v.GetModelPolicy, v.GotModelPolicy, "read"),
    _row("delete_model_policy", "DELETE", _H + "model-policies/delete", v.DeleteModelPolicy, w.Nothing, "administer"),
    _row("list_audit", "GET", _H + "audit/list", v.ListAudit, v.AuditRecords, "administer"),
    _row("verify_audit", "GET", _H + "audit/verify", v.VerifyAudit, v.VerifiedAudit, "administer"),
    _row("create_webhook", "POST", _M + "webhooks", h.CreateWebhook, h.GotWebhook, "administer"),
    _row("list_webhooks", "GET", _M + "webhooks", h.ListWebhooks, h.FoundWebhooks, "administer"),
    _row("get_webhook", "GET", _M + "webhooks/{webhook_id}", h.GetWebhook, h.GotWebhook, "administer"),
    _row("update_webhook", "PATCH", _M + "webhooks/{webhook_id}", h.UpdateWebhook, h.GotWebhook, "administer"),
    _row("delete_webhook", "DELETE", _M + "webhooks/{webhook_id}", h.DeleteWebhook, w.Nothing, "administer"),
    _row("test_webhook", "POST", _M + "webhooks/{webhook_id}/test", h.TestWebhook, h.TestedWebhook, "administer"),
    _row("list_deliveries", "GET", _H + "webhooks/{webhook_id}/deliveries", h.ListDeliveries, h.FoundDeliveries, "administer"),
    _row("replay_delivery", "POST", _H + "webhooks/{webhook_id}/deliveries/{delivery_id}/replay", h.ReplayDelivery, w.Nothing, "administer"),
)
# fmt: on

BY_METHOD = {operation.method: operation for operation in TRACKING}
