"""A local file under construction: nobody sees it under its name before it is complete."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from headrace.artifacts import digests
from headrace.artifacts.folders import Folder
from headrace.artifacts.paths import OWN_PREFIX
from headrace.errors import StorageFullError

PART_PREFIX = f"{OWN_PREFIX}part-"

_FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")}
_READ_BYTES = 1 << 20

Bytes = bytes | bytearray | memoryview
Digest = Literal["attribute", "sidecar", "none"]


class Part:
    """A new file in a folder, without a name of its own until `publish`.

    Where the system has files without names, a killed process leaves nothing behind; elsewhere it leaves
    one whose name begins with `PART_PREFIX`.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._name: str | None = None
        self._sha256 = hashlib.sha256()
        self.size = 0
        """Bytes that the digest stands for."""
        with _full_told():
            descriptor = folder.open_unnamed()
            if descriptor is None:
                self._name = _new_name()
                descriptor = folder.open(self._name, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        self._fd = descriptor

    def append(self, data: Bytes) -> None:
        """Write what comes next, and count it in the digest."""
        self._sha256.update(data)
        self.size += len(data)
        with _full_told():
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def write_at(self, offset: int, data: Bytes) -> None:
        """Write anywhere, from any thread; `take_digest` must follow before `publish`."""
        with _full_told():
            rest = memoryview(data)
            while rest:
                written = os.pwrite(self._fd, rest, offset)
                rest, offset = rest[written:], offset + written

    def take_digest(self) -> None:
        """Read the file once for its digest."""
        self._sha256, self.size = hashlib.sha256(), 0
        while data := os.pread(self._fd, _READ_BYTES, self.size):
            self._sha256.update(data)
            self.size += len(data)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hex."""
        return self._sha256.hexdigest()

    def publish(
        self, name: str, *, durable: bool = False, digest: Digest = "attribute"
    ) -> os.stat_result:
        """Give the file its name, in place of a file that has it.

        The digest goes into an attribute if it may and can, else beside the file, unless it is unwanted.
        """
        with _full_told():
            carried = digest == "none"
            if digest == "attribute":
                carried = digests.attach(self._fd, self.sha256)
            if durable:
                os.fsync(self._fd)
            if self._name is None:
                self._name = _new_name()
                self._folder.name_it(self._fd, self._name)
            status = os.fstat(self._fd)
            if not carried:
                # Before the file has its name: nobody else can have its inode by then.
                digests.put_beside(self._folder, name, status, self.sha256)
            self._folder.replace(self._name, name)
            self._name = None
            if durable:
                self._folder.sync()
        return status

    def close(self) -> None:
        """Drop what is not published."""
        os.close(self._fd)
        if self._name is not None:
            with suppress(FileNotFoundError):
                self._folder.remove(self._name)


def _new_name() -> str:
    return f"{PART_PREFIX}{os.urandom(8).hex()}"


@contextmanager
def _full_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError(f"No space is left for artifacts: {error.strerror}.") from error
        raise
