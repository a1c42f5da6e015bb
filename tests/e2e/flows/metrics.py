"""Metrics with their history."""

import math
import time

import mlflow
import pytest
from mlflow.entities import Metric


def test_the_latest_value_is_the_one_of_the_greatest_step(client, run_id):
    for step, value in [(0, 1.0), (5, 2.0), (3, 9.0), (-1, 7.0)]:
        client.log_metric(run_id, "m", value, timestamp=1_000 + step, step=step)
    assert client.get_run(run_id).data.metrics == {"m": 2.0}
    history = client.get_metric_history(run_id, "m")
    assert sorted((p.step, p.value, p.timestamp) for p in history) == [
        (-1, 7.0, 999), (0, 1.0, 1000), (3, 9.0, 1003), (5, 2.0, 1005),
    ]  # fmt: skip


def test_equal_steps_are_told_apart_by_time_then_value(client, run_id):
    client.log_batch(run_id, [Metric("time", 5.0, 20, 1), Metric("time", 9.0, 10, 1)])
    client.log_batch(
        run_id,
        [Metric("value", 5.0, 10, 1), Metric("value", 9.0, 10, 1), Metric("value", 7.0, 10, 1)],
    )
    assert client.get_run(run_id).data.metrics == {"time": 5.0, "value": 9.0}


def test_history_is_ordered_by_time_step_and_value(client, run_id):
    points = [(3, 1, 4.0), (1, 5, 9.0), (2, 6, 5.0), (1, 5, 3.0), (1, 2, 8.0)]
    client.log_batch(
        run_id, [Metric("m", value, timestamp, step) for timestamp, step, value in points]
    )
    history = client.get_metric_history(run_id, "m")
    assert [(p.timestamp, p.step, p.value) for p in history] == sorted(points)


def test_the_same_point_is_kept_once(client, run_id):
    for _ in range(3):
        client.log_metric(run_id, "m", 1.25, timestamp=10, step=1)
    client.log_batch(run_id, [Metric("m", 1.25, 10, 1)] * 5)
    assert [(p.step, p.timestamp, p.value) for p in client.get_metric_history(run_id, "m")] == [
        (1, 10, 1.25)
    ]


def test_nan_comes_back(client, run_id):
    client.log_metric(run_id, "nan", float("nan"), timestamp=1, step=0)
    client.log_metric(run_id, "nan", 1.0, timestamp=2, step=1)
    client.log_metric(run_id, "nan", float("nan"), timestamp=3, step=2)
    assert math.isnan(client.get_run(run_id).data.metrics["nan"])
    first, second, third = (p.value for p in client.get_metric_history(run_id, "nan"))
    assert math.isnan(first)
    assert second == 1.0
    assert math.isnan(third)


def test_infinity_comes_back_as_itself_or_as_the_greatest_number(client, run_id):
    # The real server stores the greatest finite double; Headrace keeps infinities exact.
    client.log_metric(run_id, "up", float("inf"))
    client.log_metric(run_id, "down", float("-inf"))
    metrics = client.get_run(run_id).data.metrics
    assert metrics["up"] in {math.inf, 1.7976931348623157e308}
    assert metrics["down"] in {-math.inf, -1.7976931348623157e308}


@pytest.mark.parametrize(
    "value", [0.1, 1e-300, 1.7976931348623157e308, 5e-324, -0.5, 2**53 + 0.0, 1 / 3, 123456789.125]
)
def test_a_double_comes_back_bit_for_bit(client, run_id, value):
    client.log_metric(run_id, "m", value)
    assert client.get_run(run_id).data.metrics["m"] == value
    assert client.get_metric_history(run_id, "m")[0].value == value


@pytest.mark.parametrize("step", [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_any_int64_is_a_step(client, run_id, step):
    client.log_metric(run_id, "m", 1.0, step=step)
    assert client.get_metric_history(run_id, "m")[0].step == step


def test_fluent_metrics(client, experiment_id):
    with mlflow.start_run() as run:
        mlflow.log_metric("a", 1)
        for step in range(3):
            mlflow.log_metrics({"a": step * 2.0, "b": step}, step=step)
        mlflow.log_metric("timed", 1, timestamp=123_456)
        mlflow.log_metric("elsewhere", 4, run_id=run.info.run_id)
    assert client.get_run(run.info.run_id).data.metrics == {
        "a": 4.0,
        "b": 2.0,
        "timed": 1.0,
        "elsewhere": 4.0,
    }
    assert client.get_metric_history(run.info.run_id, "timed")[0].timestamp == 123_456


def test_the_timestamp_is_now(client, run_id):
    before = int(time.time() * 1000)
    client.log_metric(run_id, "m", 1)
    assert before <= client.get_metric_history(run_id, "m")[0].timestamp <= int(time.time() * 1000)


def test_an_unknown_key_or_run_has_no_history(client, run_id):
    assert list(client.get_metric_history(run_id, "never")) == []
    assert list(client.get_metric_history("0123456789abcdef0123456789abcdef", "never")) == []


def test_times_before_1970_are_refused(client, run_id, refused):
    refused("INVALID_PARAMETER_VALUE", 400, client.log_metric, run_id, "m", 1.0, timestamp=-5)
    assert client.get_run(run_id).data.metrics == {}


def test_a_long_history_is_read_in_pages(client, run_id):
    # The client asks for pages of 25,000.
    count = 100_000
    for start in range(0, count, 1000):
        client.log_batch(
            run_id, [Metric("m", n / 7, 1_000_000 + n, n) for n in range(start, start + 1000)]
        )
    history = client.get_metric_history(run_id, "m")
    assert [(p.step, p.timestamp, p.value) for p in history] == [
        (n, 1_000_000 + n, n / 7) for n in range(count)
    ]
    assert client.get_run(run_id).data.metrics == {"m": (count - 1) / 7}


def test_many_keys_in_one_run(client, run_id):
    expected = {f"layer{n}/weight": float(n) for n in range(2_000)}
    for start in range(0, 2_000, 1000):
        client.log_batch(
            run_id, [Metric(f"layer{n}/weight", float(n), 1, 0) for n in range(start, start + 1000)]
        )
    assert client.get_run(run_id).data.metrics == expected
