"""Points are kept, each once, however they come, are folded, and are read meanwhile."""

import math
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from databases import KINDS, Databases, Kind
from headrace.entities import Metric, Param
from headrace.stores import points as pt
from headrace.stores.sql import SqlStore, connect, folding
from headrace.stores.sql import history as stored
from headrace.stores.sql.view import View
from headrace.testing.stores.given import (
    exact_metrics,
    history,
    log_points,
    log_texts,
    new_experiment,
    new_run,
    run_of,
)
from headrace.wire import tracking as w
from loggers import ROUNDS, SHARED, log_much
from processes import together

SMALL: dict[Any, dict[str, int]] = {
    folding: {
        "FULL": 12, "LARGEST": 20, "_TOGETHER": 3, "_FOLD_ROWS": 4, "_FOLD_POINTS": 25,
        "_FEW_BATCHES": 1, "_FEW_POINTS": 4,
    },
    stored: {"_DECODE_WHOLE": 30},
    pt: {"RAW_BELOW": 6, "SKETCH_FROM": 8, "POINTS_PER_SKETCH_POINT": 2},
}  # fmt: skip
"""Bounds so small that a test of a hundred points meets all of them."""

KEYS = ("a", "b", "c")
Place = tuple[int, int]
Point = tuple[str, int, int, float]


@pytest.fixture(scope="module", autouse=True)
def small_bounds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module, bounds in SMALL.items():
            for name, value in bounds.items():
                patch.setattr(module, name, value)
        yield


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    with closing(connect(databases.new(request.param))) as opened:
        yield opened


def url_of(store: SqlStore) -> str:
    return store._database.url.render_as_string(hide_password=False)


def rows(store: SqlStore, query: str, **given: Any) -> list[Any]:
    return store._database.read(lambda connection: [*connection.execute(text(query), given)])


# Against a plain model


class Model:
    """What the store should hold: series as sets."""

    def __init__(self) -> None:
        self.series: dict[str, set[tuple[int, int, int]]] = defaultdict(set)

    def add(self, points: list[Point]) -> None:
        for key, step, time, value in points:
            self.series[key].add((step, time, bits(value)))

    def latest(self, key: str) -> tuple[int, int, int]:
        return max(self.series[key], key=order)


def bits(value: float) -> int:
    (found,) = struct.unpack("<q", struct.pack("<d", value))
    return int(found)


def value_of(number: int) -> float:
    (found,) = struct.unpack("<d", struct.pack("<q", number))
    return float(found)


def order(point: tuple[int, int, int]) -> tuple[int, int, float, int]:
    step, time, number = point
    return (step, time, rank(value_of(number)), number)


def rank(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def of(metrics: list[Metric]) -> list[tuple[int, int, int]]:
    return [(metric.step, metric.timestamp, bits(metric.value)) for metric in metrics]


VALUES = st.sampled_from(
    [0.0, -0.0, 1.5, -2.0, 7.0, 5e-324, 1.7e308, -1.7e308, math.nan, math.inf, -math.inf]
)
POINT = st.tuples(st.sampled_from(KEYS), st.integers(-3, 25), st.integers(0, 4), VALUES)
ACTION = st.one_of(
    st.tuples(st.just("log"), st.lists(POINT, min_size=1, max_size=40)),
    st.tuples(st.just("rising"), st.lists(VALUES, min_size=1, max_size=30)),
    st.tuples(st.just("again"), st.integers(0, 50)),
    st.tuples(st.just("finish"), st.none()),
    st.tuples(st.just("check"), st.none()),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTION, min_size=1, max_size=12))
