"""Questions and answers about evaluation datasets: records of inputs and what is expected of them.

The protocol carries tags and records as JSON inside a string; `headrace.wire.records` reads and
writes these.
"""

from msgspec import field

from headrace.entities import EvaluationDataset
from headrace.wire.tracking import Answer, Question


class CreateEvaluationDataset(Question, frozen=True):
    name: str
    experiment_ids: list[str] = field(default_factory=list)
    tags: str | None = None


class GotEvaluationDataset(Answer, frozen=True):
    dataset: EvaluationDataset


class GetEvaluationDataset(Question, frozen=True):
    dataset_id: str


class DeleteEvaluationDataset(Question, frozen=True):
    dataset_id: str


class SearchEvaluationDatasets(Question, frozen=True):
    experiment_ids: list[str] = field(default_factory=list)
    filter_string: str | None = None
    max_results: int = 1000
    order_by: list[str] = field(default_factory=list)
    page_token: str | None = None


class FoundEvaluationDatasets(Answer, frozen=True):
    datasets: list[EvaluationDataset] = field(default_factory=list)
    next_page_token: str | None = None


# Records


class GetEvaluationRecords(Question, frozen=True):
    dataset_id: str
    max_results: int = 1000
    page_token: str | None = None


class EvaluationRecords(Answer, frozen=True):
    records: str
    next_page_token: str | None = None


class UpsertEvaluationRecords(Question, frozen=True):
    dataset_id: str
    records: str
    updated_by: str | None = None


class UpsertedEvaluationRecords(Answer, frozen=True):
    inserted_count: int = field(default_factory=int)
    updated_count: int = field(default_factory=int)


class DeleteEvaluationRecords(Question, frozen=True):
    dataset_id: str
    dataset_record_ids: list[str] = field(default_factory=list)


class DeletedEvaluationRecords(Answer, frozen=True):
    deleted_count: int = field(default_factory=int)


# Tags and experiments


class SetEvaluationDatasetTags(Question, frozen=True):
    dataset_id: str
    tags: str


class DeleteEvaluationDatasetTag(Question, frozen=True):
    dataset_id: str
    key: str


class AddEvaluationDatasetExperiments(Question, frozen=True):
    dataset_id: str
    experiment_ids: list[str] = field(default_factory=list)


class RemoveEvaluationDatasetExperiments(Question, frozen=True):
    dataset_id: str
    experiment_ids: list[str] = field(default_factory=list)


class GetEvaluationDatasetExperiments(Question, frozen=True):
    dataset_id: str


class EvaluationDatasetExperiments(Answer, frozen=True):
    experiment_ids: list[str] = field(default_factory=list)
