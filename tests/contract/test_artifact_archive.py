"""A folder of artifacts is downloaded as one ZIP file, which is never whole in memory or on disk."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from artifact_servers import serving
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations
from headrace.server import artifact_archives
from headrace.stores.sql import Place, open_folder
from headrace.wire.tracking import CreateExperiment, CreateRun

ARCHIVE = "/api/2.0/headrace/artifacts/archive"
FILES = {"model/MLmodel": b"flavors: {}", "model/data/w 1.bin": bytes(300_000), "top.txt": b""}


@pytest.fixture
def artifacts(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path / "served")


@pytest.fixture
def world(tmp_path: Path, artifacts: LocalArtifacts) -> Iterator[tuple[httpx.Client, str, str]]:
    """A client, the id of a run with files, and the folder of its files."""
    (tmp_path / "store").mkdir()
    store = open_folder(tmp_path / "store", place=Place("mlflow-artifacts:"))
    experiment_id = store.create_experiment(CreateExperiment("e")).experiment_id
    info = store.create_run(CreateRun(experiment_id=experiment_id)).run.info
    folder = (info.artifact_uri or "").removeprefix("mlflow-artifacts:/")
    for path, content in FILES.items():
        artifacts.write(f"{folder}/{path}", [content])
    with (
        serving(store, artifacts, Locations([])) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client, info.run_id, folder
    store.close()


def _unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_comes_with_all_that_is_below_it(world: tuple[httpx.Client, str, str]) -> None:
    client, run_id, _ = world
    answer = client.get(ARCHIVE, params={"run_id": run_id, "path": "model"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="model.zip"')
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert _unpacked(answer.content) == {
        path: content for path, content in FILES.items() if path.startswith("model/")
    }


def test_the_root_is_a_folder_named_after_the_run(world: tuple[httpx.Client, str, str]) -> None:
    client, run_id, _ = world
    answer = client.get(ARCHIVE, params={"run_id": run_id})
    assert _unpacked(answer.content) == {f"{run_id}/{path}": c for path, c in FILES.items()}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothing", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("top.txt", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("../x", 400, "INVALID_PARAMETER_VALUE"),
    ],
)
def test_what_is_no_folder_is_refused(
    world: tuple[httpx.Client, str, str], path: str, status: int, code: str
) -> None:
    client, run_id, _ = world
    answer = client.get(ARCHIVE, params={"run_id": run_id, "path": path})
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert client.get(ARCHIVE).status_code == 400


def test_too_many_files_are_refused_before_anything_is_sent(
    world: tuple[httpx.Client, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, run_id, _ = world
    monkeypatch.setattr(artifact_archives, "MOST_FILES", 2)
    answer = client.get(ARCHIVE, params={"run_id": run_id})
    assert answer.status_code == 400
    assert "more than the 2 files" in answer.json()["message"]
    assert client.get(ARCHIVE, params={"run_id": run_id, "path": "model"}).status_code == 200


def test_no_whole_file_is_in_memory(
    world: tuple[httpx.Client, str, str], artifacts: LocalArtifacts
) -> None:
    client, run_id, folder = world
    size = 96 << 20
    artifacts.write(f"{folder}/big/weights", (bytes(1 << 20) for _ in range(size >> 20)))
    tracemalloc.start()
    try:
        got = 0
        with client.stream("GET", ARCHIVE, params={"run_id": run_id, "path": "big"}) as answer:
            for chunk in answer.iter_raw():
                got += len(chunk)
        assert tracemalloc.get_traced_memory()[1] < size / 3
    finally:
        tracemalloc.stop()
    assert got > size


def test_a_file_that_goes_missing_meanwhile_breaks_the_answer_off(
    world: tuple[httpx.Client, str, str],
    artifacts: LocalArtifacts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, run_id, folder = world
    read = artifacts.read

    def gone(path: str, *part: int) -> Iterator[bytes]:
        if path.endswith(".bin"):
            artifacts.delete(f"{folder}/model/data/w 1.bin")
        return read(path, *part)

    monkeypatch.setattr(artifacts, "read", gone)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(ARCHIVE, params={"run_id": run_id})
