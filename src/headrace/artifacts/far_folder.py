"""A folder on a file system of fsspec, by one connection: what differs between the systems is said here."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import fsspec

from headrace.artifacts.uris import scheme_of
from headrace.clock import now_ms
from headrace.errors import HeadraceError

Info = Mapping[str, Any]

BLOCK_BYTES = 8 << 20
BUCKETS = frozenset(("gs", "gcs", "abfs", "abfss", "az", "adl", "oss"))
"""One PUT there is seen whole or not at all, and folders are only names."""

_SSH = frozenset(("sftp", "ssh"))
_RENAMING = frozenset((*_SSH, "ftp", "smb", "hdfs", "webhdfs", "webdav", "dbfs"))
_ONE_AT_A_TIME = frozenset((*_SSH, "ftp"))
"""Their connections mix up the answers if two threads ask at once."""
_ANSWERS = (
    HeadraceError,
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    GeneratorExit,
)
"""After these a connection is as good as before: the far side has answered, or nobody asked it."""
_VERSIONS = ("etag", "ETag", "generation", "mtime", "LastModified", "last_modified", "created")
_TIMES = ("mtime", "updated", "LastModified", "last_modified", "modified", "created")


class FarFolder:
    """Paths are relative and checked; errors are those of fsspec and of the library below it."""

    def __init__(self, fs: Any, uri: str) -> None:
        self._scheme = scheme_of(uri)
        self._fs = fs
        root: str = fs._strip_protocol(uri)  # noqa: SLF001 - the only way from a URL to a path
        self._root = root.rstrip("/")

    def info(self, path: str) -> Info:
        self._fs.invalidate_cache()
        found: Info = self._fs.info(self._full(path))
        return found

    def entries(self, path: str) -> Iterator[tuple[str, Info]]:
        """The names in a folder; what fsspec lists for a file is left out."""
        self._fs.invalidate_cache()
        full = self._full(path)
        for entry in self._fs.ls(full, detail=True):
            parent, _, name = entry["name"].rstrip("/").rpartition("/")
            if parent.lstrip("/") == full.lstrip("/"):
                yield name, entry

    def below(self) -> Iterator[tuple[str, Info]]:
        """All files, at any depth."""
        self._fs.invalidate_cache()
        for full, info in self._fs.find(self._root, detail=True).items():
            yield full.removeprefix(self._root).strip("/"), info

    def create(self, path: str) -> Any:
        """A new file to be written, in a folder that is made if it is missing."""
        self._make_parent(path)
        file = self._fs.open(self._full(path), "wb", block_size=BLOCK_BYTES)
        if self._scheme in _SSH:  # else it waits for an answer after every 32 KiB
            file.set_pipelined(True)
        return file

    def open(self, path: str) -> Any:
        return self._fs.open(self._full(path), "rb", block_size=BLOCK_BYTES)

    def read_at(self, file: Any, start: int, size: int) -> bytes:
        if self._scheme in _SSH:  # asks for many pieces at once
            return b"".join(file.readv([(start, size)]))
        file.seek(start)
        data: bytes = file.read(size)
        return data

    def get(self, path: str) -> bytes:
        data: bytes = self._fs.cat_file(self._full(path))
        return data

    def put(self, path: str, data: bytes) -> None:
        self._make_parent(path)
        self._fs.pipe_file(self._full(path), data)

    def move(self, source: str, target: str) -> None:
        """Give a file its name, in place of a file that has it."""
        here, there = self._full(source), self._full(target)
        if self._scheme not in _RENAMING:
            self._fs.cp_file(here, there)
            self._fs.rm_file(here)
            return
        # Of those that rename, only SFTP surely takes the place of a file that is there.
        if self._scheme not in _SSH and self._fs.exists(there):
            self._fs.rm_file(there)
        self._fs.mv(here, there)

    def remove_file(self, path: str) -> None:
        self._fs.rm_file(self._full(path))

    def remove_folder(self, path: str) -> None:
        # Not `rm(recursive=True)`: it takes some names for patterns.
        for parent, _, names in self._fs.walk(self._full(path), topdown=False):
            for name in names:
                self._fs.rm_file(f"{parent}/{name}")
            if self._scheme not in BUCKETS:
                with suppress(FileNotFoundError):
                    self._fs.rmdir(parent)

    def remove_empty(self, path: str) -> None:
        """A folder; one that is not there, or not empty, is left as it is."""
        if self._scheme not in BUCKETS:
            with suppress(OSError):
                if not any(self.entries(path)):
                    self._fs.rmdir(self._full(path))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _make_parent(self, path: str) -> None:
        if self._scheme in BUCKETS:
            return
        parent = self._full(path).rpartition("/")[0]
        for missing in range(path.count("/"), -1, -1):
            try:
                self._fs.makedirs(parent, exist_ok=True)
            except OSError:
                # Some take it for a failure that another writer makes one of the folders at this moment.
                if not missing:
                    raise
            else:
                return


class Pool:
    """Connections to one host: one for all, or one for each that is in use, as the protocol bears it."""

    def __init__(self, host_uri: str, options: Mapping[str, Any]) -> None:
        self._host_uri, self._options = host_uri, options
        self._shared = scheme_of(host_uri) not in _ONE_AT_A_TIME
        self._free: list[Any] = []
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, uri: str) -> Iterator[FarFolder]:
        """The folder at ``uri`` for one operation; a connection that failed is not used again."""
        fs = self._take()
        healthy = self._shared
        try:
            yield FarFolder(fs, uri)
            healthy = True
        except BaseException as error:
            healthy = healthy or isinstance(error, _ANSWERS)
            raise
        finally:
            if healthy and not self._shared:
                self._free.append(fs)

    def _take(self) -> Any:
        if self._shared:
            with self._lock:  # the first two that ask at once still get the same
                if not self._free:
                    self._free.append(_connected(self._host_uri, self._options))
                return self._free[0]
        try:
            return self._free.pop()
        except IndexError:
            return _connected(self._host_uri, self._options)


def host_uri(uri: str) -> str:
    """The part of a URL that says where to connect to."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _connected(uri: str, options: Mapping[str, Any]) -> Any:
    cached = {"use_listings_cache": False} if scheme_of(uri) in BUCKETS else {}
    fs, _ = fsspec.core.url_to_fs(uri, skip_instance_cache=True, **{**cached, **options})
    if scheme_of(uri) in _SSH:  # else many requests wait 40 ms for an acknowledgement
        fs.client.get_transport().sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return fs


def version(info: Info) -> str:
    """What changes when the file does, in one word."""
    found = next((info[name] for name in _VERSIONS if info.get(name) is not None), "")
    return "".join(str(found).split())


def modified_ms(info: Info) -> int:
    """When the file changed last; now, if the file system does not say."""
    found = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(found, str):
        found = datetime.fromisoformat(found)
    if isinstance(found, datetime):
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    return int(found * 1000) if isinstance(found, (int, float)) else now_ms()
