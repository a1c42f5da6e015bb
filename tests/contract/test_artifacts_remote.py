"""The backend for fsspec's file systems keeps the promises: with folders and renames, and without."""

import hashlib
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from queue import Queue
from random import Random
from typing import Any

import msgspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from headrace.artifacts import notes
from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.far_folder import FarFolder, host_uri
from headrace.artifacts.remote import RemoteArtifacts, _pools
from headrace.artifacts.resolve import open_artifacts
from headrace.errors import InvalidValueError, NotFoundError, UnavailableError, UnsupportedError
from headrace.testing.artifacts import ArtifactStoreContract, content
from sftp_server import sftp_server


class TestMemory(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self) -> ArtifactStore:
        return open_artifacts(f"memory://{uuid.uuid4().hex}/runs")


@pytest.fixture(scope="module")
def sftp_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with sftp_server(tmp_path_factory.mktemp("sftp")) as port:
        yield port


class TestSftp(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, sftp_port: int) -> ArtifactStore:
        options = {"port": sftp_port, "username": "any", "password": "any"}
        return open_artifacts(f"sftp://127.0.0.1/{uuid.uuid4().hex}", Opening(options=options))


@pytest.fixture(params=["memory", "sftp"])
def remote(request: pytest.FixtureRequest, sftp_port: int) -> ArtifactStore:
    folder = uuid.uuid4().hex
    if request.param == "memory":
        return open_artifacts(f"memory://{folder}")
    options = {"port": sftp_port, "username": "any", "password": "any"}
    return open_artifacts(f"sftp://127.0.0.1/{folder}", Opening(options=options))


