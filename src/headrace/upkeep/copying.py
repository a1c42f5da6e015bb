"""Backups: a store's database as of one moment, and all its artifacts, each checked on the way.

A backup is a folder like that of an embedded store, with a note of what is in it. The database is
copied first and gets its name last, so a backup that is cut off leaves the one before it whole; its
artifacts may then be newer than its database, never older.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from headrace import plugins
from headrace.artifacts.base import ArtifactStore, Stat
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import open_artifacts
from headrace.artifacts.uris import local_path, scheme_of
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import (
    BadRequestError,
    CorruptDataError,
    HeadraceError,
    InvalidValueError,
    NotFoundError,
    UnsupportedError,
)
from headrace.journal.folder import DATABASE_FILE
from headrace.stores.resolve import prepared
from headrace.upkeep import files
from headrace.upkeep.premises import (
    ARTIFACT_FOLDER,
    Address,
    file_of,
    open_premises,
    shown,
)

NOTE = "headrace-backup.json"
_COMING = f"{DATABASE_FILE}.coming"
_PROGRAMS = {"postgresql": "pg_dump", "postgres": "pg_dump"}
_OTHER_PROGRAM = "mariadb-dump (or mysqldump)"

Tick = Callable[[int], None]


class Note(Struct, frozen=True):
    """What a backup says of itself."""

    source: str
    taken_at: int
    headrace: str
    rows: dict[str, int]
    """How many rows each table has."""
    format: int = 1


class Problem(Struct, frozen=True):
    """A file that could not be copied, or a place that is not part of the copy."""

    subject: str
    problem: str


class Copied(Struct, frozen=True):
    """What was copied."""

    source: str
    target: str
    rows: dict[str, int]
    files: int
    bytes: int
    unchanged: int
    """Files that were there already."""
    failed: list[Problem]
    elsewhere: list[str]
    """Places that experiments were given for their artifacts, outside of the store's own: not copied."""


def back_up(address: Address, target: Path, tick: Tick) -> Copied:
    """Copy a store into a folder: a new one, or one that holds an earlier backup of it.

    Raises `UnsupportedError` for a database that is not SQLite.
    """
    source = _sqlite_file(address, must_exist=False)
    _check_target(target)
    open_premises(address).store.close()  # which takes in what lies in journals
    root = address.artifact_root
    if scheme_of(root) == "file" and target.resolve().is_relative_to(local_path(root).resolve()):
        raise BadRequestError(f"'{target}' is among the artifacts that are to be copied.")
    target.mkdir(parents=True, exist_ok=True)
    coming = target / _COMING
    plugins.load("headrace.stores.sql.copying:copy_file")(source, coming)
    moved = _mirror(open_artifacts(root), target / ARTIFACT_FOLDER, tick)
    held = _contents(coming)
    note = Note(shown(address.database_uri), now_ms(), version("headrace"), held.rows)
    _write_whole(target / NOTE, json.dumps(msgspec.to_builtins(note), indent=2).encode())
    coming.replace(target / DATABASE_FILE)
    _drop_logs(target / DATABASE_FILE)
    if not moved.failed:
        _forget_others(target / ARTIFACT_FOLDER, moved.names)
    return moved.told(shown(address.database_uri), str(target), held)


