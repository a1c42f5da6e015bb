"""The proxied protocol keeps the promises end to end: our client, a real server, a real folder."""

import uuid
from collections.abc import Iterator

import pytest

from artifact_servers import serving
from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations, open_artifacts
from headrace.stores.resolve import open_store
from headrace.testing.artifacts import ArtifactStoreContract


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    store = open_store(str(folder / "store"))
    with serving(store, LocalArtifacts(folder / "artifacts"), Locations([])) as url:
        yield url
    store.close()


class TestHttp(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, server: str) -> ArtifactStore:
        uri = f"mlflow-artifacts:/1/{uuid.uuid4().hex}/artifacts"
        return open_artifacts(uri, Opening(tracking_uri=server))
