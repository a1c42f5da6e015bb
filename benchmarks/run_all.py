"""Run every benchmark beside the peers and write ``benchmarks/RESULTS.md``.

``--quick`` shows in a few minutes that all of them work; its figures mean little, so they go to
``benchmarks/.cache/RESULTS-quick.md``.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import peers
import report

_HERE = Path(__file__).parent
SCRIPTS: dict[str, list[str]] = {
    "floors.py": [],
    "footprint.py": ["--rounds", "3"],
    "client.py": ["--calls", "5000", "--points", "400000"],
    "ingest.py": [
        "--seconds",
        "0.5",
        "--rounds",
        "1",
        "--cells",
        "log-metric",
        "log-batch",
        "create",
    ],
    "read.py": ["--sizes", "10000", "--long", "100000", "--repeat", "5"],
    "disk.py": ["--points", "100000"],
    "coldstart.py": ["--rounds", "1"],
    "faults.py": ["--seconds", "2", "--kills", "2"],
    "ui.py": ["--runs", "10000", "--mlflow-runs", "1000", "--points", "10000", "--repeat", "1"],
    "models.py": ["--rounds", "1"],
    "serving.py": ["--seconds", "1"],
    "autolog.py": ["--rounds", "1"],
}
"""Each script and what makes it quick."""


def run_scripts(folder: Path, *, quick: bool) -> list[str]:
    """Run them one after another, tables into ``folder``; what failed."""
    failed = []
    for script, small in SCRIPTS.items():
        words = [
            sys.executable,
            str(_HERE / script),
            "--json",
            str(folder),
            *(small if quick else []),
        ]
        print(f"\n=== {script}", flush=True)
        start = time.perf_counter()
        if code := subprocess.run(words, cwd=peers.ROOT, check=False).returncode:
            failed.append(f"{script} ended with {code}")
        print(f"=== {script}: {time.perf_counter() - start:.0f} s", flush=True)
    return failed


def results(folder: Path, failed: list[str]) -> str:
    """The text of RESULTS.md, from the tables in ``folder``."""
    tables = [report.load(path) for path in sorted(folder.glob("*.json"))]
    reached = [row.reached for table in tables for row in table.rows if row.reached is not None]
    pins = ", ".join(words[0] for words in peers.PINS.values())
    head = [
        "# Benchmark results",
        "",
        f"Headrace beside its peers ({pins}, from PyPI) in one run on one machine; `make bench` does it "
        "again. Absolute figures belong to this machine; the ratio to the peer beside it is what counts. "
        "'vs': how many times better Headrace is, for rates and for times alike.",
        "",
        f"{sum(reached)} of {len(reached)} targets reached.",
        "",
        *(f"- {line}" for line in report.machine()),
        *(f"- **{line}**" for line in failed),
        "",
    ]
    return "\n".join(head) + "\n" + "\n".join(map(report.as_markdown, tables))


def main() -> None:
    """Run everything and write the results; fails where a script failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    folder = peers.CACHE / ("quick" if options.quick else "results")
    for outdated in folder.glob("*.json"):
        outdated.unlink()
    for system in peers.PINS:
        peers.environment(system)
    failed = run_scripts(folder, quick=options.quick)
    path = peers.CACHE / "RESULTS-quick.md" if options.quick else _HERE / "RESULTS.md"
    path.write_text(results(folder, failed))
    print(f"\nwritten: {path.relative_to(peers.ROOT)}")
    if failed:
        sys.exit("; ".join(failed))


if __name__ == "__main__":
    main()
