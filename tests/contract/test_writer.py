"""Writes that wait are stored together; one that is refused leaves no trace, and its neighbours are kept."""

import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from typing import Any, Self

import pytest

from databases import KINDS, Databases
from headrace.entities import Metric, Param, RunTag
from headrace.errors import (
    AlreadyExistsError,
    ConflictError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
)
from headrace.stores.sql import SqlStore, connect
from headrace.stores.sql.view import View
from headrace.stores.sql.writer import Job
from headrace.testing.stores.given import history, new_experiment, new_run, run_of, unique
from headrace.wire import tracking as w


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    with closing(connect(databases.new(request.param))) as opened:
        yield opened


@pytest.fixture
def run_ids(store: SqlStore) -> list[str]:
    experiment_id = new_experiment(store)
    return [new_run(store, experiment_id) for _ in range(4)]


def another(store: SqlStore) -> SqlStore:
    """A store that knows nothing yet, on the same database."""
    return connect(store._database.url.render_as_string(hide_password=False))


class Crowd:
    """Writes that all wait until the writer is let go, which then finds them at once."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.futures: list[Future[Any]] = []
        self._entered, self._gate = threading.Event(), threading.Event()

    def __enter__(self) -> Self:
        def wait(*_: object) -> None:
            self._entered.set()
            self._gate.wait(30)

        self.store._writer.submit(Job(wait, None, None, None, lambda *_: None))
        assert self._entered.wait(30)
        return self

    def ask(self, method: str, question: Any) -> None:
        future: Future[Any] = Future()
        self.futures.append(future)

        def done(answer: Any, error: Exception | None) -> None:
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)

        assert self.store.submit(method, question, done)

    def __exit__(self, *_: object) -> None:
        self._gate.set()

    def errors(self) -> list[type[BaseException] | None]:
        """The kind of error that each write ended with."""
        found = [future.exception(30) for future in self.futures]
        return [None if error is None else type(error) for error in found]


def test_a_refused_write_among_others_leaves_no_trace_and_the_others_are_kept(
    store: SqlStore, run_ids: list[str]
) -> None:
    name = unique()
    store.log_param(w.LogParam(run_ids[1], "p", "1"))
    with Crowd(store) as crowd:
        crowd.ask("log_metric", w.LogMetric(run_ids[0], "m", 1.0, 1, 1))
        crowd.ask("log_param", w.LogParam(run_ids[1], "p", "other"))
        crowd.ask("log_metric", w.LogMetric(run_ids[0], "m", 2.0, 2, 2))
        crowd.ask("create_experiment", w.CreateExperiment(name))
        crowd.ask("delete_tag", w.DeleteTag(run_ids[1], "absent"))
        crowd.ask("create_experiment", w.CreateExperiment(name))
        crowd.ask("log_batch", w.LogBatch("no-such-run", [Metric("m", 3.0, 3, 3)]))
        crowd.ask("set_tag", w.SetTag(run_ids[2], "t", "1"))
        crowd.ask("delete_run", w.DeleteRun(run_ids[3]))
        crowd.ask("log_metric", w.LogMetric(run_ids[3], "m", 1.0, 1, 1))
    assert crowd.errors() == [
        None, InvalidValueError, None, None, NotFoundError, AlreadyExistsError, NotFoundError, None,
        None, InvalidValueError,
    ]  # fmt: skip
    assert [metric.value for metric in history(store, run_ids[0])] == [1.0, 2.0]
    assert run_of(store, run_ids[1]).data.params == {"p": "1"}
    assert run_of(store, run_ids[2]).data.tags["t"] == "1"
    assert history(store, run_ids[3]) == []


def test_a_name_that_was_made_by_a_transaction_that_failed_is_not_remembered(
    store: SqlStore, run_ids: list[str]
) -> None:
    name, other = unique("name"), unique("other")
    with Crowd(store) as crowd:
        crowd.ask("log_param", w.LogParam(run_ids[0], name, "a"))
        crowd.ask("log_param", w.LogParam(run_ids[1], name, "b"))
        crowd.ask("delete_tag", w.DeleteTag(run_ids[2], "absent"))
    assert crowd.errors() == [None, None, NotFoundError]
    store.log_param(w.LogParam(run_ids[2], other, "c"))
    with closing(another(store)) as fresh:
        for reader in (store, fresh):
            found = [run_of(reader, run_id).data.params for run_id in run_ids[:3]]
            assert found == [{name: "a"}, {name: "b"}, {other: "c"}]


def test_a_name_that_was_read_by_a_transaction_that_failed_is_not_remembered(
    store: SqlStore, run_ids: list[str]
) -> None:
    name, other = unique("name"), unique("other")
    experiment_id = run_of(store, run_ids[0]).info.experiment_id
    created = w.CreateRun(experiment_id, tags=[RunTag(name, "a")], run_id=unique("run")[-32:])
    with Crowd(store) as crowd:
        crowd.ask("create_run", created)
        crowd.ask("create_run", created)  # reads what the first has made
        crowd.ask("delete_tag", w.DeleteTag(run_ids[2], "absent"))
        crowd.ask("set_tag", w.SetTag(run_ids[1], other, "b"))
    assert crowd.errors() == [None, None, NotFoundError, None]
    with closing(another(store)) as fresh:
        for reader in (store, fresh):
            assert run_of(reader, str(created.run_id)).data.tags[name] == "a"
            assert run_of(reader, run_ids[1]).data.tags[other] == "b"
            assert name not in run_of(reader, run_ids[1]).data.tags


def test_what_waits_is_stored_in_the_order_in_which_it_came(
    store: SqlStore, run_ids: list[str]
) -> None:
    run_id = run_ids[0]
    with Crowd(store) as crowd:
        for number in range(50):
            crowd.ask("set_tag", w.SetTag(run_id, "t", str(number)))
            crowd.ask("log_batch", w.LogBatch(run_id, [Metric("m", number, 1, number)]))
        crowd.ask("update_run", w.UpdateRun(run_id, "FINISHED"))
        crowd.ask("delete_run", w.DeleteRun(run_id))
        crowd.ask("log_param", w.LogParam(run_id, "p", "too late"))
        crowd.ask("restore_run", w.RestoreRun(run_id))
        crowd.ask("log_param", w.LogParam(run_id, "p", "in time"))
    assert crowd.errors() == [None] * 102 + [InvalidValueError, None, None]
    found = run_of(store, run_id)
    assert (found.data.tags["t"], found.data.params) == ("49", {"p": "in time"})
    assert [metric.step for metric in history(store, run_id)] == list(range(50))


def test_the_second_of_two_that_write_one_param_is_refused(
    store: SqlStore, run_ids: list[str]
) -> None:
    with Crowd(store) as crowd:
        for value in ("1", "1", "2", "1"):
            crowd.ask("log_batch", w.LogBatch(run_ids[0], params=[Param("p", value)]))
    assert crowd.errors() == [None, None, InvalidValueError, None]
    assert run_of(store, run_ids[0]).data.params == {"p": "1"}


def test_a_store_that_is_opened_while_another_writes_does_not_wait_for_it(
    store: SqlStore, run_ids: list[str]
) -> None:
    # The transaction ends after the body: whoever waited for it would fail as one who waited too long.
    with Crowd(store), closing(another(store)) as other:
        assert run_of(other, run_ids[0]).info.run_id == run_ids[0]


def test_a_waiter_that_is_gone_does_not_stop_the_writer(
    store: SqlStore, run_ids: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: object) -> None:
        raise RuntimeError("the event loop is closed")

    question = w.SetTag(run_ids[0], "t", "1")
    assert store.submit("set_tag", question, gone)
    assert store.submit("set_tag", w.SetTag("no-such-run", "t", "1"), gone)
    store.set_tag(w.SetTag(run_ids[0], "u", "2"))
    assert run_of(store, run_ids[0]).data.tags["t"] == "1"
    assert "the event loop is closed" in caplog.text


def test_a_read_is_not_queued(store: SqlStore) -> None:
    def told(*_: object) -> None:
        raise AssertionError

    assert store.submit("get_run", w.GetRun("x"), told) is False


def test_a_closed_store_has_finished_what_waited_and_takes_nothing_more(
    databases: Databases,
) -> None:
    url = databases.new("sqlite")
    store = connect(url)
    run_id = new_run(store, "0")
    with Crowd(store) as crowd:
        for number in range(20):
            crowd.ask("log_metric", w.LogMetric(run_id, "m", number, 1, number))
    store.close()
    assert crowd.errors() == [None] * 20
    with pytest.raises(UnavailableError, match="closed"):
        store.log_metric(w.LogMetric(run_id, "m", 1.0, 1, 99))
    with closing(connect(url)) as again:
        assert len(history(again, run_id)) == 20


def test_what_one_store_writes_another_on_the_same_database_sees(
    store: SqlStore, run_ids: list[str]
) -> None:
    run_id = run_ids[0]
    with closing(another(store)) as two:
        for step, writer in enumerate([store, two, store, two]):
            metrics, params = [Metric(f"m{step % 3}", step, 1, step)], [Param(f"p{step}", "v")]
            writer.log_batch(w.LogBatch(run_id, metrics, params))
            for reader in (store, two):
                data = run_of(reader, run_id).data
                assert data.params == {f"p{number}": "v" for number in range(step + 1)}
                assert data.metrics[f"m{step % 3}"] == step
        with pytest.raises(InvalidValueError, match="p0"):
            two.log_param(w.LogParam(run_id, "p0", "other"))


def test_points_for_a_run_that_another_store_has_deleted_are_refused(
    store: SqlStore, run_ids: list[str]
) -> None:
    first, *_ = run_ids
    for step in range(3):
        store.log_metric(w.LogMetric(first, "m", 1.0, step, step))
    with closing(another(store)) as elsewhere:
        elsewhere.delete_run(w.DeleteRun(first))
        with pytest.raises(InvalidValueError, match="deleted"):
            store.log_metric(w.LogMetric(first, "m", 1.0, 3, 3))
        elsewhere.restore_run(w.RestoreRun(first))
    store.log_metric(w.LogMetric(first, "m", 2.0, 4, 4))
    assert [point.step for point in history(store, first, "m")] == [0, 1, 2, 4]


def test_runs_made_together_each_have_what_was_asked_and_one_that_cannot_be_stops_no_other(
    store: SqlStore, run_ids: list[str]
) -> None:
    experiment_id = new_experiment(store)
    given = [RunTag("colour", "blue"), RunTag("size", "12.5"), RunTag("long", "x" * 5_000)]
    store.create_run(w.CreateRun(experiment_id, tags=given))  # the keys of the tags are known
    with closing(another(store)) as elsewhere:
        deleted = new_experiment(elsewhere)
        elsewhere.delete_experiment(w.DeleteExperiment(deleted))
    with Crowd(store) as made:
        for number in range(8):
            made.ask("create_run", w.CreateRun(experiment_id, "me", f"run {number}", 7, given))
    with Crowd(store) as mixed:
        for wanted in (
            w.CreateRun(experiment_id, run_name="good", tags=given),
            w.CreateRun(deleted),
            w.CreateRun("987654321"),
            w.CreateRun(experiment_id, run_id=run_ids[0]),
            w.CreateRun(experiment_id, run_name="also good", tags=given),
        ):
            mixed.ask("create_run", wanted)
    assert mixed.errors() == [
        None, InvalidValueError, NotFoundError, ConflictError, None,
    ]  # fmt: skip
    for number, future in enumerate(made.futures):
        answer = future.result().run
        assert answer.info.run_name == f"run {number}"
        stored = run_of(store, answer.info.run_id)
        assert (stored.info, stored.data.tags) == (answer.info, answer.data.tags)
        assert {tag.key: tag.value for tag in given}.items() <= answer.data.tags.items()
    found = store.search_runs(
        w.SearchRuns([experiment_id], "tags.size > 12 and tags.colour = 'blue'")
    )
    assert len(found.runs) == 11


def views_behind(error: BaseException) -> list[View]:
    """The views that an error keeps alive, through the frames that it passed."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [
        found for frame in frames for found in frame.f_locals.values() if isinstance(found, View)
    ]


