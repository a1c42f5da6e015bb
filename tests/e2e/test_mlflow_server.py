"""Our client against the real server of MLflow, which knows no journals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import headrace
from environments import mlflow
from headrace.client.connection import close_stores
from headrace.client.logbook import close_logbooks
from headrace.entities import Dataset
from servers import Server, mlflow_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mlflow")
    with mlflow_server(mlflow.python("3.17.2"), folder) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADRACE_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("HEADRACE_FLUSH_TIMEOUT", "60")
    monkeypatch.setenv("HEADRACE_CAPTURE_ENVIRONMENT", "false")
    monkeypatch.setenv("HEADRACE_CAPTURE_CODE", "false")
    yield
    headrace.set_tracking_uri("")
    close_logbooks()
    close_stores()


def log_a_run() -> str:
    headrace.set_experiment("from headrace")
    with headrace.start_run(run_name="n") as run:
        headrace.log_params({"p": 1, "q": 2})
        for step in range(2_500):
            headrace.log_metric("m", step, step=step, timestamp=1_000 + step)
        headrace.set_tag("t", "1")
        headrace.log_input(Dataset("d", "0a", "local", "{}"), context="train")
        headrace.log_text("text", "t.txt")
    return run.info.run_id


def check_run(run_id: str, client: headrace.MlflowClient) -> None:
    run = client.get_run(run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {"p": "1", "q": "2"})
    assert run.data.tags["t"] == "1"
    history = client.get_metric_history(run_id, "m")
    assert [one.step for one in history] == list(range(2_500))
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["d"]


def test_a_run_is_logged_to_a_real_mlflow_server(server: Server, tmp_path: Path) -> None:
    headrace.set_tracking_uri(server.url)
    run_id = log_a_run()
    client = headrace.MlflowClient()
    check_run(run_id, client)
    assert [one.path for one in client.list_artifacts(run_id)] == ["t.txt"]
    assert list((tmp_path / "spool").rglob("*.journal")) == []


def test_a_block_that_raises_is_a_failed_run_there_too(server: Server) -> None:
    headrace.set_tracking_uri(server.url)
    with pytest.raises(ZeroDivisionError), headrace.start_run() as run:
        headrace.log_metric("m", 1 / 0)
    found = headrace.get_run(run.info.run_id)
    assert found.info.status == "FAILED"
    assert found.data.tags["headrace.end_reason"].startswith("ZeroDivisionError")
