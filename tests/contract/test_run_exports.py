"""The runs of a table as a file, from a real server."""

import csv
import io
import json
import math
from collections.abc import Callable

import httpx
import polars as pl
import pytest

from databases import Databases
from headrace.client.tracking import MlflowClient
from headrace.server import exports
from servers import Server

URL = "/ajax-api/2.0/headrace/runs/export"
COLUMNS = ["attributes.start_time", "metrics.loss", "params.model", "attributes.duration"]


@pytest.fixture(scope="module")
def server(headrace_server: Callable[..., Server], databases: Databases) -> Server:
    return headrace_server(databases.new("sqlite"))


@pytest.fixture(scope="module")
def experiment(server: Server) -> str:
    client = MlflowClient(server.url)
    experiment_id = client.create_experiment("exported")
    for number, model in enumerate(["tree", "=cmd()", "-5", "forest"]):
        run = client.create_run(experiment_id, start_time=1_000 * number, run_name=f"run {number}")
        client.log_param(run.info.run_id, "model", model)
        if number != 3:
            client.log_metric(run.info.run_id, "loss", math.nan if number == 2 else number / 4)
        client.set_terminated(run.info.run_id, end_time=1_000 * number + 250)
    return experiment_id


def ask(server: Server, experiment: str, kind: str, **question: object) -> httpx.Response:
    body = {
        "experiment_ids": [experiment],
        "columns": COLUMNS,
        "order_by": ["attributes.start_time ASC"],
        **question,
    }
    return httpx.post(f"{server.url}{URL}?format={kind}", json=body, timeout=60)


def test_csv_has_all_rows_and_just_the_columns_that_are_shown(
    server: Server, experiment: str
) -> None:
    answer = ask(server, experiment, "csv", max_results=1)
    assert answer.headers["content-disposition"] == 'attachment; filename="runs.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["run_id", "run_name", "start_time", "metrics.loss", "params.model", "duration"]
    assert [row[1:] for row in rows] == [
        ["run 0", "1970-01-01T00:00:00.000+00:00", "0.0", "tree", "250.0"],
        ["run 1", "1970-01-01T00:00:01.000+00:00", "0.25", "'=cmd()", "250.0"],
        ["run 2", "1970-01-01T00:00:02.000+00:00", "nan", "-5", "250.0"],
        ["run 3", "1970-01-01T00:00:03.000+00:00", "", "forest", "250.0"],
    ]


def test_parquet_has_types(server: Server, experiment: str) -> None:
    frame = pl.read_parquet(ask(server, experiment, "parquet").content)
    assert frame.columns[2:] == ["start_time", "metrics.loss", "params.model", "duration"]
    assert frame.schema["start_time"] == pl.Datetime("ms", "UTC")
    assert frame["params.model"].to_list() == ["tree", "=cmd()", "-5", "forest"]
    assert frame["metrics.loss"].to_list()[:2] == [0.0, 0.25]
    assert math.isnan(frame["metrics.loss"][2])
    assert frame["metrics.loss"][3] is None
    none = ask(server, experiment, "parquet", filter="params.model = 'none'")
    assert pl.read_parquet(none.content).height == 0


def test_a_filter_and_an_order_hold(server: Server, experiment: str) -> None:
    answer = ask(
        server, experiment, "csv", filter="metrics.loss < 1", order_by=["metrics.loss DESC"]
    )
    _, *rows = csv.reader(io.StringIO(answer.text))
    assert [row[1] for row in rows] == ["run 1", "run 0"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_of_many_pages_each_run_comes_once(
    server: Server, experiment: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, where a page can be made small."""
    monkeypatch.setattr(exports, "_PAGE", 3)
    store = MlflowClient(server.url)._store
    question = exports.TabulateRuns([experiment], columns=["attributes.run_id", "params.model"])
    pages = list(exports._pages(store, question))
    assert [len(page) for page in pages] == [3, 1]
    assert len({row[0] for page in pages for row in page}) == 4
    make = exports._FORMATS[kind][1]
    data = b"".join(make(question.columns, iter(pages)))
    read = pl.read_csv if kind == "csv" else pl.read_parquet
    assert read(data).height == 4


@pytest.mark.parametrize(
    ("kind", "question", "told"),
    [
        ("xlsx", {}, "csv or parquet"),
        ("csv", {"filter": "metrics.loss <"}, "metrics.loss <"),
        ("csv", {"columns": ["no such column"]}, "no such column"),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: Server, experiment: str, kind: str, question: dict[str, object], told: str
) -> None:
    answer = ask(server, experiment, kind, **question)
    assert answer.status_code == 400
    assert told in json.loads(answer.text)["message"]
