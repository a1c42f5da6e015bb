"""Bytes on disk for a million points.

One run, 20 keys, full-precision noisy losses, millisecond times with jitter, sent through ``log-batch``;
the run is ended. Measured is what the database grew by: the files of SQLite after the server has stopped,
``pg_database_size`` of PostgreSQL, as it stands and after a plain VACUUM.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import load
import peers
import report
import tracking

KEYS = 20


def fill(server: peers.Server, points: int) -> None:
    """Log ``points`` points into one run and end it."""
    api = tracking.Api(server.port)
    run_id = api.create_run(api.create_experiment("disk"))
    curves = {f"metric_{n:02d}": tracking.curve(points // KEYS, n) for n in range(KEYS)}
    done = load.drive(server.port, [load.Lane(tracking.curve_requests(run_id, curves))])
    if done.refused or done.broken:
        raise peers.BenchError(f"{server.system} refused {done.refused + done.broken} batches.")
    api.end_run(run_id)
    stored = tracking.stored_steps(server.port, run_id, list(curves))
    if (kept := sum(len(steps) for steps in stored)) != points:
        raise peers.BenchError(f"{server.system} holds {kept} of {points} points.")
    api.close()


@contextmanager
def _filled(system: str, backend: str, points: int) -> Iterator[tuple[str, Path, int]]:
    """URL, folder and the size before, of a database that was filled and whose server has stopped."""
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{system}-") as name,
        peers.database(backend, Path(name)) as url,
    ):
        folder = Path(name)
        server = peers.start(system, url, folder)
        try:
            server.wait_until_healthy()
            before = size(url, folder)
            fill(server, points)
        finally:
            server.stop()
        yield url, folder, before


def size(url: str, folder: Path) -> int:
    """Bytes of the database now."""
    if url.startswith("sqlite"):
        return sum(path.stat().st_size for path in folder.glob("store.db*"))
    name = url.rpartition("/")[2]
    return int(str(peers.sql(f"SELECT pg_database_size('{name}')")[0][0]))


def measure(system: str, backend: str, points: int) -> dict[str, float]:
    """Megabytes that the database grew by, by the moment of measuring."""
    with _filled(system, backend, points) as (url, folder, before):
        grown = {"as it stands": (size(url, folder) - before) / 1e6}
        if backend == "postgresql":
            peers.sql("VACUUM", url.rpartition("/")[2])
            grown["after VACUUM"] = (size(url, folder) - before) / 1e6
        print(f"{system}, {backend}: {grown}", flush=True)
        return grown


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    rows = []
    for backend in options.backends:
        systems = [s for s in options.systems if s == report.OURS or backend == "sqlite"]
        grown = {system: measure(system, backend, options.points) for system in systems}
        for moment in next(iter(grown.values()), {}):
            target = 8 * options.points / 1e6
            figures = {system: sizes[moment] for system, sizes in grown.items()}
            what = f"{backend}, {options.points:,} points of {KEYS} keys, {moment}"
            rows.append(report.Row(what, "MB", "less", figures, target))
    remarks = [
        "Values are float64 with all their digits, times are milliseconds with jitter; "
        "every point was read back before the size was taken."
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
