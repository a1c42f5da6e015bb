"""Runs the round trips in an environment that has the libraries and the real mlflow."""

import ast
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

import servers
from e2e import inner
from environments import models

INSIDE = Path(__file__).with_name("inside")
TIMEOUT_S = 280

# They run in another environment, which has what they import.
collect_ignore = ["inside"]


def cases() -> list[str]:
    """All round trips by name, ``module::function``."""
    return [
        f"{module.stem}::{node.name}"
        for module in sorted((*INSIDE.glob("*_models.py"), *INSIDE.glob("*_training.py")))
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


@pytest.fixture(scope="session")
def outcome_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], inner.Outcome]]:
    """The outcome of a module's round trips, which are run together on the first question."""
    known: dict[str, Future[inner.Outcome]] = {}
    with ThreadPoolExecutor(1) as pool:

        def outcome(module: str) -> inner.Outcome:
            if module not in known:
                known[module] = pool.submit(_run, module, tmp_path_factory.mktemp(module))
            return known[module].result()

        yield outcome


def _run(module: str, folder: Path) -> inner.Outcome:
    command = [str(models.python()), "-m", "pytest", "-c", str(INSIDE / "pytest.ini"), "-q"]
    command += [
        "--rootdir",
        str(INSIDE),
        "-W",
        "ignore",
        f"--junitxml={folder / 'report.xml'}",
        "--tb=short",
    ]
    command += [f"--basetemp={folder / 'scratch'}", str(INSIDE / f"{module}.py")]
    surroundings = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MLFLOW_", "HEADRACE_", "PYTEST_", "PYTHON"))
    }
    with servers.headrace_server(f"sqlite:///{folder}/store.db", folder) as server:
        return _inside(command, {**surroundings, "MODELS_SERVER": server.url}, folder)


def _inside(command: list[str], surroundings: Mapping[str, str], folder: Path) -> inner.Outcome:
    quiet = {**servers.QUIET, "OMP_NUM_THREADS": "1", "MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT": "1"}
    done = subprocess.run(
        command, env={**surroundings, **quiet}, cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=TIMEOUT_S,
    )  # fmt: skip
    return inner.read(folder / "report.xml", done.stdout)
