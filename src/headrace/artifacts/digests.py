"""The SHA-256 of a local file, kept with the file (docs/decisions/0002-artifact-digests.md).

It lies in an extended attribute, which is renamed and removed together with the file and which no
other tool trips over; where the file system has none, in a hidden file beside it. It names the size
and the time of change that it was taken at: a file that another tool has written since has no digest,
rather than a wrong one.
"""

import errno
import os
import sys
from contextlib import closing, suppress

from headrace.artifacts.folders import Folder
from headrace.artifacts.paths import OWN_PREFIX

ATTRIBUTE = "user.headrace.sha256"
SIDECARS = f"{OWN_PREFIX}digests"

_MAX_RECORD_BYTES = 256
_HEX_DIGITS = 64
_NO_ATTRIBUTES = (errno.EOPNOTSUPP, errno.EPERM, errno.EACCES, errno.ENOSYS)


def attach(descriptor: int, sha256: str) -> bool:
    """Record the digest of an open file that is written; ``False`` if its file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        os.setxattr(descriptor, ATTRIBUTE, f"{sha256} {_stamp(os.fstat(descriptor))}".encode())
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return False
        raise
    return True


def attached(descriptor: int) -> str | None:
    """The digest that an open file carries, if it is that of its present content."""
    if sys.platform != "linux":
        return None
    try:
        record = os.getxattr(descriptor, ATTRIBUTE)
    except OSError as error:
        if error.errno in (errno.ENODATA, *_NO_ATTRIBUTES):
            return None
        raise
    return _current(record, _stamp(os.fstat(descriptor)))


def put_beside(folder: Folder, name: str, status: os.stat_result, sha256: str) -> None:
    """Record the digest of a file in a hidden file; a torn or crossed record counts as none."""
    with closing(folder.enter(SIDECARS, create=True)) as sidecars:
        descriptor = sidecars.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        os.write(descriptor, f"{sha256} {_stamp(status)} {status.st_ino}".encode("ascii"))
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
        record = os.read(descriptor, _MAX_RECORD_BYTES)
        return _current(record, f"{_stamp(status)} {status.st_ino}")
    finally:
        os.close(descriptor)


def forget(folder: Folder, name: str) -> None:
    """Remove the hidden file of a file that is gone."""
    with suppress(FileNotFoundError), closing(folder.enter(SIDECARS)) as sidecars:
        sidecars.remove(name)


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns}"


def _current(record: bytes, stamp: str) -> str | None:
    sha256, _, taken_at = record.decode("ascii", "replace").partition(" ")
    return sha256 if taken_at == stamp and len(sha256) == _HEX_DIGITS else None
