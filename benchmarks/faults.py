"""A tracking server beyond its capacity, and killed under load.

Pressure: 64 connections send batches of 1,000 points without pause while another one searches every
100 ms. Kills: the server is killed at a random moment under load and started again on the same database,
time after time; then every acknowledged point is counted back.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import load
import numpy as np
import peers
import report
import tracking

CONNECTIONS = 64
KILL_CONNECTIONS = 8
SEARCH_EVERY_S = 0.1


def search_requests(experiment_id: str) -> Iterator[bytes]:
    """The same search, again and again."""
    body = (
        f'{{"experiment_ids": ["{experiment_id}"], "filter": "metrics.metric_00 > 0", '
        '"order_by": ["metrics.metric_01 DESC"], "max_results": 100}'
    )
    while True:
        yield load.request("POST", tracking.API + "runs/search", body.encode())


def measure_pressure(server: peers.Server, seconds: float) -> dict[str, float]:
    """Batches a second, search latencies, refusals and losses."""
    api = tracking.Api(server.port)
    experiment = api.create_experiment(f"pressure-{uuid.uuid4().hex[:8]}")
    runs = [api.create_run(experiment) for _ in range(CONNECTIONS)]
    writers = [load.Lane(tracking.log_batch_requests(run_id)) for run_id in runs]
    reader = load.Lane(search_requests(experiment), every_s=SEARCH_EVERY_S)
    done = load.drive(server.port, [*writers, reader], seconds)
    waits = reader.latencies_s or [done.elapsed_s]
    batches = sum(len(lane.acknowledged) for lane in writers)
    lost = twice = 0
    for lane, run_id in zip(writers, runs, strict=True):
        key = tracking.KEYS[:1]
        (stored,) = tracking.stored_steps(server.port, run_id, key)
        missing, repeated = tracking.missing_and_extra(
            tracking.batch_steps(lane.acknowledged), stored
        )
        lost, twice = lost + missing, twice + repeated
    api.close()
    return {
        "batches": batches / done.elapsed_s,
        "p50": statistics.median(waits) * 1e3,
        "p99": float(np.quantile(waits, 0.99)) * 1e3,
        "refused": done.refused,
        "broken": done.broken,
        "lost": lost + twice,
    }


@dataclass(frozen=True)
class Damage:
    """What repeated kills did to one system's data."""

    lost: int
    twice: int
    half: int
    restarts_s: list[float]
    acknowledged: int


def measure_kills(system: str, backend: str, kills: int) -> Damage:
    """Kill the server ``kills`` times under load, restart it, and count back at the end."""
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as name,
        peers.database(backend, Path(name)) as url,
    ):
        written: list[tuple[str, load.Lane]] = []
        restarts = []
        server = peers.start(system, url, Path(name))
        try:
            server.wait_until_healthy()
            for number in range(kills):
                written += _load_until_killed(server, f"kill-{number}")
                server = peers.start(system, url, Path(name))
                restarts.append(server.wait_until_healthy())
            damages = [_damage(server.port, run_id, lane) for run_id, lane in written]
        finally:
            server.stop()
    acknowledged = sum(len(lane.acknowledged) for _, lane in written) * tracking.BATCH
    lost, twice, half = (sum(counts) for counts in zip(*damages, strict=True))
    return Damage(lost, twice, half, restarts, acknowledged)


def _load_until_killed(server: peers.Server, name: str) -> list[tuple[str, load.Lane]]:
    api = tracking.Api(server.port)
    experiment = api.create_experiment(name)
    runs = [api.create_run(experiment) for _ in range(KILL_CONNECTIONS)]
    api.close()
    lanes = [load.Lane(tracking.log_batch_requests(run_id)) for run_id in runs]
    killer = threading.Timer(random.uniform(0.2, 1.5), server.kill)
    killer.start()
    load.drive(server.port, lanes, 60)
    killer.join()
    return list(zip(runs, lanes, strict=True))


