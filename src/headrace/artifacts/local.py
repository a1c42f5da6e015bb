"""Artifacts in a folder of this machine, or of a file system mounted on it."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from headrace.artifacts import digests
from headrace.artifacts.base import DAY_MS, Opening, Stat
from headrace.artifacts.folders import Folder, descend, root_folder
from headrace.artifacts.parts import PART_PREFIX, Digest, Part
from headrace.artifacts.paths import checked, checked_folder, is_name, split
from headrace.artifacts.uris import local_path
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
)

CHUNK_BYTES = 1 << 20

_NS_PER_MS = 1_000_000
_NO_SUCH_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_TAKEN = (errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EEXIST, errno.ENOTEMPTY)


def connect(uri: str, opening: Opening) -> "LocalArtifacts":
    """The folder that a path or a ``file:`` URI names."""
    return LocalArtifacts(local_path(uri), durable=opening.durable)


class LocalArtifacts:
    """Keeps files under ``root``, which is made when it is first written to.

    Nothing outside of it is opened, whatever links are planted in it. With ``durable`` a file that was
    written outlives a power cut. Digests lie in extended attributes, or in hidden files where there are
    none or ``attributes`` is off.
    """

    def __init__(self, root: Path, *, durable: bool = False, attributes: bool = True) -> None:
        self.root = root
        self._durable = durable
        self._attributes = attributes

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        folders, name = split(checked(path))
        with _written(path):
            root = root_folder(self.root, create=True)
            folder = descend(root, folders, create=True, durable=self._durable)
        with closing(folder):
            with _written(path):
                part = Part(folder)
            with closing(part):
                for chunk in chunks:
                    part.append(chunk)
                with _written(path):
                    kept: Digest = "attribute" if self._attributes else "sidecar"
                    status = part.publish(name, durable=self._durable, digest=kept)
                return _stat(status, part.sha256)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        folders, name = split(checked(path))
        with _read(path), closing(descend(root_folder(self.root), folders)) as folder:
            descriptor = _open(folder, name)
        size = os.fstat(descriptor).st_size
        chunks = _chunks(descriptor, start, size if end is None else min(end, size))
        next(chunks)  # from here on, the end of the generator closes the file, whenever that is
        return chunks

    def stat(self, path: str) -> Stat:
        folders, name = split(checked(path))
        with _read(path), closing(descend(root_folder(self.root), folders)) as folder:
            descriptor = _open(folder, name)
            try:
                status = os.fstat(descriptor)
                sha256 = digests.attached(descriptor) if self._attributes else None
                outdated = sha256 is None and digests.is_outdated(descriptor)
            finally:
                os.close(descriptor)
            return _stat(status, sha256 or digests.beside(folder, name, status), outdated=outdated)

    def list(self, path: str = "") -> list[FileInfo]:
        path = checked_folder(path)
        try:
            folder = descend(root_folder(self.root), path.split("/") if path else ())
        except OSError as error:
            if error.errno in _NO_SUCH_FOLDER:
                return []
            raise
        with closing(folder):
            found = [
                _info(path, name, status)
                for name, status in folder.entries()
                if _is_artifact(status) and is_name(name, str(self.root))
            ]
        return sorted(found, key=lambda info: info.path)

    def delete(self, path: str) -> None:
        folders, name = split(checked(path))
        try:
            with closing(descend(root_folder(self.root), folders)) as folder:
                folder.remove(name)
                digests.forget(folder, name)
        except PermissionError as error:
            raise _denied(path, error) from error
        except OSError as error:
            if error.errno not in _NO_SUCH_FOLDER:
                raise

    def leftovers(self, older_than_ms: int = DAY_MS) -> int:
        """How many files writes that were cut off left longer ago than that."""
        return self._swept(older_than_ms, lambda _folder, _name: None)

    def sweep(self, older_than_ms: int = DAY_MS) -> int:
        """Remove them; how many there were."""
        return self._swept(older_than_ms, lambda folder, name: folder.remove(name))

    def _swept(self, older_than_ms: int, act: Callable[[Folder, str], None]) -> int:
        if not self.root.is_dir():
            return 0
        return _sweep(root_folder(self.root), now_ms() - older_than_ms, act)


def _open(folder: Folder, name: str) -> int:
    descriptor = folder.open(name, os.O_RDONLY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _chunks(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    with closing(os.fdopen(descriptor, "rb", buffering=0)) as file:
        yield b""
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK_BYTES, end - start))):
            yield chunk
            start += len(chunk)


def _sweep(folder: Folder, before_ms: int, act: Callable[[Folder, str], None]) -> int:
    swept = 0
    with closing(folder):
        for name, is_folder in folder.names():
            if is_folder:
                with suppress(FileNotFoundError, NotADirectoryError):  # gone meanwhile
                    swept += _sweep(folder.enter(name), before_ms, act)
            elif name.startswith(PART_PREFIX) and _modified_ms(folder, name) < before_ms:
                act(folder, name)
                swept += 1
    return swept


def _modified_ms(folder: Folder, name: str) -> int:
    descriptor = folder.open(name, os.O_RDONLY)
    try:
        return os.fstat(descriptor).st_mtime_ns // _NS_PER_MS
    finally:
        os.close(descriptor)


def _is_artifact(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)


def _info(folder: str, name: str, status: os.stat_result) -> FileInfo:
    path = f"{folder}/{name}" if folder else name
    if stat.S_ISDIR(status.st_mode):
        return FileInfo(path, is_dir=True)
    return FileInfo(path, is_dir=False, file_size=status.st_size)


def _stat(status: os.stat_result, sha256: str | None, *, outdated: bool = False) -> Stat:
    return Stat(status.st_size, status.st_mtime_ns // _NS_PER_MS, sha256, outdated)


@contextmanager
def _read(path: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise _denied(path, error) from error
    except OSError as error:
        if error.errno in (*_NO_SUCH_FOLDER, errno.EISDIR):
            raise NotFoundError(f"No such artifact: '{path}'.") from error
        raise


@contextmanager
def _written(path: str) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise _denied(path, error) from error
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise ConflictError(
                f"The folder of '{path}' was removed while it was written; write it again."
            ) from error
        if error.errno in _TAKEN:
            raise InvalidValueError(
                f"'{path}' cannot be written: it is a folder, or a folder of it is a file."
            ) from error
        if error.errno == errno.ENAMETOOLONG:
            raise InvalidValueError(
                f"The name '{path}' is too long for the file system."
            ) from error
        raise


def _denied(path: str, error: PermissionError) -> PermissionDeniedError:
    return PermissionDeniedError(f"The artifact '{path}' may not be accessed: {error.strerror}.")
