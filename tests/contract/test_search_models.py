"""Searches of experiments and of logged models, on every database."""

import math
from collections.abc import Iterator

import pytest

from databases import KINDS, Databases
from headrace.entities import (
    ExperimentTag,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
)
from headrace.errors import InvalidValueError
from headrace.stores.sql import SqlStore, connect
from headrace.wire import tracking as w

EPOCH = 1_700_000_000_000


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    opened = connect(databases.new(request.param))
    fill_experiments(opened)
    fill_models(opened)
    yield opened
    opened.close()


TAGS = {
    "alpha": {"team": "blue", "size": "10"},
    "Beta": {"team": "Green", "size": "9"},
    "gamma": {"size": "big"},
    "delta": {},
}


def fill_experiments(store: SqlStore) -> None:
    for name, tags in TAGS.items():
        given = [ExperimentTag(key, value) for key, value in tags.items()]
        made = store.create_experiment(w.CreateExperiment(name, tags=given))
        if name == "delta":
            store.delete_experiment(w.DeleteExperiment(made.experiment_id))


def fill_models(store: SqlStore) -> None:
    experiment = store.create_experiment(w.CreateExperiment("models")).experiment_id
    run = store.create_run(w.CreateRun(experiment)).run.info.run_id
    for name, kind, params, tags, accuracy in (
        ("tree", "clf", {"depth": "3"}, {"by": "ada"}, [(0.5, "iris", "d1")]),
        ("forest", "clf", {"depth": "10"}, {}, [(0.9, "iris", "d1"), (0.2, "wine", "d2")]),
        ("line", "", {}, {"by": "Bob"}, [(math.nan, None, None)]),
        ("gone", "clf", {}, {}, []),
    ):
        question = w.CreateLoggedModel(
            experiment,
            name,
            kind or None,
            run,
            [LoggedModelParameter(key, value) for key, value in params.items()],
            [LoggedModelTag(key, value) for key, value in tags.items()],
        )
        model_id = store.create_logged_model(question).model.model_id
        points = [
            Metric("accuracy", value, EPOCH + step, step, model_id, dataset, digest)
            for step, (value, dataset, digest) in enumerate(accuracy)
        ]
        store.log_batch(w.LogBatch(run, points))
        if name == "tree":
            store.finalize_logged_model(w.FinalizeLoggedModel(model_id, "LOGGED_MODEL_READY"))
        if name == "gone":
            store.delete_logged_model(w.DeleteLoggedModel(model_id))


def experiments(store: SqlStore, text: str, *order_by: str, view: int = 1) -> list[str]:
    question = w.SearchExperiments(100, None, text, list(order_by), view)
    found = store.search_experiments(question).experiments
    return [each.name for each in found if each.name in TAGS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"alpha", "Beta", "gamma"}),
        ("name = 'alpha'", {"alpha"}),
        ("name = 'ALPHA'", set()),
        ("name ILIKE 'b%' OR name LIKE 'gam__'", {"Beta", "gamma"}),
        ("name LIKE 'b%'", set()),
        ("tags.team != 'blue'", {"Beta"}),
        ("NOT tags.team = 'blue'", {"Beta", "gamma"}),
        ("tags.team IS NULL", {"gamma"}),
        ("tags.size >= 9", {"alpha", "Beta"}),
        ("tags.size >= 9.5 and tag.team IN ('blue', 'Green')", {"alpha"}),
        ("creation_time > 0 and last_update_time BETWEEN 1 AND 9e15", {"alpha", "Beta", "gamma"}),
        ("experiment_id = '12345'", set()),
        ("experiment_id != '12345' and name > 'b'", {"gamma"}),
    ],
)
def test_experiments_are_found_by_attributes_and_tags(
    store: SqlStore, text: str, expected: set[str]
) -> None:
    assert set(experiments(store, text)) == expected


