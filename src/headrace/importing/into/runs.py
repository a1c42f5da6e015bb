"""Runs: created under the ids that they had, and brought up to what the source knows of them.

The end of a run is written after all else. So a run that has not ended in the store is one whose import
was cut short, or which still went on, and takes what the source says; of one that has ended nothing is
overwritten.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from headrace.client.artifacts import open_files
from headrace.entities import RUN_NAME_TAG, LoggedModel, Metric, Param, Run, RunTag
from headrace.errors import HeadraceError, InvalidValueError, NotFoundError
from headrace.importing.into import files
from headrace.importing.into.experiments import Placed
from headrace.importing.into.points import Points
from headrace.importing.into.target import Target, require_sound
from headrace.importing.names import Names
from headrace.importing.nouns import FoundRun
from headrace.wire import tracking as w
from headrace.wire.limits import MAX_METRICS, MAX_PARAMS, MAX_TAGS

T = TypeVar("T")

_GOING_ON = ("RUNNING", "SCHEDULED")


def take(target: Target, experiment: Placed, found: FoundRun) -> None:
    """Add what the store lacks of a run; what cannot be taken is noted."""
    target.report.runs_seen += 1
    try:
        there = _there(target, found.run_id)
        if there is None:
            made = _create(target, experiment, found)
            target.report.added.runs += 1
            _Writing(target, experiment, found, made, fresh=True).all()
            return
        if there.info.experiment_id != experiment.experiment_id:
            why = f"experiment {there.info.experiment_id} of the store has a run with this id"
            target.report.leave("run", found.run_id, why)
        elif there.info.lifecycle_stage == "deleted" and not _is_deleted(experiment, found):
            target.report.leave("run", found.run_id, "it was deleted in the store")
        elif _Writing(target, experiment, found, there, fresh=False).all():
            target.report.runs_changed += 1
    except (HeadraceError, OSError) as error:
        target.leave("run", found.run_id, error)


def _is_deleted(experiment: Placed, found: FoundRun) -> bool:
    return found.deleted or experiment.found.deleted


def _there(target: Target, run_id: str) -> Run | None:
    try:
        return target.store.get_run(w.GetRun(run_id)).run
    except NotFoundError:
        return None


def _create(target: Target, experiment: Placed, found: FoundRun) -> Run:
    question = w.CreateRun(
        experiment.experiment_id,
        user_id=found.user_id,
        run_name=found.tags.get(RUN_NAME_TAG) or found.name,
        start_time=found.start_time,
        run_id=found.run_id,
    )
    require_sound(question)
    experiment.open()
    return target.store.create_run(question).run


class _Writing:
    """One run, and what is still to be done before the store takes anything for it."""

    def __init__(
        self, target: Target, experiment: Placed, found: FoundRun, there: Run, *, fresh: bool
    ) -> None:
        self._target, self._experiment, self._found = target, experiment, found
        self._there, self._fresh = there, fresh
        self._run_id = found.run_id
        self._is_open = fresh
        self._changed = False

    def all(self) -> bool:
        """Write everything; whether there was anything to write."""
        self._series()
        if self._found.rest is not None:
            self._found = self._found.rest()
        self._params()
        self._tags()
        self._inputs()
        self._files()
        self._model_metrics()
        self._end()
        return self._changed

    def _write(self, act: Callable[[Any], Any], question: Any) -> None:
        if not self._is_open:
            self._experiment.open()
            if self._there.info.lifecycle_stage == "deleted":
                self._target.store.restore_run(w.RestoreRun(self._run_id))
            self._is_open = True
        act(question)
        self._changed = True

    def _log(self, question: w.LogBatch) -> None:
        self._write(self._target.store.log_batch, question)

    def _params(self) -> None:
        names = Names("param", self._target.report)
        given = {names(key): value for key, value in self._found.params.items()}
        stored = self._there.data.params
        new = self._keepable("param", given, stored, w.LogParam)
        for key, value in given.items():
            if stored.get(key, value) != value:
                why = f"it is '{stored[key]}' in the store; a param is written once"
                self._target.report.leave("param", f"{self._run_id}: {key}", why)
        for some in _slices([Param(key, given[key]) for key in new], MAX_PARAMS):
            self._log(w.LogBatch(self._run_id, params=some))
            self._target.report.added.params += len(some)

    def _tags(self) -> None:
        names = Names("tag", self._target.report)
        given = {names(key): value for key, value in self._found.tags.items()}
        stored = self._there.data.tags
        new = self._keepable("tag", given, stored, w.SetTag)
        changed = [key for key, value in given.items() if stored.get(key, value) != value]
        if self._there.info.status in _GOING_ON:
            asked = {key: w.SetTag(self._run_id, key, given[key]) for key in changed}
            new += sorted(self._target.keepable("tag", self._run_id, asked))
        else:
            for key in changed:
                why = "it has another value in the store, which is kept"
                self._target.report.leave("tag", f"{self._run_id}: {key}", why)
        for some in _slices([RunTag(key, given[key]) for key in new], MAX_TAGS):
            self._log(w.LogBatch(self._run_id, tags=some))
        self._target.report.added.tags += len(new)

    def _keepable(
        self,
        kind: str,
        given: Mapping[str, str],
        stored: Mapping[str, str],
        question: Callable[[str, str, str], Any],
    ) -> list[str]:
        """The keys that the run has not, and that a store would take."""
        asked = {
            key: question(self._run_id, key, value)
            for key, value in given.items()
            if key not in stored
        }
        kept = self._target.keepable(kind, self._run_id, asked)
        return [key for key in asked if key in kept]

    def _inputs(self) -> None:
        inputs, outputs = self._there.inputs, self._there.outputs
        linked = {
            (one.dataset.name, one.dataset.digest)
            for one in (inputs.dataset_inputs if inputs else ())
        }
        store = self._target.store
        for given in self._found.datasets:
            if (given.dataset.name, given.dataset.digest) not in linked:
                question = w.LogInputs(self._run_id, datasets=[given])
                self._each("dataset", given.dataset.name, store.log_inputs, question)
        used = {one.model_id for one in (inputs.model_inputs if inputs else ())}
        for model in self._found.model_inputs:
            if model.model_id not in used:
                question = w.LogInputs(self._run_id, models=[model])
                self._each("model input", model.model_id, store.log_inputs, question)
        made = {(one.model_id, one.step) for one in (outputs.model_outputs if outputs else ())}
        for output in self._found.model_outputs:
            if (output.model_id, output.step) not in made:
                asked = w.LogOutputs(self._run_id, [output])
                self._each("model output", output.model_id, store.log_outputs, asked)

    def _each(self, kind: str, name: str, act: Callable[[Any], Any], question: Any) -> None:
        try:
            require_sound(question)
            self._write(act, question)
        except InvalidValueError as error:
            self._target.leave(kind, f"{self._run_id}: {name}", error)
        else:
            self._target.report.added.datasets += kind == "dataset"

    def _series(self) -> None:
        points = Points(self._target, self._run_id, self._log, fresh=self._fresh)
        try:
            for series in self._found.series:
                points.add(series)
        except (HeadraceError, OSError) as error:
            self._target.leave("metrics", self._run_id, error)

    def _files(self) -> None:
        uri = self._there.info.artifact_uri or ""
        store = open_files(uri, self._target.uri)
        if files.copy(self._target, self._run_id, self._found.files, store, fresh=self._fresh):
            self._changed = True

    def _model_metrics(self) -> None:
        """The points that name a model: a store keeps the latest of each model, metric and dataset."""
        latest: dict[tuple[str | None, ...], Metric] = {}
        for metric in self._found.model_metrics:
            where = (metric.model_id, metric.key, metric.dataset_name, metric.dataset_digest)
            if where not in latest or _order(metric) > _order(latest[where]):
                latest[where] = metric
        stored = self._stored_of_models({metric.model_id or "" for metric in latest.values()})
        new = [
            metric
            for metric in latest.values()
            if metric.model_id in stored and _identity(metric) not in stored[metric.model_id]
        ]
        for some in _slices(new, MAX_METRICS):
            question = w.LogBatch(self._run_id, metrics=some)
            self._each(
                "model metrics", f"{len(some)} points", self._target.store.log_batch, question
            )

    def _stored_of_models(self, model_ids: set[str]) -> dict[str, set[tuple[Any, ...]]]:
        found: dict[str, set[tuple[Any, ...]]] = {}
        for model_id in sorted(model_ids):
            model = model_there(self._target, model_id)
            if model is None:
                name = f"{self._run_id}: metrics of {model_id}"
                self._target.report.leave("model metrics", name, "the model is not in the store")
            else:
                mine = (one for one in model.metrics if one.run_id == self._run_id)
                found[model_id] = {_identity(one) for one in mine}
        return found

    def _end(self) -> None:
        found, info = self._found, self._there.info
        deleted = info.lifecycle_stage == "deleted"
        if (found.status, found.end_time or info.end_time) != (info.status, info.end_time):
            question = w.UpdateRun(self._run_id, found.status, found.end_time)
            self._write(self._target.store.update_run, question)
        if found.deleted and (self._is_open or not deleted):
            self._target.store.delete_run(w.DeleteRun(self._run_id))
            self._changed = self._changed or not deleted


def model_there(target: Target, model_id: str) -> LoggedModel | None:
    """The model of the store, deleted or not."""
    try:
        return target.store.get_logged_model(w.GetLoggedModel(model_id, allow_deleted=True)).model
    except NotFoundError:
        return None


def _order(metric: Metric) -> tuple[int, int, float]:
    value = metric.value
    return (metric.step, metric.timestamp, 0.0 if value != value else value)


def _identity(metric: Metric) -> tuple[Any, ...]:
    value = metric.value
    shown = "NaN" if value != value else value
    place = (metric.key, metric.dataset_name, metric.dataset_digest)
    return (*place, metric.step, metric.timestamp, shown)


def _slices(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
