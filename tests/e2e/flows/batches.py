"""Batches, how the client splits them, and asynchronous logging."""

import threading

import mlflow
from mlflow.entities import Metric, Param, RunTag


def test_a_full_batch_is_taken(client, run_id):
    client.log_batch(
        run_id,
        [Metric(f"m{n}", n / 3, n, n) for n in range(800)],
        [Param(f"p{n}", str(n)) for n in range(100)],
        [RunTag(f"t{n}", str(n)) for n in range(100)],
    )
    data = client.get_run(run_id).data
    assert data.metrics == {f"m{n}": n / 3 for n in range(800)}
    assert data.params == {f"p{n}": str(n) for n in range(100)}
    assert {k: v for k, v in data.tags.items() if not k.startswith("mlflow.")} == {
        f"t{n}": str(n) for n in range(100)
    }


def test_an_empty_batch_is_taken(client, run_id):
    client.log_batch(run_id)
    assert client.get_run(run_id).data.metrics == {}


def test_more_than_a_batch_is_split_by_the_client(client, experiment_id):
    with mlflow.start_run() as run:
        mlflow.log_metrics({f"m{n}": float(n) for n in range(2_500)})
        mlflow.log_params({f"p{n}": n for n in range(250)})
        mlflow.set_tags({f"t{n}": n for n in range(250)})
    data = client.get_run(run.info.run_id).data
    assert data.metrics == {f"m{n}": float(n) for n in range(2_500)}
    assert data.params == {f"p{n}": str(n) for n in range(250)}
    assert sum(not key.startswith("mlflow.") for key in data.tags) == 250


def test_one_bad_name_refuses_the_whole_batch(client, run_id, refused):
    metrics = [Metric("good", 1.0, 1, 0), Metric("bad//name", 1.0, 1, 0)]
    refused(
        "INVALID_PARAMETER_VALUE",
        400,
        client.log_batch,
        run_id,
        metrics,
        [Param("p", "1")],
        [RunTag("t", "1")],
    )
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({}, {})
    assert set(data.tags) == {"mlflow.runName"}


def test_a_param_twice_in_a_batch_is_refused(client, run_id, refused):
    refused(
        "INVALID_PARAMETER_VALUE",
        400,
        client.log_batch,
        run_id,
        params=[Param("p", "1"), Param("p", "2")],
    )
    assert client.get_run(run_id).data.params == {}


def test_a_tag_twice_in_a_batch_keeps_the_last(client, run_id):
    client.log_batch(run_id, tags=[RunTag("t", "1"), RunTag("t", "2")])
    assert client.get_run(run_id).data.tags["t"] == "2"


def test_asynchronous_logging_loses_nothing(client, experiment_id):
    with mlflow.start_run() as run:
        waiting = [
            mlflow.log_metric("m", n / 9, step=n, timestamp=n + 1, synchronous=False)
            for n in range(500)
        ]
        waiting += [mlflow.log_params({"a": 1, "b": 2}, synchronous=False)]
        waiting += [mlflow.set_tags({"c": "3"}, synchronous=False)]
        waiting += [mlflow.log_metrics({"x": 1.0, "y": 2.0}, step=0, synchronous=False)]
        for operation in waiting:
            operation.wait()
        mlflow.flush_async_logging()
    history = client.get_metric_history(run.info.run_id, "m")
    assert [(p.step, p.value) for p in history] == [(n, n / 9) for n in range(500)]
    data = client.get_run(run.info.run_id).data
    assert data.params == {"a": "1", "b": "2"}
    assert data.tags["c"] == "3"
    assert data.metrics == {"m": 499 / 9, "x": 1.0, "y": 2.0}


def test_asynchronous_logging_as_the_default(client, experiment_id):
    mlflow.config.enable_async_logging(True)
    try:
        with mlflow.start_run() as run:
            for step in range(200):
                mlflow.log_metric("m", step, step=step)
            mlflow.log_param("p", 1)
        mlflow.flush_async_logging()
    finally:
        mlflow.config.enable_async_logging(False)
    assert len(client.get_metric_history(run.info.run_id, "m")) == 200
    assert client.get_run(run.info.run_id).data.params == {"p": "1"}


def test_threads_log_to_one_run(client, run_id):
    def work(worker):
        for step in range(40):
            client.log_batch(
                run_id,
                [Metric(f"w{worker}", float(step), step, step), Metric("all", worker, step, step)],
            )

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in range(4):
        assert [p.value for p in client.get_metric_history(run_id, f"w{worker}")] == [
            float(s) for s in range(40)
        ]
    assert len(client.get_metric_history(run_id, "all")) == 160
    assert client.get_run(run_id).data.metrics["all"] == 3.0
