"""A folder that somebody else wrote: read by handle, level by level, and never left through a link."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from headrace.artifacts.folders import Folder, descend, root_folder
from headrace.errors import InvalidValueError, TooLargeError
from headrace.importing.nouns import FoundFile
from headrace.importing.report import Report

Parts = tuple[str, ...]

_CHUNK_BYTES = 1 << 20
_MS_PER_S = 1000


class SourceFolder:
    """The files below ``root``. A place in it is told as the names that lead there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folders(self, *place: str) -> list[str]:
        """The names of the folders at a place, sorted; none where there is no such place."""
        return sorted(name for name, status in self._entries(place) if stat.S_ISDIR(status.st_mode))

    def files(self, *place: str) -> list[str]:
        """The names of the files at a place, sorted."""
        return sorted(name for name, status in self._entries(place) if stat.S_ISREG(status.st_mode))

    def has(self, *place: str) -> bool:
        """Whether there is a folder at a place."""
        try:
            self._folder(place).close()
        except OSError:
            return False
        return True

    def open(self, *place: str) -> BinaryIO:
        """A file for reading; an `OSError` for what is none, a link among them."""
        *folders, name = place
        with closing(self._folder(folders)) as folder:
            descriptor = folder.open(name, os.O_RDONLY)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "It is no plain file", "/".join(place))
        return os.fdopen(descriptor, "rb")

    def read(self, *place: str, most: int = 16 << 20) -> bytes:
        """A small file whole; `TooLargeError` for one of more than ``most`` bytes."""
        with self.open(*place) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise TooLargeError(f"'{'/'.join(place)}' has more than {most:,} bytes.")
        return data

    def text(self, *place: str) -> str:
        """A small file as text; what is not UTF-8 in it is shown as such."""
        return self.read(*place).decode("utf-8", "replace")

    def below(self, *place: str, report: Report | None = None) -> Iterator[Parts]:
        """The places of all files below a place, sorted; links and devices are noted."""
        for name, status in sorted(self._entries(place), key=lambda entry: entry[0]):
            here = (*place, name)
            if stat.S_ISDIR(status.st_mode):
                yield from self.below(*here, report=report)
            elif stat.S_ISREG(status.st_mode):
                yield here
            elif report is not None:
                report.leave(
                    "file", "/".join(here), "it is a link or no plain file; neither is followed"
                )

    def artifacts(
        self, *place: str, report: Report, name: Callable[[Parts], str] | None = None
    ) -> Iterator[FoundFile]:
        """The files below a place, under their paths from there unless ``name`` says otherwise."""
        for found in self.below(*place, report=report):
            path = name(found) if name else "/".join(found[len(place) :])
            yield self.artifact(path, *found)

    def artifact(self, path: str, *place: str) -> FoundFile:
        """One file, to be stored under ``path``."""
        with self.open(*place) as file:
            status = os.fstat(file.fileno())
        return FoundFile(
            path, status.st_size, lambda: self._chunks(place), int(status.st_mtime * _MS_PER_S)
        )

    def inside(self, path: Path) -> Parts | None:
        """The place that an absolute path names, if it lies in this folder."""
        try:
            parts = path.relative_to(self.root.absolute()).parts
        except ValueError:
            return None
        return None if ".." in parts else parts

    def _chunks(self, place: Sequence[str]) -> Iterator[bytes]:
        with self.open(*place) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def _entries(self, place: Sequence[str]) -> Iterable[tuple[str, os.stat_result]]:
        try:
            folder = self._folder(place)
        except (FileNotFoundError, NotADirectoryError):
            return []
        with closing(folder):
            return list(folder.entries())

    def _folder(self, place: Sequence[str]) -> Folder:
        for name in place:
            if name in ("", ".", "..") or "/" in name or os.sep in name:
                raise InvalidValueError(f"'{name}' is no name in a folder.")
        return descend(root_folder(self.root), place)


def place_of(relative: str) -> Parts:
    """The place that a relative path with ``/`` names; `InvalidValueError` for one that leads out."""
    parts = PurePosixPath(relative.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in relative:
        raise InvalidValueError(f"'{relative[:200]}' leads out of the folder that is imported.")
    return parts
