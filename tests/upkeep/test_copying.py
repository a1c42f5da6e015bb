"""A store is copied while it is written to, and made again from the copy, whole."""

import os
import shutil
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from headrace.artifacts.local import LocalArtifacts
from headrace.client.connection import close_stores
from headrace.client.tracking import MlflowClient
from headrace.config import Settings
from headrace.errors import BadRequestError, NotFoundError, UnsupportedError
from headrace.upkeep.copying import Copied, back_up, restore
from headrace.upkeep.examining import examine
from headrace.upkeep.premises import Address, address_of
from kept_stores import Kept
from processes import DiedError, alone


def quiet(_progress: object) -> None:
    """Nobody looks on."""


def at(folder: Path) -> Address:
    return address_of(str(folder), None, Settings())


def saved(source: Path, target: Path) -> Copied:
    return back_up(at(source), target, quiet)


def brought_back(source: Path, target: Path) -> Copied:
    return restore(source, at(target), quiet)


def is_healthy(folder: Path) -> bool:
    return examine(at(folder), deep=True, repair=False, tick=quiet).healthy


def files(folder: Path) -> dict[str, bytes]:
    root = folder / "artifacts"
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_store_is_restored_as_it_was(kept: Kept, tmp_path: Path) -> None:
    run = kept.new_run()
    kept.new_model(run_id=run)
    kept.client.delete_run(kept.new_run())
    done = saved(kept.folder, tmp_path / "backup")
    assert (done.files, done.unchanged, done.failed) == (5, 0, [])
    made = brought_back(tmp_path / "backup", tmp_path / "new")
    assert made.rows == done.rows
    assert made.rows["runs"] == 2
    assert files(tmp_path / "new") == files(kept.folder)
    assert is_healthy(tmp_path / "new")
    client = MlflowClient(tmp_path / "new")
    assert client.get_run(run).data.params == {"p": "1"}
    assert client.get_metric_history(run, "loss") == kept.client.get_metric_history(run, "loss")
    path = client.download_artifacts(run, "deep/0.txt")
    assert Path(path).read_text() == f"{run} 0"
    assert str(tmp_path / "new") in path


def test_the_next_backup_copies_what_changed_and_forgets_what_is_gone(
    kept: Kept, tmp_path: Path
) -> None:
    first, second = kept.new_run(), kept.new_run()
    saved(kept.folder, tmp_path / "backup")
    kept.client.delete_run(first)
    kept.collect()
    kept.client.log_text(second, "changed", "deep/0.txt")
    done = saved(kept.folder, tmp_path / "backup")
    assert (done.files, done.bytes, done.unchanged) == (1, 7, 1)
    assert files(tmp_path / "backup") == files(kept.folder)
    assert done.rows["runs"] == 1


def test_a_backup_taken_while_runs_are_written_is_whole(kept: Kept, tmp_path: Path) -> None:
    stop = threading.Event()
    counts: list[int] = []

    def write() -> None:
        while not stop.is_set():
            kept.new_run()
            counts.append(1)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    try:
        for number in range(4):
            before = len(counts)
            done = saved(kept.folder, tmp_path / "backup")
            made = brought_back(tmp_path / "backup", tmp_path / f"new {number}")
            assert done.failed == []
            assert before <= made.rows["runs"]
            assert made.rows == done.rows
            assert is_healthy(tmp_path / f"new {number}")
            shutil.rmtree(tmp_path / f"new {number}")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    last = saved(kept.folder, tmp_path / "backup")
    assert last.rows["runs"] == len(counts)
    assert files(tmp_path / "backup") == files(kept.folder)


def test_a_damaged_file_is_told_and_does_not_replace_a_good_copy(
    kept: Kept, tmp_path: Path
) -> None:
    run = kept.new_run()
    saved(kept.folder, tmp_path / "backup")
    path = kept.folder / "artifacts" / "0" / run / "artifacts" / "deep" / "0.txt"
    good, status = path.read_bytes(), path.stat()
    with path.open("r+b") as file:
        file.write(b"#")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = saved(kept.folder, tmp_path / "backup")
    assert again.failed == []  # it was copied before, by its digest
    other = saved(kept.folder, tmp_path / "other")
    assert [problem.subject for problem in other.failed] == [f"0/{run}/artifacts/deep/0.txt"]
    assert files(tmp_path / "backup")[f"0/{run}/artifacts/deep/0.txt"] == good
    assert f"0/{run}/artifacts/deep/0.txt" not in files(tmp_path / "other")


