"""Headrace's client moves files through the real MLflow server, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments import mlflow
from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.resolve import open_artifacts
from headrace.artifacts.transfer import download, upload
from headrace.entities import FileInfo
from headrace.errors import InvalidValueError, NotFoundError
from headrace.testing.artifacts import content
from servers import mlflow_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArtifactStore]:
    with mlflow_server(mlflow.python("3.17.2"), tmp_path_factory.mktemp("mlflow")) as server:
        yield open_artifacts("mlflow-artifacts:/1/r/artifacts", Opening(tracking_uri=server.url))


def test_files_go_and_come_back(artifacts: ArtifactStore, tmp_path: Path) -> None:
    files = {"a.txt": b"hello", "empty": b"", "sub/b c.bin": bytes(range(256)) * 20_000}
    for name, data in files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_bytes(data)
    upload(artifacts, tmp_path / "mine", "model")
    place = download(artifacts, "model", tmp_path / "back")
    found = {
        p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file()
    }
    assert found == files


def test_what_is_there_is_told(artifacts: ArtifactStore) -> None:
    artifacts.write("told/f", [b"0123456789"])
    artifacts.write("told/empty", [b""])
    assert artifacts.list("told") == [
        FileInfo("told/empty", is_dir=False, file_size=0),
        FileInfo("told/f", is_dir=False, file_size=10),
    ]
    assert artifacts.list("told/f") == []
    assert artifacts.stat("told/f").size == 10
    assert artifacts.stat("told/f").sha256 is None
    assert artifacts.stat("told/empty").size == 0
    assert content(artifacts, "told/empty") == b""
    assert b"".join(artifacts.read("told/f", 3, 7)) == b"3456"
    assert b"".join(artifacts.read("told/f", 8)) == b"89"


def test_what_is_not_there_is_not_found(artifacts: ArtifactStore) -> None:
    artifacts.write("folder/f", [b"x"])
    for path in ("nothing", "folder"):
        with pytest.raises(NotFoundError):
            artifacts.stat(path)
        with pytest.raises(NotFoundError):
            artifacts.read(path)
    artifacts.delete("folder")
    artifacts.delete("folder")
    assert artifacts.list("folder") == []
    with pytest.raises(InvalidValueError):
        artifacts.write("../up", [b"x"])
