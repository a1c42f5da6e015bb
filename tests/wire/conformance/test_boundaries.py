"""What is just within a rule is taken, and what is just outside leaves its run alone."""

from wire.conformance.asking import Wire

INVALID = "INVALID_PARAMETER_VALUE"


def test_a_deleted_run_is_left_as_it_was(wire: Wire, experiment_id: str, run_id: str) -> None:
    wire.answer("runs/delete", {"run_id": run_id})
    before = wire.run(run_id)
    item = {"key": "k", "value": "v"}
    writes = {
        "runs/log-metric": {"run_id": run_id, "key": "m", "value": 1.0, "timestamp": 1}, "runs/log-parameter": {"run_id": run_id, **item},
        "runs/set-tag": {"run_id": run_id, **item}, "runs/delete-tag": {"run_id": run_id, "key": "mlflow.runName"},
        "runs/update": {"run_id": run_id, "status": "KILLED"}, "runs/log-batch": {"run_id": run_id, "tags": [item]},
        "runs/log-inputs": {"run_id": run_id, "datasets": [{"dataset": {"name": "n", "digest": "d"}}]},
    }  # fmt: skip
    for path, body in writes.items():
        response = wire.post(path, body)
        assert (response.status_code, response.json()["error_code"]) == (400, INVALID), path
    assert wire.run(run_id) == before


def test_a_body_of_a_megabyte_and_more_is_taken_where_it_is_within_limits(
    wire: Wire, run_id: str
) -> None:
    params = [{"key": f"p{n}", "value": "v" * 50_000} for n in range(100)]
    wire.answer("runs/log-batch", {"run_id": run_id, "params": params})
    assert len(wire.run(run_id)["data"]["params"]) == 100
