"""What installing and importing costs: time, memory, bytes and distributions.

Each system is installed into a fresh environment of its own, Headrace from the wheel that is built of this
tree, without extras.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers
import report

# Not getrusage: its maximum is inherited from the process that forks.
_PEAK = "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
_WARM_UP = 2


def build_wheel(folder: Path) -> Path:
    """The wheel of this tree."""
    words = [peers.find_uv(), "build", "--wheel", "--out-dir", str(folder), str(peers.ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise peers.BenchError(f"{' '.join(words)}:\n{done.stderr[-3000:]}")
    return next(folder.glob("*.whl"))


def run_s(python: Path, program: str) -> float:
    """Wall seconds of one run of ``program``."""
    start = time.perf_counter()
    subprocess.run([str(python), "-c", program], check=True, capture_output=True)
    return time.perf_counter() - start


def import_ms(python: Path, module: str, rounds: int) -> float:
    """Median time that an import adds to a bare start of the same Python, in turns."""
    bare, full = [], []
    for number in range(rounds + _WARM_UP):
        without, with_it = run_s(python, "pass"), run_s(python, f"import {module}")
        if number >= _WARM_UP:
            bare.append(without)
            full.append(with_it)
    return (statistics.median(full) - statistics.median(bare)) * 1e3


def peak_mb(python: Path, program: str) -> float:
    """Peak resident memory of one run of ``program``."""
    done = subprocess.run(
        [str(python), "-c", f"{program}; {_PEAK}"], check=True, capture_output=True
    )
    return int(done.stdout.split()[-1]) * 1024 / 1e6


def first_run(python: Path, module: str, rounds: int) -> tuple[float, float]:
    """Median ms of a process that imports, tracks one run in an empty folder and ends; its peak MB.

    A package that puts its imports off pays for them here.
    """
    program = (
        f"import {module}\nwith {module}.start_run():\n {module}.log_metric('loss', 0.5)\n{_PEAK}"
    )
    taken, peaks = [], []
    for _ in range(max(3, rounds // 5)):
        with tempfile.TemporaryDirectory(prefix="bench-") as empty:
            start = time.perf_counter()
            done = subprocess.run(
                [str(python), "-c", program],
                cwd=empty,
                check=True,
                capture_output=True,
                env=_quiet(),
            )
            taken.append(time.perf_counter() - start)
            peaks.append(int(done.stdout.split()[-1]) * 1024 / 1e6)
    return statistics.median(taken) * 1e3, statistics.median(peaks)


def _quiet() -> dict[str, str]:
    foreign = ("MLFLOW_", "HEADRACE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return kept | {"MLFLOW_DISABLE_TELEMETRY": "true"}


def packages_mb(environment: Path) -> float:
    """Bytes of all files in site-packages, compiled ones included."""
    (packages,) = environment.glob("lib/python*/site-packages")
    return sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()) / 1e6


def distributions(environment: Path) -> int:
    """How many distributions are installed."""
    return len(list(environment.glob("lib/python*/site-packages/*.dist-info")))


def measure(module: str, requirement: str, rounds: int, folder: Path) -> dict[str, float]:
    """The figures of one system in a fresh environment."""
    environment = folder / module
    python = peers.create_environment(environment, [requirement])
    tracked_ms, tracked_mb = first_run(python, module, rounds)
    figures = {
        "tracked": tracked_ms,
        "tracked_peak": tracked_mb,
        "import": import_ms(python, module, rounds),
        "peak": peak_mb(python, f"import {module}"),
        "packages": packages_mb(environment),
        "distributions": distributions(environment),
    }
    print(module, {name: round(figure, 1) for name, figure in figures.items()}, flush=True)
    return figures


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    measured = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for system in options.systems:
            requirement = (
                str(build_wheel(folder)) if system == report.OURS else peers.PINS[system][0]
            )
            measured[system] = measure(system, requirement, options.rounds, folder)
        bare_ms = statistics.median(run_s(Path(sys.executable), "pass") for _ in range(10)) * 1e3
        bare_mb = peak_mb(Path(sys.executable), "pass")
    rows = [
        report.Row(what, unit, "less", {s: figures[key] for s, figures in measured.items()}, target)
        for key, what, unit, target in (
            ("import", "import, over a bare Python", "ms", 60),
            ("peak", "peak memory after the import", "MB", 35),
            ("tracked", "process that imports and tracks one run in an empty folder", "ms", None),
            ("tracked_peak", "its peak memory", "MB", None),
            ("packages", "site-packages", "MB", 170),
            ("distributions", "distributions", "", 30),
        )
    ]
    remarks = [
        f"Medians of {options.rounds} starts, bare and importing in turn, files warm. A bare Python takes "
        f"{bare_ms:.0f} ms and {bare_mb:.0f} MB. site-packages counts compiled files, as pip leaves them.",
    ]
    command = f"python benchmarks/footprint.py --rounds {options.rounds}"
    return report.Table("A-footprint", "A. Import and footprint", command, rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--systems", nargs="+", choices=("headrace", "mlflow"), default=["headrace", "mlflow"]
    )
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
