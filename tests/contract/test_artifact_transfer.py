"""Files and folders arrive whole and checked, or are named as what failed."""

import hashlib
import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import pytest

from artifact_servers import serving
from headrace.artifacts import transfer
from headrace.artifacts.base import ArtifactStore, Opening, Stat
from headrace.artifacts.http import HttpArtifacts
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations, open_artifacts
from headrace.artifacts.transfer import download, upload
from headrace.errors import (
    ConflictError,
    CorruptDataError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
)
from headrace.stores.sql import open_folder
from headrace.testing.artifacts import content


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PAUSE_S", 0)


@pytest.fixture
def artifacts(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path / "store")


def _tree(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _plant(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


FILES = {"a.txt": b"a", "empty": b"", "sub/b.bin": bytes(range(256)) * 999, "sub/deep/c": b"c"}


def test_a_folder_goes_and_comes_back_the_same(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    _plant(tmp_path / "mine", FILES)
    upload(artifacts, tmp_path / "mine", "model")
    assert download(artifacts, "model", tmp_path / "back") == tmp_path / "back" / "model"
    assert _tree(tmp_path / "back" / "model") == FILES
    assert download(artifacts, "", tmp_path / "all") == tmp_path / "all"
    assert _tree(tmp_path / "all" / "model") == FILES


def test_a_file_goes_under_the_name_it_is_given(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    _plant(tmp_path, {"mine.txt": b"hello"})
    upload(artifacts, tmp_path / "mine.txt", "notes/its.txt")
    assert content(artifacts, "notes/its.txt") == b"hello"
    place = download(artifacts, "notes/its.txt", tmp_path / "back")
    assert place == tmp_path / "back" / "notes" / "its.txt"
    assert place.read_bytes() == b"hello"


def test_what_is_fetched_leaves_no_trace_of_its_own(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    artifacts.write("f", [b"x"])
    download(artifacts, "f", tmp_path / "back")
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["f"]


def test_links_to_folders_are_left_at_home(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    _plant(tmp_path, {"mine/a": b"a", "other/secret": b"s"})
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "other")
    upload(artifacts, tmp_path / "mine")
    assert [info.path for info in artifacts.list()] == ["a"]


def test_a_name_that_is_refused_stops_a_folder_before_it_begins(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    _plant(tmp_path / "mine", {"a": b"a", "b:c": b"x"})
    with pytest.raises(InvalidValueError, match="b:c"):
        upload(artifacts, tmp_path / "mine")
    assert artifacts.list() == []


def test_what_is_not_there_is_said(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="nothing"):
        upload(artifacts, tmp_path / "nothing", "x")
    with pytest.raises(NotFoundError):
        download(artifacts, "nothing", tmp_path / "back")


def test_a_link_below_the_target_is_not_followed(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    artifacts.write("sub/f", [b"x"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(InvalidValueError, match="link"):
        download(artifacts, "sub/f", tmp_path / "back")
    assert list((tmp_path / "outside").iterdir()) == []


def test_each_flipped_bit_is_found_and_the_file_named(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    data = random.Random(1).randbytes(5_000)
    artifacts.write("sub/f", [data])
    stored = artifacts.root / "sub" / "f"
    times = stored.stat().st_atime_ns, stored.stat().st_mtime_ns
    rng = random.Random(2)
    for _ in range(100):
        bit = rng.randrange(len(data) * 8)
        _flip(stored, bit, times)
        with pytest.raises(CorruptDataError, match="'sub/f'"):
            download(artifacts, "sub/f", tmp_path / "back")
        _flip(stored, bit, times)
    assert _tree(tmp_path / "back") == {}
    assert download(artifacts, "sub/f", tmp_path / "back").read_bytes() == data


def _flip(path: Path, bit: int, times: tuple[int, int]) -> None:
    """As a failing disk does it: the time of change stays."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))
    os.utime(path, ns=times)


def test_a_file_that_another_tool_wrote_has_no_digest_and_is_fetched(
    artifacts: LocalArtifacts, tmp_path: Path
) -> None:
    artifacts.write("f", [b"ours"])
    os.utime(artifacts.root / "f", ns=(1, 1))
    (artifacts.root / "f").write_bytes(b"theirs")
    (artifacts.root / "g").write_bytes(b"theirs too")
    assert (artifacts.stat("f").sha256, artifacts.stat("g").sha256) == (None, None)
    assert download(artifacts, "f", tmp_path / "back").read_bytes() == b"theirs"


def test_digests_survive_a_move_of_the_folder(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    for attributes in (True, False):
        store = LocalArtifacts(tmp_path / f"at-{attributes}", attributes=attributes)
        store.write("sub/f", [b"x"])
        shutil.move(store.root, tmp_path / f"to-{attributes}")
        moved = LocalArtifacts(tmp_path / f"to-{attributes}", attributes=attributes)
        assert moved.stat("sub/f").sha256 == hashlib.sha256(b"x").hexdigest()


class _Failing:
    """A store of which some reads and writes fail, so many times each."""

    def __init__(self, inner: ArtifactStore, error: Exception, times: dict[str, int]) -> None:
        self._inner, self._error, self._times = inner, error, times

    def _maybe(self, path: str) -> None:
        if self._times.get(path, 0) > 0:
            self._times[path] -= 1
            raise self._error

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        self._maybe(path)
        return self._inner.write(path, chunks)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        self._maybe(path)
        return self._inner.read(path, start, end)

    def __getattr__(self, name: str) -> Callable[..., object]:
        return getattr(self._inner, name)


def test_one_failure_does_not_keep_the_rest(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    _plant(tmp_path / "mine", {str(n): b"x" for n in range(20)})
    failing = _Failing(artifacts, NotFoundError("gone"), {"3": 9, "7": 9})
    with pytest.raises(NotFoundError) as caught:
        upload(failing, tmp_path / "mine")
    assert len(artifacts.list()) == 18
    assert len(caught.value.__notes__) == 1


def test_what_may_pass_is_tried_again(artifacts: LocalArtifacts, tmp_path: Path) -> None:
    _plant(tmp_path / "mine", {"a": b"x"})
    failing = _Failing(artifacts, UnavailableError("away"), {"a": 2})
    upload(failing, tmp_path / "mine")
    assert content(artifacts, "a") == b"x"
    failing = _Failing(artifacts, UnavailableError("away"), {"a": 3})
    with pytest.raises(UnavailableError):
        download(failing, "a", tmp_path / "back")
    assert _tree(tmp_path / "back") == {}


def test_a_large_file_comes_in_ranges(
    artifacts: LocalArtifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "RANGES_FROM_BYTES", 1_000)
    monkeypatch.setattr(transfer, "RANGE_BYTES", 300)
    data = random.Random(3).randbytes(10_000)
    artifacts.write("f", [data])
    assert download(artifacts, "f", tmp_path / "back").read_bytes() == data
    stored = artifacts.root / "f"
    _flip(stored, 40_000, (stored.stat().st_atime_ns, stored.stat().st_mtime_ns))
    with pytest.raises(CorruptDataError):
        download(artifacts, "f", tmp_path / "again")
    assert _tree(tmp_path / "again") == {}


def test_a_bar_is_shown_on_a_terminal_for_what_is_large(
    artifacts: LocalArtifacts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(transfer, "SHOWN_FROM_BYTES", 1_000)
    artifacts.write("f", [b"x" * 2_000])
    download(artifacts, "f", tmp_path / "quiet")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    download(artifacts, "f", tmp_path / "shown")
    assert "Downloading f" in capsys.readouterr().err


# Over HTTP


class _Cut(httpx.SyncByteStream):
    """A body that breaks off after so many bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data
        raise httpx.RemoteProtocolError("peer closed connection")


class _Server(httpx.BaseTransport):
    """Sends a file, cut after so many bytes at each request, as a server with a flaky link does."""

    def __init__(self, data: bytes, cuts: list[int], versions: Iterator[str]) -> None:
        self._data, self._cuts, self._versions = data, cuts, versions
        self.asked: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers.get("range"))
        start = int((request.headers.get("range") or "bytes=0-")[6:].partition("-")[0])
        headers = {"ETag": next(self._versions)}
        cut = self._cuts.pop(0) if self._cuts else len(self._data)
        body = self._data[start : start + cut]
        status = 206 if start else 200
        if start + cut < len(self._data):
            return httpx.Response(status, headers=headers, stream=_Cut(body))
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _behind(server: httpx.BaseTransport) -> HttpArtifacts:
    client = httpx.Client(transport=server)
    return HttpArtifacts("http://host/artifacts", "", lambda: client, sleep=lambda _: None)


def _always(version: str) -> Iterator[str]:
    while True:
        yield version


def test_a_download_that_is_cut_goes_on_where_it_was() -> None:
    data = random.Random(4).randbytes(10_000)
    server = _Server(data, [4_000, 1, 3_000], _always('"1"'))
    assert content(_behind(server), "f") == data
    assert server.asked == [None, "bytes=4000-", "bytes=4001-", "bytes=7001-"]


def test_a_download_that_gets_nowhere_ends() -> None:
    server = _Server(b"x" * 100, [10] + [0] * 20, _always('"1"'))
    with pytest.raises(UnavailableError, match="after 10 bytes"):
        content(_behind(server), "f")
    assert len(server.asked) == 6


def test_two_versions_are_never_mixed() -> None:
    server = _Server(b"x" * 100, [10], iter(['"1"', '"2"']))
    with pytest.raises(ConflictError):
        content(_behind(server), "f")


def test_a_server_that_ignores_ranges_is_understood() -> None:
    def whole(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"0123456789"))

    artifacts = _behind(httpx.MockTransport(whole))
    assert b"".join(artifacts.read("f", 3, 7)) == b"3456"
    assert b"".join(artifacts.read("f", 8)) == b"89"


def test_an_upload_that_arrives_as_other_bytes_is_an_error() -> None:
    def damaged(request: httpx.Request) -> httpx.Response:
        request.read()
        return httpx.Response(200, headers={"Repr-Digest": f"sha-256=:{'A' * 43}=:"})

    with pytest.raises(CorruptDataError, match="'f'"):
        _behind(httpx.MockTransport(damaged)).write("f", [b"x"])


def test_a_server_that_is_away_is_unavailable() -> None:
    artifacts = open_artifacts("mlflow-artifacts:/1", Opening(tracking_uri="http://127.0.0.1:9"))
    for act in (artifacts.list, lambda: artifacts.stat("f"), lambda: artifacts.write("f", [b"x"])):
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9"):
            act()


def test_credentials_go_to_the_tracking_server_alone() -> None:
    opening = Opening(tracking_uri="https://mine:1", headers={"Authorization": "Bearer secret"})

    def headers(uri: str) -> str | None:
        artifacts = open_artifacts(uri, opening)
        assert isinstance(artifacts, HttpArtifacts)
        return artifacts._client().headers.get("authorization")

    assert headers("mlflow-artifacts:/1") == "Bearer secret"
    assert headers("mlflow-artifacts://mine:1/1") == "Bearer secret"
    assert headers("https://mine:1/api/2.0/mlflow-artifacts/artifacts/1") == "Bearer secret"
    assert headers("mlflow-artifacts://other:1/1") is None
    assert headers("http://mine:1/api/2.0/mlflow-artifacts/artifacts/1") is None
    assert headers("https://mine:2/api/2.0/mlflow-artifacts/artifacts/1") is None


def test_an_answer_that_is_no_list_is_named(tmp_path: Path) -> None:
    for body in (b"<html>", b"[1]", json.dumps({"files": 3}).encode()):
        answer = httpx.MockTransport(
            lambda _, body=body: httpx.Response(200, stream=httpx.ByteStream(body))
        )
        with pytest.raises(Exception, match="list of files"):
            _behind(answer).list()


def test_a_folder_goes_through_a_real_server_and_back(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    store = open_folder(tmp_path / "meta")
    _plant(tmp_path / "mine", FILES)
    with serving(store, LocalArtifacts(tmp_path / "served"), Locations([])) as url:
        artifacts = open_artifacts("mlflow-artifacts:/1/r", Opening(tracking_uri=url))
        upload(artifacts, tmp_path / "mine", "model")
        download(artifacts, "", tmp_path / "back")
    store.close()
    assert _tree(tmp_path / "back" / "model") == FILES
