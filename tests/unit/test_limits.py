import pytest
from msgspec import Struct

from headrace.entities import (
    Dataset,
    DatasetInput,
    ExperimentTag,
    InputTag,
    LoggedModelParameter,
    Metric,
    Param,
    RunTag,
)
from headrace.errors import InvalidValueError
from headrace.wire import tracking as w
from headrace.wire.limits import VALUE_BYTES, check


@pytest.mark.parametrize(
    "key",
    [
        "loss",
        "train/loss",
        "a b",
        " lead",
        "trail ",
        "été",
        "a.b-c_d:e",
        "a..b",
        ".a",
        "x" * 250,
        "日本",
    ],
)
def test_these_are_names(key: str) -> None:
    with_key = [
        w.LogMetric("r", key, 1.0, 0),
        w.LogParam("r", key),
        w.SetTag("r", key),
        w.LogBatch("r", [Metric(key, 1.0, 0)], [Param(key)], [RunTag(key)]),
    ]
    for question in with_key:
        check(question)


BAD_KEYS = [
    "", "/", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/../b", "a/..", "a\n", "\ta", "a@b",
    "a,b", "a#b", "a?b", "a\\b", "🙂", "x" * 251, "..a", "a\0", "a\ud800", "a%2f",
]  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda key: w.LogMetric("r", key, 1.0, 0), "'name'"),
        (lambda key: w.LogParam("r", key), "'key'"),
        (lambda key: w.SetTag("r", key), "'key'"),
        (lambda key: w.LogBatch("r", metrics=[Metric(key, 1.0, 0)]), "'metrics[0].name'"),
        (lambda key: w.LogBatch("r", params=[Param("a"), Param(key)]), "'params[1].key'"),
        (lambda key: w.LogBatch("r", tags=[RunTag(key)]), "'tags[0].key'"),
    ],
)
def test_these_are_not_names_and_the_refusal_says_where(key: str, make, name: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        check(make(key))
    assert name in str(refused.value)


def metrics(count: int) -> list[Metric]:
    return [Metric("k", 1.0, i) for i in range(count)]


def params(count: int) -> list[Param]:
    return [Param(f"k{i}") for i in range(count)]


def tags(count: int) -> list[RunTag]:
    return [RunTag(f"k{i}") for i in range(count)]


AT_THE_LIMIT: list[tuple[Struct, Struct]] = [
    (w.LogBatch("r", metrics(1000)), w.LogBatch("r", metrics(1001))),
    (w.LogBatch("r", params=params(100)), w.LogBatch("r", params=params(101))),
    (w.LogBatch("r", tags=tags(100)), w.LogBatch("r", tags=tags(101))),
    (w.LogBatch("r", metrics(900), params(100)), w.LogBatch("r", metrics(901), params(100))),
    (w.LogParam("r", "k", "v" * VALUE_BYTES), w.LogParam("r", "k", "v" * (VALUE_BYTES + 1))),
    (w.SetTag("r", "k", "v" * VALUE_BYTES), w.SetTag("r", "k", "é" * (VALUE_BYTES // 2 + 1))),
    (w.LogMetric("r", "k", 1.0, 0), w.LogMetric("r", "k", 1.0, -1)),
    (w.LogMetric("r", "k", 1.0, 2**63 - 1), w.LogMetric("r", "k", 1.0, 2**63)),
    (w.LogMetric("r", "k", 1.0, 0, -(2**63)), w.LogMetric("r", "k", 1.0, 0, -(2**63) - 1)),
    (
        w.LogBatch("r", [Metric("k", 1.0, 0, 2**63 - 1)]),
        w.LogBatch("r", [Metric("k", 1.0, 0, 2**63)]),
    ),
    (w.LogBatch("r", [Metric("k", 1.0, 0)]), w.LogBatch("r", [Metric("k", 1.0, -1)])),
    (
        w.LogBatch("r", [Metric("k", 1.0, 0, dataset_name="d" * 500)]),
        w.LogBatch("r", [Metric("k", 1.0, 0, dataset_name="d" * 501)]),
    ),
    (w.LogBatch("r" * 256), w.LogBatch("r" * 257)),
    (w.LogBatch("r-1"), w.LogBatch("r 1")),
    (w.CreateExperiment("n" * 500), w.CreateExperiment("n" * 501)),
    (w.CreateExperiment("n"), w.CreateExperiment(" \n")),
    (w.CreateExperiment("n", "/" + "d" * 2047), w.CreateExperiment("n", "/" + "d" * 2048)),
    (w.UpdateRun("r", "KILLED"), w.UpdateRun("r", "DONE")),
    (
        w.CreateExperiment("n", tags=[ExperimentTag("k", "v" * 20_000)]),
        w.CreateExperiment("n", tags=[ExperimentTag("k", "v" * 20_001)]),
    ),
    (w.UpdateExperiment("1", "n"), w.UpdateExperiment("1", "")),
    (w.GetExperiment("0"), w.GetExperiment("abc")),
    (w.GetExperiment("-1"), w.GetExperiment("\uff11")),
    (w.CreateRun("0"), w.CreateRun("")),
    (w.CreateRun("0", run_id="a"), w.CreateRun("0", run_id="-a")),
    (
        w.CreateRun("0", run_name="a", tags=[RunTag("mlflow.runName", "a")]),
        w.CreateRun("0", run_name="a", tags=[RunTag("mlflow.runName", "b")]),
    ),
    (w.SearchRuns(["0"], max_results=50_000), w.SearchRuns(["0"], max_results=50_001)),
    (w.SearchRuns(["0"], max_results=1), w.SearchRuns(["0"], max_results=0)),
    (w.SearchRuns(["7"]), w.SearchRuns(["7", "x"])),
    (w.SearchExperiments(50_000), w.SearchExperiments(50_001)),
    (w.GetMetricHistory("r", "k", max_results=1), w.GetMetricHistory("r", "k", max_results=0)),
    (w.GetMetricHistoryBulk(["r"] * 100, "k"), w.GetMetricHistoryBulk(["r"] * 101, "k")),
    (
        w.GetMetricHistoryInterval(["r"], "k", 1, 2, 2_500),
        w.GetMetricHistoryInterval(["r"], "k", 1, 2, 2_501),
    ),
    (
        w.GetMetricHistoryInterval(["r"], "k"),
        w.GetMetricHistoryInterval(["r"], "k", start_step=1),
    ),
    (w.TabulateRuns(["0"], max_results=10_000), w.TabulateRuns(["0"], max_results=10_001)),
    (w.SampleMetrics(["r"], ["k"], 4), w.SampleMetrics(["r"], ["k"], 3)),
    (w.SearchDatasets(["0"] * 20), w.SearchDatasets(["0"] * 21)),
    (
        w.LogInputs("r", [DatasetInput(Dataset("n" * 500, "d" * 36))]),
        w.LogInputs("r", [DatasetInput(Dataset("n", "d" * 37))]),
    ),
    (
        w.LogInputs("r", [DatasetInput(Dataset("n"), [InputTag("k" * 255, "v" * 500)])]),
        w.LogInputs("r", [DatasetInput(Dataset("n"), [InputTag("k", "v" * 501)])]),
    ),
    (w.CreateLoggedModel("0", "a b.c".replace(".", "-")), w.CreateLoggedModel("0", "a.b")),
    (
        w.CreateLoggedModel("0", params=[LoggedModelParameter("a", "1")]),
        w.CreateLoggedModel("0", params=[LoggedModelParameter("a", "1")] * 2),
    ),
    (w.SearchRuns(["0"], "params.a = 'x'"), w.SearchRuns(["0"], "params.a = '\0'")),
    (w.GetRun("unknown"), w.GetRun("\0")),
]


@pytest.mark.parametrize(("kept", "refused"), AT_THE_LIMIT)
def test_a_limit_is_where_it_is_said_to_be(kept: Struct, refused: Struct) -> None:
    check(kept)
    with pytest.raises(InvalidValueError):
        check(refused)


def test_a_param_twice_in_one_batch_is_refused_even_with_one_value() -> None:
    with pytest.raises(InvalidValueError, match="Duplicate parameter key 'a'"):
        check(w.LogBatch("r", params=[Param("a", "1"), Param("a", "1")]))


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b"])
def test_text_that_a_database_cannot_keep_is_refused(value: str) -> None:
    questions: list[Struct] = [
        w.LogParam("r", "k", value),
        w.SetTag("r", "k", value),
        w.CreateExperiment(value),
        w.CreateRun("0", run_name=value),
        w.LogBatch("r", [Metric("k", 1.0, 0, model_id=value)]),
        w.SetLoggedModelTags(value),
        w.DeleteTag("r", value),
    ]
    for question in questions:
        with pytest.raises(InvalidValueError):
            check(question)


def test_an_error_shows_a_bounded_piece_of_what_was_given() -> None:
    with pytest.raises(InvalidValueError) as refused:
        check(w.SetTag("r", "k\n" * 1000))
    assert len(str(refused.value)) < 300


def test_hostile_keys_cost_a_bounded_amount_of_memory() -> None:
    for i in range(50):
        check(w.LogBatch("r", [Metric(f"key-{i}-{j}", 1.0, 0) for j in range(1000)]))
    from headrace.wire.limits import values

    assert len(values.known_keys) <= values.MAX_KNOWN_KEYS
