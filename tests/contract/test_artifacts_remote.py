"""The backend for fsspec's file systems keeps the promises: with folders and renames, and without."""

import uuid
from collections.abc import Iterator
from importlib.util import find_spec

import msgspec
import pytest

from headrace.artifacts.base import ArtifactStore, Opening
from headrace.artifacts.far_folder import host_uri
from headrace.artifacts.remote import RemoteArtifacts, _pools
from headrace.artifacts.resolve import open_artifacts
from headrace.errors import InvalidValueError, UnavailableError, UnsupportedError
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


def test_a_host_that_is_away_is_unavailable() -> None:
    artifacts = open_artifacts(
        "sftp://127.0.0.1/x", Opening(options={"port": 9, "username": "any"})
    )
    for act in (
        artifacts.list,
        lambda: artifacts.stat("f"),
        lambda: artifacts.read("f"),
        lambda: artifacts.write("f", [b"x"]),
        lambda: artifacts.delete("f"),
    ):
        with pytest.raises(UnavailableError, match=r"sftp://127\.0\.0\.1/x"):
            act()


def test_runs_on_one_host_share_its_connections(sftp_port: int) -> None:
    options = {"port": sftp_port, "username": "sharing", "password": "any"}
    for n in range(5):
        run = open_artifacts(f"sftp://127.0.0.1/{uuid.uuid4().hex}/{n}", Opening(options=options))
        run.write("f", [b"x"])
        assert [info.path for info in run.list()] == ["f"]
    pool = _pools(host_uri("sftp://127.0.0.1/"), msgspec.json.encode(options, order="sorted"))
    assert len(pool._free) == 1


def test_what_a_killed_write_left_is_swept_after_a_day() -> None:
    root = f"memory://{uuid.uuid4().hex}/runs"
    artifacts = open_artifacts(root)
    assert isinstance(artifacts, RemoteArtifacts)
    artifacts.write("a/f", [b"x"])
    with artifacts._taken() as far:
        far.put("a/.headrace-part-0", b"half")
    assert [info.path for info in artifacts.list("a")] == ["a/f"]
    assert artifacts.sweep() == 0
    assert artifacts.sweep(older_than_ms=-60_000) == 1
    with artifacts._taken() as far, pytest.raises(FileNotFoundError):
        far.info("a/.headrace-part-0")


@pytest.mark.parametrize("uri", ["gs://bucket/*", "memory://x?y", "memory://x#y"])
def test_a_pattern_names_no_folder(uri: str) -> None:
    with pytest.raises(InvalidValueError, match="names no folder"):
        open_artifacts(uri)


@pytest.mark.parametrize(
    "scheme",
    [
        pytest.param(scheme, marks=pytest.mark.skipif(bool(find_spec(library)), reason="installed"))
        for scheme, library in (("gs", "gcsfs"), ("abfs", "adlfs"))
    ],
)
def test_a_library_that_is_missing_is_named_with_the_command_that_brings_it(scheme: str) -> None:
    with pytest.raises(UnsupportedError, match="pip install 'headrace"):
        open_artifacts(f"{scheme}://bucket/x")


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidValueError, match="mlflow-artifacts"):
        open_artifacts("nowhere://x")
