"""What the operations do beyond their schema, where the mlflow client does not show it."""

from collections.abc import Callable
from typing import Any

import pytest

from wire.conformance.asking import AJAX, Refused, Wire, read

Unique = Callable[[str], str]


def points(wire: Wire, run_id: str, key: str = "m", **query: Any) -> list[tuple[int, int, Any]]:
    answer = read(wire.get("metrics/get-history", run_id=run_id, metric_key=key, **query))
    return [(p["timestamp"], p["step"], p["value"]) for p in answer.get("metrics", [])]


def log(wire: Wire, run_id: str, *series: tuple[int, int, Any], key: str = "m") -> None:
    metrics = [{"key": key, "timestamp": t, "step": s, "value": v} for t, s, v in series]
    wire.answer("runs/log-batch", {"run_id": run_id, "metrics": metrics})


# Experiments


def test_experiment_search_needs_a_page_size(wire: Wire, refused: Refused) -> None:
    refused(wire.post("experiments/search", {}), 400, "INVALID_PARAMETER_VALUE")
    refused(
        wire.post("experiments/search", {"max_results": 50_001}), 400, "INVALID_PARAMETER_VALUE"
    )
    assert read(wire.get("experiments/search", max_results=1))["experiments"]


def test_an_experiment_has_the_fields_that_clients_look_for(wire: Wire, unique: Unique) -> None:
    name = unique("fields")
    body = {"name": name, "tags": [{"key": "a", "value": "b"}]}
    experiment_id = wire.answer("experiments/create", body)["experiment_id"]
    assert isinstance(experiment_id, str)
    experiment = read(wire.get("experiments/get", experiment_id=experiment_id))["experiment"]
    assert {
        "experiment_id": experiment_id, "name": name, "lifecycle_stage": "active",
        "artifact_location": f"mlflow-artifacts:/{experiment_id}", "tags": [{"key": "a", "value": "b"}],
    }.items() <= experiment.items()  # fmt: skip
    assert isinstance(experiment["creation_time"], int)


def test_a_deleted_experiment_cannot_be_renamed(
    wire: Wire, experiment_id: str, unique: Unique
) -> None:
    wire.answer("experiments/delete", {"experiment_id": experiment_id})
    response = wire.post(
        "experiments/update", {"experiment_id": experiment_id, "new_name": unique("new")}
    )
    # The real server answers 500 INVALID_STATE.
    assert response.json()["error_code"] in {"INVALID_STATE", "INVALID_PARAMETER_VALUE"}
    assert response.status_code in {400, 500}


def test_tagging_leaves_the_update_time_of_an_experiment(wire: Wire, experiment_id: str) -> None:
    before = read(wire.get("experiments/get", experiment_id=experiment_id))["experiment"][
        "last_update_time"
    ]
    wire.answer(
        "experiments/set-experiment-tag", {"experiment_id": experiment_id, "key": "a", "value": "b"}
    )
    after = read(wire.get("experiments/get", experiment_id=experiment_id))["experiment"][
        "last_update_time"
    ]
    assert after == before


# Runs


def test_a_run_without_a_start_starts_at_zero(wire: Wire, experiment_id: str) -> None:
    run = wire.answer("runs/create", {"experiment_id": experiment_id})["run"]
    assert run["info"]["start_time"] == 0
    assert run["info"]["user_id"] == ""
    assert run["info"]["run_name"]


def test_an_update_with_nothing_changes_nothing(wire: Wire, run_id: str) -> None:
    before = wire.run(run_id)
    answer = wire.answer("runs/update", {"run_id": run_id, "run_name": ""})
    assert answer["run_info"] == before["info"]
    assert wire.run(run_id) == before


def test_ending_does_not_set_the_end_time(wire: Wire, run_id: str) -> None:
    assert (
        "end_time"
        not in wire.answer("runs/update", {"run_id": run_id, "status": "FINISHED"})["run_info"]
    )


def test_a_run_needs_an_experiment(wire: Wire) -> None:
    for body in ({}, {"experiment_id": ""}, {"run_name": "x"}):
        response = wire.post("runs/create", body)
        assert response.status_code == 400
        assert response.json()["error_code"] in {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}


# Metrics


