"""Runs found again: filters, orders, pages, data frames."""

import math

import mlflow
import pandas as pd
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType

RUNS = {
    # The name stands for: status, start, end; params, metrics, tags.
    "ant": (
        "FINISHED",
        1_000,
        2_000,
        {"lr": "0.1", "opt": "Adam"},
        {"loss": 0.5, "a/b c": 1.0},
        {"team": "red"},
    ),
    "bee": (
        "FINISHED",
        2_000,
        4_000,
        {"lr": "0.01", "opt": "adam"},
        {"loss": 0.25},
        {"team": "blue", "mlflow.x": "1"},
    ),
    "cat": (
        "FAILED",
        3_000,
        3_500,
        {"lr": "0.2", "opt": "SGD"},
        {"loss": math.nan},
        {"team": "Red"},
    ),
    "dog": ("RUNNING", 4_000, None, {"lr": "1"}, {"loss": -1.5}, {}),
    "eel": (
        "KILLED",
        5_000,
        5_000,
        {"opt": "100%"},
        {},
        {"team": "red_", "with.dot": "y", "ünï": "ß"},
    ),
}


@pytest.fixture(scope="module")
def zoo():
    """Five runs of one experiment, differing in everything that a filter can ask for."""
    client = mlflow.MlflowClient()
    experiment_id = mlflow.create_experiment(f"zoo-{pd.Timestamp.now().value}")
    for name, (status, start, end, params, metrics, tags) in RUNS.items():
        run = client.create_run(experiment_id, start_time=start, run_name=name)
        run_id = run.info.run_id
        client.log_batch(
            run_id,
            [Metric(k, v, 10, 0) for k, v in metrics.items()],
            [Param(k, v) for k, v in params.items()],
            [RunTag(k, v) for k, v in tags.items()],
        )
        if end is not None:
            client.set_terminated(run_id, status, end)
    dataset = Dataset("data", "d1", "local", "s")
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
    return experiment_id


@pytest.fixture
def found(client, zoo):
    """The names of the runs that match, sorted unless an order is given."""

    def search(filter_string, order_by=None, **options):
        runs = client.search_runs([zoo], filter_string, order_by=order_by, **options)
        names = [run.info.run_name for run in runs]
        return " ".join(names if order_by else sorted(names))

    return search


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("", "ant bee cat dog eel"),
        ("metrics.loss < 0.5", "bee dog"),
        ("metrics.loss <= 0.5", "ant bee dog"),
        ("metrics.loss > 0.25", "ant"),
        ("metrics.loss >= 0.25", "ant bee"),
        ("metrics.loss = 0.25", "bee"),
        ("metric.loss = -1.5", "dog"),
        ("metrics.loss != 0.25", "ant cat dog"),
        ("metrics.loss > -1e1", "ant bee dog"),
        ("metrics.`a/b c` = 1", "ant"),
        ('metrics."a/b c" = 1', "ant"),
        ("metrics.none > 0", ""),
        ("metrics.none != 0", ""),
    ],
)
def test_filters_on_metrics(found, filter_string, expected):
    assert found(filter_string) == expected


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("params.lr = '0.1'", "ant"),
        ('params.lr = "0.1"', "ant"),
        ("params.lr != '0.1'", "bee cat dog"),
        ("param.opt = 'adam'", "bee"),
        ("parameter.opt = 'adam'", "bee"),
        ("parameters.opt = 'adam'", "bee"),
        ("params.opt LIKE 'A%'", "ant"),
        ("params.opt LIKE '_dam'", "ant bee"),
        ("params.opt ILIKE 'A%'", "ant bee"),
        ("params.opt LIKE '%'", "ant bee cat eel"),
        ("params.opt like 'S%' and params.lr = '0.2'", "cat"),
        ("params.opt IS NULL", "dog"),
        ("params.opt IS NOT NULL", "ant bee cat eel"),
        ("params.opt is null AND metrics.loss < 0", "dog"),
        ("params.lr = ''", ""),
    ],
)
def test_filters_on_params(found, filter_string, expected):
    assert found(filter_string) == expected


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("tags.team = 'red'", "ant"),
        ("tag.team = 'red'", "ant"),
        ("tags.team != 'red'", "bee cat eel"),
        ("tags.team LIKE 'red%'", "ant eel"),
        ("tags.team ILIKE 'RED'", "ant cat"),
        ("tags.team IS NULL", "dog"),
        ("tags.team IS NOT NULL AND tags.team != 'blue'", "ant cat eel"),
        ("tags.mlflow.x = '1'", "bee"),
        ("tags.with.dot = 'y'", "eel"),
        ("tags.`with.dot` = 'y'", "eel"),
        ("tags.`ünï` = 'ß'", "eel"),
        ("tags.mlflow.runName = 'cat'", "cat"),
    ],
)
def test_filters_on_tags(found, filter_string, expected):
    assert found(filter_string) == expected


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("attributes.status = 'FINISHED'", "ant bee"),
        ("attribute.status != 'FINISHED'", "cat dog eel"),
        ("attr.status LIKE 'F%'", "ant bee cat"),
        ("run.status = 'RUNNING'", "dog"),
        ("status = 'KILLED'", "eel"),
        ("run_name = 'ant'", "ant"),
        ("run_name LIKE '%e%'", "bee eel"),
        ("run_name ILIKE 'CA_'", "cat"),
        ("attributes.`run name` = 'dog'", "dog"),
        ("attributes.`Run name` = 'dog'", "dog"),
        ("start_time > 3000", "dog eel"),
        ("start_time >= 3000 AND start_time < 5000", "cat dog"),
        ("created <= 1000", "ant"),
        ("attributes.Created = 2000", "bee"),
        ("end_time != 5000", "ant bee cat"),
        ("end_time > 0", "ant bee cat eel"),
        ("user_id != 'nobody-at-all'", "ant bee cat dog eel"),
        ("artifact_uri LIKE '%artifacts'", "ant bee cat dog eel"),
        ("artifact_uri = 'x'", ""),
    ],
)
def test_filters_on_attributes(found, filter_string, expected):
    assert found(filter_string) == expected


