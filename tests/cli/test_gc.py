"""``headrace gc`` as it is typed."""

from pathlib import Path

import pytest

from cli_calls import call
from headrace.client.connection import close_stores
from headrace.client.tracking import MlflowClient


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a deleted run that has a file."""
    client = MlflowClient(tmp_path / "store")
    run = client.create_run("0").info.run_id
    client.log_text(run, "x" * 5000, "file.txt")
    client.delete_run(run)
    close_stores()
    return tmp_path / "store"


def test_a_dry_run_lists_what_would_go_and_leaves_it(folder: Path) -> None:
    done = call("gc", "--backend-store-uri", str(folder), "--dry-run")
    assert "4.9 KiB" in done.out
    assert "1 would be removed" in done.out
    answer = call("gc", "--tracking-uri", str(folder), "--dry-run", "--json").answer
    assert (answer["dry_run"], answer["removed"], answer["bytes"]) == (True, 1, 5000)


def test_it_removes_and_says_what(folder: Path) -> None:
    assert (
        "nothing to remove"
        in call("gc", "--backend-store-uri", str(folder), "--older-than", "1d").out
    )
    done = call("gc", "--backend-store-uri", str(folder), "--yes")
    assert "1 removed, 4.9 KiB; 0 kept; 0 failed." in done.out
    assert "nothing to remove" in call("gc", "--backend-store-uri", str(folder), "--yes").out


@pytest.mark.parametrize("age", ["", "1x", "30", "d", "1d2", "1.2.3d"])
def test_an_age_is_written_with_units(folder: Path, age: str) -> None:
    done = call("gc", "--backend-store-uri", str(folder), "--older-than", age)
    assert done.code == 2
    assert "--older-than" in done.err


def test_where_the_artifacts_are_not_known_nothing_is_removed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = f"sqlite:///{folder / 'headrace.db'}"
    done = call("gc", "--backend-store-uri", database, "--yes")
    assert done.code == 1
    assert "--artifacts-destination" in done.err
    root = str(folder / "artifacts")
    done = call("gc", "--backend-store-uri", database, "--artifacts-destination", root, "--yes")
    assert "1 removed" in done.out


@pytest.mark.parametrize("uri", ["http://127.0.0.1:5000", "/no/such/folder"])
def test_a_server_and_what_is_not_there_are_refused(uri: str) -> None:
    done = call("gc", "--backend-store-uri", uri)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
