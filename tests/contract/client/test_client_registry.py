"""Registered models through the client: registered in every way, loaded by every name, kept once fetched."""

import getpass
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

import headrace
from headrace.entities import ModelVersion
from headrace.errors import AlreadyExistsError, InvalidValueError, NotFoundError
from headrace.wire.registry import CreateModelVersion

pytestmark = pytest.mark.usefixtures("fluent")


class Adding(headrace.pyfunc.PythonModel):
    """Adds a number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def predict(self, context: Any, model_input: list[int]) -> list[int]:
        return [value + self.number for value in model_input]


def logged(number: int, **given: Any) -> Any:
    return headrace.pyfunc.log_model(
        name="adding", python_model=Adding(number), pip_requirements=[], **given
    )


def answer(uri: str) -> list[int]:
    found: list[int] = headrace.pyfunc.load_model(uri, allow_code=True).predict([1])
    return found


@pytest.fixture
def name() -> str:
    return f"prices-{uuid.uuid4().hex}"


def test_a_model_is_registered_and_loaded_by_each_of_its_names(
    fluent: headrace.MlflowClient, name: str
) -> None:
    for number in (10, 20, 30):
        version = headrace.register_model(logged(number).model_uri, name, tags={"by": number})
        assert isinstance(version, ModelVersion)
        assert (version.name, version.tags) == (name, {"by": str(number)})
    assert (version.version, version.user_id) == ("3", getpass.getuser())
    fluent.set_registered_model_alias(name, "best", "2")
    fluent.transition_model_version_stage(name, "1", "Production")
    uris = {"1": 11, "3": 31, "latest": 31, "Production": 11, "production": 11}
    for which, found in uris.items():
        assert answer(f"models:/{name}/{which}") == [found]
    assert answer(f"models:/{name}@best") == [21]
    file = headrace.artifacts.download_artifacts(f"models:/{name}@best/MLmodel")
    assert "python_function" in Path(file).read_text()
    listed = {each.path for each in headrace.artifacts.list_artifacts(f"models:/{name}/1")}
    assert "MLmodel" in listed


def test_what_names_no_version_is_told(fluent: headrace.MlflowClient, name: str) -> None:
    fluent.create_registered_model(name)
    with pytest.raises(InvalidValueError, match="which version"):
        headrace.pyfunc.load_model(f"models:/{name}")
    with pytest.raises(NotFoundError, match="has no version"):
        headrace.pyfunc.load_model(f"models:/{name}/latest")
    with pytest.raises(NotFoundError, match="has no version in 'Staging'"):
        headrace.pyfunc.load_model(f"models:/{name}/Staging")
    with pytest.raises(InvalidValueError, match="alias best not found"):
        headrace.pyfunc.load_model(f"models:/{name}@best")
    with pytest.raises(NotFoundError, match="version=7"):
        headrace.pyfunc.load_model(f"models:/{name}/7")
    with pytest.raises(InvalidValueError, match="Value must be one of"):
        headrace.pyfunc.load_model(f"models:/{name}/Somewhere")


def test_a_model_is_registered_as_it_is_logged(fluent: headrace.MlflowClient, name: str) -> None:
    with headrace.start_run() as run:
        info = logged(5, registered_model_name=name)
    assert info.registered_model_version == 1
    version = fluent.get_model_version(name, "1")
    assert (version.run_id, version.source) == (run.info.run_id, info.model_uri)
    assert name in fluent.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    assert logged(6, registered_model_name=name).registered_model_version == 2


def test_a_model_of_a_run_is_registered_by_the_run(
    fluent: headrace.MlflowClient, name: str, tmp_path: Path
) -> None:
    with headrace.start_run() as run:
        info = logged(5)
        headrace.pyfunc.save_model(tmp_path / "m", python_model=Adding(7), pip_requirements=[])
        headrace.log_artifacts(str(tmp_path / "m"), "files")
    first = headrace.register_model(f"runs:/{run.info.run_id}/adding", name)
    assert (first.source, first.run_id) == (info.model_uri, run.info.run_id)
    second = headrace.register_model(f"runs:/{run.info.run_id}/files", name)
    assert second.source == f"runs:/{run.info.run_id}/files"
    assert answer(f"models:/{name}/1") == [6]
    assert answer(f"models:/{name}/2") == [8]


def test_versions_are_searched_tagged_and_copied(fluent: headrace.MlflowClient, name: str) -> None:
    headrace.register_model(logged(5).model_uri, name)
    headrace.set_model_version_tag(name, "1", "state", "good")
    fluent.set_registered_model_tag(name, "team", "vision")
    (found,) = headrace.search_model_versions(filter_string=f"name = '{name}'")
    assert (found.version, found.tags) == ("1", {"state": "good"})
    (model,) = headrace.search_registered_models(filter_string=f"name = '{name}'")
    assert (model.tags, [each.version for each in model.latest_versions]) == (
        {"team": "vision"},
        ["1"],
    )
    fluent.set_model_version_tag(name, key="where", value="here", stage="None")
    assert fluent.get_model_version(name, "1").tags == {"state": "good", "where": "here"}
    fluent.delete_model_version_tag(name, "1", "where")
    copied = fluent.copy_model_version(f"models:/{name}/1", f"{name}-copy")
    assert (copied.version, copied.tags) == ("1", {"state": "good"})
    assert answer(f"models:/{name}-copy/1") == [6]
    with pytest.raises(InvalidValueError, match="version or stage"):
        fluent.set_model_version_tag(name, "1", "a", "b", stage="None")
    with pytest.raises(AlreadyExistsError):
        fluent.create_registered_model(name)


def test_many_are_registered_in_one_call(fluent: headrace.MlflowClient, name: str) -> None:
    wanted = [CreateModelVersion(f"{name}-{n % 3}", f"s3://models/{n}") for n in range(10)]
    made = fluent.register_models(wanted)
    assert [each.version for each in made] == ["1", "1", "1", "2", "2", "2", "3", "3", "3", "4"]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where fetched models are kept."""
    return tmp_path / "cache" / "headrace" / "models"


