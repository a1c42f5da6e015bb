"""Stores that hold the data themselves keep the promises of `KeptStore`."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from databases import KINDS, Databases
from headrace.stores.sql import SqlStore, connect
from headrace.testing.stores.removal import RemovalContract


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    with closing(connect(databases.new(request.param))) as opened:
        yield opened


class TestSqlStore(RemovalContract):
    pass
