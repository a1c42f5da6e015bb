"""A server on each database for all of the conformance tests, and a way to ask it."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

import databases as db
import servers
from environments import mlflow
from wire.conformance.asking import Refused, Wire

PEER = os.environ.get("HEADRACE_TEST_PEER")


@pytest.fixture(scope="session", params=["peer"] if PEER else db.KINDS)
def wire(
    request: pytest.FixtureRequest,
    databases: db.Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Wire]:
    """The server under test: Headrace on each database, or the real mlflow server where
    ``HEADRACE_TEST_PEER=mlflow`` asks for it (which passes all but where Headrace is stricter)."""
    folder = tmp_path_factory.mktemp("conformance")
    with ExitStack() as closing:
        if PEER:
            starting = servers.mlflow_server(mlflow.python("3.17.2"), folder)
        else:
            starting = servers.headrace_server(databases.new(request.param), folder)
        server = closing.enter_context(starting)
        http_client = closing.enter_context(httpx.Client(base_url=server.url, timeout=60))
        yield Wire(server, folder, http_client)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes a name that no other test uses."""
    return lambda stem: f"{stem}-{secrets.token_hex(5)}"


@pytest.fixture
def experiment_id(wire: Wire, unique: Callable[[str], str]) -> str:
    """A new experiment."""
    return str(wire.answer("experiments/create", {"name": unique("wire")})["experiment_id"])


@pytest.fixture
def run_id(wire: Wire, experiment_id: str) -> str:
    """A new run without anything in it."""
    body = {
        "experiment_id": experiment_id,
        "start_time": 1_700_000_000_000,
        "user_id": "ada",
        "run_name": "plain",
    }
    return str(wire.answer("runs/create", body)["run"]["info"]["run_id"])


@pytest.fixture
def refused() -> Refused:
    """Holds an answer to be an error of the protocol with this status and code; gives its message."""

    def check(response: httpx.Response, status: int, code: str) -> str:
        assert response.status_code == status, response.text[:2000]
        body = response.json()
        assert body["error_code"] == code
        assert body["message"]
        return str(body["message"])

    return check
