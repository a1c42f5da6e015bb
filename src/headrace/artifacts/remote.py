"""Artifacts on any file system that fsspec knows: Google Cloud Storage, Azure, SFTP, HDFS, memory, ...

Only what all of them have is used: a file is written under a hidden name and then moved, by a rename
where there is one, else by a copy on the far side. Digests lie in small hidden files, each of which
names the version that it belongs to.
"""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import fsspec
import msgspec

from headrace import plugins
from headrace.artifacts.base import DAY_MS, Opening, Stat
from headrace.artifacts.paths import OWN_PREFIX, checked, checked_folder, is_name
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

BLOCK_BYTES = 8 << 20
CHUNK_BYTES = 1 << 20

_PART = f"{OWN_PREFIX}part-"
_SIDECARS = f"{OWN_PREFIX}digests"
_BUCKETS = frozenset(("gs", "gcs", "abfs", "abfss", "az", "adl", "oss"))
"""One PUT there is seen whole or not at all, and folders are only names."""
_RENAMING = frozenset(("sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "webdav", "dbfs"))
_REPLACING = frozenset(("sftp", "ssh"))
"""A rename there takes the place of a file that has the name."""

# What their libraries raise beside the errors of the operating system.
_FAULTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), ("azure.core.exceptions:AzureError",)),
    **dict.fromkeys(("gs", "gcs"), ("gcsfs.retry:HttpError", "aiohttp:ClientError")),
    **dict.fromkeys(("sftp", "ssh"), ("paramiko:SSHException", "builtins:EOFError")),
    "ftp": ("ftplib:Error", "builtins:EOFError"),
}
_VERSIONS = ("etag", "ETag", "generation", "mtime", "LastModified", "last_modified", "created")
_TIMES = ("mtime", "updated", "LastModified", "last_modified", "modified", "created")


def connect(uri: str, opening: Opening) -> "RemoteArtifacts":
    """The files below a URL such as ``gs://bucket/folder``."""
    if any(sign in uri for sign in "*?#"):
        raise InvalidValueError(f"'{uri}' names no folder: it holds '*', '?' or '#'.")
    scheme = scheme_of(uri)
    faults = tuple(plugins.load(name) for name in _FAULTS.get(scheme, ()))
    return RemoteArtifacts(uri, opening.options, faults)


@lru_cache(maxsize=16)
def _file_system(_pid: int, uri: str, options: bytes) -> tuple[Any, str]:
    # By process: a forked child must not talk on its parent's connections.
    cached = {"use_listings_cache": False} if scheme_of(uri) in _BUCKETS else {}
    fs, root = fsspec.core.url_to_fs(uri, **{**cached, **msgspec.json.decode(options)})
    return fs, root.rstrip("/")


