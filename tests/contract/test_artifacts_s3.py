"""The S3 backend keeps the promises against a real S3 server."""

from collections.abc import Iterator

import pytest

from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.resolve import open_artifacts
from headrace.testing.artifacts import ArtifactStoreContract
from s3_server import S3Server, s3_server

pytest.importorskip("moto")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def artifacts(s3: S3Server) -> ArtifactStore:
    return open_artifacts(f"s3://{s3.new_bucket()}/team/runs", Opening(options=s3.options))


class TestS3(ArtifactStoreContract):
    """The whole contract."""