def test_filters_on_run_ids(client, zoo, found):
    ids = {run.info.run_name: run.info.run_id for run in client.search_runs([zoo])}
    assert found(f"run_id = '{ids['ant']}'") == "ant"
    assert found(f"attributes.run_id != '{ids['ant']}'") == "bee cat dog eel"
    assert found(f"run_id IN ('{ids['ant']}', '{ids['bee']}')") == "ant bee"
    assert found(f"run_id NOT IN ('{ids['ant']}', '{ids['bee']}')") == "cat dog eel"
    assert found(f"run_id LIKE '{ids['cat'][:30]}%'") == "cat"


def test_filters_on_datasets(found):
    assert found("dataset.name = 'data' AND datasets.digest LIKE 'd%'") == "eel"
    assert found("dataset.context IN ('train', 'test')") == "eel"
    assert found("dataset.context NOT IN ('train')") == ""


def test_filters_are_joined_with_and(found):
    assert (
        found(
            "metrics.loss < 1 AND params.lr = '0.1' AND tags.team = 'red' AND status = 'FINISHED'"
        )
        == "ant"
    )
    assert found("metrics.loss < 1 and metrics.loss > 0 and params.lr != '0.1'") == "bee"
    assert found("metrics.loss < 1 AND metrics.loss > 1") == ""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["metrics.loss"], "dog bee ant cat eel"),
        (["metrics.loss ASC"], "dog bee ant cat eel"),
        (["metrics.loss DESC"], "ant bee dog cat eel"),
        (["params.lr ASC"], "bee ant cat dog eel"),
        (["params.lr DESC"], "dog cat ant bee eel"),
        (["params.opt"], "eel ant cat bee dog"),
        (["tags.team"], "cat bee ant eel dog"),
        (["run_name DESC"], "eel dog cat bee ant"),
        (["attributes.run_name asc"], "ant bee cat dog eel"),
        (["start_time ASC"], "ant bee cat dog eel"),
        (["attribute.start_time DESC"], "eel dog cat bee ant"),
        (["created ASC"], "ant bee cat dog eel"),
        (["end_time ASC"], "ant cat bee eel dog"),
        (["end_time DESC"], "eel bee cat ant dog"),
        (["status ASC", "start_time ASC"], "cat ant bee eel dog"),
        (["params.none", "start_time DESC"], "eel dog cat bee ant"),
        (["metrics.`a/b c` DESC", "run_name"], "ant bee cat dog eel"),
    ],
)
def test_orders(found, order, expected):
    assert found("", order) == expected


def test_without_an_order_the_latest_start_comes_first(client, zoo):
    assert [run.info.run_name for run in client.search_runs([zoo])] == [
        "eel",
        "dog",
        "cat",
        "bee",
        "ant",
    ]


@pytest.mark.parametrize(
    "filter_string",
    [
        "metrics.loss >", "metrics.loss = 'a'", "bogus.a = 'x'", "attributes.bogus = 'x'",
        "status = FINISHED", "tags.team", "= 'x'", "metrics.loss ~ 1", "params.lr > 'x", "dataset.bogus = 'x'",
        "run_id IN ()", "lifecycle_stage = 'active'", "metrics.loss < 1; drop table",
        "start_time > 'x'", "   ",
    ],
)  # fmt: skip
def test_bad_filters_are_refused(client, zoo, refused, filter_string):
    refused("INVALID_PARAMETER_VALUE", 400, client.search_runs, [zoo], filter_string)


@pytest.mark.parametrize(
    "order", ["bogus", "attributes.bogus", "metrics.loss SIDEWAYS", "dataset.name"]
)
def test_bad_orders_are_refused(client, zoo, refused, order):
    refused("INVALID_PARAMETER_VALUE", 400, client.search_runs, [zoo], "", order_by=[order])


