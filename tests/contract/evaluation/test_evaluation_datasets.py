"""Evaluation datasets, their tags and experiments: what the store promises, on every database and through the server."""

import json
import math
from typing import Any

import pytest

from contract.evaluation.asking import got, new_dataset, new_experiment, records, remove, upsert
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.wire import evaluation as e
from headrace.wire.limits import NAME_LENGTH, VALUE_BYTES

UNKNOWN = "d-" + "0" * 32

# Datasets


def test_a_new_dataset_has_what_it_was_given(store: TrackingStore, experiment: str) -> None:
    made = new_dataset(store, "Fragen für später", experiment, team="a", **{"mlflow.user": "ada"})
    assert made == got(store, made.dataset_id)
    assert made.dataset_id.startswith("d-")
    assert len(made.dataset_id) == 34
    assert (made.name, made.experiment_ids) == ("Fragen für später", [experiment])
    assert made.tags == {"team": "a", "mlflow.user": "ada"}
    assert (made.created_by, made.last_updated_by) == ("ada", "ada")
    assert (made.schema, made.profile) == (None, None)
    assert made.digest
    assert made.created_time == made.last_update_time > 1_700_000_000_000


def test_names_repeat_and_each_dataset_is_its_own(store: TrackingStore) -> None:
    one, other = new_dataset(store, "same"), new_dataset(store, "same")
    assert one.dataset_id != other.dataset_id
    assert one.digest != other.digest


def test_a_dataset_needs_no_experiment_and_no_tags(store: TrackingStore) -> None:
    made = store.create_evaluation_dataset(e.CreateEvaluationDataset("alone")).dataset
    assert (made.experiment_ids, made.tags, made.created_by) == ([], {}, None)


@pytest.mark.parametrize("unknown", ["123456", "abc", "", "-1"])
def test_a_dataset_of_an_experiment_that_is_not_there_is_not_made(
    store: TrackingStore, experiment: str, unknown: str
) -> None:
    with pytest.raises(NotFoundError):
        new_dataset(store, "lost", experiment, unknown)
    question = e.SearchEvaluationDatasets([experiment])
    assert store.search_evaluation_datasets(question).datasets == []


@pytest.mark.parametrize("name", ["", "  ", "x" * (NAME_LENGTH + 1), "a\0b"])
def test_a_name_that_cannot_be_kept_is_refused(store: TrackingStore, name: str) -> None:
    with pytest.raises(InvalidValueError, match="name"):
        new_dataset(store, name)


def test_a_deleted_dataset_is_gone_with_all_that_was_in_it(
    store: TrackingStore, experiment: str
) -> None:
    dataset = new_dataset(store, "gone", experiment, a="b").dataset_id
    upsert(store, dataset, {"inputs": {"q": 1}})
    question = e.DeleteEvaluationDataset(dataset)
    store.delete_evaluation_dataset(question)
    store.delete_evaluation_dataset(question)
    found = store.search_evaluation_datasets(e.SearchEvaluationDatasets([experiment])).datasets
    assert found == []
    with pytest.raises(NotFoundError, match=dataset):
        got(store, dataset)


QUESTIONS: dict[str, Any] = {
    "get_evaluation_dataset": e.GetEvaluationDataset(UNKNOWN),
    "get_evaluation_records": e.GetEvaluationRecords(UNKNOWN),
    "upsert_evaluation_records": e.UpsertEvaluationRecords(UNKNOWN, "[]"),
    "delete_evaluation_records": e.DeleteEvaluationRecords(UNKNOWN, ["dr-1"]),
    "set_evaluation_dataset_tags": e.SetEvaluationDatasetTags(UNKNOWN, "{}"),
    "delete_evaluation_dataset_tag": e.DeleteEvaluationDatasetTag(UNKNOWN, "a"),
    "add_evaluation_dataset_experiments": e.AddEvaluationDatasetExperiments(UNKNOWN, ["0"]),
    "remove_evaluation_dataset_experiments": e.RemoveEvaluationDatasetExperiments(UNKNOWN, ["0"]),
    "get_evaluation_dataset_experiments": e.GetEvaluationDatasetExperiments(UNKNOWN),
}


@pytest.mark.parametrize("method", QUESTIONS)
def test_an_unknown_dataset_is_not_found(store: TrackingStore, method: str) -> None:
    with pytest.raises(NotFoundError, match=UNKNOWN):
        getattr(store, method)(QUESTIONS[method])


# Tags


def tag(store: TrackingStore, dataset: str, **tags: Any) -> None:
    store.set_evaluation_dataset_tags(e.SetEvaluationDatasetTags(dataset, json.dumps(tags)))


def test_the_last_value_of_a_tag_wins_and_null_changes_nothing(store: TrackingStore) -> None:
    dataset = new_dataset(store, "tagged", a="1", b="2", c=None).dataset_id
    tag(store, dataset, a="3", b=None, d="4")
    assert got(store, dataset).tags == {"a": "3", "b": "2", "c": None, "d": "4"}


def test_tags_that_are_no_text_become_their_json(store: TrackingStore, dataset: str) -> None:
    tag(store, dataset, n=2, x=0.5, yes=True)
    assert got(store, dataset).tags == {"n": "2", "x": "0.5", "yes": "true"}


