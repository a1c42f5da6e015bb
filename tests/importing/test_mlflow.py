"""What comes from MLflow: our client reads from the store what the real one reads from the source."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from databases import Databases
from environments.mlflow import OLD, python
from headrace.stores.resolve import open_store
from headrace.wire.tracking import CreateExperiment
from importing.made import FULL, Made, by_mlflow, imported, read
from servers import Server, mlflow_server

pytestmark = pytest.mark.slow

NEW = "3.17.2"
SOURCES = [
    (version, kind)
    for version in (OLD, NEW)
    for kind in ("mlruns", "sqlite", "postgresql", "mariadb")
]
NOTHING = dict.fromkeys(
    ("experiments", "runs", "models", "params", "tags", "points", "datasets", "files", "bytes"), 0
)


def options(made: Made) -> list[str]:
    """Databases of a server do not lie beside their artifacts, so the user says where these are."""
    beside = made.uri.startswith(("file:", "sqlite:"))
    return [] if beside else ["--artifact-root", str(made.folder / "mlruns")]


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Every store has a Default of its own, made when the store was."""
    found["Default"].pop("created")
    return found


@pytest.mark.parametrize(("version", "kind"), SOURCES)
def test_everything_is_as_the_real_client_reads_it(
    mlflow_made: Callable[[str, str], Made], version: str, kind: str, tmp_path: Path
) -> None:
    made = mlflow_made(version, kind)
    report = imported(made.source, tmp_path / "store", *options(made))
    assert comparable(read(tmp_path / "store")) == comparable(made.read())
    assert report["added"]["runs"] == report["runs_seen"] == (11 if version == NEW else 10)
    registered = [one for one in report["left_out"] if "registered model" in one["why"]]
    assert registered == report["left_out"]
    assert len(registered) == (1 if version == NEW else 0)
    assert report["changed"] == []


@pytest.mark.parametrize("kind", ["mlruns", "sqlite"])
def test_a_second_import_adds_nothing(
    mlflow_made: Callable[[str, str], Made], kind: str, tmp_path: Path
) -> None:
    made = mlflow_made(NEW, kind)
    imported(made.source, tmp_path / "store")
    before = read(tmp_path / "store")
    again = imported(made.source, tmp_path / "store")
    assert (again["added"], again["runs_changed"]) == (NOTHING, 0)
    assert read(tmp_path / "store") == before


@pytest.mark.parametrize("kind", ["mlruns", "sqlite"])
def test_what_grew_is_added(databases: Databases, kind: str, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    made = by_mlflow(NEW, kind, databases, tmp_path / "source")
    imported(made.source, tmp_path / "store")
    made.grow()
    report = imported(made.source, tmp_path / "store")
    assert comparable(read(tmp_path / "store")) == comparable(made.read())
    assert report["added"] == {
        **NOTHING, "runs": 1, "params": 1, "points": 2, "files": 2, "bytes": len("more" + "tip")
    }  # fmt: skip
    assert report["runs_changed"] == 2


@pytest.mark.parametrize("to", ["postgresql", "mariadb", "server"])
def test_any_store_takes_it(
    mlflow_made: Callable[[str, str], Made],
    databases: Databases,
    headrace_server: Callable[..., Server],
    to: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # a database's artifacts go to the folder that one is in
    made = mlflow_made(NEW, "mlruns")
    uri = headrace_server(databases.new("sqlite")).url if to == "server" else databases.new(to)  # type: ignore[arg-type]
    imported(made.source, uri)
    assert comparable(read(uri)) == comparable(made.read())
    assert imported(made.source, uri)["added"] == NOTHING


def test_a_server_is_read_as_its_own_client_reads_it(databases: Databases, tmp_path: Path) -> None:
    with mlflow_server(python(NEW), tmp_path) as server:
        made = Made(NEW, server.url, tmp_path)
        made.run("make")
        report = imported(server.url, tmp_path / "store")
        assert comparable(read(tmp_path / "store")) == comparable(made.read())
        assert report["left_out"] == []
        assert imported(server.url, tmp_path / "store")["added"] == NOTHING
    # The database that the server leaves is the same source.
    again = imported(
        tmp_path / "mlflow.db", tmp_path / "store", "--artifact-root",
        f"mlflow-artifacts:={tmp_path / 'artifacts'}",
    )  # fmt: skip
    assert again["added"] == NOTHING


def test_headrace_itself_is_a_source(
    mlflow_made: Callable[[str, str], Made],
    databases: Databases,
    headrace_server: Callable[..., Server],
    tmp_path: Path,
) -> None:
    made = mlflow_made(NEW, "mlruns")
    server = headrace_server(databases.new("sqlite")).url
    imported(made.source, server)
    imported(server, tmp_path / "store")
    assert comparable(read(tmp_path / "store")) == comparable(read(server))


def test_a_folder_that_has_moved_keeps_its_artifacts(
    mlflow_made: Callable[[str, str], Made], tmp_path: Path
) -> None:
    made = mlflow_made(NEW, "mlruns")
    shutil.copytree(made.source, tmp_path / "elsewhere" / "mlruns")
    imported(tmp_path / "elsewhere", tmp_path / "store")
    assert comparable(read(tmp_path / "store")) == comparable(made.read())


def test_a_database_that_has_moved_with_its_folder_keeps_its_artifacts(
    mlflow_made: Callable[[str, str], Made], tmp_path: Path
) -> None:
    made = mlflow_made(NEW, "sqlite")
    shutil.copytree(made.folder, tmp_path / "elsewhere")
    imported(tmp_path / "elsewhere" / "mlflow.db", tmp_path / "store")
    assert comparable(read(tmp_path / "store")) == comparable(made.read())


def test_an_id_that_is_taken_is_told_and_kept_as_a_tag(
    mlflow_made: Callable[[str, str], Made], tmp_path: Path
) -> None:
    made = mlflow_made(NEW, "sqlite")  # its ids are 1, 2 and 3
    other = tmp_path / "other.csv"
    other.write_text("run_id,params.a\nr1,1\n")
    imported(other, tmp_path / "store")
    store = open_store(str(tmp_path / "store"))
    store.create_experiment(CreateExperiment("in the way", experiment_id="1"))
    store.close()
    report = imported(made.source, tmp_path / "store")
    assert [one["name"] for one in report["changed"]] == ["first (1)"]
    found = read(tmp_path / "store")
    assert found["first"]["tags"]["headrace.import.experiment_id"] == "1"
    assert found["second / with äöü"]["experiment_id"] == "2"
    assert {run["name"] for run in found["first"]["runs"].values()} >= {FULL}