def test_history_has_no_limit_unless_asked(wire: Wire, run_id: str) -> None:
    for start in range(0, 3_000, 1_000):
        log(wire, run_id, *((n, n, float(n)) for n in range(start, start + 1_000)))
    assert len(points(wire, run_id)) == 3_000
    answer = read(wire.get("metrics/get-history", run_id=run_id, metric_key="m", max_results=2_000))
    assert len(answer["metrics"]) == 2_000
    rest = {
        "run_id": run_id,
        "metric_key": "m",
        "max_results": 2_000,
        "page_token": answer["next_page_token"],
    }
    answer = read(wire.get("metrics/get-history", **rest))
    assert [p["step"] for p in answer["metrics"]] == list(range(2_000, 3_000))
    assert "next_page_token" not in answer


@pytest.mark.parametrize(
    "query", [{"max_results": 0}, {"max_results": -1}, {"max_results": 5, "page_token": "garbage"}]
)
def test_bad_pages_of_a_history_are_refused(
    wire: Wire, run_id: str, refused: Refused, query: dict[str, Any]
) -> None:
    log(wire, run_id, (1, 1, 1.0))
    response = wire.get("metrics/get-history", run_id=run_id, metric_key="m", **query)
    refused(response, 400, "INVALID_PARAMETER_VALUE")


def test_a_nan_stands_for_zero_among_the_latest(wire: Wire, run_id: str) -> None:
    log(wire, run_id, (1, 1, "NaN"), (1, 1, 5.0), key="above")
    log(wire, run_id, (1, 1, "NaN"), (1, 1, -5.0), key="below")
    latest = {m["key"]: m["value"] for m in wire.run(run_id)["data"]["metrics"]}
    assert latest == {"above": 5.0, "below": "NaN"}


def test_several_histories_at_once(wire: Wire, experiment_id: str) -> None:
    ids = [
        wire.answer("runs/create", {"experiment_id": experiment_id})["run"]["info"]["run_id"]
        for _ in range(3)
    ]
    for number, run_id in enumerate(ids):
        log(wire, run_id, (2, 1, number + 0.5), (1, 2, number + 0.25))
    answer = read(
        wire.http.get(
            AJAX + "metrics/get-history-bulk", params={"run_id": ids[:2], "metric_key": "m"}
        )
    )
    found = [(p["run_id"], p["timestamp"], p["step"]) for p in answer["metrics"]]
    assert found == sorted((run_id, t, s) for run_id in ids[:2] for t, s in [(2, 1), (1, 2)])


def test_an_interval_is_sampled_with_its_ends(wire: Wire, run_id: str) -> None:
    log(wire, run_id, *((n, n, float(n)) for n in range(1_000)))
    query = {"run_ids": [run_id], "metric_key": "m", "max_results": 20}
    steps = [
        p["step"] for p in read(wire.get("metrics/get-history-bulk-interval", **query))["metrics"]
    ]
    assert steps[0] == 0
    assert steps[-1] == 999
    assert steps == sorted(set(steps))
    assert 15 <= len(steps) <= 25
    part = read(
        wire.get("metrics/get-history-bulk-interval", **query, start_step=100, end_step=109)
    )["metrics"]
    assert [p["step"] for p in part] == list(range(100, 110))


@pytest.mark.parametrize(
    "query",
    [
        {"start_step": 1},
        {"end_step": 1},
        {"start_step": 5, "end_step": 1},
        {"max_results": 2_501},
        {"max_results": 0},
    ],
)
def test_bad_intervals_are_refused(
    wire: Wire, run_id: str, refused: Refused, query: dict[str, int]
) -> None:
    response = wire.get(
        "metrics/get-history-bulk-interval", run_ids=[run_id], metric_key="m", **query
    )
    refused(response, 400, "INVALID_PARAMETER_VALUE")


def test_more_than_a_hundred_runs_at_once_are_refused(wire: Wire, refused: Refused) -> None:
    ids = [f"{n:032x}" for n in range(101)]
    response = wire.get("metrics/get-history-bulk-interval", run_ids=ids, metric_key="m")
    refused(response, 400, "INVALID_PARAMETER_VALUE")


# Search


def test_a_token_past_the_end_is_an_empty_page(wire: Wire, experiment_id: str) -> None:
    for _ in range(3):
        wire.answer("runs/create", {"experiment_id": experiment_id})
    body = {"experiment_ids": [experiment_id], "max_results": 2}
    token = wire.answer("runs/search", body)["next_page_token"]
    for run in wire.answer("runs/search", {"experiment_ids": [experiment_id]})["runs"][1:]:
        wire.answer("runs/delete", {"run_id": run["info"]["run_id"]})
    assert wire.answer("runs/search", {**body, "page_token": token}) == {}


