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
from environments import engines, models

INSIDE = Path(__file__).with_name("inside")
TIMEOUT_S = 280

# They run in another environment, which has what they import.
collect_ignore = ["inside"]


def cases(pattern: str) -> list[str]:
    """The cases of the modules whose paths match, as ``path::function``."""
    return [
        f"{module.relative_to(INSIDE)}::{node.name}"
        for module in sorted(INSIDE.glob(pattern))
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def inside(pattern: str) -> Callable[..., None]:
    """A test of each case of the modules whose paths match, which fails as the case did in its environment."""

    @pytest.mark.slow
    @pytest.mark.timeout(900)  # the first makes the environment
    @pytest.mark.parametrize("case", cases(pattern))
    def test(case: str, outcome_of: Callable[[str], inner.Outcome]) -> None:
        module, _, name = case.partition("::")
        outcome_of(module).check(f"{Path(module).stem}::{name}")

    return test


@pytest.fixture(scope="session")
def outcome_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], inner.Outcome]]:
    """The outcome of a module's round trips, which are run together on the first question."""
    known: dict[str, Future[inner.Outcome]] = {}
    with ThreadPoolExecutor(1) as pool:

        def outcome(module: str) -> inner.Outcome:
            if module not in known:
                folder = tmp_path_factory.mktemp(Path(module).stem)
                known[module] = pool.submit(_run, INSIDE / module, folder)
            return known[module].result()

        yield outcome


def _run(path: Path, folder: Path) -> inner.Outcome:
    environment = engines if path.parent.name == "engines" else models
    command = [str(environment.python()), "-m", "pytest", "-c", str(INSIDE / "pytest.ini"), "-q"]
    command += [
        "--rootdir",
        str(INSIDE),
        "-W",
        "ignore",
        f"--junitxml={folder / 'report.xml'}",
        "--tb=short",
    ]
    command += [f"--basetemp={folder / 'scratch'}", str(path)]
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
