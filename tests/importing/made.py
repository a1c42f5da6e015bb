"""Makes the sources that the tests import, with the real tools, and tells what their clients read from them."""

import io
import json
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import headrace
from databases import Databases
from environments import mlflow, trackers
from headrace.artifacts import transfer
from headrace.cli.main import main
from headrace.client.artifacts import open_files
from importing.programs.told import told
from servers import QUIET

PROGRAMS = Path(__file__).parent / "programs"
FULL = "full"
"""The name of the run that has everything."""


@dataclass
class Made:
    """A store of MLflow's: its URI, the folder that it lies in, and what its own client reads."""

    version: str
    uri: str
    folder: Path

    @property
    def source(self) -> str:
        """What a user would type."""
        return self.uri.removeprefix("file://").removeprefix("sqlite:///")

    def read(self) -> dict[str, Any]:
        """Everything that the real client of this version reads."""
        return dict(json.loads(self.run("tell")))

    def grow(self) -> None:
        """Add to it."""
        self.run("grow")

    def run(self, act: str) -> str:
        """Run the program of this name in the version's environment."""
        return run(mlflow.python(self.version), "with_mlflow.py", self.folder, act, self.uri)


@dataclass
class Trackers:
    """What other trackers wrote."""

    logs: Path
    wandb: Path


def by_mlflow(version: str, kind: str, databases: Databases, folder: Path) -> Made:
    """A folder (``mlruns``) or a database, filled by the real client."""
    if kind == "mlruns":
        uri = (folder / "mlruns").as_uri()
    elif kind == "sqlite":
        uri = f"sqlite:///{folder / 'mlflow.db'}"
    else:
        # As a user of MLflow writes it; each of the two brings its own driver.
        uri = databases.new(kind).replace("postgresql+psycopg:", "postgresql:")  # type: ignore[arg-type]
    made = Made(version, uri, folder)
    made.run("make")
    return made


def by_trackers(folder: Path) -> Trackers:
    """Folders of TensorBoard and W&B."""
    run(trackers.python(), "with_trackers.py", folder)
    return Trackers(folder / "logs", folder / "wandb")


def run(python: Path, program: str, folder: Path, *arguments: str) -> str:
    """What a program prints in an environment, started in a folder."""
    environment = {**os.environ, **QUIET, "MLFLOW_ALLOW_FILE_STORE": "true"}
    done = subprocess.run(
        [str(python), str(PROGRAMS / program), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return done.stdout


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def imported(source: str | Path, to: str | Path, *options: str) -> dict[str, Any]:
    """The report of `headrace import`."""
    done = command(source, "--to", to, "--json", *options)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def command(source: str | Path, *options: str | Path) -> Done:
    """`headrace import`, as the console script calls it."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            main(["import", str(source), *map(str, options)])
        except SystemExit as end:
            return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("The command line returns by leaving.")


COMMAND = str(Path(sys.executable).with_name("headrace"))


def read(uri: str | Path) -> dict[str, Any]:
    """Everything that Headrace's client reads from a store, in the form of `Made.read`."""

    def fetch(location: str) -> Path:
        store = open_files(location, str(uri))
        return transfer.download(store, "", Path(tempfile.mkdtemp()))

    found = told(headrace.MlflowClient(uri), fetch)
    return dict(json.loads(json.dumps(found)))
