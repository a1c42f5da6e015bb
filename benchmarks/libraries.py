"""Runs a script in the environment of the flavors' tests, which has the libraries and mlflow."""

import json
import subprocess
import sys
import tempfile

import peers

sys.path.insert(0, str(peers.ROOT / "tests"))
from environments import models

SYSTEMS = ("headrace", "mlflow")


def measure(script: str, system: str, library: str, rounds: int) -> dict[str, float]:
    """What the script prints last, as JSON; it is told the system, the library, the rounds and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="bench-libraries-") as folder:
        done = subprocess.run(
            [str(models.python()), "-c", script, system, library, str(rounds), folder],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
    if done.returncode:
        raise peers.BenchError(f"{library} with {system} failed:\n{done.stderr[-4000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{system}, {library}: {found}", flush=True)
    return found
