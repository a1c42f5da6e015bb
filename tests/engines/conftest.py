"""Runs a program in an environment that has the engines."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from environments import large_tables

PROGRAMS = Path(__file__).with_name("programs")

# They run in another environment, which has what they import.
collect_ignore = ["programs"]


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], None]:
    """Runs a program, whose assertions are the test."""
    python = large_tables.python()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "HEADRACE_"))}
    surroundings = {
        **kept,
        "HOME": str(tmp_path),
        "PYSPARK_PYTHON": str(python),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(PROGRAMS),
    }

    def program(name: str) -> None:
        done = subprocess.run(
            [python, "-W", "ignore", PROGRAMS / name], cwd=tmp_path, env=surroundings,
            capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]

    return program
