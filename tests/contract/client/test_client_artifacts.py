import io
import json
from pathlib import Path

import matplotlib.figure
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

import headrace
from headrace import MlflowClient
from headrace.errors import (
    HeadraceError,
    InvalidValueError,
    NotFoundError,
)


def paths(client: MlflowClient, run_id: str, folder: str = "") -> list[str]:
    """All files of a run, at any depth."""
    found: list[str] = []
    for info in client.list_artifacts(run_id, folder):
        found += paths(client, run_id, info.path) if info.is_dir else [info.path]
    return found


def content(client: MlflowClient, run_id: str, path: str, into: Path) -> bytes:
    return Path(client.download_artifacts(run_id, path, str(into))).read_bytes()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "a.txt").write_text("a")
    (tree / "empty").write_bytes(b"")
    (tree / "deep" / "er" / "ünï code.bin").write_bytes(bytes(range(256)) * 1000)
    return tree


def test_a_file_goes_into_a_folder(client: MlflowClient, run_id: str, tree: Path) -> None:
    client.log_artifact(run_id, tree / "a.txt")
    client.log_artifact(run_id, str(tree / "a.txt"), "some/folder")
    assert paths(client, run_id) == ["a.txt", "some/folder/a.txt"]
    assert [(i.path, i.is_dir, i.file_size) for i in client.list_artifacts(run_id)] == [
        ("a.txt", False, 1),
        ("some", True, None),
    ]


def test_a_folder_goes_under_its_name_or_with_what_is_in_it(
    client, run_id: str, tree: Path
) -> None:
    client.log_artifact(run_id, tree)
    client.log_artifacts(run_id, tree, "flat")
    rest = ["a.txt", "deep/er/ünï code.bin", "empty"]
    assert paths(client, run_id) == [f"{top}/{name}" for top in ("flat", "tree") for name in rest]


def test_what_was_stored_comes_back(client, run_id: str, tree: Path, tmp_path: Path) -> None:
    client.log_artifacts(run_id, tree)
    target = tmp_path / "back"
    fetched = Path(client.download_artifacts(run_id, "deep", str(target)))
    assert fetched == target / "deep"
    whole = Path(client.download_artifacts(run_id, ""))
    for file in ("a.txt", "empty", "deep/er/ünï code.bin"):
        assert (whole / file).read_bytes() == (tree / file).read_bytes()
    assert (fetched / "er" / "ünï code.bin").read_bytes() == bytes(range(256)) * 1000


def test_a_missing_artifact_is_not_found(client: MlflowClient, run_id: str, tmp_path: Path) -> None:
    for target in (None, str(tmp_path / "t")):
        with pytest.raises(NotFoundError):
            client.download_artifacts(run_id, "none.txt", target)
    assert client.list_artifacts(run_id, "none") == []
    assert client.list_artifacts(run_id) == []


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../../x", "a\\b", "a//b", "", "%2e%2e/x"]
)
def test_a_path_that_leads_elsewhere_is_refused(client, run_id: str, path: str) -> None:
    with pytest.raises(InvalidValueError):
        client.log_text(run_id, "x", path)
    assert paths(client, run_id) == []


def test_a_missing_file_is_refused_before_anything_is_sent(
    client, run_id: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValueError, match="no file or folder"):
        client.log_artifact(run_id, tmp_path / "none")
    with pytest.raises(InvalidValueError, match="not a folder"):
        client.log_artifacts(run_id, tmp_path / "none")


def test_a_link_to_a_folder_is_not_followed(
    client, run_id: str, tree: Path, tmp_path: Path
) -> None:
    (tree / "loop").symlink_to(tmp_path)
    client.log_artifacts(run_id, tree)
    assert not [path for path in paths(client, run_id) if path.startswith("loop")]


def test_text_dicts_and_streams_are_files(
    client: MlflowClient, run_id: str, tmp_path: Path
) -> None:
    value = {"a": np.float32(0.5), "b": np.arange(3), "c": {"ö": [1, None]}}
    client.log_text(run_id, "grüße", "t.txt")
    client.log_dict(run_id, value, "d.json")
    client.log_dict(run_id, {"a": [1]}, "d.yaml")
    client.log_stream(run_id, io.BytesIO(b"x" * 3_000_000), "s.bin")
    assert content(client, run_id, "t.txt", tmp_path) == "grüße".encode()
    back = json.loads(content(client, run_id, "d.json", tmp_path))
    assert back == {"a": 0.5, "b": [0, 1, 2], "c": {"ö": [1, None]}}
    assert b"a" in content(client, run_id, "d.yaml", tmp_path)
    assert content(client, run_id, "s.bin", tmp_path) == b"x" * 3_000_000
    with pytest.raises(InvalidValueError, match="bytes"):
        client.log_stream(run_id, io.StringIO("text"), "s.txt")
    assert "s.txt" not in paths(client, run_id)