@pytest.mark.parametrize(
    "filter_string", ["metrics.a = 1 params.b = 'c'", "AND metrics.a = 1", "metrics.a = 1 AND"]
)
def test_what_the_tokenizer_lets_through_is_answered_or_refused(
    wire: Wire, experiment_id: str, filter_string: str
) -> None:
    # The real server takes these by accident of its tokenizer; a stricter parser may refuse them.
    response = wire.post(
        "runs/search", {"experiment_ids": [experiment_id], "filter": filter_string}
    )
    assert response.status_code in {200, 400}


# Logged models


def test_a_logged_model_has_info_and_data(wire: Wire, experiment_id: str) -> None:
    body = {"experiment_id": experiment_id, "name": "net", "params": [{"key": "a", "value": "1"}]}
    model = wire.answer("logged-models", body)["model"]
    model_id = model["info"]["model_id"]
    assert model["info"]["status"] == "LOGGED_MODEL_PENDING"
    assert (
        model["info"]["artifact_uri"]
        == f"mlflow-artifacts:/{experiment_id}/models/{model_id}/artifacts"
    )
    assert model["data"]["params"] == [{"key": "a", "value": "1"}]
    path = f"/api/2.0/mlflow/logged-models/{model_id}"
    done = read(wire.http.patch(path, json={"model_id": model_id, "status": "LOGGED_MODEL_READY"}))
    assert done["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert read(wire.http.request("DELETE", path)) == {}
    assert wire.http.get(path).status_code == 404
    assert (
        read(wire.http.get(path, params={"allow_deleted": "true"}))["model"]["info"]["model_id"]
        == model_id
    )


def test_a_model_needs_an_experiment(wire: Wire, refused: Refused) -> None:
    refused(wire.post("logged-models", {"name": "x"}), 400, "INVALID_PARAMETER_VALUE")
    refused(
        wire.post("logged-models", {"experiment_id": "987654321"}), 404, "RESOURCE_DOES_NOT_EXIST"
    )


def test_a_model_token_goes_with_its_search(
    wire: Wire, experiment_id: str, refused: Refused
) -> None:
    for _ in range(3):
        wire.answer("logged-models", {"experiment_id": experiment_id})
    body = {"experiment_ids": [experiment_id], "max_results": 2}
    token = wire.answer("logged-models/search", body)["next_page_token"]
    assert len(wire.answer("logged-models/search", {**body, "page_token": token})["models"]) == 1
    other = {**body, "filter": "name = 'x'", "page_token": token}
    refused(wire.post("logged-models/search", other), 400, "INVALID_PARAMETER_VALUE")


# Datasets


def test_dataset_summaries_of_experiments(wire: Wire, experiment_id: str, run_id: str) -> None:
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "s"}
    entry = {"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": "train"}]}
    wire.answer("runs/log-inputs", {"run_id": run_id, "datasets": [entry]})
    body = {"experiment_ids": [experiment_id]}
    summaries = read(wire.http.post(AJAX + "experiments/search-datasets", json=body))[
        "dataset_summaries"
    ]
    assert summaries == [
        {"experiment_id": experiment_id, "name": "d", "digest": "1", "context": "train"}
    ]


def test_the_first_writer_of_a_dataset_wins(wire: Wire, experiment_id: str) -> None:
    ids = [
        wire.answer("runs/create", {"experiment_id": experiment_id})["run"]["info"]["run_id"]
        for _ in range(2)
    ]
    for number, run_id in enumerate(ids):
        dataset = {"name": "d", "digest": "1", "source_type": "local", "source": f"source {number}"}
        wire.answer("runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": dataset}]})
    for run_id in ids:
        [entry] = wire.run(run_id)["inputs"]["dataset_inputs"]
        assert entry["dataset"]["source"] == "source 0"


def test_a_model_record_of_an_old_client_is_a_tag(wire: Wire, run_id: str) -> None:
    for name in ("one", "two"):
        record = f'{{"artifact_path": "{name}", "flavors": {{}}, "utc_time_created": "2024", "run_id": "{run_id}"}}'
        wire.answer("runs/log-model", {"run_id": run_id, "model_json": record})
    tags = {tag["key"]: tag["value"] for tag in wire.run(run_id)["data"]["tags"]}
    assert tags["mlflow.log-model.history"].count("artifact_path") == 2
