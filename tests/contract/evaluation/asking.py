"""What the tests of evaluation datasets ask a store, in few words."""

import json
from typing import Any

from headrace.entities import EvaluationDataset
from headrace.stores.base import TrackingStore
from headrace.wire import evaluation as e
from headrace.wire import tracking as w


def new_experiment(store: TrackingStore, name: str) -> str:
    return store.create_experiment(w.CreateExperiment(name)).experiment_id


def new_dataset(
    store: TrackingStore, name: str = "qa", *experiments: str, **tags: Any
) -> EvaluationDataset:
    question = e.CreateEvaluationDataset(name, list(experiments), json.dumps(tags))
    return store.create_evaluation_dataset(question).dataset


def got(store: TrackingStore, dataset: str) -> EvaluationDataset:
    return store.get_evaluation_dataset(e.GetEvaluationDataset(dataset)).dataset


def upsert(
    store: TrackingStore, dataset: str, *records: Any, by: str | None = None
) -> tuple[int, int]:
    question = e.UpsertEvaluationRecords(dataset, json.dumps(records), by)
    answer = store.upsert_evaluation_records(question)
    return answer.inserted_count, answer.updated_count


def pages(store: TrackingStore, dataset: str, size: int = 1000) -> list[list[dict[str, Any]]]:
    token, found = None, []
    while True:
        answer = store.get_evaluation_records(e.GetEvaluationRecords(dataset, size, token))
        found.append(json.loads(answer.records))
        token = answer.next_page_token
        if token is None:
            return found


def records(store: TrackingStore, dataset: str) -> list[dict[str, Any]]:
    return [record for page in pages(store, dataset) for record in page]


def remove(store: TrackingStore, dataset: str, *ids: str) -> int:
    question = e.DeleteEvaluationRecords(dataset, list(ids))
    return store.delete_evaluation_records(question).deleted_count
