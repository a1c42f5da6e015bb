"""From the start of a server's process to its first answer, and what it holds in memory at rest."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import peers
import report
import tracking

_REST_S = 2.0
"""How long a server is left alone before its memory counts as that at rest."""


def track_one_run(port: int, name: str) -> None:
    """What the first user's first run needs."""
    api = tracking.Api(port)
    run_id = api.create_run(api.create_experiment(name))
    point = {"key": "loss", "value": 0.5, "timestamp": tracking.now_ms(), "step": 0}
    api.post("runs/log-metric", {"run_id": run_id, **point})
    api.end_run(run_id)
    api.close()


def measure(system: str, url: str, folder: Path, name: str) -> dict[str, float]:
    """One start on the database at ``url``: seconds, megabytes and processes."""
    server = peers.start(system, url, folder)
    try:
        healthy = server.wait_until_healthy()
        track_one_run(server.port, name)
        tracked = time.perf_counter() - server.started_at
        time.sleep(_REST_S)
        return {
            "healthy": healthy,
            "tracked": tracked,
            "memory": server.rss_bytes() / 1e6,
            "processes": server.processes(),
        }
    finally:
        server.stop()


def rows(backend: str, systems: Sequence[str], rounds: int) -> list[report.Row]:
    """The medians of ``rounds`` starts; the first, on an empty database, stands in a row of its own."""
    starts: dict[str, list[dict[str, float]]] = {}
    for system in systems:
        with (
            tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as name,
            peers.database(backend, Path(name)) as url,
        ):
            starts[system] = [
                measure(system, url, Path(name), f"cold-{number}") for number in range(rounds + 1)
            ]
            print(backend, system, starts[system], flush=True)

    def row(what: str, unit: str, figure: str, target: float | None, *, first: bool) -> report.Row:
        chosen = {s: taken[:1] if first else taken[1:] for s, taken in starts.items()}
        figures = {s: statistics.median(t[figure] for t in taken) for s, taken in chosen.items()}
        return report.Row(f"{backend}: {what}", unit, "less", figures, target)

    return [
        row(
            "first start, empty database, to the first 200 on /health",
            "s",
            "healthy",
            1,
            first=True,
        ),
        row("start to the first 200 on /health", "s", "healthy", 1, first=False),
        row("start to the first tracked run", "s", "tracked", 1, first=False),
        row("memory of the process tree at rest", "MB", "memory", 100, first=False),
        row("processes", "", "processes", 1, first=False),
    ]


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    found = [row for b in options.backends for row in rows(b, options.systems, options.rounds)]
    remarks = [
        f"Medians of {options.rounds} starts on an existing database, polled every 2 ms. A tracked run is: "
        "experiment and run created, one metric logged, run ended. Memory is resident memory "
        f"{_REST_S:g} s after that run.",
        "mlflow runs with one worker and without its job runners (its defaults: four workers, more processes).",
    ]
    command = f"python benchmarks/coldstart.py --rounds {options.rounds}"
    return report.Table("G-coldstart", "G. Cold start and memory", command, found, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=peers.SYSTEMS, default=peers.SYSTEMS)
    parser.add_argument("--backends", nargs="+", choices=peers.BACKENDS, default=peers.BACKENDS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
