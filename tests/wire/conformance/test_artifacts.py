"""Artifacts over the wire: the proxied protocol, and the routes beside it."""

import socket
import urllib.parse
from collections.abc import Iterator

import pytest

from wire.conformance.asking import AJAX, API, Refused, Wire, read

LARGE = 256 * 2**20
FILES = "/api/2.0/mlflow-artifacts/"


def at(experiment_id: str, run_id: str, path: str = "") -> str:
    return f"{FILES}artifacts/{experiment_id}/{run_id}/artifacts/{path}".rstrip("/")


@pytest.fixture
def stored(wire: Wire, experiment_id: str, run_id: str) -> str:
    """The address of a file of 10,000 bytes."""
    address = at(experiment_id, run_id, "sub/data.bin")
    assert wire.http.put(address, content=bytes(range(250)) * 40).status_code == 200
    return address


def test_a_file_is_stored_and_sent_back(wire: Wire, stored: str) -> None:
    response = wire.http.get(stored)
    assert response.content == bytes(range(250)) * 40
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-length"] == "10000"


def test_any_type_and_an_empty_body_are_taken(wire: Wire, experiment_id: str, run_id: str) -> None:
    address = at(experiment_id, run_id, "page.html")
    for body, kind in [
        (b"<b>", "text/html"),
        (b"", "application/json"),
        (b"{not json", "application/json"),
    ]:
        assert (
            wire.http.put(address, content=body, headers={"Content-Type": kind}).status_code == 200
        )
        assert wire.http.get(address).content == body


def test_a_part_of_a_file(wire: Wire, stored: str) -> None:
    response = wire.http.get(stored, headers={"Range": "bytes=250-259"})
    assert response.status_code == 206
    assert response.content == bytes(range(10))
    assert response.headers["content-range"] == "bytes 250-259/10000"
    last = wire.http.get(stored, headers={"Range": "bytes=-5"})
    assert last.content == bytes(range(245, 250))


def test_what_is_missing_is_not_found(wire: Wire, stored: str, refused: Refused) -> None:
    refused(wire.http.get(stored + ".missing"), 404, "RESOURCE_DOES_NOT_EXIST")


def test_a_folder_is_no_file(wire: Wire, stored: str) -> None:
    folder = stored.rpartition("/")[0]
    assert wire.http.get(folder).status_code in {400, 404}
    assert wire.http.put(folder + "/", content=b"x").status_code in {400, 404}
    assert wire.http.get(stored).status_code == 200


def test_one_level_is_listed_by_base_names(
    wire: Wire, experiment_id: str, run_id: str, stored: str
) -> None:
    for name in ("b.txt", "A.txt", "c/d.txt"):
        wire.http.put(at(experiment_id, run_id, name), content=b"12345")
    root = f"{experiment_id}/{run_id}/artifacts"
    listed = read(wire.http.get(FILES + "artifacts", params={"path": root}))
    assert listed["files"] == [
        {"path": "A.txt", "is_dir": False, "file_size": 5}, {"path": "b.txt", "is_dir": False, "file_size": 5},
        {"path": "c", "is_dir": True}, {"path": "sub", "is_dir": True},
    ]  # fmt: skip
    assert read(wire.http.get(FILES + "artifacts", params={"path": f"{root}/b.txt"})) == {}
    assert read(wire.http.get(FILES + "artifacts", params={"path": f"{root}/nothing"})) == {}


def test_a_run_lists_its_files_by_their_paths(
    wire: Wire, experiment_id: str, run_id: str, stored: str
) -> None:
    listed = read(wire.get("artifacts/list", run_id=run_id, path="sub"))
    assert listed["root_uri"] == f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"
    assert listed["files"] == [{"path": "sub/data.bin", "is_dir": False, "file_size": 10_000}]
    assert "files" not in read(wire.get("artifacts/list", run_id=run_id, path="none"))
    assert wire.get("artifacts/list", run_id="0" * 32).status_code == 404


def test_delete_is_repeatable_and_takes_folders(
    wire: Wire, experiment_id: str, run_id: str, stored: str
) -> None:
    folder = at(experiment_id, run_id, "sub")
    assert wire.http.delete(folder).status_code == 200
    assert wire.http.delete(folder).status_code == 200
    assert wire.http.get(stored).status_code == 404


def test_uploads_in_parts_are_offered_or_declined(
    wire: Wire, experiment_id: str, run_id: str, refused: Refused
) -> None:
    # Storage without an upload in parts says so with this code, upon which the client sends one PUT.
    body = {"path": "/home/ada/big.bin", "num_parts": 2}
    response = wire.http.post(f"{FILES}mpu/create/{experiment_id}/{run_id}/artifacts", json=body)
    assert response.status_code in {200, 501}
    info = read(wire.http.get("/api/3.0/mlflow/server-info"))
    assert info["multipart_uploads_enabled"] is (response.status_code == 200)
    code = {200: None, 501: "NOT_IMPLEMENTED"}[response.status_code]
    assert response.json().get("error_code") == code