far_away = pytest.mark.parametrize("tracking_uri", ["server"], indirect=True)


@far_away
def test_a_model_is_fetched_once_whatever_it_is_called(
    fluent: headrace.MlflowClient, name: str, cache: Path
) -> None:
    uri = logged(5).model_uri
    headrace.register_model(uri, name)
    assert answer(f"models:/{name}/1") == [6]
    (folder,) = cache.iterdir()
    before = (folder / "MLmodel").stat().st_mtime_ns
    for same in (f"models:/{name}/latest", uri):
        assert answer(same) == [6]
    assert [path.name for path in cache.iterdir()] == [folder.name]
    assert (folder / "MLmodel").stat().st_mtime_ns == before
    assert cache.stat().st_mode & 0o777 == 0o700


@far_away
def test_what_was_changed_in_the_cache_is_fetched_again(
    fluent: headrace.MlflowClient, name: str, cache: Path
) -> None:
    headrace.register_model(logged(5).model_uri, name)
    assert answer(f"models:/{name}/1") == [6]
    (folder,) = cache.iterdir()
    (folder / "python_model.pkl").write_bytes(b"something else")
    assert answer(f"models:/{name}/1") == [6]
    shutil.rmtree(folder)
    assert answer(f"models:/{name}/1") == [6]


@far_away
def test_the_cache_keeps_what_was_used_last(
    fluent: headrace.MlflowClient, name: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (5, 6):
        headrace.register_model(logged(number).model_uri, name)
    monkeypatch.setenv("HEADRACE_MODEL_CACHE_GB", "0.000001")
    assert answer(f"models:/{name}/1") == [6]
    (first,) = cache.iterdir()
    assert answer(f"models:/{name}/2") == [7]
    (second,) = cache.iterdir()
    assert first != second
    shutil.rmtree(cache)
    monkeypatch.setenv("HEADRACE_MODEL_CACHE_GB", "0")
    assert answer(f"models:/{name}/2") == [7]
    assert not cache.exists()


def test_what_lies_here_is_not_kept_twice(
    fluent: headrace.MlflowClient, name: str, cache: Path, tracking_uri: str
) -> None:
    headrace.register_model(logged(5).model_uri, name)
    assert answer(f"models:/{name}/1") == [6]
    assert cache.exists() == tracking_uri.startswith("http")
