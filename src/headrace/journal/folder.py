"""A folder of journals."""

import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from headrace.journal import locks
from headrace.journal.files import AppendedFile, open_new
from headrace.wire import journal as wire

SUFFIX = ".journal"


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
