"""What a store offers to whoever looks after it: what was deleted, and how it is removed for good.

Removing takes three steps, so that it can be killed at any point and begun again: a thing is condemned,
after which nothing brings it back; its artifacts are removed by the caller; its rows are purged.
"""

from typing import Literal, Protocol, runtime_checkable

from msgspec import field

from headrace.stores.base import TrackingStore
from headrace.wire.tracking import Answer, Int64, Question

Kind = Literal["run", "logged_model", "experiment"]


class FindDeleted(Question, frozen=True):
    """A page of the deleted things of a kind, in the order in which they were made."""

    kind: Kind
    ids: list[str] | None = None
    """Only these; an id that is not there, or is not deleted, is found as kept, with the reason."""
    experiment_ids: list[str] | None = None
    """Only those in these experiments."""
    before: Int64 | None = None
    """Only what was deleted earlier; what is condemned is found in any case."""
    after: int = -1
    max_results: int = 10_000


class Deleted(Answer, frozen=True):
    """A thing that was deleted."""

    kind: Kind
    id: str
    name: str = ""
    experiment_id: str = ""
    deleted_time: int | None = None
    artifact_uri: str = ""
    """Where its files are; empty for an experiment whose folder was chosen by its maker."""
    kept: str | None = None
    """Why it must stay, if it must."""
    holds: int = 0
    """How many runs and models an experiment still has."""


class FoundDeleted(Answer, frozen=True):
    """A page of them."""

    items: list[Deleted]
    after: int | None = None
    """What to ask the next page with; ``None`` on the last."""


class Condemn(Question, frozen=True):
    """Which to mark, and the time before which they must have been deleted."""

    kind: Kind
    ids: list[str]
    before: Int64 | None = None


class Condemned(Answer, frozen=True):
    """Those that are marked now."""

    ids: list[str]


class Purge(Question, frozen=True):
    """What to remove the rows of."""

    kind: Kind
    id: str


class Purged(Answer, frozen=True):
    """How far it is."""

    done: bool
    """Whether all of it is gone; otherwise ask again."""


class Finding(Answer, frozen=True):
    """Something that is not as it should be."""

    check: str
    subject: str
    problem: str
    state: Literal["damaged", "repairable", "repaired", "note"]
    """``repairable`` without loss; a ``note`` is worth knowing and no damage."""
    count: int = field(default_factory=lambda: 1)


class ExamineRows(Question, frozen=True):
    """Whether the database is sound, and its rows refer to what is there."""

    repair: bool = False


class ExamineSeries(Question, frozen=True):
    """Whether the series of some runs say of their points what is true, and all points can be read."""

    after: int = -1
    max_runs: int = 100
    repair: bool = False


class Examined(Answer, frozen=True):
    """What was looked at, and what was found."""

    looked_at: int
    findings: list[Finding]
    after: int | None = None
    """What to ask for the next runs with; ``None`` when there are no more."""


@runtime_checkable
class KeptStore(TrackingStore, Protocol):
    """A store that can be rid of what was deleted: the one that holds the data, not one behind a server."""

    def find_deleted(self, question: FindDeleted) -> FoundDeleted:
        """What is reachable from something active is found as kept, and why.

        A deleted run is kept by a run nested in it and by a model made by it, while that is kept or
        active. A model goes with its experiment, unless an active run refers to it.
        """
        ...

    def condemn(self, question: Condemn) -> Condemned:
        """Mark those that may be removed; they stay deleted, whoever restores them or their experiment.

        What was restored or became reachable meanwhile is left out, and so is an experiment that holds
        anything.
        """
        ...

    def purge(self, question: Purge) -> Purged:
        """Remove rows of a condemned thing, some at a time; one that is not there is done.

        Raises `InvalidStateError` for one that is not condemned.
        """
        ...

    def examine_rows(self, question: ExamineRows) -> Examined:
        """Rows that refer to nothing are found, table by table; ``repair`` removes those nobody can reach."""
        ...

    def examine_series(self, question: ExamineSeries) -> Examined:
        """What each series says of its points is compared with the points; ``repair`` makes it true.

        Points that cannot be read are lost; the series that they belong to is left as it is.
        """
        ...
