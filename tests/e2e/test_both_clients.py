"""What one client writes the other one reads: Headrace's and the real mlflow client, on one server."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import servers
from databases import Databases
from environments import mlflow
from servers import Server

SCRIPTS = Path(__file__).with_name("both")
LIBRARIES = ("headrace", "mlflow")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(headrace_server: Callable[..., Server], databases: Databases) -> str:
    return headrace_server(databases.new("sqlite")).url


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs a script with one of the libraries; what it prints last."""
    pythons = {"headrace": Path(sys.executable), "mlflow": mlflow.python("3.17.2")}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "HEADRACE_"))}

    def script(name: str, library: str, *arguments: str) -> str:
        done = subprocess.run(
            [pythons[library], "-W", "ignore", SCRIPTS / name, library, *arguments],
            env={**kept, **servers.QUIET, "MPLBACKEND": "agg"}, cwd=tmp_path_factory.mktemp("run"),
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if not line.startswith("View ")]
        return lines[-1]

    return script


@pytest.fixture(scope="module")
def written(run: Callable[..., str], url: str) -> dict[str, list[str]]:
    """The ids of the runs that each library wrote."""
    return {library: run("write.py", library, url).split() for library in LIBRARIES}


@pytest.fixture(scope="module")
def read(run, url: str, written) -> dict[tuple[str, str], dict[str, object]]:
    """What each library reads of what each wrote."""
    return {
        (writer, reader): json.loads(run("read.py", reader, url, *written[writer]))
        for writer in LIBRARIES
        for reader in LIBRARIES
    }


def without_ids(found: dict[str, object]) -> dict[str, object]:
    return {**found, "table": {**found["table"], "run_id": "any"}}


@pytest.mark.parametrize(
    ("writer", "reader"), [("headrace", "mlflow"), ("mlflow", "headrace"), ("headrace", "headrace")]
)
@pytest.mark.parametrize(
    "what",
    [
        "paths", "images", "table", "parquet", "noted", "image", "dict", "text", "listed", "inputs",
        "sources", "metrics", "params", "tag", "ancestors", "rows",
    ],
)  # fmt: skip
def test_it_is_as_if_mlflow_had_written_and_read_it(read, writer, reader, what: str) -> None:
    expected = without_ids(read["mlflow", "mlflow"])
    assert without_ids(read[writer, reader])[what] == expected[what]
