"""What `headrace doctor` finds in a folder of runs, and what it repairs."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from headrace.client.connection import close_stores
from headrace.config import Settings
from headrace.upkeep.examining import Report, examine
from headrace.upkeep.premises import address_of
from kept_stores import Kept

SEED = 20261125


def look(folder: Path, *, deep: bool = False, repair: bool = False) -> Report:
    seen: list[str] = []
    address = address_of(str(folder), None, Settings())
    return examine(address, deep=deep, repair=repair, tick=seen.append)


def told(report: Report) -> list[tuple[str, str]]:
    return [(finding.check, finding.state) for finding in report.findings]


@pytest.fixture
def run(kept: Kept) -> str:
    return kept.new_run()


def flip(path: Path, at: int, bit: int) -> None:
    """Change a bit as a failing disk does: neither size nor time of the file change."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_folder_of_runs_is_healthy(kept: Kept, run: str) -> None:
    kept.new_model(run_id=run)
    kept.client.delete_run(kept.new_run())
    report = look(kept.folder, deep=True)
    assert (report.healthy, report.findings) == (True, [])
    assert {check.name: check.looked_at for check in report.checks}["artifacts"] == 5


def test_each_flipped_bit_of_an_artifact_is_found_and_its_file_named(kept: Kept, run: str) -> None:
    chance = random.Random(SEED)
    files = sorted(path for path in (kept.folder / "artifacts").rglob("*") if path.is_file())
    for _ in range(50):
        path = chance.choice(files)
        at, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
        flip(path, at, bit)
        report = look(kept.folder, deep=True)
        assert told(report) == [("artifacts", "damaged")], (SEED, path, at, bit)
        assert report.findings[0].subject.endswith(path.name)
        assert not report.healthy
        flip(path, at, bit)
    assert look(kept.folder, deep=True).healthy


def test_a_file_that_another_program_changed_is_a_note(kept: Kept, run: str) -> None:
    (path, *_) = (kept.folder / "artifacts").rglob("0.txt")
    path.write_text("by hand")
    report = look(kept.folder)
    assert told(report) == [("artifacts", "note")]
    assert report.healthy


def test_folders_that_belong_to_nothing_are_told_and_left(kept: Kept, run: str) -> None:
    root = kept.folder / "artifacts"
    strange = [root / "123", root / "0" / ("e" * 32), root / "0" / "models" / "m-1"]
    for folder in strange:
        (folder / "artifacts").mkdir(parents=True)
    report = look(kept.folder, repair=True)
    assert {finding.subject for finding in report.findings} == {str(one) for one in strange}
    assert report.healthy
    assert all(folder.is_dir() for folder in strange)


def test_leftovers_of_uploads_are_found_and_removed(kept: Kept, run: str) -> None:
    left = kept.folder / "artifacts" / "0" / ".headrace-part-0011223344556677"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    report = look(kept.folder)
    assert told(report) == [("uploads", "repairable")]
    assert not report.healthy
    assert look(kept.folder, repair=True).healthy
    assert not left.exists()
    assert look(kept.folder).findings == []


def test_journals_are_looked_at_and_what_a_killed_program_began_is_removed(
    kept: Kept, run: str
) -> None:
    journals = kept.folder / "journals"
    journals.mkdir(exist_ok=True)
    begun, fresh = journals / ".0123.new", journals / ".4567.new"
    for path in (begun, fresh):
        path.write_bytes(b"")
    os.utime(begun, (0, 0))
    report = look(kept.folder)
    assert told(report) == [("journals", "repairable")]
    assert look(kept.folder, repair=True).healthy
    assert (begun.exists(), fresh.exists()) == (False, True)
    (journals / f"{'0' * 32}.journal").write_bytes(b"not a journal" * 10)
    report = look(kept.folder, repair=True)
    assert told(report) == [("journals", "damaged")]
    assert not report.healthy


def test_a_place_that_cannot_be_reached_is_told(kept: Kept) -> None:
    kept.client.create_experiment("far", artifact_location="nowhere://bucket")
    report = look(kept.folder)
    assert told(report) == [("artifacts", "damaged")]
    assert "nowhere" in report.findings[0].problem


def test_rows_and_series_are_repaired_in_one_go(kept: Kept, run: str) -> None:
    with closing(sqlite3.connect(kept.folder / "headrace.db")) as database:
        database.execute("UPDATE metric_series SET count = 99")
        database.execute("UPDATE tags SET run = 99")
        database.commit()
    report = look(kept.folder)
    assert set(told(report)) == {("series", "repairable"), ("rows", "repairable")}
    assert look(kept.folder, repair=True).healthy
    assert look(kept.folder).findings == []


def test_a_damaged_file_is_told_and_not_touched(kept: Kept, run: str) -> None:
    kept.premises.store.close()
    close_stores()
    file = kept.folder / "headrace.db"
    data = bytearray(file.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 : page * 4096 + 100] = b"\x07" * 100
    file.write_bytes(data)
    report = look(kept.folder, repair=True)
    assert not report.healthy
    assert "damaged" in {finding.state for finding in report.findings}


@pytest.mark.parametrize(
    ("statement", "state", "word"),
    [
        ("UPDATE headrace_version SET version_num = '9999'", "damaged", "newer"),
        ("DROP TABLE headrace_version", "damaged", "another application"),
    ],
)
def test_a_database_that_is_not_of_this_version_is_told(
    kept: Kept, statement: str, state: str, word: str
) -> None:
    with closing(sqlite3.connect(kept.folder / "headrace.db")) as database:
        database.execute(statement)
        database.commit()
    report = look(kept.folder, repair=True)
    assert [finding.state for finding in report.findings] == [state]
    assert word in report.findings[0].problem


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    assert not look(tmp_path / "none").healthy
    assert not (tmp_path / "none").exists()
