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
from functools import lru_cache

from headrace import plugins
from headrace.artifacts.base import DAY_MS, Opening, Stat
from headrace.artifacts.far_folder import BUCKETS, FarFolder, Info, Pool, modified_ms, version
from headrace.artifacts.paths import checked, checked_folder, is_name
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
    faults = tuple(plugins.load(name) for name in _FAULTS.get(scheme_of(uri), ()))
    return RemoteArtifacts(uri, opening.options, faults)


@lru_cache(maxsize=16)
def _pool(_pid: int, uri: str, options: tuple[tuple[str, object], ...]) -> Pool:
    # By process: a forked child must not talk on its parent's connections.
    return Pool(uri, dict(options))


class RemoteArtifacts:
    """Keeps files under the URL ``uri``. ``faults`` are the exceptions of the library underneath."""

    def __init__(
        self,
        uri: str,
        options: Mapping[str, object],
        faults: tuple[type[Exception], ...] = (),
    ) -> None:
        self._uri = uri
        self._options = options
        self._faults: tuple[type[Exception], ...] = (OSError, *faults)

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        checked(path)
        sha256, size = hashlib.sha256(), 0
        blocks = _blocks(chunks)
        first, second = next(blocks, b""), next(blocks, None)
        if second is None and scheme_of(self._uri) in BUCKETS:
            sha256.update(first)
            with self._told(path), self._taken() as far:
                far.put(path, first)
                return self._recorded(far, path, len(first), sha256.hexdigest())
        with self._part(path) as (far, file):
            for block in _chained(first, second, blocks):
                sha256.update(block)
                size += len(block)
                with self._told(path):
                    file.write(block)
        with self._told(path), self._taken() as far:
            return self._recorded(far, path, size, sha256.hexdigest())
