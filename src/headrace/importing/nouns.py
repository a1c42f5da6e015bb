"""What every source gives: experiments, logged models and runs, each with all that the source knows of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from headrace.artifacts.base import Opening
from headrace.entities import (
    DatasetInput,
    LoggedModel,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunStatus,
)
from headrace.importing.report import Report
from headrace.stores.points import Columns


class Series(NamedTuple):
    """Points of one metric; a long one may come in several parts."""

    key: str
    points: Columns


class FoundFile(NamedTuple):
    """A file of a run or a model, under the path that it gets."""

    path: str
    size: int
    read: Callable[[], Iterable[bytes]]
    modified_ms: int | None = None
    """When its bytes last changed, where that is known."""


Files = Iterable[FoundFile]


class FoundExperiment(Struct, frozen=True, kw_only=True):
    """An experiment as a source has it."""

    name: str
    place: str = ""
    """How the source finds its runs again."""
    experiment_id: str | None = None
    creation_time: int | None = None
    last_update_time: int | None = None
    deleted: bool = False
    tags: Mapping[str, str] = {}


class FoundModel(Struct, frozen=True, kw_only=True):
    """A logged model as a source has it; its metrics come with the runs that measured them."""

    model: LoggedModel
    deleted: bool = False
    files: Files = ()


class FoundRun(Struct, frozen=True, kw_only=True):
    """A run as a source has it.

    ``series`` is read once, first of all; then ``rest`` says what else was seen meanwhile, where it is given;
    ``files`` come last. An error while they are read concerns this run alone. The same run may be given
    again with more, where a source cannot hold it whole.
    """

    run_id: str
    name: str | None = None
    user_id: str | None = None
    status: RunStatus = "FINISHED"
    start_time: int | None = None
    end_time: int | None = None
    deleted: bool = False
    params: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    datasets: Sequence[DatasetInput] = ()
    model_inputs: Sequence[LoggedModelInput] = ()
    model_outputs: Sequence[LoggedModelOutput] = ()
    model_metrics: Sequence[Metric] = ()
    """Points that name the model which they measure."""
    series: Iterable[Series] = ()
    files: Files = ()
    rest: "Callable[[], FoundRun] | None" = None
    """The same run with all that is known when its series have been read."""


class Source(Protocol):
    """Something to import from. What cannot be read is said to the report, and the rest goes on.

    It is asked for the experiments first, then for the models of each, then for the runs of each.
    """

    def count(self) -> int | None:
        """How many runs there are, as far as that is known without reading them."""
        ...

    def experiments(self) -> Iterator[FoundExperiment]:
        """All of them, deleted ones too."""
        ...

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:
        """The logged models of an experiment."""
        ...

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        """The runs of an experiment, deleted ones too."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


class Wishes(Struct, frozen=True, kw_only=True):
    """What the user says about a source beside its address."""

    roots: tuple[tuple[str, str], ...] = ()
    """(prefix, place): artifact locations that begin so are read there; no others outside of the source."""
    experiment: str | None = None
    """The experiment of runs that come without one."""
    columns: Mapping[str, str] = {}
    """What the columns of a table stand for."""
    step_factor: int = 1
    """What fractional steps are multiplied by."""
    artifacts: bool = True
    opening: Opening = Opening()


OpenSource = Callable[[str, Wishes, Report], Source]
"""What each kind of source has: an address, the wishes and the report to the open source."""
