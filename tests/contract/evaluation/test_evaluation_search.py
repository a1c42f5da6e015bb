"""Evaluation datasets are found by what a filter says, in the order that is asked for."""

import pytest

from contract.evaluation.asking import got, new_dataset, new_experiment, upsert
from headrace.errors import InvalidValueError
from headrace.stores.base import TrackingStore
from headrace.wire import evaluation as e


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
