"""Evaluation datasets: what the store promises, on every database and through the server."""

import json
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from databases import KINDS, Databases
from headrace.entities import EvaluationDataset
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores import http
from headrace.stores.base import TrackingStore
from headrace.stores.sql import connect
from headrace.wire import evaluation as e
from headrace.wire import tracking as w
from headrace.wire.limits import NAME_LENGTH, VALUE_BYTES
from headrace.wire.records import MAX_DEPTH, RECORD_BYTES
from servers import Server

UNKNOWN = "d-" + "0" * 32


@pytest.fixture(scope="module", params=[*KINDS, "http"])
def store(
    request: pytest.FixtureRequest,
    databases: Databases,
    headrace_server: Callable[..., Server],
) -> Iterator[TrackingStore]:
    if request.param == "http":
        opened: TrackingStore = http.connect(headrace_server(databases.new("sqlite")).url)
    else:
        opened = connect(databases.new(request.param))
    with closing(opened):
        yield opened


@pytest.fixture
def experiment(store: TrackingStore, request: pytest.FixtureRequest) -> str:
    return new_experiment(store, request.node.name)


@pytest.fixture
def dataset(store: TrackingStore) -> str:
    return new_dataset(store).dataset_id


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


# Records


def test_a_record_is_told_as_it_was_given(store: TrackingStore, dataset: str) -> None:
    source = {"source_type": "TRACE", "source_data": {"trace_id": "tr-1", "more": [1]}}
    given = {
        "inputs": {"q": "one?", "n": [1, {"a": None}]},
        "expectations": {"answer": "1"},
        "outputs": {"answer": "2"},
        "tags": {"hard": True, "mlflow.user": "ada"},
        "source": source,
    }
    assert upsert(store, dataset, given) == (1, 0)
    (told,) = records(store, dataset)
    assert told.pop("dataset_record_id").startswith("dr-")
    assert told.pop("created_time") == told.pop("last_update_time") > 1_700_000_000_000
    assert told == given | {
        "dataset_id": dataset,
        "source_type": "TRACE",
        "source_id": "tr-1",
        "created_by": "ada",
        "last_updated_by": "ada",
    }


def test_a_record_with_nothing_but_inputs(store: TrackingStore, dataset: str) -> None:
    upsert(store, dataset, {"inputs": {}})
    (told,) = records(store, dataset)
    assert (told["inputs"], told["tags"], told["outputs"]) == ({}, {}, {})
    absent = {"expectations", "source", "source_type", "source_id", "created_by", "last_updated_by"}
    assert absent & told.keys() == set()


def test_a_record_is_known_by_its_inputs(store: TrackingStore, dataset: str) -> None:
    first = {"inputs": {"q": 1, "p": {"x": 1, "y": 2}}}
    same = {"inputs": {"p": {"y": 2, "x": 1}, "q": 1}}
    assert upsert(store, dataset, first, same) == (1, 1)
    others = [{"inputs": {"q": q, "p": {"x": 1, "y": 2}}} for q in (1.0, "1", True, [1], None)]
    assert upsert(store, dataset, *others, same) == (5, 1)
    assert len(records(store, dataset)) == 6


def test_what_comes_again_is_merged(store: TrackingStore, dataset: str) -> None:
    source = {"source_type": "human", "source_data": {"user_name": "ada"}}
    upsert(
        store,
        dataset,
        {
            "inputs": {"q": 1},
            "expectations": {"a": 1, "b": 1},
            "tags": {"x": "1", "mlflow.user": "ada"},
            "outputs": "first",
            "source": source,
        },
    )
    (before,) = records(store, dataset)
    upsert(
        store,
        dataset,
        {
            "inputs": {"q": 1},
            "expectations": {"a": None, "c": 3},
            "tags": {"y": 2, "mlflow.user": "bob"},
            "source": {"source_type": "CODE"},
        },
    )
    (after,) = records(store, dataset)
    assert after["dataset_record_id"] == before["dataset_record_id"]
    assert after["expectations"] == {"a": None, "b": 1, "c": 3}
    assert after["tags"] == {"x": "1", "y": 2, "mlflow.user": "bob"}
    assert after["outputs"] == "first"
    assert after["source"] == {"source_type": "HUMAN", "source_data": {"user_name": "ada"}}
    assert (after["created_by"], after["last_updated_by"]) == ("ada", "bob")
    assert after["created_time"] == before["created_time"] <= after["last_update_time"]


