"""What every test may ask for: databases and running servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from databases import Databases
from servers import Server
from servers import headrace_server as start_headrace


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Empty databases of each kind: ``databases.new("postgresql")`` is a URL."""
    given = Databases(tmp_path_factory.mktemp("databases"))
    with given.closing:
        yield given


@pytest.fixture(scope="session")
def headrace_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts the real `headrace server` on a database URL, with options; all end with the session."""
    with ExitStack() as closing:

        def start(database_url: str, *options: str) -> Server:
            folder = tmp_path_factory.mktemp("server")
            return closing.enter_context(start_headrace(database_url, folder, *options))

        yield start
