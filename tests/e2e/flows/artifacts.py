"""Files of a run: written, listed and read back through the server."""

import json
import os
import pathlib

import matplotlib as mpl
import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

mpl.use("agg")


@pytest.fixture
def run(experiment_id):
    with mlflow.start_run() as active:
        yield active


def names(run_id, path=None):
    return [
        (f.path, f.is_dir, f.file_size) for f in mlflow.MlflowClient().list_artifacts(run_id, path)
    ]


def uri(run, path):
    return f"runs:/{run.info.run_id}/{path}"


def test_text_and_dict(run):
    mlflow.log_text("line one\nzwei ä\n", "notes/readme.txt")
    mlflow.log_dict({"a": [1, 2], "b": {"c": None}}, "config.json")
    mlflow.log_dict({"lr": 0.1}, "config.yaml")
    assert mlflow.artifacts.load_text(uri(run, "notes/readme.txt")) == "line one\nzwei ä\n"
    assert mlflow.artifacts.load_dict(uri(run, "config.json")) == {"a": [1, 2], "b": {"c": None}}
    assert "lr: 0.1" in mlflow.artifacts.load_text(uri(run, "config.yaml"))


def test_figure(run):
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/line.png")
    plt.close(figure)
    image = mlflow.artifacts.load_image(uri(run, "plots/line.png"))
    assert image.size[0] > 100


def test_a_file_and_its_name(run, tmp_path):
    source = tmp_path / "data.bin"
    source.write_bytes(os.urandom(200_000))
    mlflow.log_artifact(str(source))
    mlflow.log_artifact(str(source), "deep/er")
    assert names(run.info.run_id) == [("data.bin", False, 200_000), ("deep", True, None)]
    assert names(run.info.run_id, "deep") == [("deep/er", True, None)]
    assert names(run.info.run_id, "deep/er") == [("deep/er/data.bin", False, 200_000)]
    for path in ("data.bin", "deep/er/data.bin"):
        local = mlflow.artifacts.download_artifacts(uri(run, path), dst_path=str(tmp_path / "back"))
        assert pathlib.Path(local).read_bytes() == source.read_bytes()


def test_a_folder_with_subfolders(run, tmp_path):
    tree = {
        "a.txt": b"a",
        "b/c.txt": b"c",
        "b/d/e.bin": os.urandom(5_000),
        "b/d/.hidden": b"h",
        "Z.txt": b"z",
    }
    for name, content in tree.items():
        file = tmp_path / "out" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    mlflow.log_artifacts(str(tmp_path / "out"), "results")
    assert names(run.info.run_id, "results") == [
        ("results/Z.txt", False, 1), ("results/a.txt", False, 1), ("results/b", True, None),
    ]  # fmt: skip
    back = pathlib.Path(
        mlflow.artifacts.download_artifacts(uri(run, "results"), dst_path=str(tmp_path / "back"))
    )
    assert {
        str(f.relative_to(back)): f.read_bytes() for f in back.rglob("*") if f.is_file()
    } == tree


def test_the_root_can_be_listed_and_downloaded(run, tmp_path):
    assert names(run.info.run_id) == []
    mlflow.log_text("1", "one.txt")
    mlflow.log_text("2", "sub/two.txt")
    listed = mlflow.artifacts.list_artifacts(run_id=run.info.run_id)
    assert [f.path for f in listed] == ["one.txt", "sub"]
    back = pathlib.Path(
        mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=str(tmp_path / "all"))
    )
    assert (back / "one.txt").read_text() == "1"
    assert (back / "sub/two.txt").read_text() == "2"


def test_a_missing_path_is_listed_empty_and_not_downloaded(run):
    mlflow.log_text("1", "one.txt")
    assert names(run.info.run_id, "nothing") == []
    assert names(run.info.run_id, "one.txt") == []
    with pytest.raises((MlflowException, FileNotFoundError, OSError)):
        mlflow.artifacts.load_text(uri(run, "nothing.txt"))


def test_a_file_is_replaced(run):
    mlflow.log_text("a long first version", "v.txt")
    mlflow.log_text("short", "v.txt")
    assert mlflow.artifacts.load_text(uri(run, "v.txt")) == "short"
    assert names(run.info.run_id) == [("v.txt", False, 5)]


