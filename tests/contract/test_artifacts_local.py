"""The local backend keeps the promises, however it opens folders and wherever digests lie."""

from pathlib import Path

import pytest

from headrace.artifacts import folders
from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.local import LocalArtifacts
from headrace.testing.artifacts import ArtifactStoreContract


class TestLocal(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root")


class TestLocalDurable(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root", durable=True)


class TestLocalWithDigestsBeside(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return LocalArtifacts(tmp_path / "root", attributes=False)


class TestLocalByPath(ArtifactStoreContract):
    """As on a system without directory descriptors, unnamed files and attributes."""

    @pytest.fixture
    def artifacts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
        monkeypatch.setattr(folders, "HAS_HANDLES", False)
        return LocalArtifacts(tmp_path / "root", attributes=False)