def test_outputs_are_replaced_and_taken_away(store: TrackingStore, dataset: str) -> None:
    def outputs(**said: Any) -> Any:
        upsert(store, dataset, {"inputs": {"q": 1}, **said})
        return records(store, dataset)[0].get("outputs", "none")

    assert outputs() == {}
    assert outputs(outputs={"a": 1}) == {"a": 1}
    assert outputs(outputs=[1, "x"]) == [1, "x"]
    assert outputs() == [1, "x"]
    assert outputs(outputs=None) == "none"
    assert outputs() == "none"


def test_null_says_nothing_but_of_outputs(store: TrackingStore, dataset: str) -> None:
    upsert(store, dataset, {"inputs": {"q": 1}, "expectations": {"a": 1}, "tags": {"t": 1}})
    null = {"inputs": {"q": 1}, "expectations": None, "tags": None, "source": None}
    upsert(store, dataset, null)
    (told,) = records(store, dataset)
    assert (told["expectations"], told["tags"]) == ({"a": 1}, {"t": 1})


VALUES = {
    "texts": ["", "é", "日本", "😀", "\0", "\ud800", 'a"b\\c', "<b>", "%s ? :x {}", "x" * 100_000],
    "numbers": [0, -1, 2**63, -(10**30), 1.0, 1e-300, 0.1, math.inf, -math.inf],
    "nested": {"a": [[[{"b": {"c": [None, True, False]}}]]]},
}


def test_every_value_comes_back_as_it_was(store: TrackingStore, dataset: str) -> None:
    upsert(
        store,
        dataset,
        {"inputs": VALUES, "expectations": VALUES, "outputs": VALUES, "tags": VALUES},
    )
    (told,) = records(store, dataset)
    for part in ("inputs", "expectations", "outputs", "tags"):
        assert told[part] == VALUES
        assert list(map(type, told[part]["numbers"])) == list(map(type, VALUES["numbers"]))


def test_every_key_comes_back_as_it_was(store: TrackingStore, dataset: str) -> None:
    keys = {key: key for key in ("", " ", "é", "日本", "\0", "\ud800", '"\\', "a.b/c", "k" * 5000)}
    for _ in range(2):
        upsert(
            store, dataset, {"inputs": keys, "expectations": keys, "outputs": keys, "tags": keys}
        )
    (told,) = records(store, dataset)
    for part in ("inputs", "expectations", "outputs", "tags"):
        assert told[part] == keys
    schema = json.loads(got(store, dataset).schema or "")
    assert schema["inputs"] == dict.fromkeys(keys, "string")


@pytest.mark.parametrize("part", ["inputs", "expectations", "outputs", "tags"])
def test_what_is_nested_too_deeply_is_refused(
    store: TrackingStore, dataset: str, part: str
) -> None:
    def nested(depth: int) -> str:
        record = f'"{part}": {{"a": {"[" * depth}{"]" * depth}}}'
        return f'[{{"inputs": {{}}, {record}}}]'

    store.upsert_evaluation_records(e.UpsertEvaluationRecords(dataset, nested(MAX_DEPTH - 1)))
    before = records(store, dataset)
    for depth in (MAX_DEPTH, 900, 1_000, 100_000):
        with pytest.raises(InvalidValueError, match="nested too deeply"):
            store.upsert_evaluation_records(e.UpsertEvaluationRecords(dataset, nested(depth)))
    assert records(store, dataset) == before


def test_nan_is_a_value(store: TrackingStore, dataset: str) -> None:
    nan = {"inputs": {"q": math.nan}, "expectations": {"a": math.nan}}
    assert upsert(store, dataset, nan, nan) == (1, 1)
    (told,) = records(store, dataset)
    assert math.isnan(told["inputs"]["q"])
    assert math.isnan(told["expectations"]["a"])


