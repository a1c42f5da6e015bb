"""The records of evaluation datasets: taken in by their inputs, told as they were given, page by page."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from contract.evaluation.asking import got, new_dataset, pages, records, remove, upsert
from databases import KINDS, Databases
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.stores.sql import connect
from headrace.wire import evaluation as e
from headrace.wire.records import MAX_DEPTH, RECORD_BYTES


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
