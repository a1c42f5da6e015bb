"""A store finds its own damage and repairs what can be repaired without loss, on each database."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from databases import KINDS, Databases
from headrace.entities import Metric, Param, RunTag
from headrace.stores.keeping import ExamineRows, ExamineSeries, Finding
from headrace.stores.sql import SqlStore, connect
from headrace.testing.stores.given import history, new_run, run_of
from headrace.wire import tracking as w

LONG = 6_000
"""Points of a series that becomes chunks, a full one with a sketch among them."""


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    with closing(connect(databases.new(request.param))) as opened:
        yield opened


@pytest.fixture
def run(store: SqlStore) -> str:
    """A run with a long series in chunks, a short one, and one that waits in batches."""
    run_id = new_run(store, "0")
    log(store, run_id, "long", LONG)
    log(store, run_id, "short", 5)
    store.update_run(w.UpdateRun(run_id, "FINISHED", 1))
    log(store, run_id, "waiting", 7)
    store.log_batch(w.LogBatch(run_id, [], [Param("p", "1")], [RunTag("t", "1")]))
    return run_id


def log(store: SqlStore, run_id: str, key: str, count: int) -> None:
    values = [float("nan"), float("inf"), -0.0]
    for start in range(0, count, 1000):
        points = [
            Metric(key, values[step] if step < 3 else 1 / step, step * 10, step)
            for step in range(start, min(start + 1000, count))
        ]
        store.log_batch(w.LogBatch(run_id, points))


def change(store: SqlStore, statement: str, **given: object) -> None:
    """Damage a row behind the store's back."""
    with store._database.engine.connect() as connection:
        sqlite = connection.connection if store._database.is_sqlite else None
        if sqlite is not None:
            sqlite.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            connection.execute(text(statement), given)
        if sqlite is not None:
            sqlite.execute("PRAGMA foreign_keys = ON")


def series(store: SqlStore, *, repair: bool = False) -> list[Finding]:
    found: list[Finding] = []
    after: int | None = -1
    while after is not None:
        page = store.examine_series(ExamineSeries(after, max_runs=1, repair=repair))
        found += page.findings
        after = page.after
    return found


def rows(store: SqlStore, *, repair: bool = False) -> list[Finding]:
    return store.examine_rows(ExamineRows(repair)).findings


def test_a_sound_store_has_nothing_to_tell(store: SqlStore, run: str) -> None:
    new_run(store, "0")
    page = store.examine_series(ExamineSeries())
    assert (page.looked_at, page.findings, page.after) == (3, [], None)
    assert rows(store) == []
    assert store.examine_rows(ExamineRows()).looked_at > 5


SERIES_DAMAGES = [
    "UPDATE metric_series SET count = count + 1",
    "UPDATE metric_series SET last_step = 3, last_value = 7",
    "UPDATE metric_series SET min_value = -5",
    "UPDATE metric_series SET finite_sum = finite_sum + 0.5",
    "DELETE FROM metric_series",
    "UPDATE metric_chunks SET points = points + 1",
    "UPDATE metric_chunks SET last_step = 1, max_time = 2",
]


def test_a_series_that_says_what_is_not_so_is_found_and_made_true(
    store: SqlStore, run: str
) -> None:
    points = {key: history(store, run, key) for key in ("long", "short", "waiting")}
    latest = run_of(store, run).data.metrics
    for damage in SERIES_DAMAGES:
        change(store, damage)
        found = series(store)
        assert {finding.state for finding in found} == {"repairable"}, damage
        assert all(run in finding.subject for finding in found)
        assert len(series(store, repair=True)) == len(found)
        assert series(store) == []
        assert repr(run_of(store, run).data.metrics) == repr(latest)
        for key, before in points.items():
            assert repr(history(store, run, key)) == repr(before)


@pytest.mark.parametrize("column", ["data", "sketch"])
def test_points_that_cannot_be_read_are_told_and_left(
    store: SqlStore, run: str, column: str
) -> None:
    change(store, f"UPDATE metric_chunks SET {column} = :junk WHERE points > 4000", junk=b"P\x00")
    for repair in (False, True):
        found = series(store, repair=repair)
        assert [(finding.check, finding.state) for finding in found] == [("points", "damaged")]
        assert "metric 'long'" in found[0].subject


def test_points_that_wait_and_cannot_be_read_are_told(store: SqlStore, run: str) -> None:
    change(store, "UPDATE metric_batches SET data = :junk", junk=b"R\x09")
    found = series(store, repair=True)
    assert [(finding.check, finding.state) for finding in found] == [("points", "damaged")]


def test_points_that_are_gone_are_told_and_their_series_is_kept(store: SqlStore, run: str) -> None:
    change(store, "DELETE FROM metric_chunks WHERE points < 100")
    found = series(store, repair=True)
    assert [(finding.state, finding.problem) for finding in found] == [
        ("damaged", "all of its 5 points are gone")
    ]


ROW_DAMAGES = [
    ("UPDATE params SET run = 999", "params"),
    ("UPDATE tags SET run = 999", "tags"),
    ("UPDATE metric_series SET run = 999", "metric_series"),
    ("UPDATE metric_chunks SET run = 999", "metric_chunks"),
    ("UPDATE metric_batches SET run = 999", "metric_batches"),
    ("INSERT INTO run_datasets VALUES (999, 1, NULL, '[]')", "run_datasets"),
    ("INSERT INTO run_models VALUES (999, 1, 'm-1', 0)", "run_models"),
    ("UPDATE params SET experiment = 77", "params"),
]


def test_rows_that_refer_to_nothing_are_found_and_removed(store: SqlStore, run: str) -> None:
    for damage, table in ROW_DAMAGES:
        store.log_batch(w.LogBatch(run, params=[Param("p", "1")], tags=[RunTag("t", "1")]))
        change(store, damage)
        found = rows(store)
        assert {finding.subject for finding in found} == {table}, damage
        assert {finding.state for finding in found} == {"repairable"}
        assert {finding.state for finding in rows(store, repair=True)} == {"repaired"}
        assert rows(store) == []
    assert run_of(store, run).info.run_id == run


def test_values_whose_name_is_lost_are_told_and_left(store: SqlStore, run: str) -> None:
    mark = store._database.dialect.quote
    change(store, f"UPDATE params SET {mark}key{mark} = 999")
    for repair in (False, True):
        found = rows(store, repair=repair)
        assert [(finding.subject, finding.state) for finding in found] == [("params", "damaged")]


def test_a_store_that_is_written_to_meanwhile_is_sound(store: SqlStore) -> None:
    run_id = new_run(store, "0")
    done = threading.Event()

    def write() -> None:
        for step in range(600):
            store.log_batch(w.LogBatch(run_id, [Metric("m", 1.0, step, step)]))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert series(store) == []
        assert series(store, repair=True) == []
    writer.join()
    assert len(history(store, run_id)) == 600