BAD = {
    "records": ["", "[", "null", "5", "{}", '{"inputs": {}}', "[" * 100_000, "[1e]"],
    r"records\[0\]": ["[1]", "[null]", '["a"]', "[[]]"],
    r"records\[0\]\.inputs": ["[{}]", '[{"inputs": null}]', '[{"inputs": [1]}]', '[{"inputs": "a"}]'],
    r"records\[0\]\.expectations": ['[{"inputs": {}, "expectations": [1]}]'],
    r"records\[0\]\.tags": [
        '[{"inputs": {}, "tags": "a"}]',
        json.dumps([{"inputs": {}, "tags": {"mlflow.user": "u" * 501}}]),
        '[{"inputs": {}, "tags": {"mlflow.user": "\\u0000"}}]',
    ],
    r"records\[0\]\.source": [
        '[{"inputs": {}, "source": "a"}]',
        '[{"inputs": {}, "source": {"source_data": {"a": 1}}}]',
        '[{"inputs": {}, "source": {"source_type": "NONE"}}]',
        '[{"inputs": {}, "source": {"source_type": 5}}]',
        '[{"inputs": {}, "source": {"source_type": "HUMAN", "source_data": "x"}}]',
        '[{"inputs": {}, "source": {"source_type": "HUMAN", "other": 1}}]',
        json.dumps(
            [{"inputs": {}, "source": {"source_type": "TRACE", "source_data": {"trace_id": "t" * 501}}}]
        ),
    ],
    r"records\[1\]\.inputs": ['[{"inputs": {"good": 1}}, {"inputs": 1}]'],
}  # fmt: skip


@pytest.mark.parametrize(("place", "text"), [(p, t) for p, texts in BAD.items() for t in texts])
def test_records_that_cannot_be_taken_are_named_and_nothing_is_stored(
    store: TrackingStore, dataset: str, place: str, text: str
) -> None:
    before = got(store, dataset)
    with pytest.raises(InvalidValueError, match=place):
        store.upsert_evaluation_records(e.UpsertEvaluationRecords(dataset, text))
    assert records(store, dataset) == []
    assert got(store, dataset) == before


def test_no_records_change_nothing(store: TrackingStore, dataset: str) -> None:
    before = got(store, dataset)
    assert upsert(store, dataset) == (0, 0)
    assert got(store, dataset) == before


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


# Pages


def test_pages_hold_every_record_once_in_the_order_they_came(
    store: TrackingStore, dataset: str
) -> None:
    for start in range(0, 25, 5):
        upsert(store, dataset, *[{"inputs": {"q": q}} for q in range(start + 4, start - 1, -1)])
    expected = [q for start in range(0, 25, 5) for q in range(start + 4, start - 1, -1)]
    for size in (1, 7, 25, 26, 50_000):
        found = pages(store, dataset, size)
        assert [record["inputs"]["q"] for page in found for record in page] == expected
        assert [len(page) for page in found] == [
            min(size, 25 - start) for start in range(0, 25, size)
        ]


def test_a_page_goes_on_where_the_last_ended_though_records_come_and_go(
    store: TrackingStore, dataset: str
) -> None:
    upsert(store, dataset, *[{"inputs": {"q": q}} for q in range(6)])
    first = store.get_evaluation_records(e.GetEvaluationRecords(dataset, 3))
    ids = [record["dataset_record_id"] for record in json.loads(first.records)]
    remove(store, dataset, *ids)
    upsert(store, dataset, {"inputs": {"q": 4}, "tags": {"a": 1}}, {"inputs": {"q": 6}})
    question = e.GetEvaluationRecords(dataset, 10, first.next_page_token)
    rest = store.get_evaluation_records(question)
    assert [record["inputs"]["q"] for record in json.loads(rest.records)] == [3, 4, 5, 6]


def test_a_token_is_good_for_its_own_dataset_alone(store: TrackingStore, dataset: str) -> None:
    other = new_dataset(store).dataset_id
    for each in (dataset, other):
        upsert(store, each, {"inputs": {"q": 1}}, {"inputs": {"q": 2}})
    token = store.get_evaluation_records(e.GetEvaluationRecords(other, 1)).next_page_token
    for bad in (token, "nonsense", "MTIz"):
        with pytest.raises(InvalidValueError, match="page_token"):
            store.get_evaluation_records(e.GetEvaluationRecords(dataset, 1, bad))


@pytest.mark.parametrize("size", [0, -1, 50_001])
def test_a_page_has_a_size(store: TrackingStore, dataset: str, size: int) -> None:
    with pytest.raises(InvalidValueError, match="max_results"):
        store.get_evaluation_records(e.GetEvaluationRecords(dataset, size))
    with pytest.raises(InvalidValueError, match="max_results"):
        store.search_evaluation_datasets(e.SearchEvaluationDatasets(max_results=size))


