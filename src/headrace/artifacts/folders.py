"""Folders by handle: every name is one level, and a link is never followed.

A path that is opened as a whole can be led astray between the check and the use. Here each level is
opened from the handle of the one above it, so that whoever plants or swaps links meanwhile gets
"not found", never a file outside.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOSE_ON_EXEC
# Opening a named pipe must not wait for its other end; regular files do not care.
_FILE_FLAGS = (
    _NO_FOLLOW | _CLOSE_ON_EXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
_UNNAMED = getattr(os, "O_TMPFILE", 0) if Path("/proc/self/fd").is_dir() else 0
_LINK_TAGS = {
    getattr(stat, name, None) for name in ("IO_REPARSE_TAG_SYMLINK", "IO_REPARSE_TAG_MOUNT_POINT")
} - {None}

HAS_HANDLES = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class Folder(Protocol):
    """An open folder. Names are checked by the caller; errors are those of the operating system."""

    def enter(self, name: str, *, create: bool = False, durable: bool = False) -> "Folder":
        """The folder of that name in this one; a link to a folder is none.

        A missing one is made with ``create``, so that a power cut leaves it with ``durable``.
        """
        ...

    def open(self, name: str, flags: int) -> int:
        """A file descriptor; a link is an error."""
        ...

    def open_unnamed(self) -> int | None:
        """A new file without a name, gone with its descriptor; ``None`` where there is no such thing."""
        ...

    def name_it(self, descriptor: int, name: str) -> None:
        """Give an unnamed file a name that is free."""
        ...

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Names with what they are; a link is told as itself."""
        ...

    def names(self) -> Iterator[tuple[str, bool]]:
        """Names with whether each is a folder: cheaper, and a link is none."""
        ...

    def replace(self, source: str, target: str) -> None:
        """Rename a file, over one that is there."""
        ...

    def remove(self, name: str) -> None:
        """A file or a link, or a folder with all in it."""
        ...

    def sync(self) -> None:
        """Returns when the names given or taken away last would outlive a power cut."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def descend(
    root: Folder, parts: Iterable[str], *, create: bool = False, durable: bool = False
) -> Folder:
    """The folder ``parts`` below ``root``, in whose place it comes: one of the two is open in the end."""
    folder = root
    for part in parts:
        above = folder
        try:
            folder = above.enter(part, create=create, durable=durable)
        finally:
            above.close()
    return folder


def root_folder(path: Path, *, create: bool = False) -> Folder:
    """The folder at ``path``; links on the way to it are its owner's business."""
    if create:
        path.mkdir(parents=True, exist_ok=True)
    if HAS_HANDLES:
        return HandleFolder(os.open(path, _FOLDER_FLAGS))
    if not path.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return PathFolder(path)


class HandleFolder:
    """A folder as a directory descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._fd = descriptor

    def enter(self, name: str, *, create: bool = False, durable: bool = False) -> "HandleFolder":
        try:
            return self._enter(name)
        except FileNotFoundError:
            if not create:
                raise
        with suppress(FileExistsError):  # somebody else made it meanwhile
            os.mkdir(name, dir_fd=self._fd)
            if durable:
                self.sync()
        return self._enter(name)

    def _enter(self, name: str) -> "HandleFolder":
        return HandleFolder(os.open(name, _FOLDER_FLAGS | _NO_FOLLOW, dir_fd=self._fd))

    def open(self, name: str, flags: int) -> int:
        return os.open(name, flags | _FILE_FLAGS, 0o666, dir_fd=self._fd)

    def open_unnamed(self) -> int | None:
        if not _UNNAMED:
            return None
        try:
            return os.open(".", _UNNAMED | os.O_RDWR | _CLOSE_ON_EXEC, 0o666, dir_fd=self._fd)
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
                return None  # a file system or a kernel without them
            raise

    def name_it(self, descriptor: int, name: str) -> None:
        os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=self._fd, follow_symlinks=True)

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(self._fd) as found:
            yield from _told(found)

    def names(self) -> Iterator[tuple[str, bool]]:
        with os.scandir(self._fd) as found:
            for entry in found:
                yield entry.name, entry.is_dir(follow_symlinks=False)

    def replace(self, source: str, target: str) -> None:
        os.replace(source, target, src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> None:
        try:
            os.unlink(name, dir_fd=self._fd)
        except (IsADirectoryError, PermissionError):  # macOS says "not permitted" of a folder
            status = os.stat(name, dir_fd=self._fd, follow_symlinks=False)
            if not stat.S_ISDIR(status.st_mode):
                raise
            shutil.rmtree(name, dir_fd=self._fd)

    def sync(self) -> None:
        os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class PathFolder:
    """The same by path, for systems without directory descriptors; it looks for links at each level.

    A link that is swapped in between the look and the use is followed: Windows lets only
    administrators make links, by default.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, name: str, *, create: bool = False, durable: bool = False) -> "PathFolder":
        below = self._path / name
        if create:
            with suppress(FileExistsError):
                below.mkdir()
                if durable:
                    self.sync()
        status = below.lstat()
        if _is_link(status) or not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        return PathFolder(below)

    def open(self, name: str, flags: int) -> int:
        path = self._path / name
        with suppress(FileNotFoundError):
            status = path.lstat()
            if _is_link(status):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        return os.open(path, flags | _FILE_FLAGS, 0o666)

    def open_unnamed(self) -> int | None:
        return None

    def name_it(self, descriptor: int, name: str) -> None:
        raise NotImplementedError(f"{name}: there are no unnamed files here ({descriptor}).")

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        with os.scandir(self._path) as found:
            yield from _told(found)

    def names(self) -> Iterator[tuple[str, bool]]:
        for name, status in self.entries():
            yield name, stat.S_ISDIR(status.st_mode) and not _is_link(status)

    def replace(self, source: str, target: str) -> None:
        (self._path / source).replace(self._path / target)

    def remove(self, name: str) -> None:
        path = self._path / name
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode) and not _is_link(status):
            shutil.rmtree(path)
        else:
            path.unlink()

    def sync(self) -> None:
        """Nothing to do: such systems have no way to ask for it."""

    def close(self) -> None:
        """Nothing is held."""


def _told(found: Iterable["os.DirEntry[str]"]) -> Iterator[tuple[str, os.stat_result]]:
    for entry in found:
        try:
            yield entry.name, entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone since the folder was read


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINK_TAGS
