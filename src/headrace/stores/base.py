"""The promise that every store keeps."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from headrace.wire import evaluation as e
from headrace.wire import journals as j
from headrace.wire import registry as r
from headrace.wire import review as v
from headrace.wire import tables as t
from headrace.wire import tracking as w
from headrace.wire import webhooks as h

Done = Callable[[Any, Exception | None], None]
"""Takes the answer of a write, or the error that it ended with."""


@runtime_checkable
class TrackingStore(Protocol):
    """Keeps experiments, runs, metrics, datasets, logged models and evaluation datasets.

    Safe to share between threads. Each method is all or nothing, and durable when it returns as far
    as the store's settings promise. Raises `NotFoundError` for an unknown id, `InvalidValueError` for
    what cannot be stored, `UnavailableError` while the store cannot be reached.
    """

    def create_experiment(self, question: w.CreateExperiment) -> w.CreatedExperiment:
        """Names are unique, deleted experiments included; the id is derived from the name, or as given if free."""
        ...

    def get_experiment(self, question: w.GetExperiment) -> w.GotExperiment:
        """Deleted experiments are found too."""
        ...

    def get_experiment_by_name(self, question: w.GetExperimentByName) -> w.GotExperiment:
        """Deleted experiments are found too."""
        ...

    def search_experiments(self, question: w.SearchExperiments) -> w.FoundExperiments:
        """Newest first unless ordered otherwise."""
        ...

    def summarize_experiments(self, question: w.SummarizeExperiments) -> w.ExperimentSummaries:
        """Counts of active runs; unknown ids are left out."""
        ...

    def update_experiment(self, question: w.UpdateExperiment) -> w.Nothing:
        """Renames an active experiment."""
        ...

    def delete_experiment(self, question: w.DeleteExperiment) -> w.Nothing:
        """Marks the experiment and all its runs deleted; nothing is removed."""
        ...

    def restore_experiment(self, question: w.RestoreExperiment) -> w.Nothing:
        """Marks the experiment and all its runs active."""
        ...

    def set_experiment_tag(self, question: w.SetExperimentTag) -> w.Nothing:
        """The last value wins."""
        ...

    def delete_experiment_tag(self, question: w.DeleteExperimentTag) -> w.Nothing:
        """A missing key is a `NotFoundError`."""
        ...

    def create_run(self, question: w.CreateRun) -> w.GotRun:
        """A run id made by the client makes the call repeatable: the run is created once."""
        ...

    def get_run(self, question: w.GetRun) -> w.GotRun:
        """With params, tags, latest metrics, inputs and outputs; deleted runs are found too."""
        ...

    def update_run(self, question: w.UpdateRun) -> w.UpdatedRun:
        """Only what is given changes; any change of status is allowed."""
        ...

    def delete_run(self, question: w.DeleteRun) -> w.Nothing:
        """Marks the run deleted; again is no error."""
        ...

    def restore_run(self, question: w.RestoreRun) -> w.Nothing:
        """Marks the run active; again is no error."""
        ...

    def search_runs(self, question: w.SearchRuns) -> w.FoundRuns:
        """Whole runs, page by page; latest start first unless ordered otherwise."""
        ...

    def tabulate_runs(self, question: w.TabulateRuns) -> w.RunTable:
        """The same rows as `search_runs`, with only the columns asked for, and their exact number."""
        ...

    def list_columns(self, question: w.ListColumns) -> w.Columns:
        """The keys that a table of these experiments can show."""
        ...

    def list_values(self, question: t.ListValues) -> t.Values:
        """Of active runs; none for a column that holds no short texts."""
        ...

    def find_variation(self, question: t.FindVariation) -> t.Variation:
        """A value that only some of the runs have tells them apart as well."""
        ...

    def group_runs(self, question: t.GroupRuns) -> t.RunGroups:
        """The largest groups first; runs without any of the values are a group as well."""
        ...

    def log_param(self, question: w.LogParam) -> w.Nothing:
        """A param is written once; the same value again is no error."""
        ...

    def log_metric(self, question: w.LogMetric) -> w.Nothing:
        """One point; the same point (step, timestamp, value) is kept once."""
        ...

    def log_batch(self, question: w.LogBatch) -> w.Nothing:
        """Params, metrics and tags of one run together, all or nothing."""
        ...

    def set_tag(self, question: w.SetTag) -> w.Nothing:
        """The last value wins; ``mlflow.runName`` renames the run."""
        ...

    def delete_tag(self, question: w.DeleteTag) -> w.Nothing:
        """A missing key is a `NotFoundError`."""
        ...

    def log_inputs(self, question: w.LogInputs) -> w.Nothing:
        """A dataset is kept once an experiment by (name, digest); the first writer wins."""
        ...

    def log_outputs(self, question: w.LogOutputs) -> w.Nothing:
        """Links logged models to the run that made them."""
        ...

    def append_journal(self, question: j.AppendJournal) -> j.AppendedJournal:
        """A piece of a journal: each byte is taken once, whoever sends it; the answer says up to where.

        What cannot be kept (a param with another value than before) is told and does not hold up the rest.
        """
        ...

    def log_model_record(self, question: w.LogModelRecord) -> w.Nothing:
        """Appends to the tag ``mlflow.log-model.history``."""
        ...

    def get_metric_history(self, question: w.GetMetricHistory) -> w.MetricHistory:
        """All points by (timestamp, step, value); an unknown run or key has none."""
        ...

    def get_metric_history_bulk(self, question: w.GetMetricHistoryBulk) -> w.MetricHistory:
        """The points of several runs by (run id, timestamp, step, value), each with its run id."""
        ...

    def get_metric_history_interval(self, question: w.GetMetricHistoryInterval) -> w.MetricHistory:
        """Evenly sampled points of several runs by (step, timestamp, value), first and last kept."""
        ...

    def get_metric_columns(self, run_id: str, metric_key: str) -> bytes:
        """The whole series as encoded by `headrace.stores.points.pack`: what bulk readers ask for."""
        ...

    def sample_metrics(self, question: w.SampleMetrics) -> w.SampledMetrics:
        """What a chart draws; runs or keys without points are left out."""
        ...

    def band_metrics(self, question: t.BandMetrics) -> t.MetricBands:
        """What a chart draws of groups of runs; groups without points are left out."""
        ...

    def search_datasets(self, question: w.SearchDatasets) -> w.FoundDatasets:
        """The datasets that active runs of the experiments used, with their contexts."""
        ...

    def create_logged_model(self, question: w.CreateLoggedModel) -> w.GotLoggedModel:
        """Status PENDING unless given, a random name if none is; the same model id again adds nothing."""
        ...

    def search_logged_models(self, question: w.SearchLoggedModels) -> w.FoundLoggedModels:
        """Newest first unless ordered otherwise."""
        ...

    def get_logged_model(self, question: w.GetLoggedModel) -> w.GotLoggedModel:
        """A deleted model is not found unless asked for."""
        ...

    def finalize_logged_model(self, question: w.FinalizeLoggedModel) -> w.GotLoggedModel:
        """Sets the status."""
        ...

    def delete_logged_model(self, question: w.DeleteLoggedModel) -> w.Nothing:
        """Marks the model deleted; again is no error."""
        ...

    def log_logged_model_params(self, question: w.LogLoggedModelParams) -> w.Nothing:
        """A param is written once."""
        ...

    def set_logged_model_tags(self, question: w.SetLoggedModelTags) -> w.GotLoggedModel:
        """The last value wins."""
        ...

    def delete_logged_model_tag(self, question: w.DeleteLoggedModelTag) -> w.Nothing:
        """A missing key is a `NotFoundError`."""
        ...

    def create_evaluation_dataset(
        self, question: e.CreateEvaluationDataset
    ) -> e.GotEvaluationDataset:
        """Names repeat freely; the experiments must exist, the tag ``mlflow.user`` says who made it."""
        ...

    def search_evaluation_datasets(
        self, question: e.SearchEvaluationDatasets
    ) -> e.FoundEvaluationDatasets:
        """Those of any of the experiments, or all without one; newest first unless ordered otherwise."""
        ...

    def get_evaluation_dataset(self, question: e.GetEvaluationDataset) -> e.GotEvaluationDataset:
        """Without its records."""
        ...

    def delete_evaluation_dataset(self, question: e.DeleteEvaluationDataset) -> w.Nothing:
        """Removes it with its records; one that is not there is no error."""
        ...

    def get_evaluation_records(self, question: e.GetEvaluationRecords) -> e.EvaluationRecords:
        """In the order in which they first came; a page may hold fewer than asked for."""
        ...

    def upsert_evaluation_records(
        self, question: e.UpsertEvaluationRecords
    ) -> e.UpsertedEvaluationRecords:
        """A record is known by its inputs: expectations and tags are merged into it, outputs replaced."""
        ...

    def delete_evaluation_records(
        self, question: e.DeleteEvaluationRecords
    ) -> e.DeletedEvaluationRecords:
        """Those of the ids that the dataset has."""
        ...

    def set_evaluation_dataset_tags(self, question: e.SetEvaluationDatasetTags) -> w.Nothing:
        """The last value wins; null changes nothing."""
        ...

    def delete_evaluation_dataset_tag(self, question: e.DeleteEvaluationDatasetTag) -> w.Nothing:
        """A missing key is no error."""
        ...

    def add_evaluation_dataset_experiments(
        self, question: e.AddEvaluationDatasetExperiments
    ) -> e.GotEvaluationDataset:
        """The experiments must exist; one that has the dataset is no error."""
        ...

    def remove_evaluation_dataset_experiments(
        self, question: e.RemoveEvaluationDatasetExperiments
    ) -> e.GotEvaluationDataset:
        """One that does not have the dataset is no error."""
        ...

    def get_evaluation_dataset_experiments(
        self, question: e.GetEvaluationDatasetExperiments
    ) -> e.EvaluationDatasetExperiments:
        """The ids of the experiments that have the dataset, in their order."""
        ...

    def create_registered_model(self, question: r.CreateRegisteredModel) -> r.GotRegisteredModel:
        """Names are unique; the model has no version yet."""
        ...

    def get_registered_model(self, question: r.GetRegisteredModel) -> r.GotRegisteredModel:
        """With its latest versions, tags and aliases."""
        ...

    def rename_registered_model(self, question: r.RenameRegisteredModel) -> r.GotRegisteredModel:
        """The new name must be free; all versions change with the model."""
        ...

    def update_registered_model(self, question: r.UpdateRegisteredModel) -> r.GotRegisteredModel:
        """Replaces the description; without one there is none any more."""
        ...

    def delete_registered_model(self, question: r.DeleteRegisteredModel) -> w.Nothing:
        """Removes it with all versions; the name is free again."""
        ...

    def search_registered_models(
        self, question: r.SearchRegisteredModels
    ) -> r.FoundRegisteredModels:
        """By name unless ordered otherwise; prompts only where a filter asks for them."""
        ...

    def set_registered_model_tag(self, question: r.SetRegisteredModelTag) -> w.Nothing:
        """The last value wins."""
        ...

    def delete_registered_model_tag(self, question: r.DeleteRegisteredModelTag) -> w.Nothing:
        """A missing key is no error."""
        ...

    def get_latest_versions(self, question: r.GetLatestVersions) -> r.ModelVersions:
        """The highest version in each stage, or in those that are named."""
        ...

    def set_registered_model_alias(self, question: r.SetAlias) -> w.Nothing:
        """The alias stands for the version from now on, whatever it stood for."""
        ...

    def delete_registered_model_alias(self, question: r.DeleteAlias) -> w.Nothing:
        """A missing alias is no error."""
        ...

    def get_model_version_by_alias(self, question: r.GetByAlias) -> r.GotModelVersion:
        """``latest`` is the highest version there is; a missing alias is an `InvalidValueError`."""
        ...

    def create_model_version(self, question: r.CreateModelVersion) -> r.GotModelVersion:
        """Numbers count up from 1 without a gap; the model must exist, and the source be one that it may have."""
        ...

    def register_models(self, question: r.RegisterModels) -> r.RegisteredVersions:
        """All or none; models that are not there are made."""
        ...

    def get_model_version(self, question: r.GetModelVersion) -> r.GotModelVersion:
        """With its tags and aliases."""
        ...

    def update_model_version(self, question: r.UpdateModelVersion) -> r.GotModelVersion:
        """Replaces the description; without one there is none any more."""
        ...

    def delete_model_version(self, question: r.DeleteModelVersion) -> w.Nothing:
        """Removes it with its aliases; its number is not given again."""
        ...

    def search_model_versions(self, question: r.SearchModelVersions) -> r.FoundModelVersions:
        """The last changed first unless ordered otherwise; without their aliases."""
        ...

    def set_model_version_tag(self, question: r.SetModelVersionTag) -> w.Nothing:
        """The last value wins."""
        ...

    def delete_model_version_tag(self, question: r.DeleteModelVersionTag) -> w.Nothing:
        """A missing key is no error."""
        ...

    def transition_model_version_stage(self, question: r.TransitionStage) -> r.GotModelVersion:
        """In one step with the archiving of what was in the stage, where that is asked for."""
        ...

    def get_model_version_download_uri(self, question: r.GetDownloadUri) -> r.DownloadUri:
        """Where the files are now: those of the run or logged model behind the version."""
        ...

    def create_transition_request(
        self, question: v.CreateTransitionRequest
    ) -> v.GotTransitionRequest:
        """Asks for a move; one for the same version and stage must not be pending."""
        ...

    def list_transition_requests(self, question: v.ListTransitionRequests) -> v.TransitionRequests:
        """The newest first; those that are pending unless another status is named."""
        ...

    def approve_transition_request(self, question: v.ApproveTransitionRequest) -> v.GotActivity:
        """With the last approval that is needed the version moves, in the same step."""
        ...

    def reject_transition_request(self, question: v.RejectTransitionRequest) -> v.GotActivity:
        """Closes the request."""
        ...

    def delete_transition_request(self, question: v.DeleteTransitionRequest) -> v.GotActivity:
        """Takes the request back, by who has made it."""
        ...

    def create_comment(self, question: v.CreateComment) -> v.GotComment:
        """Says something about a version."""
        ...

    def update_comment(self, question: v.UpdateComment) -> v.GotComment:
        """Says it differently, by who has said it."""
        ...

    def delete_comment(self, question: v.DeleteComment) -> w.Nothing:
        """Takes it back, by who has said it."""
        ...

    def list_activities(self, question: v.ListActivities) -> v.Activities:
        """What happened to a model's versions, or to one of them; the newest first."""
        ...

    def find_in_stage(self, question: v.FindInStage) -> v.FoundInStage:
        """The versions that were in a stage at some moment, the highest first."""
        ...

    def check_transition(self, question: v.CheckTransition) -> v.CheckedTransition:
        """Whether a version may move, after how many approvals, and what stands in the way."""
        ...

    def set_model_policy(self, question: v.SetModelPolicy) -> v.GotModelPolicy:
        """Of a model, or of all that have none of their own; it must not contradict itself."""
        ...

    def get_model_policy(self, question: v.GetModelPolicy) -> v.GotModelPolicy:
        """The policy that holds; without one, one that allows every move."""
        ...

    def delete_model_policy(self, question: v.DeleteModelPolicy) -> w.Nothing:
        """One that is not there is no error."""
        ...

    def list_audit(self, question: v.ListAudit) -> v.AuditRecords:
        """Records after one that is known, the oldest first."""
        ...

    def verify_audit(self, question: v.VerifyAudit) -> v.VerifiedAudit:
        """Computes the chain of hashes again, and says where it breaks."""
        ...

    def create_webhook(self, question: h.CreateWebhook) -> h.GotWebhook:
        """Names repeat freely. The URL must be one that the server calls; the secret is never given again."""
        ...

    def list_webhooks(self, question: h.ListWebhooks) -> h.FoundWebhooks:
        """In the order in which they were made."""
        ...

    def get_webhook(self, question: h.GetWebhook) -> h.GotWebhook:
        """Without its secret."""
        ...

    def update_webhook(self, question: h.UpdateWebhook) -> h.GotWebhook:
        """Only what is given changes."""
        ...

    def delete_webhook(self, question: h.DeleteWebhook) -> w.Nothing:
        """Removes it with what waits to be sent to it."""
        ...

    def test_webhook(self, question: h.TestWebhook) -> h.TestedWebhook:
        """Sends an example now, once, and says how it went; of the answer nothing but its status is told."""
        ...

    def list_deliveries(self, question: h.ListDeliveries) -> h.FoundDeliveries:
        """What was sent, or is to be sent, to one webhook; the newest first."""
        ...

    def replay_delivery(self, question: h.ReplayDelivery) -> w.Nothing:
        """Sends a message again, with the same id, whether it had arrived or was given up."""
        ...

    def close(self) -> None:
        """Finishes what is under way and lets go of connections; the store is not used afterwards."""
        ...


@runtime_checkable
class QueueingStore(Protocol):
    """A store whose writes can be handed over without a thread that waits for each of them."""

    def submit(self, method: str, question: Any, done: Done) -> bool:
        """Start a write; false for a method that must be called.

        ``done`` is called once, on a thread of the store's: with the answer, or with the error.
        """
        ...


@runtime_checkable
class LeasingStore(Protocol):
    """A store that notices when the writer of a journal is gone that promised to say a word now and then."""

    def end_lost_runs(self, silent_for_ms: int) -> int:
        """Have the runs fail whose writers were silent for so long; how many journals that were."""
        ...


@runtime_checkable
class DeliveringStore(Protocol):
    """A store that sends what webhooks are to hear, when somebody has it do so."""

    def deliver(self) -> int:
        """Send some of the messages that are due, and wait for how it goes; how many those were."""
        ...
