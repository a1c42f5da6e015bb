"""What the tests of a store start from, and how they look at what it holds."""

import struct
import uuid
from collections.abc import Iterable

import pytest

from headrace.entities import Metric, Param, Run, RunTag
from headrace.stores.base import TrackingStore
from headrace.wire import tracking as w

Point = tuple[int, int, float]
"""Step, timestamp, value."""
Exact = tuple[int, int, str]
"""Step, timestamp, and the value as its eight bytes spell it, so that -0.0 and NaN can be compared."""


class Given:
    """An experiment and a run for each test that asks for them."""

    @pytest.fixture
    def experiment_id(self, store: TrackingStore) -> str:
        """A new experiment."""
        return new_experiment(store)

    @pytest.fixture
    def run_id(self, store: TrackingStore, experiment_id: str) -> str:
        """A new run in it."""
        return new_run(store, experiment_id)


def unique(text: str = "name") -> str:
    """A name that nobody has."""
    return f"{text} {uuid.uuid4().hex}"


def new_experiment(store: TrackingStore, name: str | None = None) -> str:
    """The id of a new experiment."""
    return store.create_experiment(w.CreateExperiment(name or unique())).experiment_id


def new_run(store: TrackingStore, experiment_id: str, start_time: int | None = None) -> str:
    """The id of a new run."""
    created = store.create_run(w.CreateRun(experiment_id, start_time=start_time))
    return created.run.info.run_id


def run_of(store: TrackingStore, run_id: str) -> Run:
    """The run as the store has it now."""
    return store.get_run(w.GetRun(run_id)).run


def log_points(store: TrackingStore, run_id: str, points: Iterable[Point], key: str = "m") -> None:
    """Log points of one series in one batch."""
    metrics = [Metric(key, value, timestamp, step) for step, timestamp, value in points]
    store.log_batch(w.LogBatch(run_id, metrics=metrics))


def log_texts(
    store: TrackingStore,
    run_id: str,
    params: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    """Log params and tags in one batch."""
    store.log_batch(
        w.LogBatch(
            run_id,
            params=[Param(key, value) for key, value in (params or {}).items()],
            tags=[RunTag(key, value) for key, value in (tags or {}).items()],
        )
    )


def history(store: TrackingStore, run_id: str, key: str = "m") -> list[Metric]:
    """The whole history of a series."""
    return store.get_metric_history(w.GetMetricHistory(run_id, key)).metrics


def exact(points: Iterable[Point]) -> list[Exact]:
    """The points with values that can be compared; a NaN is a NaN, whatever its bits."""
    return [(step, timestamp, _spelled(value)) for step, timestamp, value in points]


def exact_metrics(metrics: Iterable[Metric]) -> list[Exact]:
    """The same of what a store gave."""
    return exact((metric.step, metric.timestamp, metric.value) for metric in metrics)


def _spelled(value: float) -> str:
    return "nan" if value != value else struct.pack(">d", value).hex()


def by_time(points: Iterable[Point]) -> list[Point]:
    """In the order of a history: timestamp, step, value, a NaN counting as 0."""
    return sorted(points, key=lambda point: (point[1], point[0], _rank(point[2])))


def by_step(points: Iterable[Point]) -> list[Point]:
    """In the order of a curve: step, timestamp, value, a NaN counting as 0."""
    return sorted(points, key=lambda point: (point[0], point[1], _rank(point[2])))


def _rank(value: float) -> float:
    return 0.0 if value != value else value