def test_a_store_holds_what_a_plain_model_holds(
    store: SqlStore, actions: list[tuple[str, Any]]
) -> None:
    run_id, model = new_run(store, "0"), Model()
    sent: list[list[Point]] = []
    top = 100
    for name, argument in actions:
        if name == "check":
            check(store, run_id, model)
        elif name == "finish":
            store.update_run(w.UpdateRun(run_id, "FINISHED"))
        elif name == "again" and sent:
            log(store, run_id, sent[argument % len(sent)][::-1])
        elif name == "log":
            log(store, run_id, argument)
            sent.append(argument)
            model.add(argument)
        elif name == "rising":
            points: list[Point] = [
                (KEYS[place % 3], top + place, top + place, value)
                for place, value in enumerate(argument)
            ]
            top += len(argument)
            log(store, run_id, points)
            sent.append(points)
            model.add(points)
    check(store, run_id, model)
    store.update_run(w.UpdateRun(run_id, "FINISHED"))
    check(store, run_id, model)


def log(store: SqlStore, run_id: str, points: list[Point]) -> None:
    metrics = [Metric(key, value, time, step) for key, step, time, value in points]
    store.log_batch(w.LogBatch(run_id, metrics))


def check(store: SqlStore, run_id: str, model: Model) -> None:
    """All that the store tells of a run is what the model holds."""
    latest = {metric.key: of([metric])[0] for metric in run_of(store, run_id).data.metric_list}
    assert latest == {key: model.latest(key) for key in model.series}
    for key, expected in model.series.items():
        check_series(store, run_id, key, expected)
    check_rows(store, run_id, model)


def check_series(
    store: SqlStore, run_id: str, key: str, expected: set[tuple[int, int, int]]
) -> None:
    found = of(history(store, run_id, key))
    assert sorted(found) == sorted(expected)
    ranked = [(time, step, rank(value_of(number))) for step, time, number in found]
    assert ranked == sorted(ranked)
    columns = pt.unpack(store.get_metric_columns(run_id, key))
    packed = zip(
        columns.steps.tolist(), columns.times.tolist(), columns.values.tolist(), strict=True
    )
    assert sorted((step, time, bits(value)) for step, time, value in packed) == sorted(expected)
    question = w.SampleMetrics([run_id], [key], 8)
    (drawn,) = store.sample_metrics(question).series
    points = list(zip(drawn.steps, drawn.timestamps, map(bits, drawn.values), strict=True))
    assert drawn.count == len(expected)
    assert len(points) <= 8
    assert set(points) <= expected
    numbers = [value_of(number) for _, _, number in expected if number != bits(math.nan)]
    if numbers:
        assert {min(numbers), max(numbers)} <= {value_of(number) for _, _, number in points}
    stretch = w.GetMetricHistoryInterval([run_id], key, 0, 9)
    inside = of(store.get_metric_history_interval(stretch).metrics)
    assert sorted(inside) == sorted(point for point in expected if 0 <= point[0] <= 9)


def check_rows(store: SqlStore, run_id: str, model: Model) -> None:
    """Chunks are bounded, and the rows count every point once."""
    chunks = rows(
        store,
        "SELECT k.name, c.points FROM metric_chunks c JOIN runs r ON r.id = c.run "
        "JOIN key_names k ON k.id = c.key WHERE r.run_id = :run_id",
        run_id=run_id,
    )
    (waiting,) = rows(
        store,
        "SELECT COUNT(*), COALESCE(SUM(b.points), 0) FROM metric_batches b "
        "JOIN runs r ON r.id = b.run WHERE r.run_id = :run_id",
        run_id=run_id,
    )
    total = sum(len(points) for points in model.series.values())
    assert sum(points for _, points in chunks) + int(waiting[1]) == total
    assert all(points <= folding.LARGEST for _, points in chunks)
    assert waiting[0] <= folding._FOLD_ROWS
    by_key: dict[str, int] = defaultdict(int)
    for key, points in chunks:
        by_key[key] += points < folding.FULL
    assert all(small <= 12 for small in by_key.values())
    reductions = [f"{name}(metrics.{key})" for key in model.series for name in REDUCED]
    (row,) = store.tabulate_runs(
        w.TabulateRuns(["0"], f"run_id = '{run_id}'", columns=reductions)
    ).rows
    assert row.values == [
        reduced(points) for points in model.series.values() for reduced in REDUCED.values()
    ]


