"""Evaluation datasets: records of inputs and expectations, kept by the server."""

import mlflow
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.genai import datasets


@pytest.fixture
def dataset(experiment_id, unique):
    return datasets.create_dataset(
        name=unique("qa"), experiment_id=experiment_id, tags={"team": "a", "n": "1"}
    )


RECORDS = [
    {"inputs": {"question": "one?"}, "expectations": {"answer": "1"}, "tags": {"hard": "no"}},
    {
        "inputs": {"question": "two?", "context": ["a", {"b": None}]},
        "expectations": {"answer": "2"},
    },
    {"inputs": {"question": "three?"}},
]


def test_a_dataset_is_created_and_got(experiment_id, dataset):
    assert dataset.dataset_id.startswith("d-")
    assert (dataset.tags["team"], dataset.tags["n"]) == ("a", "1")
    assert dataset.experiment_ids == [experiment_id]
    got = datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert (got.name, got.dataset_id, got.tags, got.digest) == (
        dataset.name,
        dataset.dataset_id,
        dataset.tags,
        dataset.digest,
    )
    assert got.created_time == dataset.created_time > 0
    assert datasets.get_dataset(name=dataset.name).dataset_id == dataset.dataset_id
    assert dataset.to_df().empty


def test_records_are_merged_and_read(dataset):
    dataset.merge_records(RECORDS)
    frame = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    rows = {row["inputs"]["question"]: row for row in frame.to_dict("records")}
    assert set(rows) == {"one?", "two?", "three?"}
    assert rows["two?"]["inputs"] == {"question": "two?", "context": ["a", {"b": None}]}
    assert rows["one?"]["expectations"] == {"answer": "1"}
    assert rows["one?"]["tags"]["hard"] == "no"
    assert frame["dataset_record_id"].is_unique
    assert (frame["created_time"] > 0).all()


def test_the_same_inputs_update_a_record(dataset):
    dataset.merge_records(
        [{"inputs": {"q": 1, "p": 2}, "expectations": {"a": 1, "b": 1}, "tags": {"x": "1"}}]
    )
    first = dataset.to_df()
    dataset.merge_records(
        [{"inputs": {"p": 2, "q": 1}, "expectations": {"a": 2}, "tags": {"y": "2"}}]
    )
    frame = dataset.to_df()
    assert len(frame) == 1
    assert frame["dataset_record_id"][0] == first["dataset_record_id"][0]
    assert frame["expectations"][0] == {"a": 2, "b": 1}
    assert (frame["tags"][0]["x"], frame["tags"][0]["y"]) == ("1", "2")


def test_a_data_frame_of_records(dataset):
    dataset.merge_records(
        pd.DataFrame([{"inputs": {"q": n}, "expectations": {"a": n * 2}} for n in range(5)])
    )
    assert sorted(row["q"] for row in dataset.to_df()["inputs"]) == [0, 1, 2, 3, 4]


def test_many_records_are_read_in_pages(dataset):
    # The client asks for pages of 1,000.
    for start in range(0, 2_300, 1_150):
        dataset.merge_records([{"inputs": {"q": n}} for n in range(start, start + 1_150)])
    frame = datasets.get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert sorted(row["q"] for row in frame["inputs"]) == list(range(2_300))


def test_records_are_deleted(dataset):
    dataset.merge_records(RECORDS)
    frame = dataset.to_df()
    gone = frame["dataset_record_id"][0]
    assert dataset.delete_records([gone]) == 1
    assert set(dataset.to_df()["dataset_record_id"]) == set(frame["dataset_record_id"]) - {gone}


def test_schema_and_profile_follow_the_records(dataset):
    assert not dataset.profile or "num_records" in dataset.profile
    dataset.merge_records(RECORDS)
    got = datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert "question" in got.schema
    assert '"num_records": 3' in got.profile
    assert got.digest
    assert got.last_update_time >= dataset.created_time


def test_tags(dataset):
    datasets.set_dataset_tags(dataset.dataset_id, {"team": "b", "new": "x"})
    tags = datasets.get_dataset(dataset_id=dataset.dataset_id).tags
    assert (tags["team"], tags["new"], tags["n"]) == ("b", "x", "1")
    datasets.delete_dataset_tag(dataset.dataset_id, "new")
    assert "new" not in datasets.get_dataset(dataset_id=dataset.dataset_id).tags


def test_search(client, unique):
    experiment_id = client.create_experiment(unique("exp"))
    other_id = client.create_experiment(unique("exp"))
    stem = unique("s")
    for number in range(3):
        datasets.create_dataset(
            name=f"{stem}-{number}", experiment_id=experiment_id, tags={"n": str(number)}
        )
    datasets.create_dataset(name=f"{stem}-x", experiment_id=other_id)

    def found(**options):
        return [d.name.removeprefix(f"{stem}-") for d in datasets.search_datasets(**options)]

    assert found(experiment_ids=[experiment_id], order_by=["name ASC"]) == ["0", "1", "2"]
    assert found(experiment_ids=[experiment_id], order_by=["name DESC"], max_results=2) == [
        "2",
        "1",
    ]
    assert found(filter_string=f"name LIKE '{stem}%'", order_by=["name"]) == ["0", "1", "2", "x"]
    assert found(filter_string=f"name = '{stem}-1'") == ["1"]
    assert found(experiment_ids=[experiment_id], filter_string="tags.n = '2'") == ["2"]
    assert sorted(found(experiment_ids=[experiment_id, other_id])) == ["0", "1", "2", "x"]


def test_search_in_pages(client, unique):
    experiment_id = client.create_experiment(unique("exp"))
    for number in range(5):
        client.create_dataset(name=unique(f"p{number}"), experiment_id=experiment_id)
    first = client.search_datasets([experiment_id], max_results=3, order_by=["name ASC"])
    rest = client.search_datasets(
        [experiment_id], max_results=3, order_by=["name ASC"], page_token=first.token
    )
    assert [d.name[:2] for d in [*first, *rest]] == ["p0", "p1", "p2", "p3", "p4"]
    assert not rest.token


def test_datasets_belong_to_experiments(client, experiment_id, dataset, unique):
    other_id = client.create_experiment(unique("exp"))
    added = datasets.add_dataset_to_experiments(dataset.dataset_id, [other_id])
    assert set(added.experiment_ids) == {experiment_id, other_id}
    removed = datasets.remove_dataset_from_experiments(dataset.dataset_id, [experiment_id])
    assert removed.experiment_ids == [other_id]


def test_delete(dataset):
    dataset.merge_records(RECORDS)
    datasets.delete_dataset(dataset_id=dataset.dataset_id)
    with pytest.raises(MlflowException) as caught:
        datasets.get_dataset(dataset_id=dataset.dataset_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_unknown_datasets_are_not_found(client, refused):
    unknown = "d-" + "0" * 32
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.get_dataset, unknown)
    refused("RESOURCE_DOES_NOT_EXIST", 404, client.set_dataset_tags, unknown, {"a": "b"})


def test_a_run_can_use_an_evaluation_dataset(client, experiment_id, dataset):
    dataset.merge_records(RECORDS)
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="evaluation")
    [logged] = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert logged.dataset.name == dataset.name
