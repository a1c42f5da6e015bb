"""How much a tracking server takes in over MLflow's REST protocol, and that none of it is lost.

Every system is driven by the same requests in the same run, cell by cell in turn. After each load every
acknowledged point is read back through the API; one missing fails the script.
"""

import argparse
import statistics
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import load
import numpy as np
import peers
import process_tree
import report
import tracking

Backend = Literal["sqlite", "postgresql"]


@dataclass(frozen=True)
class Cell:
    """One column of the table: what is sent, over how many connections, and what we aim at."""

    name: str
    what: str
    connections: int
    targets: dict[str, float]
    requests: Callable[[str], Iterator[bytes]]
    keys: Sequence[str]
    steps: Callable[[Iterable[int]], np.ndarray] | None
    """The steps that acknowledged requests leave behind a key; ``None`` for requests that create runs."""
    points: int = 1
    """Points a request."""


def _cell(kind: str, connections: int, sqlite: float, postgresql: float) -> Cell:
    what, requests, keys, steps, points = _KINDS[kind]
    targets = {"sqlite": sqlite, "postgresql": postgresql}
    return Cell(kind, f"{what}, {connections}", connections, targets, requests, keys, steps, points)


_KINDS = {
    "log-metric": (
        "log-metric, requests/s",
        tracking.log_metric_requests,
        tracking.KEYS[:1],
        tracking.single_steps,
        1,
    ),
    "log-batch": (
        "log-batch 20 keys x 50, points/s",
        tracking.log_batch_requests,
        tracking.KEYS,
        tracking.batch_steps,
        1000,
    ),
    "wide-batch": (
        "log-batch 1,000 keys x 1, points/s",
        tracking.wide_batch_requests,
        tracking.WIDE_KEYS,
        tracking.single_steps,
        1000,
    ),
    "create": ("runs/create, requests/s", tracking.create_run_requests, (), None, 1),
}
CELLS = [
    _cell("log-metric", 1, 2_500, 1_500),
    _cell("log-metric", 8, 5_000, 3_500),
    _cell("log-metric", 32, 6_000, 4_000),
    _cell("log-batch", 1, 250_000, 250_000),
    _cell("log-batch", 8, 300_000, 300_000),
    _cell("wide-batch", 1, 80_000, 80_000),
    _cell("wide-batch", 8, 80_000, 80_000),
    _cell("create", 8, 3_000, 2_000),
]


@dataclass(frozen=True)
class Outcome:
    """One load on one server."""

    rate: float
    """Points or requests a second, as the cell counts."""
    server_cpu_us: float
    """CPU of the server's process tree a request."""
    database_cpu_us: float
    """CPU of PostgreSQL's processes a request; 0 on SQLite."""
    generator_share: float
    """Of one core, while the load ran."""
    p99_ms: float
    missing: int
    repeated: int
    refused: int


def measure(cell: Cell, server: peers.Server, backend: Backend, seconds: float) -> Outcome:
    """Load ``server`` once, on runs of its own, and count back."""
    api = tracking.Api(server.port)
    experiment = api.create_experiment(f"{cell.name}-{uuid.uuid4().hex[:8]}")
    if cell.steps is None:
        targets = [experiment] * cell.connections
    else:
        targets = [api.create_run(experiment) for _ in range(cell.connections)]
    lanes = [load.Lane(cell.requests(target)) for target in targets]
    cpu, database_cpu = server.cpu_s(), _database_cpu_s(backend)
    done = load.drive(server.port, lanes, seconds)
    cpu, database_cpu = server.cpu_s() - cpu, _database_cpu_s(backend) - database_cpu
    if cell.steps is None:
        missing, repeated = done.acknowledged - tracking.stored_runs(api, experiment), 0
    else:
        missing, repeated = _count_back(cell, server, done.lanes, targets)
    api.close()
    latencies = sorted(latency for lane in lanes for latency in lane.latencies_s)
    answered = max(1, len(latencies))
    return Outcome(
        rate=done.rate * cell.points,
        server_cpu_us=cpu / answered * 1e6,
        database_cpu_us=database_cpu / answered * 1e6,
        generator_share=done.generator_cpu_s / done.elapsed_s,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1e3 if latencies else float("nan"),
        missing=missing,
        repeated=repeated,
        refused=done.refused + done.broken,
    )


