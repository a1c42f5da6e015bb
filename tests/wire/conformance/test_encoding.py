"""How requests may be spelled, and how answers are."""

import json

import pytest

from wire.conformance.asking import API, Refused, Wire, read

JSON = {"Content-Type": "application/json"}


def test_names_are_snake_case_or_camel_case(wire: Wire, experiment_id: str) -> None:
    run = wire.answer(
        "runs/create", {"experimentId": experiment_id, "startTime": 5, "runName": "camel"}
    )["run"]
    assert (run["info"]["start_time"], run["info"]["run_name"]) == (5, "camel")
    run_id = run["info"]["run_id"]
    wire.answer(
        "runs/log-metric",
        {"run_id": run_id, "key": "m", "value": 1, "timestamp": 2, "datasetName": None},
    )
    found = wire.answer(
        "runs/search", {"experimentIds": [experiment_id], "maxResults": 5, "runViewType": "ALL"}
    )
    assert [r["info"]["run_id"] for r in found["runs"]] == [run_id]
    assert wire.run(run_id)["data"]["metrics"][0]["value"] == 1.0


def test_both_spellings_at_once_are_refused(
    wire: Wire, experiment_id: str, refused: Refused
) -> None:
    body = {"experiment_id": experiment_id, "experimentId": experiment_id, "run_name": "both"}
    refused(wire.post("runs/create", body), 400, "INVALID_PARAMETER_VALUE")


def test_unknown_fields_are_ignored(wire: Wire, run_id: str) -> None:
    metric = {
        "key": "m",
        "value": 1.0,
        "timestamp": 1,
        "step": 0,
        "unit": "ms",
        "deep": {"er": [1]},
    }
    wire.answer(
        "runs/log-batch",
        {"run_id": run_id, "metrics": [metric], "future": {"a": 1}, "flags": [True]},
    )
    assert len(wire.run(run_id)["data"]["metrics"]) == 1


def test_run_uuid_is_run_id(wire: Wire, run_id: str) -> None:
    wire.answer("runs/log-parameter", {"run_uuid": run_id, "key": "p", "value": "1"})
    wire.answer(
        "runs/log-metric",
        {"run_uuid": run_id, "run_id": run_id, "key": "m", "value": 1, "timestamp": 1},
    )
    wire.answer("runs/set-tag", {"run_uuid": run_id, "key": "t", "value": "1"})
    run = read(wire.get("runs/get", run_uuid=run_id))["run"]
    assert run["info"]["run_uuid"] == run["info"]["run_id"] == run_id
    assert [p["key"] for p in run["data"]["params"]] == ["p"]
    assert [m["key"] for m in run["data"]["metrics"]] == ["m"]
    assert read(wire.get("metrics/get-history", run_uuid=run_id, metric_key="m"))["metrics"]


def test_a_json_string_that_holds_json_is_read(wire: Wire, run_id: str) -> None:
    body = json.dumps(json.dumps({"run_id": run_id, "key": "p", "value": "twice"}))
    read(wire.http.post(API + "runs/log-parameter", content=body, headers=JSON))
    assert wire.run(run_id)["data"]["params"] == [{"key": "p", "value": "twice"}]


def test_int64_may_be_numbers_or_strings_and_come_back_as_numbers(
    wire: Wire, experiment_id: str
) -> None:
    body = {"experiment_id": experiment_id, "start_time": "1700000000123"}
    run = wire.answer("runs/create", body)["run"]
    assert run["info"]["start_time"] == 1_700_000_000_123
    run_id = run["info"]["run_id"]
    metric = {
        "run_id": run_id,
        "key": "m",
        "value": 1,
        "timestamp": "9223372036854775807",
        "step": "-5",
    }
    wire.answer("runs/log-metric", metric)
    [point] = read(wire.get("metrics/get-history", run_id=run_id, metric_key="m"))["metrics"]
    assert (point["timestamp"], point["step"]) == (2**63 - 1, -5)


def test_a_whole_number_may_have_a_point(wire: Wire, run_id: str) -> None:
    wire.answer(
        "runs/log-metric", {"run_id": run_id, "key": "m", "value": 1, "timestamp": 5.0, "step": 2.0}
    )
    [point] = read(wire.get("metrics/get-history", run_id=run_id, metric_key="m"))["metrics"]
    assert (point["timestamp"], point["step"]) == (5, 2)


@pytest.mark.parametrize(
    ("given", "stored"),
    [("3.5", 3.5), (True, 1.0), (False, 0.0), (7, 7.0), (-0.25, -0.25), ("1e3", 1e3)],
)
def test_values_may_be_numbers_strings_or_booleans(
    wire: Wire, run_id: str, given: object, stored: float
) -> None:
    wire.answer("runs/log-metric", {"run_id": run_id, "key": "m", "value": given, "timestamp": 1})
    assert wire.run(run_id)["data"]["metrics"][0]["value"] == stored


def test_metric_values_have_a_decimal_point(wire: Wire, run_id: str) -> None:
    wire.answer("runs/log-metric", {"run_id": run_id, "key": "m", "value": 3, "timestamp": 1})
    text = wire.get("runs/get", run_id=run_id).text.replace(" ", "")
    assert '"value":3.0' in text


