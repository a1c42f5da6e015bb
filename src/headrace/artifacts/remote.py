"""Artifacts on any file system that fsspec knows: Google Cloud Storage, Azure, SFTP, HDFS, memory, ...

Only what all of them have is used: a file is written under a hidden name and then moved, by a rename
where there is one, else by a copy on the far side.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import Any

import fsspec
import msgspec

from headrace import plugins
from headrace.artifacts.base import DAY_MS, Opening, Stat
from headrace.artifacts.far_folder import (
    BLOCK_BYTES,
    BUCKETS,
    FarFolder,
    Info,
    Pool,
    host_uri,
    modified_ms,
)
from headrace.artifacts.notes import Notes
from headrace.artifacts.paths import OWN_PREFIX, checked, checked_folder, is_name
from headrace.artifacts.shared import Shared
from headrace.artifacts.uris import scheme_of
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import (
    HeadraceError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
    StorageFullError,
    UnavailableError,
)

CHUNK_BYTES = 1 << 20

_PART = f"{OWN_PREFIX}part-"

# What their libraries raise beside the errors of the operating system.
_FAULTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), ("azure.core.exceptions:AzureError",)),
    **dict.fromkeys(("gs", "gcs"), ("gcsfs.retry:HttpError", "aiohttp:ClientError")),
    **dict.fromkeys(("sftp", "ssh"), ("paramiko:SSHException", "builtins:EOFError")),
    "ftp": ("ftplib:Error", "builtins:EOFError"),
}


def connect(uri: str, opening: Opening) -> "RemoteArtifacts":
    """The files below a URL such as ``gs://bucket/folder``."""
    if any(sign in uri for sign in "*?#"):
        raise InvalidValueError(f"'{uri}' names no folder: it holds '*', '?' or '#'.")
    fsspec.get_filesystem_class(scheme_of(uri))  # which says what is not installed
    faults = tuple(plugins.load(name) for name in _FAULTS.get(scheme_of(uri), ()))
    return RemoteArtifacts(uri, opening.options, faults)


def _pool(uri: str, options: bytes) -> Pool:
    return Pool(uri, msgspec.json.decode(options))


_pools = Shared(_pool)


