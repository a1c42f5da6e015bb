"""Questions and answers about journals: how pieces of them travel to a store."""

from typing import Annotated

from msgspec import Meta, field

from headrace.wire.journal import MAX_KEYS, SeriesKey
from headrace.wire.tracking import Answer, Question

Offset = Annotated[int, Meta(ge=0)]


class NumberedKey(SeriesKey, frozen=True):
    """A key that metrics of the piece name by a number which an earlier piece has told."""

    number: Annotated[int, Meta(ge=0, lt=MAX_KEYS)] = field(default_factory=int)


class AppendJournal(Question, frozen=True):
    """Whole records of a journal, from one of its bytes on; without data it says that the writer lives."""

    run_id: str
    journal_id: str
    offset: Offset
    data: bytes = b""
    packed: bool = False
    """Whether the data are compressed, see `headrace.wire.packing`."""
    keys: list[NumberedKey] = field(default_factory=list)
    leased: bool = False
    """Whether the writer promises a word every few seconds; the run fails when there is none for long."""
    lost: str | None = None
    """Why no more will come, where the writer has gone without closing the journal."""


class AppendedJournal(Answer, frozen=True):
    """Up to where the journal is taken; a sender goes on from there."""

    offset: int = field(default_factory=int)
    refused: list[str] = field(default_factory=list)
    """What of it could not be kept, and why."""
