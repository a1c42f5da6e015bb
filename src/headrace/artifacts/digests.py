"""The SHA-256 of a local file, kept with the file (docs/decisions/0002-artifact-digests.md).

It lies in an extended attribute, which is renamed and removed together with the file and which no
other tool trips over; where the file system has none, in a hidden file beside it. It names the size
and the time of change that it was taken at: a file that another tool has written since has no digest,
rather than a wrong one.
"""

import errno
import os
import struct
import sys
from contextlib import closing, suppress

from headrace.artifacts.folders import Folder
from headrace.artifacts.paths import OWN_PREFIX

ATTRIBUTE = "user.headrace.sha256"
SIDECARS = f"{OWN_PREFIX}digests"

# Digest, size, time of change: 48 bytes fit into an inode of 256 bytes, as ext4 makes them. As text
# they would not, and cost each file a block of 4 KiB.
_RECORD = struct.Struct("<32sQq")
_NO_ATTRIBUTES = (errno.EOPNOTSUPP, errno.EPERM, errno.EACCES, errno.ENOSYS)


def attach(descriptor: int, sha256: str) -> bool:
    """Record the digest of an open file that is written; ``False`` if its file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        os.setxattr(descriptor, ATTRIBUTE, _record(os.fstat(descriptor), sha256))
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return False
        raise
    return True


def attached(descriptor: int) -> str | None:
    """The digest that an open file carries, if it is that of its present content."""
    record = _attribute(descriptor)
    return None if record is None else _current(record, os.fstat(descriptor))


def is_outdated(descriptor: int) -> bool:
    """Whether an open file carries a digest of what it held before another tool changed it."""
    return _attribute(descriptor) is not None and attached(descriptor) is None


def _attribute(descriptor: int) -> bytes | None:
    if sys.platform != "linux":
        return None
    try:
        return os.getxattr(descriptor, ATTRIBUTE)
    except OSError as error:
        if error.errno in (errno.ENODATA, *_NO_ATTRIBUTES):
            return None
        raise


def put_beside(folder: Folder, name: str, status: os.stat_result, sha256: str) -> None:
    """Record the digest of a file in a hidden file; a torn or crossed record counts as none."""
    with closing(folder.enter(SIDECARS, create=True)) as sidecars:
        descriptor = sidecars.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        os.write(descriptor, _record(status, sha256) + _inode(status))
    finally:
        os.close(descriptor)


def beside(folder: Folder, name: str, status: os.stat_result) -> str | None:
    """The digest in the hidden file, if it is that of the file's present content."""
    try:
        with closing(folder.enter(SIDECARS)) as sidecars:
            descriptor = sidecars.open(name, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        record = os.read(descriptor, _RECORD.size + len(_inode(status)) + 1)
    finally:
        os.close(descriptor)
    # Writers that come at once may leave the record of one beside the file of another.
    return _current(record.removesuffix(_inode(status)), status)


def forget(folder: Folder, name: str) -> None:
    """Remove the hidden file of a file that is gone."""
    with suppress(FileNotFoundError), closing(folder.enter(SIDECARS)) as sidecars:
        sidecars.remove(name)


def _record(status: os.stat_result, sha256: str) -> bytes:
    return _RECORD.pack(bytes.fromhex(sha256), status.st_size, status.st_mtime_ns)


def _inode(status: os.stat_result) -> bytes:
    return status.st_ino.to_bytes(8, "little")


def _current(record: bytes, status: os.stat_result) -> str | None:
    if len(record) != _RECORD.size:
        return None
    sha256 = record[:32].hex()
    return sha256 if record == _record(status, sha256) else None