def _damage(port: int, run_id: str, lane: load.Lane) -> tuple[int, int, int]:
    """Points lost and stored twice, and batches that are there in part, of one run."""
    stored = tracking.stored_steps(port, run_id, tracking.KEYS)
    expected = tracking.batch_steps(lane.acknowledged)
    counts = [tracking.missing_and_extra(expected, steps) for steps in stored]
    _, points = np.unique(np.concatenate(stored) // 100, return_counts=True)
    half = int((points != tracking.BATCH).sum())
    return sum(lost for lost, _ in counts), sum(twice for _, twice in counts), half


def pressure_rows(backend: str, options: argparse.Namespace) -> list[report.Row]:
    """The rows about a server beyond its capacity."""
    measured = {}
    for system in options.systems:
        with peers.running(system, backend) as server:
            measured[system] = measure_pressure(server, options.seconds)
        print(backend, system, measured[system], flush=True)
    notes = {
        system: f"{m['refused']:.0f} refused, {m['broken']:.0f} broken off, p50 {m['p50']:.1f} ms"
        for system, m in measured.items()
    }

    def row(what: str, unit: str, figure: str, target: float) -> report.Row:
        figures = {system: m[figure] for system, m in measured.items()}
        better: report.Better = "more" if figure == "batches" else "less"
        shown = notes if figure == "p99" else {}
        return report.Row(f"{backend}, {what}", unit, better, figures, target, shown)

    return [
        row(
            f"{CONNECTIONS} connections of log-batch: batches of 1,000 points/s", "", "batches", 300
        ),
        row("search every 100 ms beside it, p99", "ms", "p99", 250),
        row("acknowledged points lost or stored twice (one key in 20 read back)", "", "lost", 0),
    ]


def kill_rows(backend: str, options: argparse.Namespace) -> list[report.Row]:
    """The rows about a server that is killed."""
    damages = {}
    for system in options.systems:
        damages[system] = measure_kills(system, backend, options.kills)
        print(backend, system, damages[system], flush=True)
    label = f"{backend}, killed {options.kills} times under load: "
    figures = {
        "points lost": ({s: float(d.lost) for s, d in damages.items()}, "", 0.0),
        "points stored twice": ({s: float(d.twice) for s, d in damages.items()}, "", 0.0),
        "half batches": ({s: float(d.half) for s, d in damages.items()}, "", 0.0),
        "restart until healthy": (
            {s: statistics.median(d.restarts_s) for s, d in damages.items()},
            "s",
            0.5,
        ),
    }
    notes = {s: f"of {d.acknowledged:,} acknowledged" for s, d in damages.items()}
    return [
        report.Row(
            label + what, unit, "less", values, target, notes if what == "points lost" else {}
        )
        for what, (values, unit, target) in figures.items()
    ]


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    rows = []
    for backend in options.backends:
        rows += pressure_rows(backend, options)
        rows += kill_rows(backend, options) if options.kills else []
    remarks = [
        f"Pressure lasts {options.seconds:g} s. A kill is SIGKILL to the server's process group at a random "
        f"moment 0.2 to 1.5 s into a load of {KILL_CONNECTIONS} connections of log-batch; the page cache "
        "survives it.",
    ]
    command = f"python benchmarks/faults.py --seconds {options.seconds:g} --kills {options.kills}"
    return report.Table("I-faults", "I. Under pressure and killed", command, rows, remarks)


def main() -> None:
    """Measure, print, and fail on a loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=peers.SYSTEMS, default=peers.SYSTEMS)
    parser.add_argument("--backends", nargs="+", choices=peers.BACKENDS, default=["sqlite"])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    table = run(options)
    report.publish(table, options.json)
    harmed = [row for row in table.rows if row.target == 0 and row.reached is False]
    if harmed:
        sys.exit(f"{len(harmed)} rows show lost, repeated or half-stored data.")


if __name__ == "__main__":
    main()