@pytest.mark.parametrize(
    ("file", "start"), [("f.png", b"\x89PNG"), ("f.svg", b"<?xml"), ("f.pdf", b"%PDF")]
)
def test_a_figure_is_drawn_in_the_format_of_its_name(
    client, run_id: str, file, start, tmp_path
) -> None:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2, 3])
    client.log_figure(run_id, figure, file)
    assert content(client, run_id, file, tmp_path).startswith(start)


def test_what_is_no_figure_is_refused(client: MlflowClient, run_id: str) -> None:
    with pytest.raises(InvalidValueError, match="Matplotlib or Plotly"):
        client.log_figure(run_id, "figure", "f.png")


@pytest.mark.parametrize(
    "image",
    [
        np.full((8, 6, 3), 200, dtype="uint8"),
        np.full((8, 6, 4), 0.5),
        np.full((8, 6), 1, dtype="int64"),
        np.ones((8, 6, 1), dtype=bool),
        Image.new("RGB", (6, 8)),
    ],
)
@pytest.mark.parametrize("file", ["i.png", "i.jpg", "i.webp"])
def test_an_image_is_an_array_or_a_picture(client, run_id: str, image, file, tmp_path) -> None:
    client.log_image(run_id, image, file)
    with Image.open(io.BytesIO(content(client, run_id, file, tmp_path))) as picture:
        assert picture.size == (6, 8)


def test_a_series_of_images_has_previews_and_a_tag(client: MlflowClient, run_id: str) -> None:
    for step in range(2):
        client.log_image(
            run_id, np.zeros((600, 300, 3), "uint8"), key="a/b", step=step, timestamp=7
        )
    names = [Path(path).name for path in paths(client, run_id, "images")]
    assert sorted(name.split("+")[0:5] for name in names) == [
        ["a~b", "step", str(step), "timestamp", "7"] for step in (0, 0, 1, 1)
    ]
    assert sorted(Path(name).suffix for name in names) == [".png", ".png", ".webp", ".webp"]
    assert client.get_run(run_id).data.tags["mlflow.loggedImages"] == "True"


@pytest.mark.parametrize(
    ("image", "names"),
    [
        (np.zeros((2, 2)), {}),
        (np.zeros((2, 2)), {"key": "a+b"}),
        (np.zeros((2, 2)), {"key": "a", "step": 1.5}),
        (np.zeros((2, 2)), {"artifact_file": "a.png", "key": "k"}),
        (np.zeros((2, 2)), {"artifact_file": "a.png", "step": 1}),
        (np.zeros((2, 2)), {"artifact_file": "a.nope"}),
        (np.full((2, 2), 1.5), {"artifact_file": "a.png"}),
        (np.full((2, 2), 256), {"artifact_file": "a.png"}),
        ("a.png", {"artifact_file": "a.png"}),
    ],
)
def test_a_bad_image_is_refused(client: MlflowClient, run_id: str, image, names) -> None:
    with pytest.raises(InvalidValueError):
        client.log_image(run_id, image, **names)
    assert paths(client, run_id) == []


@pytest.mark.parametrize("file", ["t.json", "deep/t.json"])
def test_a_table_grows_and_is_read_over_all_runs(client, experiment_id: str, file: str) -> None:
    runs = [client.create_run(experiment_id).info.run_id for _ in range(2)]
    client.log_table(runs[0], {"a": [1, 2], "b": ["x", "y"]}, file)
    client.log_table(runs[0], {"a": 3, "c": 1.5}, file)
    client.log_table(runs[1], {"a": [9]}, file)
    client.log_table(runs[1], {"a": [7]}, f"other-{file.replace('/', '-')}")
    table = client.load_table(experiment_id, file, extra_columns=["run_id"])
    assert sorted(table["a"]) == [1, 2, 3, 9]
    assert set(table["run_id"]) == set(runs)
    (one,) = client.load_table(experiment_id, file, run_ids=[runs[1]]).to_dict("records")
    assert one == {"a": 9}


@pytest.mark.parametrize("data", [{"a": [1, 2], "b": [1]}, "rows", 3])
def test_a_bad_table_is_refused(client: MlflowClient, run_id: str, data) -> None:
    with pytest.raises(InvalidValueError):
        client.log_table(run_id, data, "t.json")
    with pytest.raises(InvalidValueError, match=r"\.json"):
        client.log_table(run_id, {"a": [1]}, "t.csv")


def test_a_table_that_nobody_logged_is_not_found(client: MlflowClient, experiment_id: str) -> None:
    with pytest.raises(NotFoundError, match=r"t\.json"):
        client.load_table(experiment_id, "t.json")


def test_files_of_a_logged_model(client: MlflowClient, experiment_id: str, tree: Path) -> None:
    model_id = client.create_logged_model(experiment_id).model_id
    client.log_model_artifact(model_id, str(tree / "a.txt"))
    client.log_model_artifacts(model_id, str(tree / "deep"), "deep")
    top = client.list_logged_model_artifacts(model_id)
    assert [info.path for info in top] == ["a.txt", "deep"]
    assert client.list_logged_model_artifacts(model_id, "deep/er")[0].path == "deep/er/ünï code.bin"