@pytest.mark.parametrize("spelled", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_lacks_are_strings_both_ways(
    wire: Wire, run_id: str, spelled: str
) -> None:
    wire.answer("runs/log-metric", {"run_id": run_id, "key": "m", "value": spelled, "timestamp": 1})
    metric = {"key": "b", "value": spelled, "timestamp": 1, "step": 0}
    wire.answer("runs/log-batch", {"run_id": run_id, "metrics": [metric]})
    # The real server turns infinities into the greatest finite number; Headrace keeps them.
    greatest = {
        "Infinity": 1.7976931348623157e308,
        "-Infinity": -1.7976931348623157e308,
        "NaN": "NaN",
    }
    for point in wire.run(run_id)["data"]["metrics"]:
        assert point["value"] in (spelled, greatest[spelled])
    [point] = read(wire.get("metrics/get-history", run_id=run_id, metric_key="m"))["metrics"]
    assert point["value"] in (spelled, greatest[spelled])


def test_a_get_without_a_query_string_reads_a_body(wire: Wire, run_id: str) -> None:
    asked = wire.http.request("GET", API + "runs/get", json={"run_id": run_id})
    assert read(asked)["run"]["info"]["run_id"] == run_id


def test_a_repeated_field_repeats_its_key_in_a_query(wire: Wire, experiment_id: str) -> None:
    ids = [
        wire.answer("runs/create", {"experiment_id": experiment_id})["run"]["info"]["run_id"]
        for _ in range(3)
    ]
    for run_id in ids:
        wire.answer("runs/log-metric", {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1})
    answer = read(wire.get("metrics/get-history-bulk-interval", run_ids=ids[:2], metric_key="m"))
    assert [point["run_id"] for point in answer["metrics"]] == ids[:2]


def test_enums_are_names_or_numbers_and_come_back_as_names(wire: Wire, run_id: str) -> None:
    assert (
        wire.answer("runs/update", {"run_id": run_id, "status": 3})["run_info"]["status"]
        == "FINISHED"
    )
    assert (
        wire.answer("runs/update", {"run_id": run_id, "status": "KILLED"})["run_info"]["status"]
        == "KILLED"
    )


def test_view_types_are_names_or_numbers(wire: Wire, experiment_id: str, run_id: str) -> None:
    wire.answer("runs/delete", {"run_id": run_id})
    for view, count in {
        "ACTIVE_ONLY": 0,
        1: 0,
        "DELETED_ONLY": 1,
        2: 1,
        "ALL": 1,
        3: 1,
        "UNKNOWN": 0,
    }.items():
        found = wire.answer(
            "runs/search", {"experiment_ids": [experiment_id], "run_view_type": view}
        )
        assert len(found.get("runs", [])) == count, view


def test_what_is_unset_is_left_out(wire: Wire, experiment_id: str, run_id: str) -> None:
    assert wire.answer("runs/search", {"experiment_ids": []}) == {}
    assert read(wire.get("metrics/get-history", run_id=run_id, metric_key="none")) == {}
    assert wire.answer("logged-models/search", {"experiment_ids": [experiment_id]}) == {}
    run = wire.run(run_id)
    assert "end_time" not in run["info"]
    assert "metrics" not in run["data"]
    assert "params" not in run["data"]


def test_a_write_answers_an_empty_object(wire: Wire, run_id: str) -> None:
    assert wire.answer("runs/set-tag", {"run_id": run_id, "key": "t", "value": "1"}) == {}
    assert wire.answer("runs/log-batch", {"run_id": run_id}) == {}


def test_both_surfaces_answer_alike(wire: Wire, run_id: str) -> None:
    api = wire.http.get("/api/2.0/mlflow/runs/get", params={"run_id": run_id})
    ajax = wire.http.get("/ajax-api/2.0/mlflow/runs/get", params={"run_id": run_id})
    assert read(api) == read(ajax)


def test_a_json_type_may_name_its_charset(wire: Wire, run_id: str) -> None:
    body = json.dumps({"run_id": run_id, "key": "p", "value": "ä"}).encode()
    read(
        wire.http.post(
            API + "runs/log-parameter",
            content=body,
            headers={"Content-Type": "application/json; charset=utf-8"},
        )
    )
    assert wire.run(run_id)["data"]["params"] == [{"key": "p", "value": "ä"}]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_of_another_type_is_refused(
    wire: Wire, run_id: str, refused: Refused, kind: str
) -> None:
    body = json.dumps({"run_id": run_id, "key": "p", "value": "1"})
    response = wire.http.post(
        API + "runs/log-parameter", content=body, headers={"Content-Type": kind}
    )
    refused(response, 400, "INVALID_PARAMETER_VALUE")
    assert "params" not in wire.run(run_id)["data"]


def test_an_error_has_the_form_that_clients_read(wire: Wire) -> None:
    response = wire.get("runs/get", run_id="0" * 32)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert body["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert "0" * 32 in body["message"]


def test_a_missing_parameter_is_named(wire: Wire, refused: Refused) -> None:
    for path, field in {
        "runs/delete": "run_id",
        "experiments/create": "name",
        "runs/update": "run_id",
    }.items():
        message = refused(wire.post(path, {}), 400, "INVALID_PARAMETER_VALUE")
        assert f"'{field}'" in message
        assert "Missing value for required parameter" in message
    assert "'run_id'" in refused(wire.get("runs/get"), 400, "INVALID_PARAMETER_VALUE")


def test_a_run_has_the_fields_that_clients_look_for(
    wire: Wire, experiment_id: str, run_id: str
) -> None:
    run = wire.run(run_id)
    assert {
        "run_id": run_id, "run_uuid": run_id, "experiment_id": experiment_id, "status": "RUNNING", "user_id": "ada",
        "start_time": 1_700_000_000_000, "lifecycle_stage": "active", "run_name": "plain",
    }.items() <= run["info"].items()  # fmt: skip
    assert run["info"]["artifact_uri"] == f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"
    assert run["data"]["tags"] == [{"key": "mlflow.runName", "value": "plain"}]
    assert run["inputs"] == {}
    assert run["outputs"] == {}
