"""The command line on a folder and on a server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli_calls import Done, call
from databases import Databases
from headrace.client.connection import close_stores
from servers import Server


@pytest.fixture(scope="module", params=["folder", "server"])
def uri(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    databases: Databases,
    headrace_server: Callable[..., Server],
) -> Iterator[str]:
    """A store of the module's own."""
    if request.param == "folder":
        yield str(tmp_path_factory.mktemp("store"))
    else:
        yield headrace_server(databases.new("sqlite")).url
    close_stores()


@pytest.fixture
def ask(uri: str) -> Callable[..., Any]:
    """Run a command on the store with ``--json``; what it answers."""
    return lambda *arguments: call(*arguments, "--tracking-uri", uri, "--json").answer


@pytest.fixture
def tell(uri: str) -> Callable[..., Done]:
    """Run a command on the store as people do."""
    return lambda *arguments: call(*arguments, "--tracking-uri", uri)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to store."""
    path = tmp_path / "notes.txt"
    path.write_text("kept")
    return path
