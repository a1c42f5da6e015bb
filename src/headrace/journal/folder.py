"""A folder of journals."""

import os
import stat
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from headrace.journal import locks
from headrace.journal.files import AppendedFile, open_new
from headrace.wire import journal as wire

SUFFIX = ".journal"
DATABASE_FILE, JOURNALS, ARTIFACTS = "headrace.db", "journals", "artifacts"
"""What the folder of a store holds: the database, the folders of journals and of the runs' files."""


def create(folder: Path, head: Sequence[bytes]) -> AppendedFile:
    """A new journal that this process owns, with its first records; the folder is made if it is missing.

    It gets its name when it has them and its lock: nobody ever finds one without an owner that has one.
    Raises `OSError` where it cannot be made.
    """
    journal_id = uuid.uuid4().hex
    unfinished = folder / f".{journal_id}.new"
    try:
        file = open_new(unfinished)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        file = open_new(unfinished)
    try:
        _lock(file.fileno())
        file.write_more(b"".join([wire.prologue(journal_id), *head]))
        path = folder / f"{journal_id}{SUFFIX}"
        os.rename(unfinished, path)  # noqa: PTH104  (a tenth of the time of Path's)
    except BaseException:
        file.close()
        unfinished.unlink(missing_ok=True)
        raise
    file.path = path
    return file


def _lock(fd: int) -> None:
    try:
        locks.taken(fd)
    except OSError:
        return  # a file system without locks: who reads goes by the age of what was written last


def paths(folder: Path) -> list[Path]:
    """The journals of a folder; none where there is no folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  (asked before each read of a store)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / name for name in names if name.endswith(SUFFIX)]


def private_temporary() -> Path:
    """A folder among the temporary ones that only this user can get into, the same again next time."""
    if not hasattr(os, "getuid"):
        return Path(tempfile.gettempdir()) / "headrace"
    folder = Path(tempfile.gettempdir()) / f"headrace-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    mine = found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
    if not mine or stat.S_IMODE(found.st_mode) & 0o077:
        return Path(tempfile.mkdtemp(prefix="headrace-"))  # somebody else's trap
    return folder
