"""What every test may ask for: databases and running servers."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from databases import KINDS, Databases
from servers import Server
from servers import headrace_server as start_headrace

# Before the workers start, which must all find the same tests of chaos.
os.environ.setdefault("CHAOS_SEED", str(random.SystemRandom().randrange(10**9)))


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that a parameter sends to a database server is slow; the same one on SQLite is not."""
    for item in items:
        given = getattr(item, "callspec", None)
        if given is not None and not SERVERS.isdisjoint(map(str, given.params.values())):
            item.add_marker("slow")


SERVERS = {kind for kind in KINDS if kind != "sqlite"}
