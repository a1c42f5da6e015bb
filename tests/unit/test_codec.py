import json
import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.entities import Metric, NonFinite, Run, RunData, RunInfo
from headrace.errors import (
    EndpointNotFoundError,
    HeadraceError,
    InternalError,
    InvalidValueError,
    NotFoundError,
    UnavailableError,
)
from headrace.wire import codec
from headrace.wire import evaluation as e
from headrace.wire import tracking as w
from headrace.wire.operations import BY_METHOD, TRACKING

LOG_METRIC = BY_METHOD["log_metric"]
LOG_BATCH = BY_METHOD["log_batch"]


def metric_body(**changes: object) -> bytes:
    return json.dumps({"run_id": "r", "key": "k", "value": 1.5, "timestamp": 7, **changes}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"run_id":"r","key":"k","value":1.5,"timestamp":7,"step":2}',
        b'{"runId":"r","key":"k","value":1.5,"timestamp":7,"step":2}',
        b'{"run_uuid":"r","key":"k","value":1.5,"timestamp":7,"step":2}',
        b'{"runUuid":"r","key":"k","value":1.5,"timestamp":7,"step":2}',
        b'{"run_uuid":"other","run_id":"r","key":"k","value":1.5,"timestamp":7,"step":2}',
        b'{"run_id":"r","key":"k","value":"1.5","timestamp":"7","step":"2"}',
        b'{"run_id":"r","key":"k","value":1.5,"timestamp":7.0,"step":2.0}',
        b'{"run_id":"r","key":"k","value":1.5,"timestamp":7,"step":2,"unknown":{"a":[1]}}',
        b'{"run_id":"r","key":"k","value":1.5,"timestamp":7,"step":2,"model_id":null}',
        b' {"run_id" : "r", "key":"k","value":15e-1,"timestamp":7,"step":2 } ',
        json.dumps('{"run_id":"r","key":"k","value":1.5,"timestamp":7,"step":2}').encode(),
    ],
)
def test_every_spelling_of_a_question_is_the_same_question(body: bytes) -> None:
    assert codec.decode_body(LOG_METRIC, body) == w.LogMetric("r", "k", 1.5, 7, 2)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (True, 1.0),
        (False, 0.0),
        (3, 3.0),
        ("3.25", 3.25),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        (1e308, 1e308),
    ],
)
def test_a_metric_value_may_be_a_number_a_numeric_string_or_a_boolean(
    sent: object, meant: float
) -> None:
    assert codec.decode_body(LOG_METRIC, metric_body(value=sent)).value == meant


