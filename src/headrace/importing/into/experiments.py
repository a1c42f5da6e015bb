"""Experiments: found again by their names, made where they are missing."""

import msgspec

from headrace.entities import Experiment, ExperimentTag
from headrace.errors import AlreadyExistsError, InvalidValueError, NotFoundError
from headrace.importing.into.target import Target, require_sound
from headrace.importing.names import Names
from headrace.importing.nouns import FoundExperiment
from headrace.wire import tracking as w

SOURCE_ID_TAG = "headrace.import.experiment_id"
"""Holds the id that an experiment had where it came from, where it could not be kept."""


class Placed:
    """An experiment of the source and the one of the store that its runs go to."""

    def __init__(
        self, target: Target, found: FoundExperiment, experiment_id: str, *, deleted: bool
    ) -> None:
        self.found, self.experiment_id = found, experiment_id
        self._target, self._deleted = target, deleted

    def open(self) -> None:
        """Before something is written: a deleted experiment takes nothing, so it is restored meanwhile."""
        if self._deleted:
            self._target.store.restore_experiment(w.RestoreExperiment(self.experiment_id))
            self._deleted = False

    def finish(self) -> None:
        """After all is written: what is deleted in the source is deleted here."""
        if self.found.deleted and not self._deleted:
            self._target.store.delete_experiment(w.DeleteExperiment(self.experiment_id))
            self._deleted = True


def place(target: Target, found: FoundExperiment) -> Placed | None:
    """The experiment of the same name; ``None`` where its runs cannot be taken, which is noted."""
    there = _there(target, found.name)
    if there is None:
        try:
            return Placed(target, found, _create(target, found), deleted=False)
        except InvalidValueError as error:
            target.leave("experiment", found.name, error)
            return None
    deleted = there.lifecycle_stage == "deleted"
    if deleted and not found.deleted:
        target.report.leave(
            "experiment",
            found.name,
            "it was deleted in the store; restore it there to import its runs",
        )
        return None
    placed = Placed(target, found, there.experiment_id, deleted=deleted)
    _add_tags(target, placed, there)
    return placed


def _there(target: Target, name: str) -> Experiment | None:
    try:
        return target.store.get_experiment_by_name(w.GetExperimentByName(name)).experiment
    except (NotFoundError, InvalidValueError):
        return None


def _create(target: Target, found: FoundExperiment) -> str:
    tags = _tags(target, found)
    question = w.CreateExperiment(
        found.name,
        tags=tags,
        experiment_id=found.experiment_id,
        creation_time=found.creation_time,
        last_update_time=found.last_update_time,
    )
    require_sound(msgspec.structs.replace(question, experiment_id=None))
    made: str | None = None
    if found.experiment_id is not None:
        try:
            made = target.store.create_experiment(question).experiment_id
        except (AlreadyExistsError, InvalidValueError) as error:
            why = f"its id cannot be kept ({error}); the tag {SOURCE_ID_TAG} holds it"
            target.report.change("experiment", f"{found.name} ({found.experiment_id})", why)
            tags.append(ExperimentTag(SOURCE_ID_TAG, found.experiment_id))
    if made is None:
        without_id = msgspec.structs.replace(question, experiment_id=None, tags=tags)
        made = target.store.create_experiment(without_id).experiment_id
    target.report.added.experiments += 1
    return made


def _tags(target: Target, found: FoundExperiment) -> list[ExperimentTag]:
    names = Names("experiment tag", target.report)
    tags = {names(key): value for key, value in found.tags.items()}
    asked = {key: w.SetExperimentTag("0", key, value) for key, value in tags.items()}
    kept = target.keepable("experiment tag", found.name, asked)
    return [ExperimentTag(key, value) for key, value in tags.items() if key in kept]


def _add_tags(target: Target, placed: Placed, there: Experiment) -> None:
    for tag in _tags(target, placed.found):
        if tag.key not in there.tags:
            placed.open()
            target.store.set_experiment_tag(
                w.SetExperimentTag(placed.experiment_id, tag.key, tag.value)
            )
            target.report.added.tags += 1
