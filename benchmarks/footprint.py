"""What installing and importing costs: time, memory, bytes and distributions.

Each system is installed into a fresh environment of its own, Headrace from the wheel that is built of this
tree, without extras.
"""

import argparse
import shutil
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
    uv = shutil.which("uv")
    if uv is None:
        raise peers.BenchError("The wheel is built with uv: https://docs.astral.sh/uv/.")
    words = [uv, "build", "--wheel", "--out-dir", str(folder), str(peers.ROOT)]
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
    figures = {
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