@pytest.mark.parametrize("key", ["plain", "a b", "a/b", "é%?#", "mlflow.user", ".", "..", "日本"])
def test_a_tag_is_deleted_by_its_key_and_again_is_no_error(
    store: TrackingStore, dataset: str, key: str
) -> None:
    tag(store, dataset, keep="1", **{key: "2"})
    question = e.DeleteEvaluationDatasetTag(dataset, key)
    store.delete_evaluation_dataset_tag(question)
    store.delete_evaluation_dataset_tag(question)
    assert got(store, dataset).tags == {"keep": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '"a"', "5", '{"a": [1]}', '{"a": {}}', '{"": "x"}', '{" ": "x"}',
        '{"a": "\\u0000"}', '{"a": "\\ud800"}', json.dumps({"k" * 251: "v"}),
        json.dumps({"k": "v" * (VALUE_BYTES + 1)}), "[" * 100_000,
        json.dumps({str(n): "" for n in range(1001)}),
    ],
)  # fmt: skip
def test_tags_that_cannot_be_kept_are_refused(
    store: TrackingStore, dataset: str, text: str
) -> None:
    with pytest.raises(InvalidValueError, match="tag"):
        store.set_evaluation_dataset_tags(e.SetEvaluationDatasetTags(dataset, text))
    assert got(store, dataset).tags == {}


def test_a_long_value_of_a_tag_is_kept_whole(store: TrackingStore, dataset: str) -> None:
    tag(store, dataset, k="ü" * (VALUE_BYTES // 2))
    assert got(store, dataset).tags == {"k": "ü" * (VALUE_BYTES // 2)}


# Experiments


def test_experiments_share_a_dataset_and_give_it_up(
    store: TrackingStore, experiment: str, request: pytest.FixtureRequest
) -> None:
    other = new_experiment(store, request.node.name + " other")
    dataset = new_dataset(store, "shared", experiment).dataset_id
    both = sorted([experiment, other], key=int)
    for _ in range(2):
        add = e.AddEvaluationDatasetExperiments(dataset, [other, experiment])
        assert store.add_evaluation_dataset_experiments(add).dataset.experiment_ids == both
    drop = e.RemoveEvaluationDatasetExperiments(dataset, [experiment, "nonsense", "77"])
    for _ in range(2):
        answer = store.remove_evaluation_dataset_experiments(drop)
        assert answer.dataset.experiment_ids == [other]
    question = e.GetEvaluationDatasetExperiments(dataset)
    assert store.get_evaluation_dataset_experiments(question).experiment_ids == [other]


def test_a_dataset_is_not_given_to_an_experiment_that_is_not_there(
    store: TrackingStore, experiment: str, dataset: str
) -> None:
    with pytest.raises(NotFoundError, match="77"):
        store.add_evaluation_dataset_experiments(
            e.AddEvaluationDatasetExperiments(dataset, [experiment, "77"])
        )
    assert got(store, dataset).experiment_ids == []


# The dataset follows its records


def test_the_schema_names_each_key_with_the_type_it_was_first_seen_with(
    store: TrackingStore, dataset: str
) -> None:
    upsert(
        store,
        dataset,
        {"inputs": {"s": "x", "i": 1, "f": 1.5, "b": True, "n": None, "l": [1], "o": {}}},
        {"inputs": {"s": 1, "n": 2}, "expectations": {"e": None}, "outputs": {"t": "x"}},
    )
    upsert(store, dataset, {"inputs": {"z": math.nan}, "outputs": "text"})
    assert json.loads(got(store, dataset).schema or "") == {
        "inputs": {
            "s": "string", "i": "integer", "f": "float", "b": "boolean", "n": "integer",
            "l": "array", "o": "object", "z": "float",
        },
        "expectations": {"e": "null"},
        "outputs": {"t": "string"},
        "version": "1.0",
    }  # fmt: skip


def test_the_schema_of_outputs_that_are_no_objects_is_their_type(
    store: TrackingStore, dataset: str
) -> None:
    upsert(store, dataset, {"inputs": {"q": 1}, "outputs": "text"})
    upsert(store, dataset, {"inputs": {"q": 2}, "outputs": {"a": 1}})
    assert json.loads(got(store, dataset).schema or "")["outputs"] == "string"


def test_the_profile_counts_and_the_digest_changes(store: TrackingStore, dataset: str) -> None:
    digests = {got(store, dataset).digest}

    def counted() -> int:
        now = got(store, dataset)
        digests.add(now.digest)
        return int(json.loads(now.profile or "")["num_records"])

    upsert(store, dataset, *[{"inputs": {"q": n}} for n in range(3)])
    assert counted() == 3
    upsert(store, dataset, *[{"inputs": {"q": n}, "tags": {"a": 1}} for n in range(2, 5)])
    assert counted() == 5
    ids = [record["dataset_record_id"] for record in records(store, dataset)]
    assert remove(store, dataset, ids[0], ids[3], ids[3], "dr-unknown") == 2
    assert counted() == 3
    assert len(digests) == 4
    assert remove(store, dataset, ids[0]) == 0
    assert remove(store, dataset) == 0
    assert got(store, dataset).digest in digests


def test_a_dataset_knows_who_changed_it_last(store: TrackingStore) -> None:
    dataset = new_dataset(store, "by", **{"mlflow.user": "ada"}).dataset_id

    def after(*users: str | None, by: str | None = None) -> str | None:
        given = [
            {"inputs": {"q": n}, "tags": {} if user is None else {"mlflow.user": user}}
            for n, user in enumerate(users)
        ]
        upsert(store, dataset, *given, by=by)
        now = got(store, dataset)
        assert now.created_by == "ada"
        return now.last_updated_by

    assert after("bob", "cid", None) == "cid"
    assert after("bob", by="eve") == "eve"
    assert after(None) is None
