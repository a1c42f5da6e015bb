"""What a working tree holds that its commit does not, as one patch: changed files and new ones."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import msgspec

from headrace.client import git
from headrace.client.remembered import Remembered
from headrace.client.secrets import masked_bytes

PATCH_BYTES = 4 * 1024 * 1024
FILE_BYTES = 128 * 1024
FILES_BYTES = 4 * 1024 * 1024
MOST_FILES = 200
_TIMEOUT_S = 20

_PRIVATE = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa*",
    "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", ".pypirc", ".npmrc", ".htpasswd",
    "credentials", "*credential*.json", "*secret*.json", "*secret*.y*ml", "*secret*.toml",
    "*secret*.txt", "*secret*.ini", "kaggle.json",
)  # fmt: skip
"""Names of files that are for their owner's eyes."""


class Changes(msgspec.Struct, frozen=True):
    """How a working tree differs from its commit."""

    patch: bytes
    """`git apply` on the commit gives the same tree again, but for what is left out."""
    left_out: list[str]
    """What is not in it, and why: a line each."""

    @property
    def dirty(self) -> str:
        """Whether there is any difference, as a tag's value."""
        return "true" if self.patch or self.left_out else "false"


def _masked_changes(asked: tuple[Path, bool]) -> Changes | None:
    folder, mask = asked
    found = _changes(folder) if git.git_folder(folder) is not None else None
    if found is None or not mask:
        return found
    return Changes(masked_bytes(found.patch), found.left_out)


changes = Remembered(_masked_changes)
"""Of the working tree in which a folder lies, masked or not; ``None`` where Git cannot tell."""


def _changes(folder: Path) -> Changes | None:
    command = shutil.which("git")
    root = _text(command, folder, "rev-parse", "--show-toplevel") if command else None
    if command is None or root is None:
        return None
    top = Path(root.rstrip("\n"))
    changed = _output(command, top, PATCH_BYTES, *_DIFF)
    unknown = _text(command, top, "ls-files", "--others", "--exclude-standard", "-z")
    if changed is None or unknown is None:
        return None
    left_out: list[str] = []
    if len(changed) > PATCH_BYTES:
        changed, left_out = b"", [f"the changed files: their patch has over {PATCH_BYTES:,} bytes"]
    new = _new_files(top, [name for name in unknown.split("\0") if name], left_out)
    return Changes(b"".join([changed, *new]), left_out)


# Neither colours nor the programs of the user's configuration; a new repository has no HEAD to compare with.
_DIFF = ("diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD", "--")


def _new_files(top: Path, names: list[str], left_out: list[str]) -> Iterator[bytes]:
    """A patch for each file that Git does not know yet."""
    room = FILES_BYTES
    for i, name in enumerate(names):
        if i >= MOST_FILES:
            left_out.append(f"{len(names) - i} further new files: {MOST_FILES} are kept")
            return
        reason, data = _content(top / name, room)
        if reason:
            left_out.append(f"{name}: {reason}")
        else:
            room -= len(data)
            yield _creation(os.fsencode(name), data)


def _creation(name: bytes, data: bytes) -> bytes:
    """The patch that makes a text file."""
    head = b"diff --git a/%b b/%b\nnew file mode 100644\n" % (name, name)
    if not data:
        return head
    ended = data.endswith(b"\n")
    lines = data[: -1 if ended else None].split(b"\n")
    body = b"".join(b"+%b\n" % line for line in lines)
    end = b"" if ended else b"\\ No newline at end of file\n"
    return head + b"--- /dev/null\n+++ b/%b\n@@ -0,0 +1,%d @@\n" % (name, len(lines)) + body + end


def _content(path: Path, room: int) -> tuple[str, bytes]:
    """Why a file is left out, or what is in it."""
    if any(fnmatch(path.name.lower(), pattern) for pattern in _PRIVATE):
        return "its name says that it is private", b""
    if path.is_symlink() or not path.is_file():
        return "it is no plain file", b""
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            return f"it has {size:,} bytes; up to {FILE_BYTES:,} are kept", b""
        if size > room:
            return f"all new files together may have {FILES_BYTES:,} bytes", b""
        data = path.read_bytes()
    except OSError as error:
        return f"it cannot be read ({error.strerror})", b""
    return ("it is binary", b"") if b"\0" in data else ("", data)


def _text(command: str, folder: Path, *arguments: str) -> str | None:
    found = _output(command, folder, 16 * 1024 * 1024, *arguments)
    return None if found is None else found.decode("utf-8", "surrogateescape")


def _output(command: str, folder: Path, limit: int, *arguments: str) -> bytes | None:
    """What Git says, at most one byte over ``limit`` of it; ``None`` where it fails or takes too long."""
    quiet = ("--no-optional-locks", "-c", "core.quotePath=off", "-c", "core.fsmonitor=false")
    with subprocess.Popen(  # noqa: S603  (no shell, and the user's own repository)
        [command, *quiet, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            return _read(process, limit)
        finally:
            process.kill()


def _read(process: "subprocess.Popen[bytes]", limit: int) -> bytes | None:
    assert process.stdout is not None
    timer = threading.Timer(_TIMEOUT_S, process.kill)
    timer.start()
    try:
        found = process.stdout.read(limit + 1)
        if len(found) > limit:
            return found
        return found if process.wait() == 0 else None
    finally:
        timer.cancel()
