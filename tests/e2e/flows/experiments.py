"""Experiments through the fluent API and the client."""

import mlflow
import pytest
from mlflow.entities import ViewType


def test_an_experiment_is_created_and_found_by_id_and_name(client, unique):
    name = unique("named")
    experiment_id = client.create_experiment(name, tags={"team": "vision", "note": "ä ü ß 字"})
    found = client.get_experiment(experiment_id)
    assert found.name == name
    assert found.lifecycle_stage == "active"
    assert found.tags == {"team": "vision", "note": "ä ü ß 字"}
    assert found.creation_time > 0
    assert found.last_update_time >= found.creation_time
    assert found.artifact_location.endswith(f"/{experiment_id}")
    assert int(experiment_id) > 0
    assert dict(client.get_experiment_by_name(name)) == dict(found)


def test_the_default_experiment_is_there_from_the_start(client):
    default = client.get_experiment("0")
    assert default.name == "Default"
    assert client.get_experiment_by_name("Default").experiment_id == "0"


def test_an_unknown_name_is_none(client, unique):
    assert client.get_experiment_by_name(unique("nobody")) is None
    assert mlflow.get_experiment_by_name(unique("nobody")) is None


def test_set_experiment_creates_once_and_then_finds(unique):
    name = unique("set")
    first = mlflow.set_experiment(name)
    second = mlflow.set_experiment(name)
    by_id = mlflow.set_experiment(experiment_id=first.experiment_id)
    assert first.experiment_id == second.experiment_id == by_id.experiment_id
    assert by_id.name == name


def test_set_experiment_refuses_a_deleted_one(client, unique, refused):
    name = unique("gone")
    client.delete_experiment(client.create_experiment(name))
    refused("INVALID_PARAMETER_VALUE", 400, mlflow.set_experiment, name)


def test_a_custom_artifact_location_is_kept(client, unique):
    name = unique("located")
    location = f"mlflow-artifacts:/custom/{name}"
    experiment = client.get_experiment(client.create_experiment(name, artifact_location=location))
    assert experiment.artifact_location == location
    run = client.create_run(experiment.experiment_id)
    assert run.info.artifact_uri == f"{location}/{run.info.run_id}/artifacts"


def test_rename_changes_the_name_and_the_update_time(client, unique):
    old, new = unique("old"), unique("new")
    experiment_id = client.create_experiment(old)
    before = client.get_experiment(experiment_id)
    client.rename_experiment(experiment_id, new)
    after = client.get_experiment(experiment_id)
    assert after.name == new
    assert after.last_update_time >= before.last_update_time
    assert client.get_experiment_by_name(old) is None
    assert client.get_experiment_by_name(new).experiment_id == experiment_id


def test_names_are_unique(client, unique, refused):
    name, other = unique("taken"), unique("other")
    client.create_experiment(name)
    refused("RESOURCE_ALREADY_EXISTS", 400, client.create_experiment, name)
    other_id = client.create_experiment(other)
    # The real server calls the second of these BAD_REQUEST: the message of its database.
    with pytest.raises(mlflow.MlflowException) as caught:
        client.rename_experiment(other_id, name)
    assert caught.value.error_code in {"BAD_REQUEST", "RESOURCE_ALREADY_EXISTS"}
    assert caught.value.get_http_status_code() == 400
    assert client.get_experiment(other_id).name == other


def test_a_deleted_name_stays_taken_until_restored(client, unique, refused):
    name = unique("kept")
    experiment_id = client.create_experiment(name)
    client.delete_experiment(experiment_id)
    refused("RESOURCE_ALREADY_EXISTS", 400, client.create_experiment, name)
    assert client.get_experiment_by_name(name).lifecycle_stage == "deleted"
    client.restore_experiment(experiment_id)
    assert client.get_experiment_by_name(name).lifecycle_stage == "active"


def test_tags_are_set_replaced_and_deleted(client, unique, refused):
    experiment_id = client.create_experiment(unique("tagged"))
    client.set_experiment_tag(experiment_id, "stage", "one")
    client.set_experiment_tag(experiment_id, "stage", "two")
    client.set_experiment_tag(experiment_id, "number", 7)
    assert client.get_experiment(experiment_id).tags == {"stage": "two", "number": "7"}
    client.delete_experiment_tag(experiment_id, "stage")
    assert client.get_experiment(experiment_id).tags == {"number": "7"}
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.delete_experiment_tag, experiment_id, "stage")


def test_fluent_tags_go_to_the_active_experiment(client, experiment_id):
    mlflow.set_experiment_tag("one", "1")
    mlflow.set_experiment_tags({"two": "2", "three": "3"})
    assert client.get_experiment(experiment_id).tags == {"one": "1", "two": "2", "three": "3"}


def test_long_tags_of_an_experiment_are_kept_up_to_the_limit(client, unique, refused):
    experiment_id = client.create_experiment(unique("long"))
    client.set_experiment_tag(experiment_id, "k" * 250, "v" * 20_000)
    assert client.get_experiment(experiment_id).tags == {"k" * 250: "v" * 20_000}
    refused(
        "INVALID_PARAMETER_VALUE", 400, client.set_experiment_tag, experiment_id, "k" * 251, "v"
    )