class RemoteArtifacts:
    """Keeps files under the URL ``uri``. ``faults`` are the exceptions of the library underneath."""

    def __init__(
        self, uri: str, options: Mapping[str, Any], faults: tuple[type[Exception], ...] = ()
    ) -> None:
        self._uri = uri
        self._options = msgspec.json.encode(dict(options), order="sorted")
        self._faults: tuple[type[Exception], ...] = (OSError, *faults)

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        checked(path)
        sha256, size = hashlib.sha256(), 0
        blocks = _blocks(chunks)
        first, second = next(blocks, b""), next(blocks, None)
        if second is None and scheme_of(self._uri) in BUCKETS:
            sha256.update(first)
            with self._asked(path) as far:
                name = partial(far.put, path, first)
                return _named(far, path, sha256.hexdigest(), len(first), name)
        with self._part(path) as (far, hidden, file):
            for block in _chained(first, second, blocks):
                sha256.update(block)
                size += len(block)
                with self._told(path):
                    file.write(block)
            with self._told(path):
                file.close()
                name = partial(far.move, hidden, path)
                return _named(far, path, sha256.hexdigest(), size, name)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        chunks = self._chunks(checked(path), start, end)
        next(chunks)  # from here on, the end of the generator closes the file, whenever that is
        return chunks

    def stat(self, path: str) -> Stat:
        checked(path)
        with self._asked(path) as far:
            info = _file(far, path)
            return Stat(int(info["size"]), modified_ms(info), Notes(far, path).digest(info))

    def list(self, path: str = "") -> list[FileInfo]:
        folder = checked_folder(path)
        try:
            with self._asked(path) as far:
                found = dict(far.entries(folder))
        except (NotFoundError, InvalidValueError):
            return []
        names = sorted(name for name in found if is_name(name, self._uri))
        return [_info(f"{folder}/{name}" if folder else name, found[name]) for name in names]

    def delete(self, path: str) -> None:
        checked(path)
        with (
            suppress(NotFoundError),
            self._asked(path) as far,
            Notes(far, path).forgotten(),
            suppress(FileNotFoundError),
        ):
            if far.info(path)["type"] == "directory":
                far.remove_folder(path)
            else:
                far.remove_file(path)

    def leftovers(self, older_than_ms: int = DAY_MS) -> int:
        """How many files writes that were cut off left longer ago than that."""
        with self._asked("") as far:
            return len(_parts_left(far, older_than_ms))

    def sweep(self, older_than_ms: int = DAY_MS) -> int:
        """Remove them; how many there were."""
        with self._asked("") as far:
            left = _parts_left(far, older_than_ms)
            for path in left:
                far.remove_file(path)
        return len(left)

    @contextmanager
    def _asked(self, path: str) -> Iterator[FarFolder]:
        with self._told(path), self._taken() as far:
            yield far

    def _taken(self) -> AbstractContextManager[FarFolder]:
        return _pools(host_uri(self._uri), self._options).taken(self._uri)

    @contextmanager
    def _part(self, path: str) -> Iterator[tuple[FarFolder, str, Any]]:
        """A file under a hidden name, which the body moves. What the body raises stays."""
        folder, slash, _ = path.rpartition("/")
        hidden = f"{folder}{slash}{_PART}{os.urandom(8).hex()}"
        with ExitStack() as stack:
            with self._told(path):
                far = stack.enter_context(self._taken())
            try:
                with self._told(path):
                    file = far.create(hidden)
                with closing(file):
                    yield far, hidden, file
            except BaseException:
                with suppress(HeadraceError), self._told(path):
                    far.remove_file(hidden)  # what stays is not seen, and `sweep` finds it
                raise

    def _chunks(self, path: str, start: int, end: int | None) -> Iterator[bytes]:
        """First an empty chunk, once the file is open; then its bytes."""
        with ExitStack() as stack:
            with self._told(path):
                far = stack.enter_context(self._taken())
                size = int(_file(far, path)["size"])
                file = stack.enter_context(closing(far.open(path)))
            stop = size if end is None else min(end, size)
            yield b""
            while start < stop:
                with self._told(path):
                    chunk = far.read_at(file, start, min(CHUNK_BYTES, stop - start))
                if not chunk:
                    return
                yield chunk
                start += len(chunk)

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """What fsspec and the libraries below it raise, as errors of ours."""
        try:
            yield
        except FileNotFoundError as error:
            raise NotFoundError(f"No such artifact: '{path}'.") from error
        except PermissionError as error:
            raise PermissionDeniedError(f"'{path}' may not be accessed: {error}.") from error
        except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
            raise InvalidValueError(
                f"'{path}' is a folder, or a folder of it is a file: {error}."
            ) from error
        except self._faults as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFullError(f"No space is left at {self._uri}.") from error
            raise UnavailableError(f"{self._uri} failed for '{path}': {error}.") from error


def _parts_left(far: FarFolder, older_than_ms: int) -> list[str]:
    before = now_ms() - older_than_ms
    return [
        path
        for path, info in far.below()
        if path.rpartition("/")[2].startswith(_PART) and modified_ms(info) < before
    ]


def _file(far: FarFolder, path: str) -> Info:
    info = far.info(path)
    if info["type"] != "file":
        raise FileNotFoundError(path)
    return info


def _named(far: FarFolder, path: str, sha256: str, size: int, name: Callable[[], None]) -> Stat:
    """What a file is after ``name`` has given it its name; its digest is kept."""
    notes = Notes(far, path)
    note = notes.announce(sha256, size)
    name()
    return Stat(size, notes.confirm(note), sha256)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    block = bytearray()
    for chunk in chunks:
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _chained(first: bytes, second: bytes | None, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    if second is not None:
        yield second
        yield from rest


def _info(path: str, entry: Info) -> FileInfo:
    if entry["type"] == "directory":
        return FileInfo(path, is_dir=True)
    return FileInfo(path, is_dir=False, file_size=int(entry["size"] or 0))
