"""A run that is to be made: what is stored of it, and what is answered once it is."""

from typing import Any, NamedTuple

import msgspec

from headrace.entities import PARENT_RUN_TAG, RUN_NAME_TAG, Run, RunData, RunInputs, RunTag
from headrace.naming import new_run_id, random_name
from headrace.stores.sql import experiments, reading
from headrace.stores.sql.place import Place
from headrace.stores.sql.tables import RUN_ID_LENGTH, STATUS_NUMBER
from headrace.wire import tracking as w

_RUNNING = STATUS_NUMBER["RUNNING"]


def with_id(question: w.CreateRun) -> w.CreateRun:
    """The same question with a run id, made before it is queued so that doing it again adds nothing."""
    return question if question.run_id else msgspec.structs.replace(question, run_id=new_run_id())


class NewRun(NamedTuple):
    """A row for the table of runs, without its number, and the tags that come with it."""

    row: dict[str, Any]
    tags: dict[str, str]

    @classmethod
    def of(cls, question: w.CreateRun) -> "NewRun":
        """What a question with a run id asks for; `NotFoundError` for what can be no experiment."""
        written = {tag.key: tag.value for tag in question.tags}
        name = question.run_name or written.get(RUN_NAME_TAG) or random_name()
        written[RUN_NAME_TAG] = name
        row = {
            "run_id": question.run_id,
            "experiment": experiments.number_of(question.experiment_id),
            "deleted": 0,
            "status": _RUNNING,
            "start_time": question.start_time or 0,
            "name": name,
            "user_id": question.user_id or "",
            "parent_run_id": parent_in(written.get(PARENT_RUN_TAG)),
        }
        return cls(row, written)

    def told(self, place: Place, location: str | None) -> w.GotRun:
        """The answer; ``location`` is the experiment's, where one was given."""
        info = reading.run_info(place, location, {**self.row, "end_time": None})
        data = RunData(tag_list=[RunTag(key, value) for key, value in self.tags.items()])
        return w.GotRun(Run(info, data, RunInputs()))


def parent_in(tag: str | None) -> str | None:
    """The run that the tag can be the id of; a longer text is a tag and no more."""
    return tag if tag is not None and len(tag) <= RUN_ID_LENGTH else None