def test_delete_takes_the_runs_along_and_restore_brings_them_back(client, unique, refused):
    experiment_id = client.create_experiment(unique("runs"))
    runs = [client.create_run(experiment_id).info.run_id for _ in range(3)]
    client.delete_run(runs[0])
    client.delete_experiment(experiment_id)
    assert {client.get_run(run).info.lifecycle_stage for run in runs} == {"deleted"}
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.delete_experiment, experiment_id)
    client.restore_experiment(experiment_id)
    assert {client.get_run(run).info.lifecycle_stage for run in runs} == {"active"}
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.restore_experiment, experiment_id)


def test_a_deleted_experiment_takes_no_runs_and_no_tags(client, unique, refused):
    experiment_id = client.create_experiment(unique("closed"))
    client.delete_experiment(experiment_id)
    refused("INVALID_PARAMETER_VALUE", 400, client.create_run, experiment_id)
    refused("INVALID_PARAMETER_VALUE", 400, client.set_experiment_tag, experiment_id, "a", "b")


def test_search_by_name_tag_and_view(client, unique):
    stem = unique("find")
    ids = [
        client.create_experiment(f"{stem}-{n}", tags={"n": str(n), "stem": stem}) for n in range(4)
    ]
    client.delete_experiment(ids[3])

    def names(filter_string, **options):
        return [
            e.name.removeprefix(f"{stem}-")
            for e in client.search_experiments(filter_string=filter_string, **options)
        ]

    mine = f"name LIKE '{stem}%'"
    assert names(mine, order_by=["name ASC"]) == ["0", "1", "2"]
    assert names(mine, order_by=["name DESC"]) == ["2", "1", "0"]
    assert names(mine) == ["2", "1", "0"]
    assert names(mine, view_type=ViewType.DELETED_ONLY) == ["3"]
    assert names(mine, view_type=ViewType.ALL, order_by=["name"]) == ["0", "1", "2", "3"]
    assert names(f"name = '{stem}-1'") == ["1"]
    assert names(f"{mine} AND name != '{stem}-1'", order_by=["name"]) == ["0", "2"]
    assert names(f"name ILIKE '{stem.upper()}%' AND tags.n = '2'") == ["2"]
    assert names(f"tags.stem = '{stem}' AND tags.n != '0'", order_by=["name"]) == ["1", "2"]
    assert names(f"{mine} AND tags.n IS NOT NULL AND tags.none IS NULL", order_by=["name"]) == [
        "0",
        "1",
        "2",
    ]


def test_search_by_times(client, unique):
    stem = unique("times")
    first = client.get_experiment(client.create_experiment(f"{stem}-0"))
    second = client.get_experiment(client.create_experiment(f"{stem}-1"))
    mine = f"name LIKE '{stem}%'"
    since = client.search_experiments(
        filter_string=f"{mine} AND creation_time >= {first.creation_time}"
    )
    assert {e.name for e in since} == {first.name, second.name}
    none = client.search_experiments(
        filter_string=f"{mine} AND last_update_time < {first.creation_time}"
    )
    assert list(none) == []
    ordered = client.search_experiments(
        filter_string=mine, order_by=["creation_time ASC", "name ASC"]
    )
    assert [e.name for e in ordered] == [first.name, second.name]


def test_search_pages_hold_each_experiment_once(client, unique):
    stem = unique("paged")
    for n in range(7):
        client.create_experiment(f"{stem}-{n}")
    seen, token, pages = [], None, 0
    while True:
        page = client.search_experiments(
            filter_string=f"name LIKE '{stem}%'", order_by=["name"], max_results=3, page_token=token
        )
        seen += [e.name for e in page]
        pages += 1
        token = page.token
        if not token:
            break
    assert seen == [f"{stem}-{n}" for n in range(7)]
    assert pages == 3


@pytest.mark.parametrize(
    "filter_string",
    ["name = ", "name == 'a'", "nothing = 'a'", "metrics.a > 1", "creation_time = 'x'", "name 'a'"],
)
def test_a_bad_filter_is_refused(client, refused, filter_string):
    refused("INVALID_PARAMETER_VALUE", 400, client.search_experiments, filter_string=filter_string)


def test_a_bad_order_is_refused(client, refused):
    refused("INVALID_PARAMETER_VALUE", 400, client.search_experiments, order_by=["bogus"])
    refused("INVALID_PARAMETER_VALUE", 400, client.search_experiments, order_by=["name SIDEWAYS"])


def test_fluent_search_and_get(unique):
    name = unique("fluent")
    experiment_id = mlflow.create_experiment(name, tags={"a": "b"})
    assert mlflow.get_experiment(experiment_id).tags == {"a": "b"}
    assert [
        e.experiment_id for e in mlflow.search_experiments(filter_string=f"name = '{name}'")
    ] == [experiment_id]
    mlflow.delete_experiment(experiment_id)
    assert mlflow.search_experiments(filter_string=f"name = '{name}'") == []


def test_unknown_ids_are_not_found(client, refused):
    unknown = "999999999"
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_experiment, unknown)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.delete_experiment, unknown)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.restore_experiment, unknown)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.rename_experiment, unknown, "x")
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.set_experiment_tag, unknown, "a", "b")
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.create_run, unknown)
