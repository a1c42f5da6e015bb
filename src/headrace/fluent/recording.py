"""What the current run records."""

from collections.abc import Mapping, Sequence
from typing import Any

from headrace.client import datasets as described
from headrace.client import values
from headrace.client.background import RunOperations, background
from headrace.client.recorder import AWAY, batches
from headrace.entities import (
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from headrace.errors import InvalidValueError
from headrace.fluent import current
from headrace.fluent.current import OpenRun
from headrace.fluent.models import get_active_model_id
from headrace.fluent.runs import flush, start_run


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """One point of a series, at step 0 and now unless told otherwise.

    A value that is no number is refused here. A store that is away is not an error: the point waits.
    With ``synchronous=True`` it is one, and with False the answer can be waited for.
    """
    return log_metrics({key: value}, step, synchronous, run_id, timestamp, model_id, dataset)


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """A point of several series, all at one step and one time."""
    model = model_id or get_active_model_id()
    points = values.points(metrics, step, timestamp, model_id=model, dataset=dataset)
    opened = _target(run_id)
    if model is not None:
        _link(opened, run_id, model)
    return _record(opened, run_id, synchronous, metrics=points)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """A param; it is written once. The answer is the value, or what to wait for."""
    operations = log_params({key: value}, synchronous)
    return value if operations is None else operations


def log_params(
    params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> RunOperations | None:
    """Params; each is written once."""
    return _record(_target(run_id), run_id, synchronous, params=values.params(params))


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
    """A tag; the last value wins."""
    return set_tags({key: value}, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> RunOperations | None:
    """Tags; the last values win."""
    return _record(_target(None), None, synchronous, tags=values.tags(tags, RunTag))


def delete_tag(key: str) -> None:
    """Remove a tag of the current run; `NotFoundError` if it is not there."""
    opened = current_run()
    flush()
    opened.client.delete_tag(opened.run_id, key)


def log_input(
    dataset: Any = None,
    context: str | None = None,
    tags: dict[str, str] | None = None,
    model: LoggedModelInput | None = None,
) -> None:
    """A dataset (of `headrace.data`, or described by hand), or a model, that the current run used."""
    log_inputs([dataset], [context], [tags], [model])


def log_inputs(
    datasets: Sequence[Any] | None = None,
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[dict[str, str] | None] | None = None,
    models: Sequence[LoggedModelInput | None] | None = None,
) -> None:
    """Datasets and models that the current run used; the lists go together, item by item."""
    given = list(datasets or ())
    notes = list(contexts or [None] * len(given)), list(tags_list or [None] * len(given))
    if any(len(note) != len(given) for note in notes):
        raise InvalidValueError("datasets, contexts and tags_list must be of one length.")
    inputs = [
        described.input_of(dataset, context, tags)
        for dataset, context, tags in zip(given, *notes, strict=True)
        if dataset is not None
    ]
    used = [model for model in models or () if model is not None]
    opened = current_run()
    current.now_or_later(
        opened, "inputs", lambda: opened.client.log_inputs(opened.run_id, inputs, used)
    )
    opened.linked_models.update(model.model_id for model in used)


def log_outputs(models: list[LoggedModelOutput] | None = None) -> None:
    """Models that the current run made."""
    opened, made = current_run(), list(models or ())
    current.now_or_later(opened, "outputs", lambda: opened.client.log_outputs(opened.run_id, made))
    opened.linked_models.update(model.model_id for model in made)


def flush_async_logging() -> None:
    """Return when all that was logged with ``synchronous=False`` is stored."""
    flush()


def flush_artifact_async_logging() -> None:
    """Return when all images that were logged with ``synchronous=False`` are stored."""
    background.flush()


def current_run() -> OpenRun:
    """The current run; one is started where there is none."""
    opened = current.top()
    if opened is None:
        start_run()
        opened = current.top()
    assert opened is not None
    return opened


def _target(run_id: str | None) -> OpenRun | None:
    """The open run that is meant; ``None`` where it is another run, named by its id."""
    opened = current.top() if run_id is not None else current_run()
    return opened if opened is not None and run_id in (None, opened.run_id) else None


def _record(
    opened: OpenRun | None,
    run_id: str | None,
    synchronous: bool | None,
    *,
    metrics: Sequence[Metric] = (),
    params: Sequence[Param] = (),
    tags: Sequence[RunTag] = (),
) -> RunOperations | None:
    target = run_id or (opened.run_id if opened is not None else "")
    if synchronous is None and not (opened is not None and opened.asynchronous):
        recorder = current.recorder() if opened is None else opened.recorder
        for batch in batches(target, metrics, params, tags):
            recorder.log(batch)
        return None
    client = current.client() if opened is None else opened.client
    return client.log_batch(target, metrics, params, tags, bool(synchronous))


def _link(opened: OpenRun | None, run_id: str | None, model_id: str) -> None:
    """Note that the run used the model whose metric it logs, once."""
    if opened is not None and model_id in opened.linked_models:
        return
    client = current.client() if opened is None else opened.client
    target = run_id or (opened.run_id if opened is not None else "")
    try:
        client.log_inputs(target, models=[LoggedModelInput(model_id)])
    except AWAY:
        return  # the metric itself says which model it belongs to
    if opened is not None:
        opened.linked_models.add(model_id)
