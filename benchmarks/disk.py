"""Bytes on disk for a million points.

A run has 20 keys, full-precision noisy losses, millisecond times with jitter, comes through ``log-batch``
and is ended. Measured is what the database grew by: the files of SQLite after the server has stopped,
``pg_database_size`` of PostgreSQL after a plain VACUUM. Both keep the space of what was packed away and
fill it with the next points, so beside one run stand several, for each.
"""

import argparse
import tempfile
from pathlib import Path

import load
import peers
import report
import tracking

KEYS = 20
SEVERAL = 5


def fill(server: peers.Server, points: int, runs: int) -> None:
    """Log ``points`` points into each of ``runs`` runs, one after another, and end them."""
    api = tracking.Api(server.port)
    experiment = api.create_experiment("disk")
    for number in range(runs):
        run_id = api.create_run(experiment)
        seeds = range(number * KEYS, (number + 1) * KEYS)
        curves = {f"metric_{n % KEYS:02d}": tracking.curve(points // KEYS, n) for n in seeds}
        done = load.drive(server.port, [load.Lane(tracking.curve_requests(run_id, curves))])
        if done.refused or done.broken:
            raise peers.BenchError(f"{server.system} refused {done.refused + done.broken} batches.")
        api.end_run(run_id)
        stored = tracking.stored_steps(server.port, run_id, list(curves))
        if (kept := sum(len(steps) for steps in stored)) != points:
            raise peers.BenchError(f"{server.system} holds {kept} of {points} points.")
    api.close()


def size(url: str, folder: Path) -> int:
    """Bytes of the database now."""
    if url.startswith("sqlite"):
        return sum(path.stat().st_size for path in folder.glob("store.db*"))
    name = url.rpartition("/")[2]
    return int(str(peers.sql(f"SELECT pg_database_size('{name}')")[0][0]))


def measure(system: str, backend: str, points: int, runs: int) -> float:
    """Megabytes that the database grew by for each run."""
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as name,
        peers.database(backend, Path(name)) as url,
    ):
        folder = Path(name)
        server = peers.start(system, url, folder)
        try:
            server.wait_until_healthy()
            before = size(url, folder)
            fill(server, points, runs)
        finally:
            server.stop()
        if backend == "postgresql":
            peers.sql("VACUUM", url.rpartition("/")[2])
        grown = (size(url, folder) - before) / 1e6 / runs
        print(f"{system}, {backend}, {runs} runs: {grown:.1f} MB a run", flush=True)
        return grown


def run(options: argparse.Namespace) -> report.Table:
    """The whole table; peers, which are slow to fill and pack nothing, log one run to SQLite."""
    rows = []
    target = 8 * options.points / 1e6
    for backend in options.backends:
        label = f"{backend}, {options.points:,} points of {KEYS} keys"
        for runs in (1, SEVERAL):
            alone = backend != "sqlite" or runs > 1
            asked = [s for s in options.systems if s == report.OURS or not alone]
            figures = {s: measure(s, backend, options.points, runs) for s in asked}
            what = f"{label}, one run" if runs == 1 else f"{label}, each of {runs} runs"
            if figures:
                rows.append(report.Row(what, "MB", "less", figures, target))
    remarks = [
        "Values are float64 with all their digits (52 random bits: 6.7 bytes a point are the least that they "
        "take), times are milliseconds with jitter; every point was read back before the size was taken.",
        "What the database grew by, its empty tables and catalogues not counted. SQLite: the file once the "
        "server has stopped. PostgreSQL: `pg_database_size` after a plain VACUUM.",
    ]
    return report.Table("F-disk", "F. Bytes on disk", "python benchmarks/disk.py", rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=peers.SYSTEMS, default=peers.SYSTEMS)
    parser.add_argument("--backends", nargs="+", choices=peers.BACKENDS, default=peers.BACKENDS)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
