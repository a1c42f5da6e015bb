"""The S3 backend keeps the promises against a real S3 server, directly and behind Headrace's own."""

import hashlib
import random
from collections.abc import Iterator

import httpx
import pytest

from artifact_servers import serving
from headrace.artifacts import s3
from headrace.artifacts.base import DAY_MS, ArtifactStore, Opening, PresigningStore
from headrace.artifacts.below import below
from headrace.artifacts.resolve import Locations, open_artifacts
from headrace.artifacts.s3 import S3Artifacts
from headrace.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from headrace.stores.sql import Place, open_folder
from headrace.testing.artifacts import ArtifactStoreContract, content
from headrace.wire.tracking import CreateExperiment, CreateLoggedModel, CreateRun
from s3_server import S3Server, s3_server

PART = 5 << 20
"""The smallest part that S3 takes, but for the last."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def artifacts(server: S3Server) -> S3Artifacts:
    found = open_artifacts(f"s3://{server.new_bucket()}/team/runs", Opening(options=server.options))
    assert isinstance(found, S3Artifacts)
    return found


class TestS3(ArtifactStoreContract):
    """The whole contract."""


def _keys(artifacts: S3Artifacts) -> list[str]:
    return [entry["Key"] for page in artifacts._pages("") for entry in page.get("Contents", ())]


def test_a_large_file_goes_in_parts_and_keeps_its_digest(artifacts: S3Artifacts) -> None:
    data = random.Random(1).randbytes(2 * s3.PART_BYTES + 3)
    written = artifacts.write("folder/f", [data[:100], data[100:]])
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    assert artifacts.stat("folder/f").sha256 == written.sha256
    assert content(artifacts, "folder/f") == data
    assert (
        b"".join(artifacts.read("folder/f", s3.PART_BYTES - 2, s3.PART_BYTES + 2))
        == (data[s3.PART_BYTES - 2 : s3.PART_BYTES + 2])
    )
    assert [info.path for info in artifacts.list("folder")] == ["folder/f"]
    artifacts.delete("folder/f")
    assert _keys(artifacts) == []


def test_a_digest_counts_for_its_own_version_only(artifacts: S3Artifacts) -> None:
    artifacts.write("f", [bytes(s3.PART_BYTES + 1)])
    artifacts._call("put_object", "team/runs/f", Body=b"by another tool")
    assert artifacts.stat("f").sha256 is None


def test_an_upload_that_was_cut_off_leaves_no_parts(artifacts: S3Artifacts) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(2 * s3.PART_BYTES)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artifacts.write("f", chunks())
    assert artifacts._ask("list_multipart_uploads").get("Uploads", []) == []


def test_parts_of_a_killed_upload_are_swept(artifacts: S3Artifacts) -> None:
    artifacts.begin_upload("f", 2, 60)
    # The test server dates every upload to the year 2010.
    assert artifacts.sweep(older_than_ms=100 * 365 * DAY_MS) == 0
    assert artifacts.leftovers() == 1
    assert artifacts.sweep() == 1
    assert artifacts._ask("list_multipart_uploads").get("Uploads", []) == []


def test_a_read_does_not_mix_two_versions(
    artifacts: S3Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "READ_BYTES", 10)
    artifacts.write("f", [b"x" * 25])
    chunks = artifacts.read("f")
    assert next(chunks) == b"x" * 10
    artifacts.write("f", [b"y" * 25])
    with pytest.raises(ConflictError):
        next(chunks)


def test_a_list_goes_on_over_pages(artifacts: S3Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "KEYS_A_PAGE", 10)
    names = [f"{n:04}" for n in range(25)]
    for name in names:
        artifacts._call("put_object", f"team/runs/many/{name}", Body=b"")
    assert [info.path for info in artifacts.list("many")] == [f"many/{name}" for name in names]
    artifacts.delete("many")
    assert artifacts.list() == []


def test_what_other_tools_put_there_is_listed_where_it_can_be_read(artifacts: S3Artifacts) -> None:
    for key in ("f", "folder/", "folder/g", "../up", "a//b", "c:d"):
        artifacts._call("put_object", f"team/runs/{key}", Body=b"x")
    assert [(info.path, info.is_dir) for info in artifacts.list()] == [
        ("a", True),
        ("f", False),
        ("folder", True),
    ]
    assert [info.path for info in artifacts.list("folder")] == ["folder/g"]
    assert content(artifacts, "f") == b"x"


def test_errors_say_what_is_wrong(server: S3Server) -> None:
    nowhere = open_artifacts("s3://no-such-bucket/x", Opening(options=server.options))
    with pytest.raises(NotFoundError):
        nowhere.write("f", [b"x"])
    away = {
        **server.options,
        "endpoint_url": "http://127.0.0.1:9",
        "config_kwargs": {"retries": {"total_max_attempts": 1}},
    }
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9"):
        open_artifacts("s3://bucket/x", Opening(options=away)).stat("f")
    with pytest.raises(InvalidValueError, match="s3://bucket/folder"):
        open_artifacts("s3:///x", Opening())


def test_clients_move_parts_by_themselves(artifacts: S3Artifacts) -> None:
    view = below(artifacts, "sub")
    assert isinstance(view, PresigningStore)
    upload_id, signed = view.begin_upload("f", 2, 60)
    bodies = [b"a" * PART, b"b"]
    etags = {}
    for number, (url, body) in enumerate(zip(signed, bodies, strict=True), start=1):
        etags[number] = httpx.put(url.url, content=body, headers=dict(url.headers)).headers["etag"]
    assert view.list() == []
    view.complete_upload("f", upload_id, etags)
    assert content(view, "f") == b"".join(bodies)
    assert artifacts.stat("sub/f").sha256 is None
    view.abort_upload("f", upload_id)
    whole = view.sign_upload("g", 60)
    assert httpx.put(whole.url, content=b"whole").status_code == 200
    assert httpx.get(view.sign_download("g", 60).url).content == b"whole"


@pytest.fixture
def behind(
    artifacts: S3Artifacts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, str, str]]:
    """A Headrace server in front of the bucket, a run and a model."""
    store = open_folder(tmp_path_factory.mktemp("meta"), place=Place("mlflow-artifacts:"))
    experiment = store.create_experiment(CreateExperiment("e")).experiment_id
    run_id = store.create_run(CreateRun(experiment_id=experiment)).run.info.run_id
    model_id = store.create_logged_model(CreateLoggedModel(experiment_id=experiment)).model.model_id
    with serving(store, artifacts, Locations([])) as url, httpx.Client(base_url=url) as client:
        yield client, run_id, model_id
    store.close()


def test_the_protocol_of_parts_works_as_its_clients_use_it(
    behind: tuple[httpx.Client, str, str], artifacts: ArtifactStore
) -> None:
    client, _, _ = behind
    base = "/api/2.0/mlflow-artifacts"
    local = "C:\\work\\big.bin"
    created = client.post(f"{base}/mpu/create/1/run", json={"path": local, "num_parts": "2"}).json()
    parts = []
    for credential, body in zip(created["credentials"], [b"a" * PART, b"b"], strict=True):
        etag = httpx.put(credential["url"], content=body).headers["etag"]
        parts.append(
            {"part_number": credential["part_number"], "etag": etag, "url": credential["url"]}
        )
    done = client.post(
        f"{base}/mpu/complete/1/run",
        json={"path": local, "upload_id": created["upload_id"], "parts": parts},
    )
    assert (done.status_code, done.json()) == (200, {})
    assert content(artifacts, "1/run/big.bin") == b"a" * PART + b"b"
    signed = client.get(f"{base}/presigned/1/run/big.bin").json()
    assert signed["file_size"] == PART + 1
    assert httpx.get(signed["url"], headers={"Range": "bytes=0-3"}).content == b"aaaa"
    again = client.post(f"{base}/mpu/create/1/run", json={"path": "x", "num_parts": 1}).json()
    begun = {"path": "x", "upload_id": again["upload_id"]}
    wrong = {**begun, "parts": [{"part_number": 1, "etag": '"0"'}]}
    assert client.post(f"{base}/mpu/complete/1/run", json=wrong).status_code == 400
    assert client.post(f"{base}/mpu/abort/1/run", json=begun).json() == {}


def test_signed_addresses_for_runs_and_models(behind: tuple[httpx.Client, str, str]) -> None:
    client, run_id, model_id = behind
    base = "/api/2.0/mlflow/artifacts"
    for owner in ({"run_id": run_id}, {"model_id": model_id}):
        put = client.post(f"{base}/presigned-upload-url", json={**owner, "path": "sub/f"}).json()
        assert httpx.put(put["presigned_url"], content=b"hello").status_code == 200
    got = client.post(
        f"{base}/presigned-download-url", json={"run_id": run_id, "path": "sub/f", "expiration": 60}
    ).json()
    assert got["file_size"] == 5
    assert httpx.get(got["presigned_url"]).content == b"hello"
    refused = [
        client.post(f"{base}/presigned-upload-url", json={"path": "f"}),
        client.post(
            f"{base}/presigned-upload-url",
            json={"run_id": run_id, "model_id": model_id, "path": "f"},
        ),
        client.post(f"{base}/presigned-download-url", json={"run_id": run_id, "path": "../f"}),
        client.post(
            f"{base}/presigned-download-url", json={"run_id": run_id, "path": "f", "expiration": 0}
        ),
    ]
    assert [answer.status_code for answer in refused] == [400] * 4
    missing = client.post(f"{base}/presigned-download-url", json={"run_id": run_id, "path": "none"})
    assert missing.status_code == 404


def test_without_credentials_access_is_denied(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = {"endpoint_url": server.url, "client_kwargs": {"region_name": "us-east-1"}}
    with pytest.raises(PermissionDeniedError):
        open_artifacts(f"s3://{server.new_bucket()}/x", Opening(options=options)).list()
