"""A read that takes longer than it may is ended, in the database too, and the store goes on."""

from collections.abc import Iterator

import pytest

from databases import KINDS, Databases
from headrace.errors import TooSlowError
from headrace.stores.sql import SqlStore, connect
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

COUNT = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {}) "
    "SELECT COUNT(*) FROM c"
)
FOR_EVER = {
    "sqlite": COUNT.format(10**12),
    "postgresql": "SELECT pg_sleep(3600)",
    "mysql": "SELECT COUNT(*) FROM seq_1_to_100000 AS a, seq_1_to_100000 AS b, seq_1_to_100 AS c",
}
A_WHILE = {
    "sqlite": COUNT.format(10**5),
    "postgresql": "SELECT pg_sleep(0.05)",
    "mysql": "SELECT SLEEP(0.05)",
}
RUNNING = {
    "postgresql": "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%3600%%' AND pid <> pg_backend_pid()",
    "mysql": "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%%seq_1_to_100 AS c' AND id <> CONNECTION_ID()",
}


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    store = connect(databases.new(request.param), read_timeout_s=0.4)
    yield store
    store.close()


def test_a_statement_without_an_end_is_ended(store: SqlStore) -> None:
    with pytest.raises(TooSlowError, match=r"within 0\.4 s"):
        store.read(lambda view: view.fetch(FOR_EVER[view.dialect.name]))
    running = store.read(lambda view: view.fetch(RUNNING.get(view.dialect.name, "SELECT 0")))
    assert running == [(0,)]


def test_many_short_statements_share_the_time(store: SqlStore) -> None:
    def ask_on(view: View) -> None:
        while True:
            view.fetch(A_WHILE[view.dialect.name])

    with pytest.raises(TooSlowError):
        store.read(ask_on)


def test_a_steady_read_is_ended_too_and_the_next_ones_are_answered(store: SqlStore) -> None:
    with pytest.raises(TooSlowError):
        store.read(lambda view: view.fetch(FOR_EVER[view.dialect.name]), steady=True)
    for _ in range(30):
        assert store.search_runs(w.SearchRuns(["0"])).runs == []