def test_nan_travels_as_a_string() -> None:
    assert math.isnan(codec.decode_body(LOG_METRIC, metric_body(value="NaN")).value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Missing value for required parameter 'run_id'. See the API docs"),
        (b"{}", "Missing value for required parameter 'run_id'. See the API docs"),
        (metric_body(value=None), "Missing value for required parameter 'value'"),
        (metric_body(step=1.5), "parameter 'step' supplied: expected int, got 1.5"),
        (metric_body(step=1e308), "parameter 'step' supplied: expected int, got 1e308"),
        (metric_body(step="x"), "parameter 'step' supplied: expected int, got \"x\""),
        (metric_body(step=2**63), "parameter 'step' supplied: expected int <= 92233720368547"),
        (metric_body(step=-(2**63) - 1), "parameter 'step' supplied: expected int >= -922337203"),
        (metric_body(step=True), "parameter 'step' supplied: expected int, got true"),
        (metric_body(value=[1]), "parameter 'value' supplied: expected float, got an array"),
        (metric_body(key=1), "parameter 'key' supplied: expected str, got 1"),
        (metric_body(runId="q"), "'run_id' is given twice: as 'run_id' and as 'runId'"),
        (metric_body(value=float("nan")), "not valid JSON: invalid character (byte "),
        (b'{"run_id":', "not valid JSON: Input data was truncated"),
        (b'{"run_id":"\xff"}', "not valid JSON: 'utf-8' codec can't decode byte 0xff"),
        (b'{"run_id":"\\ud800"}', "not valid JSON"),
        (b"[1]", "must be a JSON object, not an array"),
        (b"3", "must be a JSON object, not 3"),
        (b'"text"', "not valid JSON"),
        (b'{"a":' + b"[" * 200_000, "nested too deeply"),
        (b'{"step":' + b"1" * 20_000 + b"}", "not valid JSON: Integer value out of range"),
    ],
)
def test_a_bad_body_is_refused_with_what_is_wrong(body: bytes, said: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        codec.decode_body(LOG_METRIC, body)
    assert said in str(refused.value)


def test_what_is_missing_within_a_list_is_named_with_its_place() -> None:
    body = (
        b'{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":1},{"value":1,"timestamp":1}]}'
    )
    with pytest.raises(InvalidValueError, match=r"parameter 'metrics\[1\]\.key'"):
        codec.decode_body(LOG_BATCH, body)


def test_nested_names_may_be_camel_case_too() -> None:
    body = b'{"runId":"r","metrics":[{"key":"a","value":true,"timestamp":"1","datasetName":"d"}]}'
    expected = w.LogBatch("r", [Metric("a", 1.0, 1, dataset_name="d")])
    assert codec.decode_body(LOG_BATCH, body) == expected


def test_a_camel_case_name_is_seen_even_where_the_plain_decode_would_succeed() -> None:
    body = b'{"run_id":"r","metrics":[{"key":"A","value":1,"timestamp":1,"modelId":"m"}]}'
    assert codec.decode_body(LOG_BATCH, body).metrics[0].model_id == "m"


@pytest.mark.parametrize(
    ("given", "number"),
    [("ACTIVE_ONLY", 1), ("DELETED_ONLY", 2), ("ALL", 3), (3, 3), ("2", 2), ("x", 1), (9, 1)],
)
def test_a_view_type_is_a_name_or_a_number_and_anything_else_is_active_only(
    given: object, number: int
) -> None:
    body = json.dumps({"experiment_ids": ["0"], "run_view_type": given}).encode()
    assert codec.decode_body(BY_METHOD["search_runs"], body).run_view_type == number


@pytest.mark.parametrize(("given", "name"), [(1, "RUNNING"), (4, "FAILED"), ("KILLED", "KILLED")])
def test_a_run_status_is_a_name_or_a_number(given: object, name: str) -> None:
    body = json.dumps({"run_id": "r", "status": given}).encode()
    assert codec.decode_body(BY_METHOD["update_run"], body).status == name


@pytest.mark.parametrize("given", ["BOGUS", 0, 99, "finished"])
def test_an_unknown_run_status_is_refused_with_the_known_ones(given: object) -> None:
    body = json.dumps({"run_id": "r", "status": given}).encode()
    with pytest.raises(InvalidValueError, match="one of RUNNING, SCHEDULED, FINISHED"):
        codec.decode_body(BY_METHOD["update_run"], body)


def test_what_the_path_names_wins_over_the_body() -> None:
    operation = BY_METHOD["finalize_logged_model"]
    question = codec.decode_body(operation, b'{"model_id":"b","status":2}', {"model_id": "a"})
    assert question == w.FinalizeLoggedModel("a", "LOGGED_MODEL_READY")


def test_a_query_string_repeats_the_key_of_a_list() -> None:
    query = b"run_ids=a&run_ids=b&metricKey=k%20%C3%A9&max_results=5&start_step=-1&end_step=9"
    question = codec.decode_query(BY_METHOD["get_metric_history_interval"], query)
    assert question == w.GetMetricHistoryInterval(["a", "b"], "k é", -1, 9, 5)


@pytest.mark.parametrize("spelling", ["true", "True", "1"])
def test_a_boolean_in_a_query_string(spelling: str) -> None:
    query = f"allow_deleted={spelling}"
    question = codec.decode_query(BY_METHOD["get_logged_model"], query, {"model_id": "m"})
    assert question == w.GetLoggedModel("m", allow_deleted=True)


@pytest.mark.parametrize(
    "query", [b"run_id=%ff", b"run_id=\xff", b"&".join([b"a=1"] * 3_000), b"run_id=r&max_results=x"]
)
def test_a_bad_query_string_is_refused(query: bytes) -> None:
    with pytest.raises(InvalidValueError):
        codec.decode_query(BY_METHOD["get_metric_history"], query + b"&metric_key=k")


@pytest.mark.parametrize("operation", TRACKING, ids=lambda operation: operation.method)
@settings(max_examples=30, deadline=None)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["run_id", "key", "value", "metrics", "tags", "status", "x"]), inner
            )
        ),
    )
)
def test_no_body_gives_any_other_exception_than_a_refusal(operation, body) -> None:
    try:
        question = codec.decode_body(operation, json.dumps(body).encode())
    except InvalidValueError:
        return
    assert type(question) is operation.question


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=60))
def test_no_bytes_give_any_other_exception_than_a_refusal(noise: bytes) -> None:
    with pytest.raises(InvalidValueError):
        codec.decode_body(LOG_METRIC, noise)


# Answers