def test_the_current_run_takes_files(fluent: MlflowClient, tree: Path, tmp_path: Path) -> None:
    with headrace.start_run() as run:
        headrace.log_artifact(tree / "a.txt")
        headrace.log_artifacts(tree, "all")
        headrace.log_text("t", "t.txt")
        headrace.log_dict([1], "d.json")
        headrace.log_stream(io.BytesIO(b"s"), "s.bin")
        headrace.log_figure(matplotlib.figure.Figure(), "f.png")
        headrace.log_image(np.zeros((2, 2)), "i.png")
        headrace.log_table({"a": [1]}, "table.json")
        assert headrace.get_artifact_uri("all/a.txt") == f"{run.info.artifact_uri}/all/a.txt"
        assert headrace.get_artifact_uri() == run.info.artifact_uri
        headrace.flush_artifact_async_logging()
    assert paths(fluent, run.info.run_id) == [
        "a.txt", "all/a.txt", "all/deep/er/ünï code.bin", "all/empty", "d.json", "f.png", "i.png",
        "s.bin", "t.txt", "table.json",
    ]  # fmt: skip
    assert headrace.load_table("table.json")["a"].tolist() == [1]
    with headrace.start_run():
        headrace.log_text("more", "late.txt", run_id=run.info.run_id)
    assert content(fluent, run.info.run_id, "late.txt", tmp_path) == b"more"


def test_a_bad_artifact_is_an_error_at_the_call(fluent: MlflowClient) -> None:
    with headrace.start_run(), pytest.raises(HeadraceError):
        headrace.log_artifact("/no/such/file")


def test_a_table_of_polars_or_arrow_is_one_like_any_other(
    client, experiment_id: str, run_id
) -> None:
    client.log_table(run_id, pl.DataFrame({"a": [1]}), "t.json")
    client.log_table(run_id, pa.table({"a": [2]}), "t.json")
    assert client.load_table(experiment_id, "t.json")["a"].tolist() == [1, 2]


def test_a_picture_from_anything_is_logged_resized_and_saved(
    client, run_id, tmp_path: Path
) -> None:
    pixels = np.arange(12, dtype="uint8").reshape(2, 2, 3)
    picture = headrace.Image(pixels)
    assert headrace.Image(pixels.tolist()).to_array().tolist() == pixels.tolist()
    assert headrace.Image(picture.to_pil()).to_list() == pixels.tolist()
    picture.save(tmp_path / "saved.png")
    assert headrace.Image(tmp_path / "saved.png").to_list() == pixels.tolist()
    assert picture.resize((5, 3)).to_array().shape == (3, 5, 3)
    client.log_image(run_id, picture, "p.png")
    shown = headrace.Image(client.download_artifacts(run_id, "p.png"))
    assert shown.to_list() == pixels.tolist()


def test_files_are_read_by_their_uri(fluent: MlflowClient, tmp_path: Path) -> None:
    with headrace.start_run() as run:
        headrace.log_dict({"a": 1}, "deep/d.json")
        headrace.log_text("text", "deep/t.txt")
        headrace.log_image(np.zeros((2, 3)), "i.png")
        headrace.flush_artifact_async_logging()
    root = f"runs:/{run.info.run_id}"
    assert headrace.artifacts.load_dict(f"{root}/deep/d.json") == {"a": 1}
    assert headrace.artifacts.load_text(f"{root}/deep/t.txt") == "text"
    assert headrace.artifacts.load_text(f"{run.info.artifact_uri}/deep/t.txt") == "text"
    assert headrace.artifacts.load_image(f"{root}/i.png").size == (3, 2)
    for place in (
        {"artifact_uri": f"{root}/deep"},
        {"artifact_uri": f"{run.info.artifact_uri}/deep"},
    ):
        listed = headrace.artifacts.list_artifacts(**place)
        assert [Path(entry.path).name for entry in listed] == ["d.json", "t.txt"]
    fetched = headrace.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="deep", dst_path=str(tmp_path / "here")
    )
    assert sorted(path.name for path in Path(fetched).iterdir()) == ["d.json", "t.txt"]


@pytest.mark.parametrize(
    "place",
    [{}, {"artifact_uri": "runs:/a/b", "run_id": "a"}, {"artifact_uri": "a", "artifact_path": "b"}],
)
def test_a_place_is_named_in_one_way(place: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        headrace.artifacts.download_artifacts(**place)


def test_a_file_of_a_logged_model_is_read_by_its_uri(fluent: MlflowClient, tmp_path: Path) -> None:
    model = headrace.initialize_logged_model("m")
    (tmp_path / "w.txt").write_text("weights")
    fluent.log_model_artifact(model.model_id, str(tmp_path / "w.txt"))
    assert headrace.artifacts.load_text(f"{model.model_uri}/w.txt") == "weights"
    with pytest.raises(NotFoundError, match="name=name not found"):
        headrace.artifacts.load_text("models:/name/1")


def test_a_local_file_is_named_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text("here")
    assert headrace.artifacts.download_artifacts("here.txt") == str(tmp_path / "here.txt")