@pytest.mark.parametrize(
    ("filter_string", "expected"),
    [
        ("params.lr = '0.1' OR params.lr = '1'", "ant dog"),
        ("NOT tags.team = 'red'", "bee cat dog eel"),
        ("(metrics.loss < 0 OR metrics.loss > 0.3) AND status = 'FINISHED'", "ant"),
        ("metrics.loss BETWEEN 0.2 AND 0.6", "ant bee"),
        ("status IN ('FAILED', 'KILLED')", "cat eel"),
    ],
)
def test_the_richer_language_is_answered_or_refused(found, filter_string, expected):
    # The real server refuses all of these; Headrace's language has them.
    try:
        answer = found(filter_string)
    except mlflow.MlflowException as refusal:
        answer = refusal.error_code
    assert answer in {"INVALID_PARAMETER_VALUE", expected}


def test_pages_hold_each_run_once(client, experiment_id):
    made = [
        client.create_run(experiment_id, start_time=7_000 + n // 5).info.run_id for n in range(23)
    ]
    for order in (None, ["start_time ASC"], ["metrics.none DESC"]):
        seen, sizes, token = [], [], None
        while True:
            page = client.search_runs(
                [experiment_id], max_results=10, order_by=order, page_token=token
            )
            seen += [run.info.run_id for run in page]
            sizes.append(len(page))
            token = page.token
            if not token:
                break
        assert sorted(seen) == sorted(made)
        assert sizes == [10, 10, 3]


def test_a_page_that_ends_exactly_is_the_last(client, experiment_id):
    for _ in range(4):
        client.create_run(experiment_id)
    page = client.search_runs([experiment_id], max_results=2)
    last = client.search_runs([experiment_id], max_results=2, page_token=page.token)
    assert (len(page), len(last), last.token) == (2, 2, None)


def test_page_sizes_and_tokens_out_of_range_are_refused(client, zoo, refused):
    code, status = "INVALID_PARAMETER_VALUE", 400
    refused(code, status, client.search_runs, [zoo], max_results=50_001)
    refused(code, status, client.search_runs, [zoo], max_results=0)
    refused(code, status, client.search_runs, [zoo], page_token="garbage")


def test_view_types(client, experiment_id):
    kept, gone = (client.create_run(experiment_id).info.run_id for _ in range(2))
    client.delete_run(gone)

    def seen(view):
        return {run.info.run_id for run in client.search_runs([experiment_id], run_view_type=view)}

    assert seen(ViewType.ACTIVE_ONLY) == {kept}
    assert seen(ViewType.DELETED_ONLY) == {gone}
    assert seen(ViewType.ALL) == {kept, gone}


def test_several_experiments(client, unique):
    ids = [client.create_experiment(unique("several")) for _ in range(3)]
    for number, experiment_id in enumerate(ids):
        client.create_run(experiment_id, run_name=str(number))
    assert {run.info.run_name for run in client.search_runs(ids[:2])} == {"0", "1"}
    assert {run.info.experiment_id for run in client.search_runs(ids)} == set(ids)
    assert client.search_runs([]) == []
    assert client.search_runs(["999999999"]) == []


def test_a_data_frame(zoo):
    frame = mlflow.search_runs([zoo], order_by=["start_time ASC"])
    assert frame["tags.mlflow.runName"].tolist() == ["ant", "bee", "cat", "dog", "eel"]
    assert frame["status"].tolist() == ["FINISHED", "FINISHED", "FAILED", "RUNNING", "KILLED"]
    assert frame["metrics.loss"].tolist()[:2] == [0.5, 0.25]
    assert frame["metrics.loss"].isna().tolist() == [False, False, True, False, True]
    assert frame["params.opt"].tolist()[:3] == ["Adam", "adam", "SGD"]
    assert frame["params.opt"].isna().tolist() == [False, False, False, True, False]
    assert frame["start_time"].iloc[0] == pd.Timestamp(1_000, unit="ms", tz="UTC")
    assert pd.isna(frame["end_time"].iloc[3])


def test_a_list_and_names(client, unique):
    name = unique("listed")
    experiment_id = client.create_experiment(name)
    for number in range(3):
        client.create_run(experiment_id, run_name=str(number), start_time=1 + number)
    runs = mlflow.search_runs(experiment_names=[name], output_format="list", max_results=2)
    assert [run.info.run_name for run in runs] == ["2", "1"]
    assert mlflow.search_runs(experiment_names=[unique("unknown")]).empty


def test_all_experiments(client, unique):
    experiment_id = client.create_experiment(unique("all"))
    run_id = client.create_run(experiment_id, tags={"needle": experiment_id}).info.run_id
    frame = mlflow.search_runs(
        search_all_experiments=True, filter_string=f"tags.needle = '{experiment_id}'"
    )
    assert frame["run_id"].tolist() == [run_id]


def test_searched_runs_are_whole(client, experiment_id):
    run_id = client.create_run(experiment_id, tags={"t": "1"}).info.run_id
    client.log_batch(run_id, [Metric("m", 1.0, 5, 0), Metric("m", 2.0, 6, 1)], [Param("p", "v")])
    [searched] = client.search_runs([experiment_id])
    fetched = client.get_run(run_id)
    assert searched.to_dictionary()["info"] == fetched.to_dictionary()["info"]
    assert searched.data.to_dictionary() == fetched.data.to_dictionary()
