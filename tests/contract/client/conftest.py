"""The client on both kinds of store: a folder of this process, and a real server in another one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import headrace
from databases import Databases
from headrace import config
from headrace.client.connection import close_stores
from headrace.client.logbook import close_logbooks
from headrace.fluent import current, experiments, models
from servers import Server

CAPTURES = ("HEADRACE_CAPTURE_CODE", "HEADRACE_CAPTURE_ENVIRONMENT", "HEADRACE_CAPTURE_CONSOLE")
"""What a run records of itself; off where a test looks at what it logs."""
SYSTEM_METRICS = [row.variable for row in config.table() if "system_metrics" in row.name]


@pytest.fixture(scope="session")
def server(headrace_server: Callable[..., Server], databases: Databases) -> Server:
    return headrace_server(databases.new("sqlite"))


@pytest.fixture(params=["folder", "server"])
def tracking_uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    places = {
        "folder": lambda: str(tmp_path / "store"),
        "server": lambda: request.getfixturevalue("server").url,
    }
    return places[request.param]()


@pytest.fixture
def client(tracking_uri: str) -> headrace.MlflowClient:
    return headrace.MlflowClient(tracking_uri)


@pytest.fixture
def experiment_id(client: headrace.MlflowClient, request: pytest.FixtureRequest) -> str:
    """An experiment of the test's own."""
    return client.create_experiment(f"{request.node.name} {id(request)}")


@pytest.fixture
def run_id(client: headrace.MlflowClient, experiment_id: str) -> str:
    return client.create_run(experiment_id).info.run_id


@pytest.fixture(autouse=True)
def nothing_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test begins and ends without a run, an experiment, a model or a tracking URI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADRACE_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    for what in CAPTURES:
        monkeypatch.setenv(what, "false")
    for what in SYSTEM_METRICS:  # a test may set them; afterwards they are as they were
        monkeypatch.setenv(what, "")
    monkeypatch.setenv("HEADRACE_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    while headrace.active_run() is not None:
        headrace.end_run()
    headrace.set_tracking_uri("")
    headrace.clear_active_model()
    experiments._current.clear()
    models._last.clear()
    for journal in current._others.values():
        journal.close()
    current._others.clear()
    close_logbooks()
    close_stores()


@pytest.fixture
def fluent(tracking_uri: str, request: pytest.FixtureRequest) -> headrace.MlflowClient:
    """The fluent functions are set up on the store; the client is for looking at what they did."""
    headrace.set_tracking_uri(tracking_uri)
    headrace.set_experiment(f"{request.node.name} {id(request)}")
    return headrace.MlflowClient()
