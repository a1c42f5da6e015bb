"""Scripts that run in an environment with the libraries, each with a store of its own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import headrace
from environments import integrations
from headrace.client.connection import close_stores

SCRIPTS = Path(__file__).with_name("scripts")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Runs a script; afterwards the store that it logged to is the one of this process."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "HEADRACE_"))}

    def script(name: str) -> None:
        done = subprocess.run(
            [integrations.python(), SCRIPTS / name], cwd=tmp_path,
            env={**kept, "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        headrace.set_tracking_uri(tmp_path / ".headrace")

    yield script
    headrace.set_tracking_uri("")
    close_stores()
