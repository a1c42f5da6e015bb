"""A file of one gigabyte, there and back."""

import hashlib
import pathlib

import mlflow
import pytest

SIZE = 2**30
BLOCK = hashlib.sha512(b"seed").digest() * 2**14


def digest(path):
    with pathlib.Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.slow
def test_a_gigabyte(client, experiment_id, tmp_path):
    source = tmp_path / "big.bin"
    with source.open("wb") as file:
        for number in range(SIZE // len(BLOCK)):
            file.write(number.to_bytes(8, "big"))
            file.write(BLOCK[8:])
    with mlflow.start_run() as run:
        mlflow.log_artifact(str(source), "weights")
    [listed] = client.list_artifacts(run.info.run_id, "weights")
    assert listed.file_size == SIZE
    wanted = digest(source)
    source.unlink()
    back = mlflow.artifacts.download_artifacts(
        f"runs:/{run.info.run_id}/weights/big.bin", dst_path=str(tmp_path / "back")
    )
    assert pathlib.Path(back).stat().st_size == SIZE
    assert digest(back) == wanted
