"""The flows, run inside an environment with the real mlflow client: one subprocess, a verdict for each."""

import ast
import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import servers
from databases import Databases, Kind
from environments import mlflow

FLOWS = Path(__file__).with_name("flows")
TIMEOUT_S = 600
PEER_VARIABLE = "HEADRACE_TEST_PEER"
"""``mlflow`` runs the flows against the real `mlflow server`, a URL against whatever answers there."""

_SURROUNDINGS = {
    **servers.QUIET,
    # An error of the server shows at once, instead of after minutes of retries.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    # What a model requires is found out by importing it in another process; no server sees that.
    "MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}


@dataclass(frozen=True)
class Place:
    """Whom the flows talk to, and with which client."""

    version: str
    database: str

    def __str__(self) -> str:
        return f"{self.version}-{self.database}"


@dataclass(frozen=True)
class Outcome:
    """What became of the cases of each flow, and what the subprocess printed."""

    failures: Mapping[str, list[str]]
    passed: Mapping[str, int]
    output: str

    def check(self, flow: str) -> None:
        """Fails with what the cases of ``flow`` said, or if none was run."""
        if flow in self.failures:
            pytest.fail("\n\n".join(self.failures[flow]), pytrace=False)
        if not self.passed.get(flow):
            pytest.fail(f"{flow} was not run:\n{self.output[-4000:]}", pytrace=False)


def flows() -> list[str]:
    """All flows by name, ``module::function``."""
    return [
        f"{module.stem}::{node.name}"
        for module in sorted(FLOWS.glob("*.py"))
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def places() -> list[Place]:
    """Each version of the client with each database; with the peer alone where one is asked for."""
    kinds = ("peer",) if PEER_VARIABLE in os.environ else ("sqlite", "postgresql", "mariadb")
    return [Place(version, kind) for version in mlflow.VERSIONS for kind in kinds]


def run(place: Place, wanted: Iterable[str], databases: Databases, folder: Path) -> Outcome:
    """Run the ``wanted`` flows against a server of their own."""
    python = mlflow.python(place.version)
    report = folder / "report.xml"
    command = [
        str(python),
        "-m",
        "pytest",
        "-c",
        str(FLOWS / "pytest.ini"),
        "--rootdir",
        str(FLOWS),
        "-q",
    ]
    command += [
        "-W",
        "ignore",
        f"--junitxml={report}",
        f"--basetemp={folder / 'scratch'}",
        "--tb=short",
    ]
    command += [f"{FLOWS}/{flow.replace('::', '.py::')}" for flow in wanted]
    # Without PYTHONDONTWRITEBYTECODE, so that the large libraries are compiled once, not in each process.
    surroundings = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MLFLOW_", "PYTEST_", "PYTHON"))
    }
    with _server(place, databases, folder) as url:
        done = subprocess.run(
            command, env={**surroundings, **_SURROUNDINGS, "MLFLOW_TRACKING_URI": url}, cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
    return read(report, done.stdout)


@contextlib.contextmanager
def _server(place: Place, databases: Databases, folder: Path) -> Iterator[str]:
    peer = os.environ.get(PEER_VARIABLE)
    if peer is not None and peer != "mlflow":
        yield peer
        return
    if peer == "mlflow":
        process = servers.mlflow_server(mlflow.python(place.version), folder)
    else:
        kind: Kind = place.database  # type: ignore[assignment]
        process = servers.headrace_server(databases.new(kind), folder)
    with process as server:
        yield server.url


def read(report: Path, output: str) -> Outcome:
    """What a JUnit report says, with what the subprocess printed."""
    failures: dict[str, list[str]] = {}
    passed: dict[str, int] = {}
    cases = ET.parse(report).iter("testcase") if report.exists() else ()
    for case in cases:
        name = case.attrib["name"]
        flow = f"{case.attrib['classname'].rpartition('.')[2]}::{name.partition('[')[0]}"
        verdicts = [child for child in case if child.tag in {"failure", "error", "skipped"}]
        if verdicts:
            failures.setdefault(flow, []).extend(f"{name}\n{child.text}" for child in verdicts)
        else:
            passed[flow] = passed.get(flow, 0) + 1
    return Outcome(failures, passed, output)
