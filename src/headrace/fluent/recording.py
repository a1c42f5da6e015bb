"""What the current run records."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from headrace.client import datasets as described
from headrace.client import values
from headrace.client.background import RunOperations, background
from headrace.client.logbook import Stored
from headrace.client.tracking import MlflowClient
from headrace.clock import now_ms
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
from headrace.fluent.models import active_model
from headrace.fluent.runs import flush, start_run
from headrace.journal.writer import Journal


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

    A value that is no number is refused here. That the disk is full or the store is away is not an
    error: the point waits. With ``synchronous=True`` it is one, and with False there is something to
    wait for.
    """
    if (
        synchronous is None
        and run_id is None
        and timestamp is None
        and model_id is None
        and dataset is None
        and active_model.get() is None
    ):
        journal = current.journal()
        if journal is not None:  # the way that a training loop goes: nothing may be added to it
            if type(value) is not float:
                value = values.number(value, key)
            if type(step) is not int:
                step = 0 if step is None else values.integer(step, "step")
            journal.log(key, value, step)
            return None
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
    if (
        synchronous is None
        and run_id is None
        and timestamp is None
        and model_id is None
        and dataset is None
        and active_model.get() is None
    ):
        journal = current.journal()
        if journal is not None:  # the way that a training loop goes: nothing may be added to it
            if type(step) is not int:
                step = 0 if step is None else values.integer(step, "step")
            journal.log_all(values.numbers(metrics), step, None)
            return None
    at = None if timestamp is None else values.integer(timestamp, "timestamp")
    to_step = 0 if step is None else values.integer(step, "step")
    model = model_id or active_model.get()
    about = (model, *((None, None) if dataset is None else (dataset.name, dataset.digest)))
    points = values.numbers(metrics)
    target = _target(run_id)
    if model is not None:
        _link(target, model)
    if synchronous:
        now = now_ms() if at is None else at
        listed = [Metric(key, value, now, to_step, *about) for key, value in points.items()]
        _store(target, metrics=listed)
        return None
    target.journal.log_all(points, to_step, at, None if about == _NOTHING else about)
    return _done(target, synchronous)


_NOTHING = (None, None, None)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """A param; it is written once. The answer is the value, or what to wait for."""
    operations = log_params({key: value}, synchronous)
    return value if operations is None else operations


def log_params(
    params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> RunOperations | None:
    """Params; each is written once."""
    given = values.params(params)
    target = _target(run_id)
    if synchronous:
        _store(target, params=given)
        return None
    target.journal.log_params(given)
    return _done(target, synchronous)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
    """A tag; the last value wins."""
    return set_tags({key: value}, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> RunOperations | None:
    """Tags; the last values win."""
    given = values.tags(tags, RunTag)
    target = _target(None)
    if synchronous:
        _store(target, tags=given)
        return None
    target.journal.log_tags(given)
    return _done(target, synchronous)


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
    opened.journal.log_inputs(inputs, used)
    opened.linked_models.update(model.model_id for model in used)


def log_outputs(models: list[LoggedModelOutput] | None = None) -> None:
    """Models that the current run made."""
    opened, made = current_run(), list(models or ())
    opened.journal.log_outputs(made)
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


class _Target(NamedTuple):
    """The run that values go to."""

    run_id: str
    opened: OpenRun | None
    """Where it is the current run."""
    journal: Journal

    @property
    def client(self) -> MlflowClient:
        """The explicit client of its store."""
        return current.client() if self.opened is None else self.opened.client


def _target(run_id: str | None) -> _Target:
    opened = current.top() if run_id is not None else current_run()
    if opened is not None and run_id in (None, opened.run_id):
        return _Target(opened.run_id, opened, opened.journal)
    name = str(run_id)
    return _Target(name, None, current.journal_of(name))


def _done(target: _Target, synchronous: bool | None) -> RunOperations | None:
    """What to wait for when a value is in the journal: that the store has it."""
    top = current.top()
    if synchronous is None and not (top is not None and top.asynchronous):
        return None
    return RunOperations([Stored(target.client.tracking_uri)])


def _store(
    target: _Target,
    *,
    metrics: Sequence[Metric] = (),
    params: Sequence[Param] = (),
    tags: Sequence[RunTag] = (),
) -> None:
    """Have the store take values now; what it raises is raised."""
    target.client.log_batch(target.run_id, metrics, params, tags, synchronous=True)


def _link(target: _Target, model_id: str) -> None:
    """Note that the run used the model whose metric it logs, once."""
    opened = target.opened
    if opened is not None:
        if model_id in opened.linked_models:
            return
        opened.linked_models.add(model_id)
    target.journal.log_inputs([], [LoggedModelInput(model_id)])