def numbers(points: set[tuple[int, int, int]]) -> list[float]:
    """The values that can be compared, as a column holds them."""
    found = [value_of(number) for _, _, number in points]
    return [max(-pt.LARGEST, min(pt.LARGEST, value)) for value in found if not math.isnan(value)]


REDUCED: dict[str, Callable[[set[tuple[int, int, int]]], float | None]] = {
    "count": len,
    "min": lambda points: min(numbers(points), default=None),
    "max": lambda points: max(numbers(points), default=None),
}


# A long series


def test_a_series_that_comes_in_order_is_kept_in_order(store: SqlStore) -> None:
    run_id = new_run(store, "0")
    for start in range(0, 210, 7):
        log(store, run_id, [("a", step, step, 0.5) for step in range(start, start + 7)])
    store.update_run(w.UpdateRun(run_id, "FINISHED"))
    chunks = rows(
        store,
        "SELECT c.first_step, c.last_step FROM metric_chunks c JOIN runs r ON r.id = c.run "
        "WHERE r.run_id = :run_id ORDER BY c.id",
        run_id=run_id,
    )
    bounds = [step for chunk in chunks for step in chunk]
    assert bounds == sorted(bounds)
    assert len(history(store, run_id, "a")) == 210


def test_a_long_series_is_drawn_from_sketches_with_every_spike(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pt, "SKETCH_FROM", 64)
    monkeypatch.setattr(pt, "POINTS_PER_SKETCH_POINT", 8)
    monkeypatch.setattr(folding, "FULL", 256)
    monkeypatch.setattr(folding, "LARGEST", 512)
    run_id, spikes = new_run(store, "0"), {17: 50.0, 999: -50.0, 2_400: math.inf, 3_999: 60.0}
    points = [(step, step, spikes.get(step, math.sin(step))) for step in range(4_000)]
    for start in (1_000, 0, 3_000, 2_000):
        log_points(store, run_id, points[start : start + 1_000])
    store.update_run(w.UpdateRun(run_id, "FINISHED"))
    (drawn,) = store.sample_metrics(w.SampleMetrics([run_id], ["m"], 100)).series
    assert drawn.count == 4_000
    assert len(drawn.steps) <= 100
    assert {0, *spikes} <= set(drawn.steps)
    assert exact_metrics(history(store, run_id)) == exact_metrics(
        Metric("m", value, time, step) for step, time, value in points
    )


# Several at once


@pytest.mark.parametrize("kind", KINDS)
def test_what_threads_and_processes_log_to_one_run_is_all_there_once(
    databases: Databases, kind: Kind
) -> None:
    url = databases.new(kind)
    with closing(connect(url)) as store:
        run_id = new_run(store, "0")
    with ThreadPoolExecutor(1) as pool:
        here = pool.submit(log_much, url, run_id, 9, 8)
        answers = together(log_much, *[(url, run_id, number, 2) for number in range(4)])
        answers.append(here.result())
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    with closing(connect(url)) as store:
        writers = [(number, thread) for number in range(4) for thread in range(2)]
        writers += [(9, thread) for thread in range(8)]
        check_counts(store, run_id, writers)
        store.update_run(w.UpdateRun(run_id, "FINISHED"))
        check_counts(store, run_id, writers)


def check_counts(store: SqlStore, run_id: str, writers: list[tuple[int, int]]) -> None:
    for number, thread in writers:
        own = history(store, run_id, f"own {number} {thread}")
        assert [metric.step for metric in own] == list(range(3 * ROUNDS))
    shared = history(store, run_id, "shared")
    assert [metric.step for metric in shared] == list(range(SHARED))
    mixed = [(m.value, m.timestamp, m.step) for m in history(store, run_id, "mixed")]
    assert sorted(mixed) == sorted((*writer, turn) for writer in writers for turn in range(ROUNDS))
    assert len(run_of(store, run_id).data.params) == len(writers) * ROUNDS
    keys = ["shared", "mixed", *(f"own {number} {thread}" for number, thread in writers)]
    columns = [f"{kind}(metrics.`{key}`)" for key in keys for kind in ("count", "max")]
    (row,) = store.tabulate_runs(w.TabulateRuns(["0"], columns=columns)).rows
    expected = [SHARED, (SHARED - 1) / 3, len(mixed), 9]
    assert row.values == expected + [3 * ROUNDS, ROUNDS - 1] * len(writers)


