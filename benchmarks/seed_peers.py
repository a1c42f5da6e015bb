"""Fills the peers' SQLite databases by their own schema: 100,000 runs through their servers take hours.

The schema is made by the peer itself (its server starts once on the empty file), so the indexes are its
own. Filled files are kept in ``benchmarks/.cache`` and copied for each use.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

import numpy as np
import peers
import tracking

EXPERIMENT = 1
PARAMS = [f"p{number}" for number in range(20)]
METRICS = [f"m{number}" for number in range(20)]
TAGS = ("mlflow.source.name", "mlflow.source.type", "mlflow.user", "team", "note")
FIRST_START_MS = 1_700_000_000_000

Rows = Iterable[Sequence[object]]
Contents = Iterator[tuple[str, Rows]]
"""Table names and their rows, in the column order of mlflow's schema unless said otherwise."""


class Runs:
    """Runs of the shape that seed_runs.py gives ours: 20 params of ten values, 20 metrics in [0, 1), 5 tags."""

    def __init__(self, count: int) -> None:
        random = np.random.default_rng(count)
        self.count = count
        self.ids = [run_id(number) for number in range(count)]
        self.metrics = random.random((len(METRICS), count))
        self.params = random.integers(0, 10, (len(PARAMS), count))
        self.tags = random.integers(0, 4, (len(TAGS), count))


def run_id(number: int) -> str:
    """The id of a run, scattered as random ids are."""
    return f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"


def mlflow_runs(runs: Runs) -> Contents:
    """Table and rows of the search benchmark."""
    yield from _bare_runs(runs.ids)
    for key, values in zip(METRICS, runs.metrics.tolist(), strict=True):
        constant = repeat(key), values, repeat(FIRST_START_MS), repeat(99), repeat(0), runs.ids
        yield "latest_metrics", _by_id(zip(*constant, strict=False), 5)
    for key, values in zip(PARAMS, runs.params.tolist(), strict=True):
        texts = (f"v{value}" for value in values)
        yield "params", _by_id(zip(repeat(key), texts, runs.ids, strict=False), 2)
    for key, values in zip(TAGS, runs.tags.tolist(), strict=True):
        yield "tags", _by_id(zip(repeat(key), map(str, values), runs.ids, strict=False), 2)
    yield (
        "tags",
        _by_id((("mlflow.runName", f"run-{n}", uuid) for n, uuid in enumerate(runs.ids)), 2),
    )


def mlflow_history(lengths: Sequence[int]) -> Contents:
    """Table and rows of runs with one series ``loss`` each, of these lengths."""
    yield from _bare_runs([run_id(number) for number in range(len(lengths))])
    for number, length in enumerate(lengths):
        uuid = run_id(number)
        times, values = (column.tolist() for column in tracking.curve(length, number))
        yield (
            "metrics",
            (
                ("loss", value, at, uuid, step, 0)
                for step, (at, value) in enumerate(zip(times, values, strict=True))
            ),
        )
        yield "latest_metrics", [("loss", values[-1], times[-1], length - 1, 0, uuid)]


def for_fasttrackml(contents: Contents) -> Contents:
    """The same rows for fasttrackml's schema; context 1, the empty one, is there from the start."""
    for table, rows in contents:
        if table == "experiments":
            yield table, [(EXPERIMENT, "bench", "/nowhere", "active", 0, 0, 1)]
        elif table == "runs":
            yield table, ((*row, number) for number, row in enumerate(rows))
        elif table == "metrics":
            yield table, ((*row, number, 1) for number, row in enumerate(rows, 1))
        elif table == "latest_metrics":
            yield table, ((*row, 1, 1) for row in rows)
        elif table == "params":
            yield table, ((key, value, None, None, uuid) for key, value, uuid in rows)
        else:
            yield table, rows


def _bare_runs(ids: Sequence[str]) -> Contents:
    yield "experiments", [(EXPERIMENT, "bench", "/nowhere", "active", 0, 0, "default")]
    before = "LOCAL", "train.py", "", "bench", "FINISHED"
    after = "", "active", "/nowhere", EXPERIMENT, None
    starts = enumerate(ids, FIRST_START_MS)
    yield "runs", ((uuid, f"run-{at}", *before, at, at + 1000, *after) for at, uuid in starts)


def filled(system: str, name: str, contents: Callable[[], Contents], into: Path) -> str:
    """The URL of a copy in folder ``into`` of the filled database ``name``, made where it is missing.

    ``contents`` gives mlflow's rows; those of another system are made from them.
    """
    kept = peers.CACHE / f"{system}-{name}.db"
    if not kept.exists():
        print(f"filling {kept.name} ...", flush=True)
        peers.CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=peers.CACHE) as folder:
            fresh = Path(folder) / "store.db"
            server = peers.start(system, f"sqlite:///{fresh}", Path(folder))
            server.wait_until_healthy()
            server.stop()
            rows = contents()
            _fill(fresh, for_fasttrackml(rows) if system == "fasttrackml" else rows)
            fresh.rename(kept)
    shutil.copy(kept, into / "store.db")
    return f"sqlite:///{into / 'store.db'}"


def _fill(path: Path, contents: Contents) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "cache_size=-1000000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for table, rows in contents:
        columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
        marks = ", ".join("?" * columns)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _by_id(rows: Iterable[Sequence[object]], column: int) -> list[Sequence[object]]:
    """In the order of the primary key, which SQLite appends to several times as fast."""
    return sorted(rows, key=lambda row: str(row[column]))
