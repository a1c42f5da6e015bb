"""What the server's artifact routes answer, beyond what every artifact backend promises."""

import base64
import hashlib
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from artifact_servers import serving
from headrace.artifacts.base import Stat
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations
from headrace.server import artifact_desk
from headrace.stores.sql import Place, SqlStore, open_folder
from headrace.wire.tracking import CreateExperiment, CreateLoggedModel, CreateRun, GetRun

FILES = "/api/2.0/mlflow-artifacts/artifacts"
DATA = bytes(range(256)) * 40


@dataclass
class World:
    """A server, its store, and the folder that it serves."""

    http: httpx.Client
    store: SqlStore
    artifacts: LocalArtifacts
    elsewhere: Path
    run_id: str
    model_id: str

    @property
    def address(self) -> tuple[str, int]:
        return self.http.base_url.host, self.http.base_url.port or 80


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    (folder / "store").mkdir()
    store = open_folder(folder / "store", place=Place("mlflow-artifacts:"))
    artifacts, elsewhere = LocalArtifacts(folder / "served"), folder / "elsewhere"
    experiment = store.create_experiment(CreateExperiment("e")).experiment_id
    run_id = store.create_run(CreateRun(experiment_id=experiment)).run.info.run_id
    model_id = store.create_logged_model(CreateLoggedModel(experiment_id=experiment)).model.model_id
    with (
        serving(store, artifacts, Locations([str(elsewhere)])) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield World(client, store, artifacts, elsewhere, run_id, model_id)
    store.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A folder of the test's own."""
    return hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]


def test_a_file_is_sent_with_headers_that_keep_a_browser_from_running_it(
    world: World, name: str
) -> None:
    world.http.put(f"{FILES}/{name}/page.html", content=b"<script>alert(1)</script>")
    answer = world.http.get(f"{FILES}/{name}/page.html")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.svg", "image/svg+xml"),
        ("a.json", "application/json"),
        ("MLmodel", "text/plain; charset=utf-8"),
        ("a.js", "text/plain; charset=utf-8"),
        ("a.xml", "text/plain; charset=utf-8"),
        ("model.pkl", "application/octet-stream"),
        ("png", "application/octet-stream"),
    ],
)
def test_a_file_is_told_by_its_ending_and_never_as_what_runs(
    world: World, name: str, path: str, kind: str
) -> None:
    world.http.put(f"{FILES}/{name}/{path}", content=b"x", headers={"Content-Type": "text/html"})
    assert world.http.get(f"{FILES}/{name}/{path}").headers["content-type"] == kind


@pytest.mark.parametrize(
    ("path", "disposition"),
    [
        ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
        ('q".txt', "attachment; filename=\"q_.txt\"; filename*=UTF-8''q%22.txt"),
        (
            "gr\u00fc\u00df.txt",
            "attachment; filename=\"gr__.txt\"; filename*=UTF-8''gr%C3%BC%C3%9F.txt",
        ),
        ("50%25.txt", "attachment; filename=\"50_25.txt\"; filename*=UTF-8''50%2525.txt"),
    ],
)
def test_the_name_to_save_under_is_told_in_both_forms(
    world: World, name: str, path: str, disposition: str
) -> None:
    url = f"{FILES}/{name}/{quote(path)}"
    assert world.http.put(url, content=b"x").status_code == 200
    assert world.http.get(url).headers["content-disposition"] == disposition


