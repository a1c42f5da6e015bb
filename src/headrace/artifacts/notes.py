"""The SHA-256 of files far away, in small hidden files beside them (docs/decisions/0008-digests-far-away.md).

There is no lock there, and what a file system tells of a file (a time in seconds, perhaps) may be the same
for two of them. So every write leaves notes of its own: one that announces its digest, put before the file
gets its name, and one that says which version was found under the name afterwards. A digest is believed
only where no other note could be that of the file. A note is removed when its file surely is gone.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from headrace.artifacts.base import DAY_MS
from headrace.artifacts.far_folder import FarFolder, Info, modified_ms, version
from headrace.artifacts.paths import OWN_PREFIX
from headrace.clock import now_ms

_FOLDER = f"{OWN_PREFIX}digests"
_ANNOUNCED = "announced"


class Note(NamedTuple):
    """The parts of a note's name; all that is known is in it, so that one listing tells it."""

    write: str
    sha256: str
    size: str
    version: str


class Notes:
    """Those about the file at ``path``."""

    def __init__(self, far: FarFolder, path: str) -> None:
        folder, slash, name = path.rpartition("/")
        self._far, self._path = far, path
        self._folder = f"{folder}{slash}{_FOLDER}/{name}"

    def announce(self, sha256: str, size: int) -> Note:
        """To be called before the file gets its name."""
        note = Note(os.urandom(8).hex(), sha256, str(size), _ANNOUNCED)
        self._put(note)
        return note

    def confirm(self, announced: Note) -> int:
        """To be called when it has its name; when the file changed that has it now, another's perhaps."""
        # First the notes, then the file: what was confirmed with a version that is not there now is
        # about a file that has had the name, and has lost it.
        known = dict(self._found())
        try:
            info = self._far.info(self._path)
        except FileNotFoundError:  # somebody has removed it
            self._remove([announced])
            return now_ms()
        present = _stamp(info)
        self._put(announced._replace(version=present))
        self._remove(_past(known, present))
        return modified_ms(info)

    def digest(self, info: Info) -> str | None:
        """Of the file, whose ``info`` was read just before."""
        size, present = str(int(info["size"])), _stamp(info)
        notes = [note for note, _ in self._found() if note.size == size]
        confirmed = {note.sha256 for note in notes if note.version == present}
        over = {note.write for note in notes if note.version != _ANNOUNCED}
        possible = confirmed | {note.sha256 for note in notes if note.write not in over}
        return confirmed.pop() if confirmed and len(possible) == 1 else None

    @contextmanager
    def forgotten(self) -> Iterator[None]:
        """The body removes the file."""
        known = dict(self._found())
        yield
        self._remove(_past(known, present=""))
        self._far.remove_empty(self._folder)

    def _put(self, note: Note) -> None:
        self._far.put(f"{self._folder}/{'.'.join(note)}", note.sha256.encode())

    def _found(self) -> Sequence[tuple[Note, Info]]:
        with suppress(FileNotFoundError, NotADirectoryError):
            entries = [(name.split("."), info) for name, info in self._far.entries(self._folder)]
            return [(Note(*parts), info) for parts, info in entries if len(parts) == 4]
        return []

    def _remove(self, notes: Iterable[Note]) -> None:
        for note in notes:
            with suppress(FileNotFoundError):  # another writer was first
                self._far.remove_file(f"{self._folder}/{'.'.join(note)}")


def _past(notes: dict[Note, Info], present: str) -> Iterator[Note]:
    """The notes about files that lost the name, if what has it now has the version ``present``."""
    lost = {note.write for note in notes if note.version not in (_ANNOUNCED, present)}
    dead_ms = now_ms() - DAY_MS  # a writer that announced a file then, and has not named it
    for note, info in notes.items():
        if note.write in lost or (note.version == _ANNOUNCED and modified_ms(info) < dead_ms):
            yield note


def _stamp(info: Info) -> str:
    """The version of a file, as a part of a name."""
    return hashlib.blake2b(version(info).encode(), digest_size=8).hexdigest()