def test_an_empty_file(run, tmp_path):
    (tmp_path / "empty").touch()
    mlflow.log_artifact(str(tmp_path / "empty"))
    [(path, is_dir, size)] = names(run.info.run_id)
    # The real server leaves the size of an empty file out, which the client reads as None or 0.
    assert (path, is_dir, size or 0) == ("empty", False, 0)
    local = mlflow.artifacts.download_artifacts(uri(run, "empty"), dst_path=str(tmp_path / "back"))
    assert pathlib.Path(local).read_bytes() == b""


@pytest.mark.parametrize(
    "name",
    ["with space.txt", "ümläut.txt", "名前.txt", "plus+.txt", "a=b&c.txt", "(x).txt", "~t.txt"],
)
def test_names_come_back_as_they_were(run, name):
    mlflow.log_text("content", f"dir/{name}")
    assert [path for path, _, _ in names(run.info.run_id, "dir")] == [f"dir/{name}"]
    assert mlflow.artifacts.load_text(uri(run, f"dir/{name}")) == "content"


@pytest.mark.parametrize("path", ["../up.txt", "a/../../up.txt", "/etc/up.txt"])
def test_paths_out_of_the_run_are_refused(run, path):
    with pytest.raises(MlflowException):
        mlflow.log_text("x", path)
    assert names(run.info.run_id) == []


def test_many_files(run, tmp_path):
    for number in range(60):
        (tmp_path / f"{number:03}.txt").write_text(str(number))
    mlflow.log_artifacts(str(tmp_path), "many")
    assert [path for path, _, _ in names(run.info.run_id, "many")] == [
        f"many/{n:03}.txt" for n in range(60)
    ]


def test_images_with_steps(client, run):
    image = np.random.default_rng(0).integers(0, 255, (32, 48, 3), dtype=np.uint8)
    mlflow.log_image(image, "static.png")
    for step in range(3):
        mlflow.log_image(image, key="sample", step=step)
    mlflow.flush_artifact_async_logging()
    mlflow.flush_async_logging()
    assert np.array_equal(np.asarray(mlflow.artifacts.load_image(uri(run, "static.png"))), image)
    stored = [path for path, _, _ in names(run.info.run_id, "images")]
    assert sum(path.endswith(".png") for path in stored) == 3
    assert sum(path.endswith(".webp") for path in stored) == 3
    assert client.get_run(run.info.run_id).data.tags["mlflow.loggedImages"]


def test_tables_are_appended_and_loaded(client, run):
    mlflow.log_table({"q": ["one", "two"], "n": [1, 2]}, "table.json")
    mlflow.log_table(pd.DataFrame({"q": ["three"], "n": [3]}), "table.json")
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert table["q"].tolist() == ["one", "two", "three"]
    assert table["n"].tolist() == [1, 2, 3]
    tags = client.get_run(run.info.run_id).data.tags
    assert json.loads(tags["mlflow.loggedArtifacts"]) == [{"path": "table.json", "type": "table"}]
    extra = mlflow.load_table("table.json", run_ids=[run.info.run_id], extra_columns=["run_id"])
    assert set(extra["run_id"]) == {run.info.run_id}


def test_the_client_logs_to_any_run(client, experiment_id, tmp_path):
    run_id = client.create_run(experiment_id).info.run_id
    client.log_text(run_id, "t", "t.txt")
    client.log_dict(run_id, {"a": 1}, "d.json")
    (tmp_path / "f").write_text("f")
    client.log_artifact(run_id, str(tmp_path / "f"), "sub")
    client.log_artifacts(run_id, str(tmp_path), "all")
    assert [path for path, _, _ in names(run_id)] == ["all", "d.json", "sub", "t.txt"]
    assert (
        pathlib.Path(client.download_artifacts(run_id, "t.txt", str(tmp_path))).read_text() == "t"
    )


def test_a_stream(client, run):
    import io

    client.log_stream(run.info.run_id, io.BytesIO(b"streamed" * 1000), "stream.bin")
    assert names(run.info.run_id) == [("stream.bin", False, 8_000)]


def test_artifacts_of_a_deleted_run_can_be_read(client, experiment_id):
    with mlflow.start_run() as run:
        mlflow.log_text("kept", "kept.txt")
    client.delete_run(run.info.run_id)
    assert mlflow.artifacts.load_text(uri(run, "kept.txt")) == "kept"


def test_get_artifact_uri(run):
    assert mlflow.get_artifact_uri() == run.info.artifact_uri
    assert mlflow.get_artifact_uri("a/b") == f"{run.info.artifact_uri}/a/b"
    mlflow.log_text("by uri", "a/b.txt")
    assert mlflow.artifacts.load_text(mlflow.get_artifact_uri("a/b.txt")) == "by uri"