def test_a_written_file_is_answered_with_its_digest(world: World, name: str) -> None:
    answer = world.http.put(f"{FILES}/{name}/f", content=DATA)
    digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    head = world.http.head(f"{FILES}/{name}/f")
    assert head.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert head.headers["etag"] == f'"{hashlib.sha256(DATA).hexdigest()}"'
    assert head.headers["content-length"] == str(len(DATA))
    age = time.time() - parsedate_to_datetime(head.headers["last-modified"]).timestamp()
    assert -2 < age < 60


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5-9", 206, 5, 10),
        ("bytes=10200-", 206, 10200, len(DATA)),
        ("bytes=10200-99999999", 206, 10200, len(DATA)),
        ("bytes=-7", 206, len(DATA) - 7, len(DATA)),
        ("bytes=-99999999", 206, 0, len(DATA)),
        ("bytes=0-", 206, 0, len(DATA)),
        ("bytes=9-5", 200, 0, len(DATA)),
        ("bytes=-", 200, 0, len(DATA)),
        ("bytes=0-1,3-4", 200, 0, len(DATA)),
        ("lines=1-2", 200, 0, len(DATA)),
        ("bytes=x-y", 200, 0, len(DATA)),
        (f"bytes={'9' * 30}-", 200, 0, len(DATA)),
    ],
)
def test_a_range_is_answered_with_that_part(
    world: World, name: str, asked: str, status: int, start: int, end: int
) -> None:
    world.http.put(f"{FILES}/{name}/f", content=DATA)
    answer = world.http.get(f"{FILES}/{name}/f", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, DATA[start:end])
    expected = f"bytes {start}-{end - 1}/{len(DATA)}" if status == 206 else None
    assert answer.headers.get("content-range") == expected


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(world: World, name: str, asked: str) -> None:
    world.http.put(f"{FILES}/{name}/f", content=DATA)
    answer = world.http.get(f"{FILES}/{name}/f", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


def test_a_range_counts_only_for_the_version_that_it_names(world: World, name: str) -> None:
    etag = world.http.put(f"{FILES}/{name}/f", content=DATA).headers["etag"]
    same = world.http.get(f"{FILES}/{name}/f", headers={"Range": "bytes=0-1", "If-Range": etag})
    other = world.http.get(f"{FILES}/{name}/f", headers={"Range": "bytes=0-1", "If-Range": '"x"'})
    assert (same.status_code, same.content) == (206, DATA[:2])
    assert (other.status_code, other.content) == (200, DATA)


def test_a_file_that_has_not_changed_is_not_sent_again(world: World, name: str) -> None:
    etag = world.http.put(f"{FILES}/{name}/f", content=DATA).headers["etag"]
    date = world.http.head(f"{FILES}/{name}/f").headers["last-modified"]
    for known in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"a", W/{etag}'},
        {"If-Modified-Since": date},
    ):
        answer = world.http.get(f"{FILES}/{name}/f", headers=known)
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["etag"] == etag
    for stale in ({"If-None-Match": '"a"'}, {"If-Modified-Since": "nonsense"}):
        assert world.http.get(f"{FILES}/{name}/f", headers=stale).content == DATA


def test_an_empty_file_is_a_file(world: World, name: str) -> None:
    assert world.http.put(f"{FILES}/{name}/f", content=b"").status_code == 200
    answer = world.http.get(f"{FILES}/{name}/f")
    assert (answer.status_code, answer.content) == (200, b"")
    assert world.http.get(f"{FILES}/{name}/f", headers={"Range": "bytes=0-"}).status_code == 416
    listed = world.http.get(FILES, params={"path": name}).json()
    assert listed == {"files": [{"path": "f", "is_dir": False}]}


def test_a_listing_has_base_names_in_order_and_leaves_out_what_the_protocol_does(
    world: World, name: str
) -> None:
    for path in ("b", "a/x", "C", "a/y/z"):
        world.http.put(f"{FILES}/{name}/{path}", content=b"12")
    assert world.http.get(FILES, params={"path": name}).json() == {
        "files": [
            {"path": "C", "is_dir": False, "file_size": 2},
            {"path": "a", "is_dir": True},
            {"path": "b", "is_dir": False, "file_size": 2},
        ]
    }
    assert world.http.get(FILES, params={"path": f"{name}/b"}).json() == {}
    assert world.http.get(FILES, params={"path": f"{name}/nothing"}).json() == {}