def restore(source: Path, address: Address, tick: Tick) -> Copied:
    """Make a store from a backup, where there is none; its artifacts come first, its database last."""
    if not (source / NOTE).is_file() or not (source / DATABASE_FILE).is_file():
        raise NotFoundError(f"There is no whole backup in '{source}'.")
    target = _sqlite_file(address, must_exist=False)
    if target.exists():
        raise BadRequestError(
            f"There is a store at '{target}'. Move it away first, or restore to another place."
        )
    if target.name == DATABASE_FILE:
        prepared(target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    moved = _copy_all(
        LocalArtifacts(source / ARTIFACT_FOLDER), open_artifacts(address.artifact_root), tick
    )
    _drop_logs(target)
    plugins.load("headrace.stores.sql.copying:copy_file")(source / DATABASE_FILE, target)
    return moved.told(str(source), shown(address.database_uri), _contents(target))


def _sqlite_file(address: Address, *, must_exist: bool = True) -> Path:
    file = file_of(address.database_uri)
    if file is None:
        scheme = address.database_uri.partition(":")[0].partition("+")[0]
        program = _PROGRAMS.get(scheme, _OTHER_PROGRAM)
        raise UnsupportedError(
            f"A {scheme} database is copied by its own program: {program}; its artifacts are in "
            f"{address.artifact_root}. Take the dump first, then copy the artifacts."
        )
    if must_exist and not file.is_file():
        raise NotFoundError(f"There is no store at '{file}'.")
    return file


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InvalidValueError(f"'{target}' is a file; a backup needs a folder.")
    names = {path.name for path in target.iterdir()} if target.is_dir() else set()
    begun = names - {ARTIFACT_FOLDER}
    is_cut_off = bool(begun) and all(name.startswith(_COMING) for name in begun)
    if names and NOTE not in names and not is_cut_off:
        raise BadRequestError(
            f"'{target}' holds something else than a backup; choose a new folder."
        )


def _drop_logs(database: Path) -> None:
    """What was left beside a database that had the name before is not of the new one."""
    for ending in ("-wal", "-shm"):
        database.with_name(f"{database.name}{ending}").unlink(missing_ok=True)


def _contents(file: Path) -> "_Contents":
    rows, places = plugins.load("headrace.stores.sql.copying:contents")(file)
    return _Contents(rows, places)


class _Contents(NamedTuple):
    """What a database holds: the rows of each table, and the places that experiments were given."""

    rows: dict[str, int]
    places: list[str]


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)


# Artifacts


class _Moved:
    """What was copied so far."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.failed: list[Problem] = []
        self.bytes = 0
        self.unchanged = 0

    def told(self, source: str, target: str, held: _Contents) -> Copied:
        """The same for others."""
        done = len(self.names) - self.unchanged - len(self.failed)
        return Copied(
            source, target, held.rows, done, self.bytes, self.unchanged, self.failed, held.places
        )


def _mirror(source: ArtifactStore, folder: Path, tick: Tick) -> _Moved:
    return _copy_all(source, LocalArtifacts(folder), tick)


def _copy_all(source: ArtifactStore, target: ArtifactStore, tick: Tick) -> _Moved:
    moved = _Moved()
    for info in files.all_files(source):
        moved.names.add(info.path)
        try:
            known = source.stat(info.path)
            if _is_there(target, info, known):
                moved.unchanged += 1
            else:
                target.write(info.path, _checked(source, info.path, known))
                moved.bytes += known.size
        except NotFoundError:
            moved.names.discard(info.path)  # removed since it was listed
        except (HeadraceError, OSError) as error:
            moved.failed.append(Problem(info.path, str(error)))
        tick(len(moved.names))
    return moved


def _is_there(target: ArtifactStore, info: FileInfo, known: Stat) -> bool:
    """Whether the same content was copied before, as the digests of both say."""
    if known.sha256 is None:
        return False
    try:
        there = target.stat(info.path)
    except NotFoundError:
        return False
    return (there.size, there.sha256) == (known.size, known.sha256)


def _checked(source: ArtifactStore, path: str, known: Stat) -> Iterator[bytes]:
    """The bytes of a file; an error at their end, so that nothing is stored, if they are not what was written."""
    digest = hashlib.sha256()
    for chunk in source.read(path):
        digest.update(chunk)
        yield chunk
    if known.sha256 not in (None, digest.hexdigest()):
        raise CorruptDataError(
            f"is damaged: its SHA-256 is {digest.hexdigest()}, and {known.sha256} was recorded."
        )


def _forget_others(folder: Path, names: set[str]) -> None:
    """Remove from a backup what is no longer in the store."""
    kept = LocalArtifacts(folder)
    for info in list(files.all_files(kept)):
        if info.path not in names:
            kept.delete(info.path)