def test_experiments_are_found_by_their_id_and_by_stage(store: SqlStore) -> None:
    number = store.get_experiment_by_name(w.GetExperimentByName("Beta")).experiment.experiment_id
    assert experiments(store, f"experiment_id IN ('{number}', '1')") == ["Beta"]
    assert experiments(store, "", view=2) == ["delta"]
    assert set(experiments(store, "", view=3)) == set(TAGS)


def test_experiments_come_in_the_order_asked_for_with_missing_tags_last(store: SqlStore) -> None:
    assert experiments(store, "", "name") == ["Beta", "alpha", "gamma"]
    assert experiments(store, "", "name DESC") == ["gamma", "alpha", "Beta"]
    assert experiments(store, "", "tags.team DESC", "name") == ["alpha", "Beta", "gamma"]
    assert experiments(store, "", "tags.team", "name") == ["Beta", "alpha", "gamma"]


def test_the_newest_experiment_comes_first_unless_ordered(store: SqlStore) -> None:
    found = store.search_experiments(w.SearchExperiments(100, None, "", [], 3)).experiments
    places = [(-(each.creation_time or 0), int(each.experiment_id)) for each in found]
    assert places == sorted(places)


def models(
    store: SqlStore,
    text: str,
    *order_by: w.ModelOrderBy,
    datasets: list[w.ModelDataset] | None = None,
) -> list[str]:
    experiment = store.get_experiment_by_name(w.GetExperimentByName("models")).experiment
    question = w.SearchLoggedModels(
        [experiment.experiment_id], text, datasets or [], None, list(order_by)
    )
    return [each.name for each in store.search_logged_models(question).models]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"tree", "forest", "line"}),
        ("name = 'tree'", {"tree"}),
        ("name IN ('tree', 'line')", {"tree", "line"}),
        ("status = 'READY'", {"tree"}),
        ("status != READY", {"forest", "line"}),
        ("model_type = 'clf' and not name = 'tree'", {"forest"}),
        ("params.depth > 5", {"forest"}),
        ("params.depth = '3'", {"tree"}),
        ("tags.by ILIKE 'b%'", {"line"}),
        ("tags.by IS NULL", {"forest"}),
        ("metrics.accuracy > 0.4", {"tree", "forest"}),
        ("metrics.accuracy < 0.4", {"forest"}),
        ("metrics.accuracy != 0.5", {"forest", "line"}),
        ("metrics.accuracy IS NULL", set()),
        ("creation_timestamp > 0 or last_updated_timestamp_ms < 0", {"tree", "forest", "line"}),
    ],
)
def test_models_are_found_by_all_their_fields(
    store: SqlStore, text: str, expected: set[str]
) -> None:
    assert set(models(store, text)) == expected


def test_data_sets_narrow_down_which_metrics_count(store: SqlStore) -> None:
    iris, wine = w.ModelDataset("iris"), w.ModelDataset("wine", "d2")
    assert set(models(store, "metrics.accuracy > 0.4", datasets=[wine])) == set()
    assert set(models(store, "metrics.accuracy > 0.1", datasets=[wine])) == {"forest"}
    assert set(models(store, "metrics.accuracy > 0.6", datasets=[iris, wine])) == {"forest"}
    assert set(models(store, "", datasets=[iris])) == {"tree", "forest"}
    assert models(store, "", datasets=[w.ModelDataset("iris", "other")]) == []


def test_models_come_in_the_order_asked_for(store: SqlStore) -> None:
    by_name = w.ModelOrderBy("name", ascending=False)
    assert models(store, "", by_name) == ["tree", "line", "forest"]
    on_iris = w.ModelOrderBy("metrics.accuracy", dataset_name="iris", ascending=False)
    assert models(store, "", on_iris) == ["forest", "tree", "line"]
    latest = w.ModelOrderBy("metrics.accuracy", ascending=False)
    assert models(store, "", latest) == ["tree", "forest", "line"]
    assert models(store, "", w.ModelOrderBy("params.depth"), by_name) == ["forest", "tree", "line"]


def test_a_reduction_of_a_models_metric_is_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidValueError, match="latest value"):
        models(store, "min(metrics.accuracy) < 1")