def test_a_digest_is_not_taken_for_that_of_a_file_that_came_meanwhile(
    remote: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = FarFolder.move

    def overtaken(far: FarFolder, source: str, target: str) -> None:
        move(far, source, target)
        monkeypatch.setattr(FarFolder, "move", move)
        remote.write("f", [b"theirs"])

    monkeypatch.setattr(FarFolder, "move", overtaken)
    remote.write("f", [b"mine, "])
    assert content(remote, "f") == b"theirs"
    assert remote.stat("f").sha256 in (None, hashlib.sha256(b"theirs").hexdigest())
    remote.write("f", [b"the last"])
    assert remote.stat("f").sha256 == hashlib.sha256(b"the last").hexdigest()


class Writers:
    """Threads that write one file at once, one call on the far folder at a time, in a drawn order.

    Some are killed on their way. After each call ``check`` looks at what there is.
    """

    def __init__(self, random: Random, check: Callable[[], None]) -> None:
        self._random, self._check = random, check
        self._arrived: Queue[tuple[int, bool]] = Queue()
        self._told: dict[int, Queue[bool]] = {}
        self._me = threading.local()

    def gated(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*arguments: Any) -> Any:
            if hasattr(self._me, "number"):
                self._wait(self._me.number)
            return call(*arguments)

        return waiting

    def run(self, acts: Sequence[Callable[[], object]]) -> None:
        threads = [
            threading.Thread(target=self._act, args=(number, act))
            for number, act in enumerate(acts)
        ]
        self._told = {number: Queue() for number in range(len(acts))}
        for thread in threads:
            thread.start()
        at_gate = {self._arrived.get()[0] for _ in threads}
        while at_gate:
            number = self._random.choice(sorted(at_gate))
            self._told[number].put(self._random.random() < 0.97)
            _, goes_on = self._arrived.get()
            if not goes_on:
                at_gate.discard(number)
            self._check()
        for thread in threads:
            thread.join()

    def _act(self, number: int, act: Callable[[], object]) -> None:
        self._me.number = number
        try:
            with suppress(SystemExit):
                self._wait(number)
                act()
        finally:
            self._arrived.put((number, False))

    def _wait(self, number: int) -> None:
        if not getattr(self._me, "killed", False):
            self._arrived.put((number, True))
            self._me.killed = not self._told[number].get()
        if self._me.killed:
            raise SystemExit


@pytest.mark.parametrize("weak", [False, True], ids=["versions", "one-version"])
def test_no_order_of_writers_makes_a_digest_wrong(
    monkeypatch: pytest.MonkeyPatch, weak: bool
) -> None:
    told = 0
    for seed in range(100):
        MemoryFileSystem.store.clear()  # it searches all that it has
        artifacts = open_artifacts(f"memory://{seed}")

        def check(artifacts: ArtifactStore = artifacts) -> None:
            nonlocal told
            with suppress(NotFoundError):
                digest = artifacts.stat("f").sha256
                told += digest is not None
                assert digest in (None, hashlib.sha256(content(artifacts, "f")).hexdigest())

        writers = Writers(Random(seed), check)
        bodies = [b"one", b"two", b"six", b"longer"]
        acts = [partial(artifacts.write, "f", [body]) for body in bodies]
        with monkeypatch.context() as patch:
            if weak:
                patch.setattr(notes, "version", lambda _: "the same second")
            for name in ("put", "move", "info", "entries", "remove_file"):
                patch.setattr(FarFolder, name, writers.gated(getattr(FarFolder, name)))
            writers.run([*acts, partial(artifacts.delete, "f")])
    assert told


def test_a_host_that_is_away_is_unavailable() -> None:
    artifacts = open_artifacts(
        "sftp://127.0.0.1/x", Opening(options={"port": 9, "username": "any"})
    )
    for act in (
        artifacts.list,
        lambda: artifacts.stat("f"),
        lambda: artifacts.read("f"),
        lambda: artifacts.write("f", [b"x"]),
        lambda: artifacts.delete("f"),
    ):
        with pytest.raises(UnavailableError, match=r"sftp://127\.0\.0\.1/x"):
            act()


def test_runs_on_one_host_share_its_connections(sftp_port: int) -> None:
    options = {"port": sftp_port, "username": "sharing", "password": "any"}
    for n in range(5):
        run = open_artifacts(f"sftp://127.0.0.1/{uuid.uuid4().hex}/{n}", Opening(options=options))
        run.write("f", [b"x"])
        assert [info.path for info in run.list()] == ["f"]
    pool = _pools(host_uri("sftp://127.0.0.1/"), msgspec.json.encode(options, order="sorted"))
    assert len(pool._free) == 1


def test_what_a_killed_write_left_is_swept_after_a_day() -> None:
    root = f"memory://{uuid.uuid4().hex}/runs"
    artifacts = open_artifacts(root)
    assert isinstance(artifacts, RemoteArtifacts)
    artifacts.write("a/f", [b"x"])
    with artifacts._taken() as far:
        far.put("a/.headrace-part-0", b"half")
    assert [info.path for info in artifacts.list("a")] == ["a/f"]
    assert artifacts.sweep() == 0
    assert artifacts.leftovers(older_than_ms=-60_000) == 1
    assert artifacts.sweep(older_than_ms=-60_000) == 1
    assert artifacts.leftovers(older_than_ms=-60_000) == 0
    with artifacts._taken() as far, pytest.raises(FileNotFoundError):
        far.info("a/.headrace-part-0")


@pytest.mark.parametrize("uri", ["gs://bucket/*", "memory://x?y", "memory://x#y"])
def test_a_pattern_names_no_folder(uri: str) -> None:
    with pytest.raises(InvalidValueError, match="names no folder"):
        open_artifacts(uri)


@pytest.mark.parametrize(
    "scheme",
    [
        pytest.param(scheme, marks=pytest.mark.skipif(bool(find_spec(library)), reason="installed"))
        for scheme, library in (("gs", "gcsfs"), ("abfs", "adlfs"))
    ],
)
def test_a_library_that_is_missing_is_named_with_the_command_that_brings_it(scheme: str) -> None:
    with pytest.raises(UnsupportedError, match="pip install 'headrace"):
        open_artifacts(f"{scheme}://bucket/x")


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidValueError, match="mlflow-artifacts"):
        open_artifacts("nowhere://x")
