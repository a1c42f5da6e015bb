"""The backend for fsspec's file systems keeps the promises: with folders and renames, and without."""

import uuid
from collections.abc import Iterator

import pytest

from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.resolve import open_artifacts
from headrace.testing.artifacts import ArtifactStoreContract
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
