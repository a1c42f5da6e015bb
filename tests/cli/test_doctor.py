"""``headrace doctor``, ``backup`` and ``restore`` as they are typed."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cli_calls import call
from databases import Databases
from headrace.client.connection import close_stores
from headrace.client.tracking import MlflowClient
from servers import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a run that has points and a file."""
    client = MlflowClient(tmp_path / "store")
    run = client.create_run("0").info.run_id
    client.log_metric(run, "loss", 1.5)
    client.log_text(run, "kept", "file.txt")
    close_stores()
    return tmp_path / "store"


def damage(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "headrace.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_healthy_store_ends_with_0(folder: Path) -> None:
    done = call("doctor", "--backend-store-uri", str(folder), "--deep")
    assert done.code == 0
    assert "The store is healthy." in done.out
    assert call("doctor", "--tracking-uri", str(folder), "--json").answer["healthy"] is True


def test_what_is_wrong_ends_with_1_until_it_is_repaired(folder: Path) -> None:
    damage(folder, "UPDATE metric_series SET count = 7")
    done = call("doctor", "--backend-store-uri", str(folder))
    assert done.code == 1
    assert "count is 7, should be 1" in done.out
    assert "--fix" in done.out
    told = call("doctor", "--backend-store-uri", str(folder), "--json")
    assert (told.code, json.loads(told.out)["healthy"]) == (1, False)
    done = call("doctor", "--backend-store-uri", str(folder), "--fix")
    assert done.code == 0
    assert "repaired: run " in done.out
    assert call("doctor", "--backend-store-uri", str(folder)).code == 0


def test_a_flipped_bit_is_found_with_deep(folder: Path) -> None:
    (path,) = (folder / "artifacts").rglob("file.txt")
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"K")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert call("doctor", "--backend-store-uri", str(folder)).code == 0
    done = call("doctor", "--backend-store-uri", str(folder), "--deep", "--fix")
    assert done.code == 1
    assert "file.txt: is damaged" in done.out
    assert "backup" in done.out


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_served_store_is_looked_at_from_both_sides(
    kind: str,
    databases: Databases,
    headrace_server: Callable[..., Server],
    tmp_path: Path,
) -> None:
    database = databases.new(kind)
    server = headrace_server(database)
    client = MlflowClient(server.url)
    run, other = (client.create_run("0").info.run_id for _ in range(2))
    for one in (run, other):
        client.log_metric(one, "loss", 1.5)
        client.log_text(one, "kept", "file.txt")
    client.delete_run(other)
    through = call("doctor", "--tracking-uri", server.url, "--deep", "--json").answer
    assert through["healthy"] is True
    assert {one["name"]: one["looked_at"] for one in through["checks"]}["artifacts"] == 2
    destination = str(server.log.parent / "artifacts")
    at = ("--backend-store-uri", database, "--artifacts-destination", destination)
    assert call("doctor", *at, "--deep", "--json").answer["healthy"] is True
    collected = call("gc", *at, "--yes", "--json").answer
    assert [(one["id"], one["state"]) for one in collected["items"]] == [(other, "removed")]
    assert [path.parent.parent.name for path in Path(destination).rglob("file.txt")] == [run]
    assert call("doctor", *at, "--deep", "--json").answer["healthy"] is True
    assert client.get_run(run).data.metrics == {"loss": 1.5}


def test_a_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    done = call("doctor", "--tracking-uri", "http://127.0.0.1:9")
    assert done.code == 1
    assert "127.0.0.1:9" in done.out
    assert call("doctor", "--tracking-uri", "http://127.0.0.1:9", "--fix").code == 1


def test_a_store_is_backed_up_and_restored(folder: Path, tmp_path: Path) -> None:
    at = ("--backend-store-uri", str(folder))
    done = call("backup", str(tmp_path / "copy"), *at)
    assert "1 runs of 1 experiments, 1 files (4 B) copied" in done.out
    again = call("backup", str(tmp_path / "copy"), *at, "--json").answer
    assert (again["files"], again["unchanged"]) == (0, 1)
    new = ("--backend-store-uri", str(tmp_path / "new"))
    assert call("restore", str(tmp_path / "copy"), *new).code == 0
    assert call("doctor", *new, "--deep").code == 0
    refused = call("restore", str(tmp_path / "copy"), *new)
    assert refused.code == 1
    assert "There is a store" in refused.err


def test_a_file_that_could_not_be_copied_ends_with_1(folder: Path, tmp_path: Path) -> None:
    (path,) = (folder / "artifacts").rglob("file.txt")
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"K")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    done = call("backup", str(tmp_path / "copy"), "--backend-store-uri", str(folder))
    assert done.code == 1
    assert "file.txt: is damaged" in done.err