def test_stores_that_log_to_one_series_in_different_ways_count_right(store: SqlStore) -> None:
    experiment_id, turns = new_experiment(store), range(1, 300)
    run_id = new_run(store, experiment_id)
    log_points(store, run_id, [(0, 0, 1.0)])

    def forwards() -> None:
        for step in turns:
            log_points(store, run_id, [(step, step, 1.0)])

    def backwards() -> None:
        with closing(connect(url_of(store))) as other:
            for step in turns:
                points = [Metric("m", 1.0, step, -step)]
                other.log_batch(w.LogBatch(run_id, points, [Param(f"p{step}", "v")]))

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(forwards), pool.submit(backwards)]:
            one.result()
    steps = sorted(metric.step for metric in history(store, run_id))
    assert steps == list(range(-turns[-1], turns[-1] + 1))
    assert of(run_of(store, run_id).data.metric_list) == [(turns[-1], turns[-1], bits(1.0))]
    columns = ["count(metrics.m)", "mean(metrics.m)"]
    (row,) = store.tabulate_runs(w.TabulateRuns([experiment_id], columns=columns)).rows
    assert row.values == [len(steps), 1.0]


def test_a_reader_sees_each_point_once_while_they_are_folded(store: SqlStore) -> None:
    run_id, done = new_run(store, "0"), threading.Event()
    length = 400

    def write() -> None:
        for step in range(0, length, 4):
            log_points(store, run_id, [(one, one, float(one)) for one in range(step, step + 4)])
        store.update_run(w.UpdateRun(run_id, "FINISHED"))

    def read(method: int) -> int:
        seen, reads = 0, 0
        while not done.is_set() or not reads:
            if method == 0:
                steps = [metric.step for metric in history(store, run_id)]
            elif method == 1:
                steps = pt.unpack(store.get_metric_columns(run_id, "m")).steps.tolist()
            else:
                series = store.sample_metrics(w.SampleMetrics([run_id], ["m"], 1_000)).series
                steps = series[0].steps if series else []
            assert steps == list(range(len(steps)))
            assert len(steps) >= seen
            seen, reads = len(steps), reads + 1
        return reads

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read, method) for method in range(3)]
        try:
            write()
        finally:
            done.set()
        assert all(reader.result() for reader in readers)


# What it costs to read


@contextmanager
def counting(store: SqlStore, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that the store sends: through SQLAlchemy, and past it."""
    seen: list[str] = []
    fetch = View.fetch

    def counted(view: View, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        seen.append(statement)
        return fetch(view, statement, *arguments)

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with patch.context() as counter:
        counter.setattr(View, "fetch", counted)
        event.listen(store._database.engine, "before_cursor_execute", before)
        yield seen
        event.remove(store._database.engine, "before_cursor_execute", before)


@pytest.mark.parametrize("method", ["search_runs", "tabulate_runs"])
def test_a_page_of_runs_costs_the_same_queries_whatever_it_holds(
    store: SqlStore, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment_id = new_experiment(store)
    for number in range(200):
        run_id = new_run(store, experiment_id, number)
        if number % 20 == 0:
            log_texts(store, run_id, {f"p{number % 7}": "v"}, {"t": "v"})
            log_points(store, run_id, [(0, 0, 1.0)], f"m{number % 7}")
    columns = ["metrics.m0", "params.p0", "tags.t", "min(metrics.m1)"]

    def ask(size: int) -> int:
        if method == "search_runs":
            return len(store.search_runs(w.SearchRuns([experiment_id], max_results=size)).runs)
        question = w.TabulateRuns([experiment_id], columns=columns, max_results=size)
        return len(store.tabulate_runs(question).rows)

    counts = []
    for size in (10, 200):
        ask(size)  # names are learned once
        with counting(store, monkeypatch) as seen:
            assert ask(size) == size
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert 3 <= counts[0] <= 12