def answer_with(value: float) -> w.GotRun:
    info = RunInfo("r", "r", "0", "RUNNING", 0, "active")
    return w.GotRun(Run(info, RunData([Metric("k", value, 1)])))


@pytest.mark.parametrize("wrap", [float, NonFinite, codec.finite])
@pytest.mark.parametrize(
    ("value", "spelled"), [("nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity")]
)
def test_what_is_not_finite_is_written_as_a_string(wrap, value: str, spelled: str) -> None:
    sent = json.loads(codec.encode(answer_with(wrap(float(value)))))
    assert sent["run"]["data"]["metrics"][0]["value"] == spelled


def test_lists_of_values_spell_what_is_not_finite_and_keep_what_is_absent() -> None:
    row = w.RunRow("r", "0", "n", "RUNNING", "active", "", 0, values=[math.nan, None, 1.0])
    sent = json.loads(codec.encode(w.RunTable([row])))
    assert sent["rows"][0]["values"] == ["NaN", None, 1.0]


def test_finite_values_stay_as_they_are() -> None:
    assert type(codec.finite(1.5)) is float
    assert b'"value":3.0' in codec.encode(answer_with(3.0))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e-320, 0.1])
def test_a_value_comes_back_as_it_went(value: float) -> None:
    operation = BY_METHOD["get_run"]
    back = codec.decode_answer(operation, codec.encode(answer_with(codec.finite(value))))
    assert repr(back.run.data.metrics["k"]) == repr(value)


def test_unset_fields_and_empty_lists_are_left_out() -> None:
    assert codec.encode(w.FoundRuns()) == b"{}"
    assert codec.decode_answer(BY_METHOD["search_runs"], b"{}") == w.FoundRuns()
    assert codec.decode_answer(BY_METHOD["delete_run"], b"") == w.Nothing()


def test_an_answer_that_makes_no_sense_is_an_internal_error() -> None:
    with pytest.raises(InternalError, match="get_run cannot be read"):
        codec.decode_answer(BY_METHOD["get_run"], b"<html>")


def test_a_question_is_the_same_after_the_way_to_the_server() -> None:
    asked = w.LogBatch("r", [Metric("k", math.inf, 1, -3)])
    assert codec.decode_body(LOG_BATCH, codec.encode(asked)) == asked


@pytest.mark.parametrize(
    ("method", "question", "url"),
    [
        ("get_run", w.GetRun("a b"), "/api/2.0/mlflow/runs/get?run_id=a+b"),
        ("get_logged_model", w.GetLoggedModel("m/1"), "/api/2.0/mlflow/logged-models/m%2F1"),
        (
            "get_logged_model",
            w.GetLoggedModel("m", allow_deleted=True),
            "/api/2.0/mlflow/logged-models/m?allow_deleted=true",
        ),
        ("log_metric", w.LogMetric("r", "k", 1, 1), "/api/2.0/mlflow/runs/log-metric"),
        # Two dots left as they are would lead up the path, to the deletion of the whole model.
        (
            "delete_logged_model_tag",
            w.DeleteLoggedModelTag("m", ".."),
            "/api/2.0/mlflow/logged-models/m/tags/%2E%2E",
        ),
        (
            "delete_evaluation_dataset_tag",
            e.DeleteEvaluationDatasetTag("d", "a/b"),
            "/api/3.0/mlflow/datasets/d/tags/a%2Fb",
        ),
    ],
)
def test_the_address_of_a_question(method: str, question: msgspec.Struct, url: str) -> None:
    assert codec.address(BY_METHOD[method], question) == url


# Errors


def test_an_error_is_told_with_its_code_state_and_class() -> None:
    assert json.loads(codec.error_body(NotFoundError("no run"))) == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "no run",
        "sqlstate": "KAM00",
        "error_class": "RESOURCE_NOT_FOUND",
    }


@pytest.mark.parametrize("kind", HeadraceError.__subclasses__())
def test_an_error_keeps_its_code_its_message_and_its_status_on_the_way(kind) -> None:
    back = codec.error_from(kind.status, codec.error_body(kind("what went wrong")))
    assert (back.error_code, back.message) == (kind.error_code, "what went wrong")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (404, b"<html>gone</html>", EndpointNotFoundError, "<html>gone</html>"),
        (503, b"", UnavailableError, "nothing"),
        (500, b'{"detail":"x"}', InternalError, '{"detail":"x"}'),
        (502, b"gateway", UnavailableError, "gateway"),
    ],
)
def test_an_answer_without_a_code_is_classed_by_its_status(status, body, kind, message) -> None:
    back = codec.error_from(status, body)
    assert type(back) is kind
    assert message in back.message
