"""What runs record, as the explicit client offers it. Errors of the store are raised at the call."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from headrace.client import values
from headrace.client.background import RunOperations, background
from headrace.client.connection import Connected
from headrace.clock import now_ms
from headrace.config import settings
from headrace.entities import (
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from headrace.wire import tracking as w
from headrace.wire.limits import MAX_BATCH, MAX_PARAMS, MAX_TAGS


class Recording(Connected):
    """Records params, metrics, tags, inputs and outputs."""

    def __init__(self, tracking_uri: str | Path | None = None) -> None:
        super().__init__(tracking_uri)
        self._waits = not settings().enable_async_logging

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> RunOperations | None:
        """One point of a series, now and at step 0 unless told otherwise."""
        question = w.LogMetric(
            run_id=run_id,
            key=values.name_of(key),
            value=values.number(value, key),
            timestamp=now_ms() if timestamp is None else values.integer(timestamp, "timestamp"),
            step=0 if step is None else values.integer(step, "step"),
            model_id=model_id,
            dataset_name=dataset_name,
            dataset_digest=dataset_digest,
        )
        return self._do(synchronous, self._store.log_metric, question)

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """A param; it is written once. The answer is the value, or what to wait for."""
        question = w.LogParam(run_id, values.name_of(key), values.text_of(key, value))
        operations = self._do(synchronous, self._store.log_param, question)
        return value if operations is None else operations

    def set_tag(
        self, run_id: str, key: str, value: Any, synchronous: bool | None = None
    ) -> RunOperations | None:
        """A tag; the last value wins."""
        question = w.SetTag(run_id, values.name_of(key), values.text_of(key, value))
        return self._do(synchronous, self._store.set_tag, question)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag; `NotFoundError` if it is not there."""
        self._store.delete_tag(w.DeleteTag(run_id, values.name_of(key)))

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
        synchronous: bool | None = None,
    ) -> RunOperations | None:
        """Any number of each. What fits one request is kept all or nothing."""
        given = batches(
            run_id,
            [values.metric(metric) for metric in metrics],
            values.param_list(params),
            values.tag_list(tags),
        )

        def write() -> None:
            for batch in given:
                self._store.log_batch(batch)

        return self._do(synchronous, write)

    def log_inputs(
        self,
        run_id: str,
        datasets: Sequence[DatasetInput] | None = None,
        models: Sequence[LoggedModelInput] | None = None,
    ) -> None:
        """Datasets and models that the run used."""
        self._store.log_inputs(w.LogInputs(run_id, list(datasets or ()), list(models or ())))

    def log_outputs(self, run_id: str, models: list[LoggedModelOutput]) -> None:
        """Models that the run made."""
        self._store.log_outputs(w.LogOutputs(run_id, list(models)))

    def _do(
        self, synchronous: bool | None, call: Callable[..., object], *args: Any
    ) -> RunOperations | None:
        if self._waits if synchronous is None else synchronous:
            call(*args)
            return None
        return background.submit(call, *args)


def batches(
    run_id: str,
    metrics: Sequence[Metric] = (),
    params: Sequence[Param] = (),
    tags: Sequence[RunTag] = (),
) -> Iterator[w.LogBatch]:
    """Any number of values as batches of the size that a store takes."""
    metric, param, tag = 0, 0, 0
    while True:
        some_params = list(params[param : param + MAX_PARAMS])
        some_tags = list(tags[tag : tag + MAX_TAGS])
        room = MAX_BATCH - len(some_params) - len(some_tags)
        some_metrics = list(metrics[metric : metric + room])
        yield w.LogBatch(run_id, some_metrics, some_params, some_tags)
        param, tag, metric = param + MAX_PARAMS, tag + MAX_TAGS, metric + room
        if metric >= len(metrics) and param >= len(params) and tag >= len(tags):
            return