def _count_back(
    cell: Cell, server: peers.Server, lanes: Sequence[load.Lane], runs: Sequence[str]
) -> tuple[int, int]:
    # Thousands of small histories take a peer minutes, and what it loses is not ours to prove.
    keys = cell.keys[:: 1 if server.system == report.OURS else len(cell.keys) // 20 or 1]
    missing = repeated = 0
    for lane, run_id in zip(lanes, runs, strict=True):
        expected = cell.steps(lane.acknowledged) if cell.steps else np.empty(0)
        for stored in tracking.stored_steps(server.port, run_id, keys):
            lost, twice = tracking.missing_and_extra(expected, stored)
            missing, repeated = missing + lost, repeated + twice
    return missing, repeated


def _database_cpu_s(backend: Backend) -> float:
    return process_tree.cpu_s_of_program("postgres") if backend == "postgresql" else 0.0


def measure_backend(
    backend: Backend, systems: Sequence[str], cells: Sequence[Cell], seconds: float, rounds: int
) -> Iterator[tuple[Cell, dict[str, list[Outcome]]]]:
    """Each cell's outcomes by system; the systems take turns within a cell."""
    with ExitStack() as stack:
        servers = {s: stack.enter_context(peers.running(s, backend)) for s in systems}
        for cell in cells:
            outcomes: dict[str, list[Outcome]] = {system: [] for system in systems}
            for server in servers.values():
                measure(cell, server, backend, min(0.5, seconds))
            for _ in range(rounds):
                for system, server in servers.items():
                    outcomes[system].append(measure(cell, server, backend, seconds))
            yield cell, outcomes


def row(cell: Cell, backend: Backend, outcomes: dict[str, list[Outcome]]) -> report.Row:
    """The medians of a cell."""
    figures, notes = {}, {}
    for system, repetitions in outcomes.items():
        figures[system] = statistics.median(o.rate for o in repetitions)
        cpu = statistics.median(o.server_cpu_us for o in repetitions)
        database = statistics.median(o.database_cpu_us for o in repetitions)
        p99 = statistics.median(o.p99_ms for o in repetitions)
        cpu_text = f"{cpu:,.0f} + {database:,.0f}" if backend == "postgresql" else f"{cpu:,.0f}"
        notes[system] = f"{cpu_text} µs CPU a request, p99 {p99:,.1f} ms"
        if failed := _failures(repetitions):
            notes[system] += f", {failed}"
    return report.Row(f"{backend}: {cell.what}", "", "more", figures, cell.targets[backend], notes)


def _failures(repetitions: Sequence[Outcome]) -> str:
    counts = {
        name: sum(getattr(o, name) for o in repetitions)
        for name in ("missing", "repeated", "refused")
    }
    return ", ".join(f"**{count} {name}**" for name, count in counts.items() if count)


def run(options: argparse.Namespace) -> tuple[report.Table, int]:
    """The whole table, and how many of our acknowledged points were missing or stored twice."""
    rows, lost, shares = [], 0, []
    cells = [cell for cell in CELLS if cell.name in options.cells]
    for backend in options.backends:
        for cell, outcomes in measure_backend(
            backend, options.systems, cells, options.seconds, options.rounds
        ):
            rows.append(row(cell, backend, outcomes))
            print(rows[-1].what, {s: round(f) for s, f in rows[-1].figures.items()}, flush=True)
            lost += sum(o.missing + o.repeated for o in outcomes.get(report.OURS, []))
            shares += [o.generator_share for repetitions in outcomes.values() for o in repetitions]
    remarks = [
        "The number after the comma is the number of connections; each connection logs to a run of its own.",
        f"{options.rounds} repetitions of {options.seconds:g} s a cell, the systems in turn; medians.",
        f"The load generator took at most {max(shares):.0%} of one core.",
        "Every acknowledged point and run was read back through the API after each load; "
        f"missing or stored twice in Headrace: {lost}.",
        *(
            f"{system}, {backend}: {peers.DURABILITY[system, backend]}."
            for backend in options.backends
            for system in options.systems
        ),
    ]
    if "postgresql" in options.backends:
        remarks.insert(
            3, "On PostgreSQL the second figure of CPU is that of the database's processes."
        )
    command = f"python benchmarks/ingest.py --seconds {options.seconds:g} --rounds {options.rounds}"
    return report.Table("C-ingest", "C. Server ingest", command, rows, remarks), lost


def main() -> None:
    """Measure, print, and fail on a loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=peers.SYSTEMS, default=peers.SYSTEMS)
    parser.add_argument("--backends", nargs="+", choices=peers.BACKENDS, default=peers.BACKENDS)
    parser.add_argument("--cells", nargs="+", choices=_KINDS, default=list(_KINDS))
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    table, lost = run(options)
    report.publish(table, options.json)
    if lost:
        sys.exit(f"{lost} acknowledged points are missing or stored twice.")


if __name__ == "__main__":
    main()