@pytest.mark.parametrize("surface", ["api", "ajax-api"])
def test_a_missing_file_is_404_and_a_folder_400(world: World, name: str, surface: str) -> None:
    world.http.put(f"{FILES}/{name}/a/f", content=b"x")
    files = f"/{surface}/2.0/mlflow-artifacts/artifacts"
    missing = world.http.get(f"{files}/{name}/nothing")
    assert (missing.status_code, missing.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    folder = world.http.get(f"{files}/{name}/a")
    assert (folder.status_code, folder.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    slash = world.http.put(f"{files}/{name}/a/", content=b"x")
    assert (slash.status_code, slash.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    over = world.http.put(f"{files}/{name}/a", content=b"x")
    assert (over.status_code, over.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_a_folder_is_deleted_with_all_in_it_and_again_without_an_error(
    world: World, name: str
) -> None:
    world.http.put(f"{FILES}/{name}/a/b/f", content=b"x")
    for _ in range(2):
        answer = world.http.delete(f"{FILES}/{name}/a/")
        assert (answer.status_code, answer.json()) == (200, {})
    assert world.http.get(FILES, params={"path": name}).json() == {}


@pytest.mark.parametrize("step", ["create", "complete", "abort"])
def test_an_upload_in_parts_is_refused_in_the_words_that_clients_know(
    world: World, name: str, step: str
) -> None:
    answer = world.http.post(
        f"/api/2.0/mlflow-artifacts/mpu/{step}/{name}",
        json={"path": "/home/me/f.bin", "num_parts": 2, "upload_id": "u", "parts": []},
    )
    told = answer.json()
    assert (answer.status_code, told["error_code"]) == (501, "NOT_IMPLEMENTED")
    assert told["message"].startswith(
        "Multipart upload is not supported for the current artifact repository"
    )


def test_signed_addresses_are_refused_where_there_are_none(world: World, name: str) -> None:
    world.http.put(f"{FILES}/{name}/f", content=b"x")
    asked = {"run_id": world.run_id, "path": "f"}
    answers = [
        world.http.get(f"/api/2.0/mlflow-artifacts/presigned/{name}/f"),
        world.http.post("/api/2.0/mlflow/artifacts/presigned-download-url", json=asked),
        world.http.post("/api/2.0/mlflow/artifacts/presigned-upload-url", json=asked),
    ]
    assert [answer.status_code for answer in answers] == [501, 501, 501]


def test_the_files_of_a_run_are_reached_by_its_id(world: World) -> None:
    root = f"mlflow-artifacts:/{_experiment(world)}/{world.run_id}/artifacts"
    run = {"run_id": world.run_id}
    sent = world.http.post(
        "/ajax-api/2.0/mlflow/upload-artifact",
        params={"run_uuid": world.run_id, "path": "notes/a.txt"},
        content=b"hello",
    )
    assert (sent.status_code, sent.content) == (200, b"")
    got = world.http.get("/get-artifact", params={**run, "path": "notes/a.txt"})
    assert got.content == b"hello"
    assert world.http.get("/api/2.0/mlflow/artifacts/list", params=run).json() == {
        "root_uri": root,
        "files": [{"path": "notes", "is_dir": True}],
    }
    below = world.http.get("/api/2.0/mlflow/artifacts/list", params={**run, "path": "notes"}).json()
    assert below["files"] == [{"path": "notes/a.txt", "is_dir": False, "file_size": 5}]
    for empty in ("notes/a.txt", "nothing"):
        listed = world.http.get("/api/2.0/mlflow/artifacts/list", params={**run, "path": empty})
        assert listed.json() == {"root_uri": root}


def _experiment(world: World) -> str:
    return world.store.get_run(GetRun(world.run_id)).run.info.experiment_id


def test_the_files_of_a_model_are_reached_by_its_id(world: World) -> None:
    path = f"{_experiment(world)}/models/{world.model_id}/artifacts/sub/MLmodel"
    world.http.put(f"{FILES}/{path}", content=b"flavors: {}")
    base = f"2.0/mlflow/logged-models/{world.model_id}/artifacts"
    listed = world.http.get(f"/api/{base}/directories", params={"artifact_directory_path": "sub"})
    assert listed.json()["files"] == [{"path": "sub/MLmodel", "is_dir": False, "file_size": 11}]
    got = world.http.get(f"/ajax-api/{base}/files", params={"artifact_file_path": "sub/MLmodel"})
    assert got.content == b"flavors: {}"


def test_what_does_not_exist_is_404_and_what_is_missing_400(world: World) -> None:
    unknown = [
        ("/get-artifact", {"run_id": "0" * 32, "path": "f"}),
        ("/api/2.0/mlflow/artifacts/list", {"run_id": "0" * 32}),
        ("/api/2.0/mlflow/logged-models/m-0/artifacts/directories", {}),
    ]
    assert [world.http.get(url, params=given).status_code for url, given in unknown] == [404] * 3
    incomplete = [
        world.http.get("/get-artifact", params={"run_id": world.run_id}),
        world.http.get("/get-artifact", params={"path": "f"}),
        world.http.get("/api/2.0/mlflow/artifacts/list"),
        world.http.post("/ajax-api/2.0/mlflow/upload-artifact", params={"path": "f"}, content=b"x"),
        world.http.post(
            "/ajax-api/2.0/mlflow/upload-artifact", params={"run_uuid": world.run_id, "path": "f"}
        ),
    ]
    assert [answer.status_code for answer in incomplete] == [400] * 5
    assert {answer.json()["error_code"] for answer in incomplete} == {"INVALID_PARAMETER_VALUE"}


def test_a_form_upload_over_its_limit_is_refused(world: World) -> None:
    answer = world.http.post(
        "/ajax-api/2.0/mlflow/upload-artifact",
        params={"run_uuid": world.run_id, "path": "large"},
        content=b"x" * (10 * 2**20 + 1),
    )
    assert answer.status_code == 413
    assert world.http.get(
        "/get-artifact", params={"run_id": world.run_id, "path": "large"}
    ).is_error


def test_a_run_outside_of_the_served_files_is_read_where_the_roots_allow(world: World) -> None:
    location = str(world.elsewhere / "team")
    experiment = world.store.create_experiment(CreateExperiment("far", location)).experiment_id
    run = world.store.create_run(CreateRun(experiment_id=experiment)).run.info
    LocalArtifacts(world.elsewhere / "team" / run.run_id / "artifacts").write("f", [b"there"])
    got = world.http.get("/get-artifact", params={"run_id": run.run_id, "path": "f"})
    assert got.content == b"there"


def test_a_long_listing_comes_in_pages(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_desk, "PAGE", 3)
    root = f"{_experiment(world)}/{world.run_id}/artifacts"
    for n in range(7):
        world.artifacts.write(f"{root}/{name}/{n}", [b"x"])
    found, token = [], ""
    for _ in range(3):
        given = {"run_id": world.run_id, "path": name, "page_token": token}
        page = world.http.get("/api/2.0/mlflow/artifacts/list", params=given).json()
        found += [info["path"] for info in page["files"]]
        token = page.get("next_page_token", "")
    assert (found, token) == ([f"{name}/{n}" for n in range(7)], "")
    bad = {"run_id": world.run_id, "page_token": "\u00fc"}
    assert world.http.get("/api/2.0/mlflow/artifacts/list", params=bad).status_code == 400


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_that_breaks_off_anywhere_is_never_seen(
    world: World, name: str, chunked: bool
) -> None:
    size = 3 << 20
    rng = random.Random(7)
    offsets = [0, 1, size - 1, *(rng.randrange(size) for _ in range(20))]
    for number, offset in enumerate(offsets):
        _send_part(world.address, f"{FILES}/{name}/f{number}", size, offset, chunked)
    # The server is asked for something else, so that it has seen the ends of the others.
    deadline = time.monotonic() + 60
    while _leftovers(world.artifacts.root / name) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert world.http.get(FILES, params={"path": name}).json() == {}
    assert _leftovers(world.artifacts.root / name) == []


def _send_part(address: tuple[str, int], url: str, size: int, offset: int, chunked: bool) -> None:
    body = {False: f"Content-Length: {size}", True: "Transfer-Encoding: chunked"}[chunked]
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(f"PUT {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n{body}\r\n\r\n".encode())
        start = {False: b"", True: f"{size:x}\r\n".encode()}[chunked]
        connection.sendall(start + b"x" * offset)


def _leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")] if folder.exists() else []


def test_a_chunked_upload_is_stored_whole(world: World, name: str) -> None:
    pieces = [DATA] * 300
    answer = world.http.put(f"{FILES}/{name}/f", content=iter(pieces))
    assert answer.status_code == 200
    assert world.http.get(f"{FILES}/{name}/f").content == b"".join(pieces)


def test_a_server_that_keeps_no_artifacts_says_so(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = open_folder(tmp_path / "store")
    with serving(store, None, Locations([])) as url:
        answers = [
            httpx.get(f"{url}{FILES}/f"),
            httpx.put(f"{url}{FILES}/f", content=b"x"),
            httpx.get(f"{url}{FILES}", params={"path": "x"}),
        ]
    store.close()
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "--no-serve-artifacts" in answers[0].json()["message"]


def test_a_file_that_is_replaced_while_it_is_asked_for_is_one_version(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.http.put(f"{FILES}/{name}/f", content=DATA)
    stat, shorter = world.artifacts.stat, DATA[:100]

    def replaced(path: str) -> Stat:
        found = stat(path)
        monkeypatch.setattr(world.artifacts, "stat", stat)
        world.artifacts.write(path, [shorter])
        return found

    monkeypatch.setattr(world.artifacts, "stat", replaced)
    answer = world.http.get(f"{FILES}/{name}/f")
    assert answer.content == shorter
    assert answer.headers["etag"] == f'"{hashlib.sha256(shorter).hexdigest()}"'