def test_places_outside_of_the_store_are_named(kept: Kept, tmp_path: Path) -> None:
    kept.client.create_experiment("far", artifact_location=str(tmp_path / "far"))
    assert saved(kept.folder, tmp_path / "backup").elsewhere == [str(tmp_path / "far")]


def test_nothing_is_overwritten(kept: Kept, tmp_path: Path) -> None:
    kept.new_run()
    saved(kept.folder, tmp_path / "backup")
    with pytest.raises(BadRequestError, match="There is a store"):
        brought_back(tmp_path / "backup", kept.folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    for folder in (tmp_path / "mine", kept.folder):
        with pytest.raises(BadRequestError, match="something else"):
            saved(kept.folder, folder)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
    with pytest.raises(BadRequestError, match="among the artifacts"):
        saved(kept.folder, kept.folder / "artifacts" / "backup")


def test_a_log_that_an_earlier_database_left_does_not_count(kept: Kept, tmp_path: Path) -> None:
    run = kept.new_run()
    saved(kept.folder, tmp_path / "backup")
    kept.client.delete_run(run)
    (tmp_path / "new").mkdir()
    shutil.copy(kept.folder / "headrace.db-wal", tmp_path / "new" / "headrace.db-wal")
    brought_back(tmp_path / "backup", tmp_path / "new")
    assert MlflowClient(tmp_path / "new").get_run(run).info.lifecycle_stage == "active"


def test_what_is_no_store_and_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        saved(tmp_path / "none", tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    with pytest.raises(NotFoundError, match="no whole backup"):
        brought_back(tmp_path, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("uri", "program"),
    [("postgresql://me:secret@db/runs", "pg_dump"), ("mysql://me:secret@db/runs", "mariadb-dump")],
)
def test_a_database_server_is_copied_by_its_own_program(
    tmp_path: Path, uri: str, program: str
) -> None:
    with pytest.raises(UnsupportedError, match=program) as raised:
        back_up(Address(uri, "s3://bucket"), tmp_path / "backup", quiet)
    assert "secret" not in str(raised.value)
    assert not (tmp_path / "backup").exists()


def test_a_backup_on_a_medium_that_cannot_be_written_is_restored(
    kept: Kept, tmp_path: Path
) -> None:
    kept.new_run()
    saved(kept.folder, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "backup" / "headrace.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == [
        "artifacts", "headrace-backup.json", "headrace.db",
    ]  # fmt: skip


class _Fatal(LocalArtifacts):
    """Kills the process when so many files were written."""

    left = 0

    def write(self, path, chunks):
        if _Fatal.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        _Fatal.left -= 1
        return super().write(path, chunks)


def save_and_die(source: str, target: str, after: int) -> None:
    from headrace.upkeep import copying

    _Fatal.left = after
    copying.LocalArtifacts = _Fatal
    saved(Path(source), Path(target))


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_backup_that_is_cut_off_leaves_the_one_before_it(
    kept: Kept, tmp_path: Path, after: int
) -> None:
    kept.new_run()
    first = saved(kept.folder, tmp_path / "backup")
    kept.new_run()
    kept.new_run()
    close_stores()
    arguments = (str(kept.folder), str(tmp_path / "backup"), after)
    assert isinstance(alone(save_and_die, *arguments), DiedError)
    made = brought_back(tmp_path / "backup", tmp_path / "new")
    assert made.rows == first.rows
    assert is_healthy(tmp_path / "new")
    assert saved(kept.folder, tmp_path / "backup").rows["runs"] == 3
    new = (str(kept.folder), str(tmp_path / "fresh"), after)
    assert isinstance(alone(save_and_die, *new), DiedError)
    with pytest.raises(NotFoundError):
        brought_back(tmp_path / "fresh", tmp_path / "other")
    assert saved(kept.folder, tmp_path / "fresh").rows["runs"] == 3
