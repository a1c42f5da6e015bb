"""The local backend keeps the promises, however it opens folders and wherever digests lie."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from headrace.artifacts import folders
from headrace.artifacts.base import DAY_MS, ArtifactStore
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.sweeping import keep_swept
from headrace.clock import now_ms
from headrace.errors import InvalidValueError, StorageFullError
from headrace.testing.artifacts import BLOCK, ArtifactStoreContract, content


class TestLocal(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root")


class TestLocalDurable(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root", durable=True)


class TestLocalWithDigestsBeside(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root", attributes=False)


class TestLocalByPath(ArtifactStoreContract):
    """As on a system without directory descriptors, unnamed files and attributes."""

    @pytest.fixture
    def artifacts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
        monkeypatch.setattr(folders, "HAS_HANDLES", False)
        return LocalArtifacts(tmp_path / "root", attributes=False)


def _leftover(folder: Path, age_ms: int) -> Path:
    path = folder / ".headrace-part-0123456789abcdef"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    os.utime(path, ns=(0, (now_ms() - age_ms) * 1_000_000))
    return path


def test_what_a_killed_write_left_is_swept_after_a_day(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    artifacts = LocalArtifacts(root)
    artifacts.write("a/b/f", [b"x"])
    old, young = (
        _leftover(root / "a" / "b", DAY_MS + 60_000),
        _leftover(root / "a", DAY_MS - 60_000),
    )
    foreign = _leftover(outside, 2 * DAY_MS)
    (root / "link").symlink_to(outside)
    assert [info.path for info in artifacts.list("a/b")] == ["a/b/f"]
    assert artifacts.leftovers() == 1
    assert artifacts.sweep() == 1
    assert artifacts.leftovers() == 0
    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)
    assert LocalArtifacts(tmp_path / "none").sweep() == 0


_KILLED = """
import os, signal, sys
from pathlib import Path
from headrace.artifacts.local import LocalArtifacts

def chunks():
    for _ in range(5):
        yield bytes(1 << 20)
    os.kill(os.getpid(), signal.SIGKILL)

LocalArtifacts(Path(sys.argv[1])).write("folder/f", chunks())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="files without names are Linux's")
def test_a_killed_writer_leaves_nothing_to_sweep(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
@pytest.mark.parametrize("attributes", [True, False])
def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path, attributes: bool) -> None:
    import resource

    artifacts = LocalArtifacts(tmp_path / "root", attributes=attributes)
    artifacts.write("f", [b"old"])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(BLOCK) * 2, before[1]))
    try:
        with pytest.raises(StorageFullError):
            artifacts.write("f", [BLOCK] * 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert content(artifacts, "f") == b"old"
    assert [path.name for path in (tmp_path / "root").iterdir() if path.is_file()] == ["f"]


def test_digests_cost_no_block_and_no_name(tmp_path: Path) -> None:
    artifacts = LocalArtifacts(tmp_path / "root")
    artifacts.write("ours", [b"x"])
    (tmp_path / "root" / "theirs").write_bytes(b"x")
    for path in ("ours", "theirs"):
        with (tmp_path / "root" / path).open("rb") as file:
            os.fsync(file.fileno())
    ours, theirs = ((tmp_path / "root" / path).stat() for path in ("ours", "theirs"))
    assert ours.st_blocks == theirs.st_blocks
    assert sorted(path.name for path in (tmp_path / "root").iterdir()) == ["ours", "theirs"]


def test_a_file_cannot_be_a_folder_too(tmp_path: Path) -> None:
    artifacts = LocalArtifacts(tmp_path)
    artifacts.write("a/f", [b"x"])
    for path in ("a", "a/f/g"):
        with pytest.raises(InvalidValueError, match=path):
            artifacts.write(path, [b"x"])


def test_a_read_that_is_given_up_closes_its_file(tmp_path: Path) -> None:
    artifacts = LocalArtifacts(tmp_path)
    artifacts.write("f", [BLOCK * 3])
    gc.collect()  # what earlier tests have left
    before = len(list(Path("/proc/self/fd").iterdir()))
    reads = [artifacts.read("f") for _ in range(20)]
    for chunks in reads[:10]:
        next(chunks)
    del reads, chunks
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_server_keeps_sweeping(tmp_path: Path) -> None:
    artifacts, stop = LocalArtifacts(tmp_path), threading.Event()
    leftover = _leftover(tmp_path / "a", DAY_MS)
    thread = keep_swept(artifacts, stop, every_s=0.01)
    assert thread
    deadline = time.monotonic() + 60
    while leftover.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert not leftover.exists()