@pytest.mark.parametrize("method", ["get_run", "log_param"])
def test_an_error_that_goes_to_another_thread_takes_no_open_cursor_along(
    store: SqlStore, method: str
) -> None:
    nobody = unique("nobody")
    question = w.GetRun(nobody) if method == "get_run" else w.LogParam(nobody, key="p", value="1")
    with pytest.raises(NotFoundError) as raised:
        getattr(store, method)(question)
    (view, *_) = views_behind(raised.value)
    with pytest.raises(store._database.driver_errors):
        view.cursor.execute("SELECT 1")


@pytest.mark.parametrize("store", ["postgresql", "mariadb"], indirect=True)
def test_a_reader_whose_connection_died_takes_another(store: SqlStore, run_ids: list[str]) -> None:
    assert run_of(store, run_ids[0])  # now a connection waits in the pool
    with closing(another(store)) as killer, killer._database.engine.connect() as connection:
        for number in _others_of(connection, store._database.dialect.name):
            text = (
                "KILL {}"
                if store._database.dialect.name == "mysql"
                else "SELECT pg_terminate_backend({})"
            )
            connection.exec_driver_sql(text.format(int(number)))
    for run_id in run_ids:
        assert run_of(store, run_id).info.run_id == run_id


def _others_of(connection: Any, dialect: str) -> list[int]:
    """The numbers of all other connections to the same database."""
    query = {
        "mysql": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()",
    }[dialect]
    return [row[0] for row in connection.exec_driver_sql(query).all()]
