"""No path, link, location or name leads out of the folder that the server was given (P1 to P6, P9)."""

import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

import headrace
from artifact_servers import serving
from headrace.artifacts.http import HttpArtifacts
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations
from headrace.artifacts.transfer import download
from headrace.entities import LoggedModel
from headrace.errors import HeadraceError, NotFoundError
from headrace.server.artifacts import artifact_routes
from headrace.stores.sql import Place, SqlStore, open_folder
from headrace.wire.tracking import CreateExperiment, CreateLoggedModel, CreateRun
from hostile_paths import RAW, REFUSED, ROOTS

SECRET = b"the secret of another folder"
SERVED = "/api/2.0/mlflow-artifacts"


@dataclass
class World:
    """A server, and a secret beside the folder that it serves."""

    url: str
    store: SqlStore
    root: Path
    outside: Path
    run_id: str
    model: LoggedModel

    def ask(
        self, verb: str, target: str, body: bytes = b"", kind: str = "application/json"
    ) -> bytes:
        """The whole answer to a request line as it is, which no client library would send."""
        host = self.url.removeprefix("http://")
        head = (
            f"{verb} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        name, port = host.split(":")
        with socket.create_connection((name, int(port)), timeout=20) as connection:
            connection.sendall(head.encode("latin-1") + body)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    outside, root = folder / "outside", folder / "served"
    (outside / "etc").mkdir(parents=True)
    (outside / "etc" / "passwd").write_bytes(SECRET)
    (folder / "etc").mkdir()
    (folder / "etc" / "passwd").write_bytes(SECRET)
    (folder / "store").mkdir()
    # A store that takes any location: as an old database, or one that was tampered with, may hold.
    store = open_folder(folder / "store", place=Place("mlflow-artifacts:"))
    run_id, model = _run(store, "plain", None)
    artifacts = LocalArtifacts(root)
    for path in (f"0/{run_id}/artifacts/a/b.txt", "a/b", "a/b/c", "x"):
        with suppress(HeadraceError):
            artifacts.write(path, [b"content"])
    with serving(store, artifacts, Locations([str(folder / "elsewhere")])) as url:
        yield World(url, store, root, outside, run_id, model)
    store.close()


def _run(store: SqlStore, name: str, location: str | None) -> tuple[str, LoggedModel]:
    experiment = store.create_experiment(CreateExperiment(name, location)).experiment_id
    run = store.create_run(CreateRun(experiment_id=experiment)).run.info.run_id
    return run, store.create_logged_model(CreateLoggedModel(experiment_id=experiment)).model


# What is opened. An audit hook cannot be taken away, so there is one, which is told when to look.

_looking: list[set[str]] = []
_OWN_FILES = tuple(
    str(Path(place).resolve())
    for place in (
        sys.base_prefix,
        sys.prefix,
        sysconfig.get_paths()["stdlib"],
        Path(headrace.__file__).parent,
        Path(__file__).parent.parent,
        "/proc/self/fd",
        "/dev/null",
    )
)
_TELLING = (
    "open",
    "os.listdir",
    "os.scandir",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.link",
    "os.rmdir",
)


def _notice(event: str, given: tuple[object, ...]) -> None:
    if _looking and event in _TELLING:
        for path in given[: 2 if event in ("os.rename", "os.link") else 1]:
            if isinstance(path, (str, bytes, os.PathLike)):
                _looking[-1].add(os.fsdecode(path))


sys.addaudithook(_notice)


@contextmanager
def nothing_opened_outside(root: Path) -> Iterator[None]:
    """What is named with more than one part is the root itself, or the interpreter's own."""
    opened: set[str] = set()
    _looking.append(opened)
    try:
        yield
    finally:
        _looking.remove(opened)
    several = {path for path in opened if "/" in path or path in ("..", "")}
    strays = {path for path in several if path != str(root) and not path.startswith(_OWN_FILES)}
    strays = {path for path in strays if not path.startswith(f"{root.parent}/store/")}
    assert not strays
    assert opened, "the hook saw nothing at all"


def everything(folder: Path) -> str:
    """A digest of all names and contents."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if "store" not in path.parts:
            found.update(str(path).encode() + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()


# The matrix: each route that takes a path, and each way to spell one.

_IN_QUERY = {
    "/{s}/2.0/headrace/artifacts/archive": "/{s}/2.0/headrace/artifacts/archive?run_id={run}&path={path}",
    "/{s}/2.0/headrace/artifacts/table": "/{s}/2.0/headrace/artifacts/table?run_id={run}&path={path}",
    "/get-artifact": "/get-artifact?run_id={run}&path={path}",
    "/{s}/2.0/mlflow/artifacts/list": "/{s}/2.0/mlflow/artifacts/list?run_id={run}&path={path}",
    "/{s}/2.0/mlflow-artifacts/artifacts": "/{s}/2.0/mlflow-artifacts/artifacts?path={path}",
    "/{s}/2.0/mlflow/upload-artifact": "/{s}/2.0/mlflow/upload-artifact?run_uuid={run}&path={path}",
    "/{s}/2.0/mlflow/logged-models/{model_id}/artifacts/files": (
        "/{s}/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path={path}"
    ),
    "/{s}/2.0/mlflow/logged-models/{model_id}/artifacts/directories": (
        "/{s}/2.0/mlflow/logged-models/{model}/artifacts/directories?artifact_directory_path={path}"
    ),
}
_IN_BODY = {
    "/{s}/2.0/mlflow/artifacts/presigned-download-url": {"run_id": "{run}"},
    "/{s}/2.0/mlflow/artifacts/presigned-upload-url": {"run_id": "{run}"},
}


def _cases() -> list[tuple[str, str]]:
    """Verb and path pattern of every route of artifacts, from the route table itself."""
    routes = artifact_routes(None, None, Locations([]))  # type: ignore[arg-type]
    return sorted({(verb, route.path) for route in routes for verb in route.methods or ()})


def _request(world: World, pattern: str, path: str) -> tuple[str, bytes] | None:
    """The request line's target and the body that ask a route for ``path``."""
    surface = "ajax-api" if pattern.startswith("/ajax-api") else "api"
    row = re.sub(r"^/(ajax-)?api/", "/{s}/", pattern)
    known = {"s": surface, "run": world.run_id, "model": world.model.model_id}
    if row in _IN_QUERY:
        return _IN_QUERY[row].format(
            **known, path=quote(path, safe="", errors="surrogatepass")
        ), b"x"
    if row in _IN_BODY:
        given = {name: value.format(**known) for name, value in _IN_BODY[row].items()}
        return row.replace("{s}", surface), json.dumps({**given, "path": path}).encode()
    prefix, brace, rest = pattern.partition("{")
    assert brace, f"say in this test how {pattern} takes a path"
    assert rest in ("path:path}", "artifact_path:path}")
    body = {"path": "/home/me/model.bin", "upload_id": "u", "parts": []}
    return prefix + quote(path, safe="", errors="surrogatepass"), json.dumps(body).encode()


@pytest.mark.parametrize(("verb", "pattern"), _cases())
def test_no_route_takes_a_hostile_path(world: World, verb: str, pattern: str) -> None:
    before = everything(world.root.parent)
    answers = {}
    with nothing_opened_outside(world.root):
        for path in REFUSED:
            target, body = _request(world, pattern, path)
            answers[path] = world.ask(verb, target, body)
        world.ask("GET", f"{SERVED}/artifacts/x")  # so that the hook has something to see
    for path, answer in answers.items():
        assert answer.split(b" ", 2)[1] in (b"400", b"404"), (ascii(path), answer[:300])
        assert SECRET not in answer
    assert everything(world.root.parent) == before


@pytest.mark.parametrize("verb", ["GET", "HEAD", "PUT", "DELETE"])
def test_nor_one_that_only_a_lenient_decoder_would_understand(world: World, verb: str) -> None:
    before = everything(world.root.parent)
    with nothing_opened_outside(world.root):
        for raw in RAW:
            answer = world.ask(verb, f"{SERVED}/artifacts/{raw}", b"x")
            assert answer.split(b" ", 2)[1] in (b"400", b"404"), (raw, answer[:300])
            assert SECRET not in answer
        world.ask("GET", f"{SERVED}/artifacts/x")
    assert everything(world.root.parent) == before


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
@pytest.mark.parametrize("root", [*ROOTS, "%2e", "%2e%2f", "%2f"])
def test_the_root_is_neither_written_nor_removed(world: World, verb: str, root: str) -> None:
    before = everything(world.root)
    for spelled in (root, quote(root, safe="")):
        answer = world.ask(verb, f"{SERVED}/artifacts/{spelled}", b"x")
        assert answer.split(b" ", 2)[1] in (b"400", b"404", b"405"), answer[:300]
    assert everything(world.root) == before


# Locations that a client, or somebody with access to the database, has chosen.


@pytest.mark.parametrize(
    "location",
    [
        "{outside}",
        "file://{outside}",
        "file:{outside}",
        "/",
        "/etc",
        "{parent}/elsewhere/../outside",
        "{parent}/elsewhere/%2e%2e/outside",
        "{parent}/elsewhere-not",
        "file://{parent}/elsewhere/../outside",
        "mlflow-artifacts:/../outside",
        "mlflow-artifacts:/0/../../outside",
        "mlflow-artifacts:/%2e%2e/outside",
        "mlflow-artifacts:///../outside",
        "mlflow-artifacts://host/../outside",
        "MLFLOW-ARTIFACTS:/../outside",
        "s3://other/bucket",
        "memory://x",
        "http://169.254.169.254/latest",
        "https://example.invalid/api/2.0/mlflow-artifacts/artifacts/x",
        "sftp://example.invalid/x",
    ],
)
def test_a_location_outside_of_the_roots_is_not_opened(world: World, location: str) -> None:
    chosen = location.format(outside=world.outside, parent=world.root.parent)
    run_id, model = _hostile(world, chosen)
    (world.outside / "0").mkdir(exist_ok=True)
    targets = [
        ("GET", f"/get-artifact?run_id={run_id}&path=etc/passwd"),
        ("GET", f"/api/2.0/headrace/artifacts/archive?run_id={run_id}"),
        ("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}"),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run_id}&path=planted"),
        ("GET", f"/api/2.0/mlflow/logged-models/{model}/artifacts/directories"),
        ("GET", f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path=x"),
    ]
    before = everything(world.root.parent)
    with nothing_opened_outside(world.root):
        for verb, target in targets:
            answer = world.ask(verb, target, b"x")
            assert answer.split(b" ", 2)[1] in (b"400", b"403", b"404"), answer[:300]
            assert SECRET not in answer
        world.ask("GET", f"{SERVED}/artifacts/x")
    assert everything(world.root.parent) == before


def _hostile(world: World, location: str) -> tuple[str, str]:
    """A run and a model whose location was written past all checks."""
    name = f"e{hashlib.sha256(location.encode()).hexdigest()}"
    run_id, model = _run(world.store, name, f"s3://{name}")
    database = world.root.parent / "store" / "headrace.db"
    with sqlite3.connect(database) as connection:
        tables = [
            row[0]
            for row in connection.execute("select name from sqlite_master where type='table'")
        ]
        changed = 0
        for table in tables:
            for column in [row[1] for row in connection.execute(f"pragma table_info({table})")]:
                changed += connection.execute(
                    f'update "{table}" set "{column}" = replace("{column}", ?, ?) where "{column}" like ?',
                    (f"s3://{name}", location, f"s3://{name}%"),
                ).rowcount
    connection.close()
    assert changed
    return run_id, model.model_id


# Links


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("to", ["folder", "file"])
def test_a_planted_link_is_not_followed(tmp_path: Path, depth: int, to: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "sub").mkdir(parents=True)
    (outside / "sub" / "secret").write_bytes(SECRET)
    folder = root.joinpath(*["d"] * depth)
    folder.mkdir(parents=True)
    target = {"folder": outside, "file": outside / "sub" / "secret"}[to]
    (folder / "link").symlink_to(target)
    artifacts = LocalArtifacts(root)
    prefix = "d/" * depth
    before = everything(outside)
    for path in (f"{prefix}link", f"{prefix}link/sub/secret", f"{prefix}link/sub"):
        for act in (artifacts.read, artifacts.stat):
            with pytest.raises(NotFoundError):
                act(path)
        assert artifacts.list(path) == []
    with suppress(HeadraceError):
        artifacts.write(f"{prefix}link/sub/new", [b"x"])
    artifacts.delete(f"{prefix}link/sub/secret")
    assert "link" not in [info.path.rpartition("/")[2] for info in artifacts.list(prefix)]
    artifacts.write(f"{prefix}link", [b"in its place"])
    artifacts.delete(f"{prefix}link")
    assert everything(outside) == before


def test_a_pipe_or_a_socket_is_no_file_and_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    artifacts = LocalArtifacts(tmp_path)
    with pytest.raises(NotFoundError):
        artifacts.read("pipe")
    assert artifacts.list() == []


@contextmanager
def _swapping(step: Callable[[], None]) -> Iterator[None]:
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            step()

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        yield
    finally:
        done.set()
        swapper.join()


def _read_in_a_race(tmp_path: Path, reads: int) -> None:
    """Reads while the folder is swapped for a link and back: what comes out is the file or nothing."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "f").write_bytes(SECRET)
    artifacts = LocalArtifacts(root)
    artifacts.write("real/f", [b"mine"])
    (root / "link").symlink_to(outside)
    turns = [("real", "kept"), ("link", "real"), ("real", "link"), ("kept", "real")]

    def swap() -> None:
        for here, there in turns:
            (root / here).rename(root / there)

    found = set()
    with _swapping(swap):
        for _ in range(reads):
            with suppress(NotFoundError):
                found.add(b"".join(artifacts.read("real/f")))
    assert found == {b"mine"}


def test_a_link_that_races_in_is_not_followed(tmp_path: Path) -> None:
    _read_in_a_race(tmp_path, 2_000)


@pytest.mark.slow
def test_a_link_that_races_in_is_not_followed_in_ten_thousand_reads(tmp_path: Path) -> None:
    _read_in_a_race(tmp_path, 10_000)


def test_nothing_is_written_or_removed_through_a_link_that_races_in(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "f").write_bytes(SECRET)
    artifacts = LocalArtifacts(root)
    artifacts.write("real/f", [b"mine"])
    spot = root / "real"

    def swap() -> None:
        shutil.rmtree(spot, ignore_errors=True)
        with suppress(OSError):
            spot.symlink_to(outside)
        with suppress(OSError):
            spot.unlink()

    written = 0
    with _swapping(swap):
        for n in range(1_000):
            with suppress(HeadraceError):
                artifacts.write(f"real/w{n % 5}", [b"x"])
                written += 1
            with suppress(HeadraceError):
                artifacts.delete("real/f")
    assert written
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == {"f": SECRET}


# Names that a server offers


@pytest.mark.parametrize(
    "name", [*REFUSED, "a/b", "../../up", "ok/../../x"], ids=lambda name: ascii(name)[:40]
)
def test_a_name_that_a_server_offers_never_leaves_the_target(tmp_path: Path, name: str) -> None:
    offered = {"files": [{"path": name, "is_dir": False}, {"path": "good", "is_dir": False}]}

    def answer(request: httpx.Request) -> httpx.Response:
        content = json.dumps(offered).encode() if "path" in request.url.params else b"x"
        headers = {"Content-Length": str(len(content))}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))

    client = httpx.Client(transport=httpx.MockTransport(answer))
    artifacts = HttpArtifacts("http://hostile.invalid/artifacts", "", lambda: client)
    target = tmp_path / "in" / "target"
    download(artifacts, "", target)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [target / "good"]