def test_presigned_downloads_are_declined_on_a_local_disk(
    wire: Wire, experiment_id: str, run_id: str, stored: str
) -> None:
    path = stored.removeprefix(FILES + "artifacts/")
    response = wire.http.get(f"{FILES}presigned/{path}")
    assert (response.status_code, response.json()["error_code"]) == (501, "NOT_IMPLEMENTED")


def test_a_browser_gets_a_file_of_a_run(wire: Wire, run_id: str, stored: str) -> None:
    response = wire.http.get("/get-artifact", params={"run_id": run_id, "path": "sub/data.bin"})
    assert response.content == bytes(range(250)) * 40
    assert response.headers["content-disposition"].startswith("attachment")
    assert wire.http.get("/get-artifact", params={"run_id": run_id}).status_code == 400
    assert (
        wire.http.get("/get-artifact", params={"run_id": run_id, "path": "none"}).status_code == 404
    )


def test_a_page_uploads_a_file(wire: Wire, experiment_id: str, run_id: str) -> None:
    query = {"run_uuid": run_id, "path": "notes/from page.txt"}
    assert (
        wire.http.post(AJAX + "upload-artifact", params=query, content=b"typed").status_code == 200
    )
    assert wire.http.get(at(experiment_id, run_id, "notes/from%20page.txt")).content == b"typed"
    too_large = wire.http.post(
        AJAX + "upload-artifact", params=query, content=b"x" * (10 * 2**20 + 1)
    )
    assert too_large.status_code in {400, 413}
    assert wire.http.get(at(experiment_id, run_id, "notes/from%20page.txt")).content == b"typed"


def test_the_files_of_a_logged_model(wire: Wire, experiment_id: str) -> None:
    model_id = wire.answer("logged-models", {"experiment_id": experiment_id})["model"]["info"][
        "model_id"
    ]
    root = f"{FILES}artifacts/{experiment_id}/models/{model_id}/artifacts"
    wire.http.put(f"{root}/data/weights.bin", content=b"w" * 9)
    folders = API + f"logged-models/{model_id}/artifacts/directories"
    assert [f["path"] for f in read(wire.http.get(folders))["files"]] == ["data"]
    listed = read(wire.http.get(folders, params={"artifact_directory_path": "data"}))
    assert listed["files"] == [{"path": "data/weights.bin", "is_dir": False, "file_size": 9}]
    query = {"artifact_file_path": "data/weights.bin"}
    response = wire.http.get(AJAX + f"logged-models/{model_id}/artifacts/files", params=query)
    assert response.content == b"w" * 9


@pytest.mark.parametrize(
    "name",
    ["a b", "a+b", "a%b", "a%2Fb", "a%2e%2e", "a&b=c", "ä", "a;b", "'a'", "a..b", ".a"],
)
def test_a_name_is_decoded_once(wire: Wire, experiment_id: str, run_id: str, name: str) -> None:
    """Promise P3: what is put under a legal name is listed and read under that name."""
    # A quirk of the real server is left out: it decodes again and again, so it knows no such names.
    address = at(experiment_id, run_id, "names/" + urllib.parse.quote(name, safe=""))
    assert wire.http.put(address, content=b"here").status_code == 200
    listed = read(wire.get("artifacts/list", run_id=run_id, path="names"))
    assert [f["path"] for f in listed["files"]] == [f"names/{name}"]
    assert wire.http.get(address).content == b"here"


def test_a_large_file_is_never_in_memory(wire: Wire, experiment_id: str, run_id: str) -> None:
    address = at(experiment_id, run_id, "large.bin")
    before, most = wire.server.memory(), 0
    block = bytes(range(256)) * 4096

    def blocks() -> Iterator[bytes]:
        nonlocal most
        for _ in range(LARGE // len(block)):
            yield block
            most = max(most, wire.server.memory())

    assert wire.http.put(address, content=blocks()).status_code == 200
    received = 0
    with wire.http.stream("GET", address) as response:
        assert response.status_code == 200
        for part in response.iter_raw():
            received += len(part)
            most = max(most, wire.server.memory())
    assert received == LARGE
    assert most - before < 64 * 2**20
    assert wire.http.delete(address).status_code == 200


def test_an_upload_that_breaks_off_is_never_seen(
    wire: Wire, experiment_id: str, run_id: str, stored: str
) -> None:
    host = urllib.parse.urlsplit(wire.server.url)
    for path in ("sub/data.bin", "sub/new.bin"):
        with socket.create_connection((host.hostname or "", host.port or 0)) as connection:
            head = f"PUT {at(experiment_id, run_id, path)} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: 1000000\r\n\r\n"
            connection.sendall(head.encode() + b"half" * 100_000)
    assert wire.http.get(stored).content == bytes(range(250)) * 40
    listed = read(wire.get("artifacts/list", run_id=run_id, path="sub"))
    assert [(f["path"], f["file_size"]) for f in listed["files"]] == [("sub/data.bin", 10_000)]
