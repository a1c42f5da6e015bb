"""Registered models through the fluent API and the client."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException


@pytest.fixture
def name(client, unique):
    """A registered model with three versions, each of a logged model with a file."""
    made = client.create_registered_model(unique("reg"), tags={"team": "vision"}, description="d")
    return made.name


@pytest.fixture
def model_uri(experiment_id, tmp_path):
    """A logged model with files."""
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(
            name="model", python_model=lambda model_input: model_input, pip_requirements=[]
        )
    return info.model_uri


def test_a_model_is_registered_and_loaded_by_each_of_its_names(client, unique, model_uri):
    name = unique("loaded")
    version = mlflow.register_model(model_uri, name, tags={"state": "new"})
    assert (version.name, int(version.version), version.status) == (name, 1, "READY")
    assert version.current_stage == "None"
    assert version.run_id
    client.set_registered_model_alias(name, "best", "1")
    client.transition_model_version_stage(name, "1", "Production")
    for which in ("/1", "@best", "/Production", "/latest"):
        loaded = mlflow.pyfunc.load_model(f"models:/{name}{which}")
        assert loaded.predict(["a", "b"]) == ["a", "b"]
    assert client.get_model_version(name, "1").tags == {"state": "new"}
    uri = client.get_model_version_download_uri(name, "1")
    assert mlflow.artifacts.list_artifacts(uri)


def test_a_model_is_registered_as_it_is_logged(client, unique, experiment_id):
    name = unique("logged")
    with mlflow.start_run() as run:
        for _ in range(2):
            mlflow.pyfunc.log_model(
                name="model", python_model=lambda model_input: model_input, pip_requirements=[],
                registered_model_name=name,
            )  # fmt: skip
    found = client.search_model_versions(f"name = '{name}'")
    assert sorted(int(each.version) for each in found) == [1, 2]
    assert {each.run_id for each in found} == {run.info.run_id}
    (model,) = client.search_logged_models([experiment_id], "name = 'model'", max_results=1)
    assert name in model.tags["mlflow.modelVersions"]


def test_names_are_unique_and_models_renamed_and_removed(client, unique, refused, name):
    refused("RESOURCE_ALREADY_EXISTS", 400, client.create_registered_model, name)
    new = unique("renamed")
    client.rename_registered_model(name, new)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_registered_model, name)
    found = client.get_registered_model(new)
    assert (found.tags, found.description) == ({"team": "vision"}, "d")
    assert client.update_registered_model(new, "other").description == "other"
    client.delete_registered_model(new)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_registered_model, new)


def test_tags_are_set_and_removed(client, name):
    client.create_model_version(name, "s3://bucket/model")
    client.set_registered_model_tag(name, "k", "v" * 1000)
    client.set_model_version_tag(name, "1", "k", "w")
    assert client.get_registered_model(name).tags == {"team": "vision", "k": "v" * 1000}
    assert client.get_model_version(name, "1").tags == {"k": "w"}
    client.delete_registered_model_tag(name, "k")
    client.delete_model_version_tag(name, "1", "k")
    assert client.get_registered_model(name).tags == {"team": "vision"}
    assert client.get_model_version(name, "1").tags == {}


def test_stages_are_passed_through(client, name, refused):
    for _ in range(3):
        client.create_model_version(name, "s3://bucket/model")
    client.transition_model_version_stage(name, "1", "Production")
    moved = client.transition_model_version_stage(
        name, "2", "production", archive_existing_versions=True
    )
    assert moved.current_stage == "Production"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    latest = client.get_latest_versions(name)
    assert {each.current_stage: int(each.version) for each in latest} == {
        "None": 3, "Production": 2, "Archived": 1,
    }  # fmt: skip
    assert [int(each.version) for each in client.get_latest_versions(name, ["Production"])] == [2]
    refused(
        "INVALID_PARAMETER_VALUE", 400, client.transition_model_version_stage, name, "1", "Live"
    )


def test_aliases_move_and_go_with_their_version(client, name, refused):
    for _ in range(2):
        client.create_model_version(name, "s3://bucket/model")
    client.set_registered_model_alias(name, "best", "1")
    client.set_registered_model_alias(name, "best", "2")
    assert client.get_registered_model(name).aliases == {"best": "2"}
    assert int(client.get_model_version_by_alias(name, "best").version) == 2
    assert client.get_model_version(name, "2").aliases == ["best"]
    client.delete_model_version(name, "2")
    refused("INVALID_PARAMETER_VALUE", 400, client.get_model_version_by_alias, name, "best")
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_model_version, name, "2")
    assert int(client.create_model_version(name, "s3://bucket/model").version) == 3


def test_models_and_versions_are_searched(client, unique):
    stem = unique("found")
    for letter in "cab":
        client.create_registered_model(f"{stem}-{letter}", tags={"letter": letter})
        client.create_model_version(f"{stem}-{letter}", "s3://bucket/model", tags={"n": letter})
    found = client.search_registered_models(f"name LIKE '{stem}%'")
    assert [each.name for each in found] == [f"{stem}-{letter}" for letter in "abc"]
    found = client.search_registered_models(f"name LIKE '{stem}%'", order_by=["name DESC"])
    assert [each.name for each in found] == [f"{stem}-{letter}" for letter in "cba"]
    found = client.search_registered_models(f"name LIKE '{stem}%' AND tags.letter = 'a'")
    assert [each.name for each in found] == [f"{stem}-a"]
    page = client.search_registered_models(f"name LIKE '{stem}%'", max_results=2)
    rest = client.search_registered_models(
        f"name LIKE '{stem}%'", max_results=2, page_token=page.token
    )
    assert [each.name for each in [*page, *rest]] == [f"{stem}-{letter}" for letter in "abc"]
    versions = client.search_model_versions(f"name = '{stem}-b'")
    assert [(each.name, int(each.version)) for each in versions] == [(f"{stem}-b", 1)]
    versions = client.search_model_versions(
        f"name = '{stem}-b' AND version_number = 1 AND tags.n = 'b'"
    )
    assert len(versions) == 1
    with pytest.raises(MlflowException, match="INVALID_PARAMETER_VALUE"):
        client.search_model_versions("nothing = 'x'")


def test_a_version_is_copied(client, unique, name, model_uri):
    mlflow.register_model(model_uri, name)
    copied = client.copy_model_version(f"models:/{name}/1", unique("copy"))
    assert int(copied.version) == 1
    loaded = mlflow.pyfunc.load_model(f"models:/{copied.name}/1")
    assert loaded.predict(["a"]) == ["a"]
    assert client.get_model_version_download_uri(copied.name, "1")


def test_sources_outside_of_runs_are_refused(client, name, refused):
    for source in ("/etc", "file:///etc/passwd", "models:/m-nobody-at-all-0000000000000000"):
        with pytest.raises(MlflowException):
            client.create_model_version(name, source)
    refused(
        "INVALID_PARAMETER_VALUE", 400, client.create_model_version, name, "http://127.0.0.1/model"
    )