class RemoteArtifacts:
    """Keeps files under the URL ``uri``. ``faults`` are the exceptions of the library underneath."""

    def __init__(
        self,
        uri: str,
        options: Mapping[str, Any],
        faults: tuple[type[Exception], ...] = (),
    ) -> None:
        self._uri = uri
        self._scheme = scheme_of(uri)
        self._options = msgspec.json.encode(dict(options), order="sorted")
        self._faults: tuple[type[Exception], ...] = (OSError, *faults)

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        target = self._full(checked(path))
        sha256, size = hashlib.sha256(), 0
        blocks = _blocks(chunks)
        first, second = next(blocks, b""), next(blocks, None)
        if second is None and self._scheme in _BUCKETS:
            with self._told(path):
                self._fs.pipe_file(target, first)
            sha256.update(first)
            size = len(first)
        else:
            with self._part(path, target) as file:
                for block in _chained(first, second, blocks):
                    sha256.update(block)
                    size += len(block)
                    with self._told(path):
                        file.write(block)
        with self._told(path):
            info = self._fs.info(target)
            record = f"{sha256.hexdigest()} {size} {_version(info)}".encode()
            self._put_beside(target, record)
        return Stat(size, _modified_ms(info), sha256.hexdigest())

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        full = self._full(checked(path))
        size = self._info(path, full)["size"]
        with self._told(path):
            file = self._fs.open(full, "rb", block_size=BLOCK_BYTES)
        chunks = self._chunks(path, file, start, size if end is None else min(end, size))
        next(chunks)  # from here on, the end of the generator closes the file, whenever that is
        return chunks

    def stat(self, path: str) -> Stat:
        full = self._full(checked(path))
        info = self._info(path, full)
        size = int(info["size"])
        with self._told(path):
            sha256 = self._recorded(full, f"{size} {_version(info)}")
        return Stat(size, _modified_ms(info), sha256)

    def list(self, path: str = "") -> list[FileInfo]:
        folder = checked_folder(path)
        full = self._full(folder)
        try:
            with self._told(path):
                self._fs.invalidate_cache()
                entries = self._fs.ls(full, detail=True)
        except (NotFoundError, InvalidValueError):
            return []
        found = {}
        for entry in entries:
            parent, _, name = entry["name"].rstrip("/").rpartition("/")
            if parent == full and is_name(name, self._uri):
                below = f"{folder}/{name}" if folder else name
                found[name] = _told_info(below, entry)
        return [found[name] for name in sorted(found)]

    def delete(self, path: str) -> None:
        full = self._full(checked(path))
        with suppress(NotFoundError), self._told(path):
            self._fs.invalidate_cache()
            with suppress(FileNotFoundError):
                self._fs.rm_file(self._sidecar(full))
            if self._fs.info(full)["type"] != "directory":
                self._fs.rm_file(full)
            if self._fs.isdir(full):
                self._remove_folder(full)

    def sweep(self, older_than_ms: int = DAY_MS) -> int:
        """Remove what writes that were cut off left longer ago than that; how many there were."""
        before, swept = now_ms() - older_than_ms, 0
        with self._told(""):
            for name, info in self._fs.find(self._full(""), detail=True).items():
                if name.rpartition("/")[2].startswith(_PART) and _modified_ms(info) < before:
                    self._fs.rm_file(name)
                    swept += 1
        return swept

    @property
    def _fs(self) -> Any:
        return self._connected()[0]

    def _full(self, path: str) -> str:
        root = self._connected()[1]
        return f"{root}/{path}" if path else root

    def _connected(self) -> tuple[Any, str]:
        with self._told(""):
            return _file_system(os.getpid(), self._uri, self._options)

    @contextmanager
    def _part(self, path: str, target: str) -> Iterator[Any]:
        """A file under a hidden name, which gets the name ``target`` if all goes well."""
        folder = target.rpartition("/")[0]
        hidden = f"{folder}/{_PART}{os.urandom(8).hex()}"
        try:
            with self._told(path):
                self._make(folder)
                file = self._fs.open(hidden, "wb", block_size=BLOCK_BYTES)
            with closing(file):
                yield file
            with self._told(path):
                self._move(hidden, target)
        except BaseException:
            with suppress(HeadraceError, FileNotFoundError), self._told(path):
                self._fs.rm_file(hidden)  # what stays is not seen, and `sweep` finds it
            raise

    def _move(self, hidden: str, target: str) -> None:
        if self._scheme not in _RENAMING:
            self._fs.cp_file(hidden, target)
            self._fs.rm_file(hidden)
            return
        if self._scheme not in _REPLACING and self._fs.exists(target):
            self._fs.rm_file(target)
        self._fs.mv(hidden, target)

    def _make(self, folder: str) -> None:
        if self._scheme not in _BUCKETS:
            self._fs.makedirs(folder, exist_ok=True)

    def _remove_folder(self, folder: str) -> None:
        # Not `rm(recursive=True)`: it takes some names for patterns.
        for parent, _, names in self._fs.walk(folder, topdown=False):
            for name in names:
                self._fs.rm_file(f"{parent}/{name}")
            if self._scheme not in _BUCKETS:
                with suppress(FileNotFoundError):
                    self._fs.rmdir(parent)

    def _info(self, path: str, full: str) -> Mapping[str, Any]:
        with self._told(path):
            self._fs.invalidate_cache()
            info: Mapping[str, Any] = self._fs.info(full)
        if info["type"] != "file":
            raise NotFoundError(f"No such artifact: '{path}'.")
        return info

    def _chunks(self, path: str, file: Any, start: int, end: int) -> Iterator[bytes]:
        with closing(file):
            yield b""
            if start < end:
                file.seek(start)
            while start < end:
                with self._told(path):
                    chunk: bytes = file.read(min(CHUNK_BYTES, end - start))
                if not chunk:
                    return
                yield chunk
                start += len(chunk)

    def _sidecar(self, full: str) -> str:
        folder, _, name = full.rpartition("/")
        return f"{folder}/{_SIDECARS}/{name}"

    def _put_beside(self, full: str, record: bytes) -> None:
        sidecar = self._sidecar(full)
        self._make(sidecar.rpartition("/")[0])
        self._fs.pipe_file(sidecar, record)

    def _recorded(self, full: str, stamp: str) -> str | None:
        try:
            record: bytes = self._fs.cat_file(self._sidecar(full))
        except FileNotFoundError:
            return None
        sha256, _, taken_at = record.decode("ascii", "replace").partition(" ")
        return sha256 if taken_at == stamp else None

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


def _version(info: Mapping[str, Any]) -> str:
    """What changes when the file does, in one word."""
    found = next((info[name] for name in _VERSIONS if info.get(name) is not None), "")
    return "".join(str(found).split())


def _modified_ms(info: Mapping[str, Any]) -> int:
    found = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(found, str):
        found = datetime.fromisoformat(found)
    if isinstance(found, datetime):
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    return int(found * 1000) if isinstance(found, (int, float)) else now_ms()


def _told_info(path: str, entry: Mapping[str, Any]) -> FileInfo:
    if entry["type"] == "directory":
        return FileInfo(path, is_dir=True)
    return FileInfo(path, is_dir=False, file_size=int(entry["size"] or 0))