def test_large_records_are_kept_whole_and_read_in_pages_that_fit(
    store: TrackingStore, dataset: str
) -> None:
    # Quotes and backslashes are what drivers spell with the most bytes.
    text = '"\\' * (RECORD_BYTES // 4 - 100)
    for n in range(6):
        upsert(store, dataset, {"inputs": {"n": n, "text": text}})
    found = pages(store, dataset)
    assert [record["inputs"]["n"] for page in found for record in page] == list(range(6))
    assert all(record["inputs"]["text"] == text for page in found for record in page)
    assert len(found) > 1


def test_a_record_that_is_too_large_or_grows_so_is_refused(
    store: TrackingStore, dataset: str
) -> None:
    half = "x" * (RECORD_BYTES // 2)
    with pytest.raises(InvalidValueError, match=r"records\[1\]"):
        upsert(store, dataset, {"inputs": {"q": 0}}, {"inputs": {"q": half}, "outputs": half})
    assert records(store, dataset) == []
    upsert(store, dataset, {"inputs": {"q": 1}, "expectations": {"a": half}})
    with pytest.raises(InvalidValueError, match=r"records\[0\]"):
        upsert(store, dataset, {"inputs": {"q": 1}, "expectations": {"b": half}})
    (told,) = records(store, dataset)
    assert told["expectations"] == {"a": half}


# Search


@pytest.fixture(scope="module")
def library(store: TrackingStore) -> list[str]:
    """Two experiments with the datasets Alpha, beta, gamma and 100%; the last is in both."""
    first, second = new_experiment(store, "library 1"), new_experiment(store, "library 2")
    made = [
        new_dataset(store, "Alpha", first, k="0", n="10", **{"mlflow.user": "ada"}),
        new_dataset(store, "beta", first, k="x", n="9"),
        new_dataset(store, "gamma", first, n="big", **{"mlflow.user": "Bob"}),
        new_dataset(store, "100%", first, second),
    ]
    upsert(store, made[0].dataset_id, {"inputs": {"q": 1}}, by="Bob")
    return [first, second]


def search(
    store: TrackingStore, experiments: list[str], text: str | None = None, *orders: str
) -> list[str]:
    question = e.SearchEvaluationDatasets(experiments, text, order_by=list(orders))
    return [one.name for one in store.search_evaluation_datasets(question).datasets]


ALL = {"Alpha", "beta", "gamma", "100%"}
FILTERS: dict[str, set[str]] = {
    "name = 'beta'": {"beta"},
    'name = "beta"': {"beta"},
    "name = 'Beta'": set(),
    "name != 'beta'": {"Alpha", "gamma", "100%"},
    "name LIKE '%a'": {"Alpha", "beta", "gamma"},
    "name LIKE 'A%'": {"Alpha"},
    "name LIKE 'a%'": set(),
    "name ILIKE 'a%'": {"Alpha"},
    "name IN ('beta', 'gamma', 'delta')": {"beta", "gamma"},
    "name NOT IN ('beta', 'gamma')": {"Alpha", "100%"},
    "name > 'b'": {"beta", "gamma"},
    "name BETWEEN 'A' AND 'c'": {"Alpha", "beta"},
    "attributes.name = 'beta'": {"beta"},
    "dataset.name = 'beta'": {"beta"},
    "created_by = 'ada'": {"Alpha"},
    "created_by != 'ada'": {"gamma"},
    "NOT created_by = 'ada'": {"beta", "gamma", "100%"},
    "created_by IS NULL": {"beta", "100%"},
    "created_by IS NOT NULL": {"Alpha", "gamma"},
    "NOT (created_by IS NULL)": {"Alpha", "gamma"},
    "created_by LIKE '%b'": {"gamma"},
    "last_updated_by = 'Bob'": {"Alpha", "gamma"},
    "last_updated_by ILIKE 'b%' AND created_by = 'ada'": {"Alpha"},
    "created_time > 0": ALL,
    "created_time > 99999999999999": set(),
    "last_update_time >= 1700000000000": ALL,
    "tags.k = '0'": {"Alpha"},
    "tags.k != '0'": {"beta"},
    "tags.`k` = 'x'": {"beta"},
    "tags.k IS NULL": {"gamma", "100%"},
    "tags.n > 9": {"Alpha"},
    "tags.mlflow.user = 'Bob'": {"gamma"},
    "name = 'beta' OR tags.k = '0'": {"Alpha", "beta"},
    "name = 'beta' AND tags.k = '0'": set(),
    "": ALL,
}


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_finds_what_it_says(store: TrackingStore, library: list[str], text: str) -> None:
    assert set(search(store, library[:1], text)) == FILTERS[text]


@pytest.mark.parametrize(
    ("orders", "names"),
    [
        (["name"], ["100%", "Alpha", "beta", "gamma"]),
        (["name DESC"], ["gamma", "beta", "Alpha", "100%"]),
        (["created_by", "name"], ["gamma", "Alpha", "100%", "beta"]),
        (["created_by DESC", "name"], ["Alpha", "gamma", "100%", "beta"]),
        (["tags.k", "name DESC"], ["Alpha", "beta", "gamma", "100%"]),
        (["tags.k DESC", "name"], ["beta", "Alpha", "100%", "gamma"]),
    ],
)
def test_an_order_sorts_and_what_has_no_value_comes_last(
    store: TrackingStore, library: list[str], orders: list[str], names: list[str]
) -> None:
    assert search(store, library[:1], None, *orders) == names


def test_the_newest_comes_first_unless_ordered_otherwise(
    store: TrackingStore, library: list[str]
) -> None:
    assert search(store, library[:1]) == ["100%", "gamma", "beta", "Alpha"]
    assert search(store, library[:1], None, "created_time ASC", "name")[0] == "Alpha"


def test_a_search_is_in_any_of_the_experiments_or_everywhere(
    store: TrackingStore, library: list[str]
) -> None:
    assert search(store, library[1:]) == ["100%"]
    assert sorted(search(store, library)) == sorted(ALL)
    assert search(store, ["77", "nonsense"]) == []
    assert set(search(store, [])) >= ALL


def test_a_search_goes_page_by_page(store: TrackingStore, library: list[str]) -> None:
    names, token = [], None
    for size in (3, 1):
        question = e.SearchEvaluationDatasets(library, None, 3, ["name"], token)
        answer = store.search_evaluation_datasets(question)
        assert len(answer.datasets) == size
        names += [one.name for one in answer.datasets]
        token = answer.next_page_token
    assert (names, token) == (sorted(ALL), None)


def test_what_a_search_finds_is_whole(store: TrackingStore, library: list[str]) -> None:
    question = e.SearchEvaluationDatasets(library)
    for one in store.search_evaluation_datasets(question).datasets:
        assert one == got(store, one.dataset_id)


@pytest.mark.parametrize(
    "text", ["name", "name = beta", "name = 5", "nope = 'x'", "metrics.a > 1", "created_time = 'x'"]
)
def test_a_bad_filter_is_refused(store: TrackingStore, library: list[str], text: str) -> None:
    with pytest.raises(InvalidValueError, match="filter"):
        search(store, library, text)


# Several at once


@pytest.mark.parametrize("kind", KINDS)
def test_writers_of_one_dataset_add_each_record_once(kind: Any, databases: Databases) -> None:
    url = databases.new(kind)
    with closing(connect(url)) as one, closing(connect(url)) as other:
        dataset = new_dataset(one).dataset_id

        def write(number: int) -> tuple[int, int]:
            given = [{"inputs": {"q": number // 2 + i}, "tags": {str(number): 1}} for i in range(5)]
            return upsert((one, other)[number % 2], dataset, *given)

        with ThreadPoolExecutor(4) as pool:
            counts = list(pool.map(write, range(24)))
        assert sum(inserted for inserted, _ in counts) == 16
        assert sum(updated for _, updated in counts) == 24 * 5 - 16
        found = records(one, dataset)
        assert sorted(record["inputs"]["q"] for record in found) == list(range(16))
        assert sum(len(record["tags"]) for record in found) == 24 * 5
        assert got(other, dataset).profile == '{"num_records": 16}'


def test_a_dataset_that_is_deleted_while_it_is_written_leaves_nothing_behind(
    store: TrackingStore,
) -> None:
    dataset = new_dataset(store).dataset_id

    def write(number: int) -> bool:
        try:
            upsert(store, dataset, {"inputs": {"q": number}})
        except NotFoundError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        writes = pool.map(write, range(12))
        store.delete_evaluation_dataset(e.DeleteEvaluationDataset(dataset))
        assert len(list(writes)) == 12  # none failed in another way
    assert not write(99)
