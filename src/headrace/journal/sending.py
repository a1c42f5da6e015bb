"""Bringing a journal to a store, piece by piece."""

import logging
from collections.abc import Callable

from headrace.errors import CorruptDataError
from headrace.journal.reader import Range, Tail
from headrace.wire.journals import AppendedJournal, AppendJournal, NumberedKey
from headrace.wire.packing import pack

_log = logging.getLogger(__name__)

Append = Callable[[AppendJournal], AppendedJournal]
"""What takes pieces: the method of a store."""


class Sender:
    """Sends what a journal holds to a store, each piece until the store has answered.

    Where it stands is known to the store: what the store has already is passed over.
    """

    def __init__(
        self, tail: Tail, append: Append, *, leased: bool = False, packed: bool = False
    ) -> None:
        """``leased`` promises the store a word every few seconds; ``packed`` compresses the pieces."""
        self.tail = tail
        self._append, self._leased, self._packed = append, leased, packed
        self._unanswered: Range | None = None
        self.sent = tail.offset
        """Up to where the store has it."""

    def send_next(self, most: int) -> int:
        """Send the next piece and say its size; 0 if there is none. What the store raises is raised, and repeatable."""
        part = self._unanswered or self.tail.read(most)
        if part is None:
            return 0
        self._unanswered = part
        self._send(part)
        return len(part.data)

    def say_alive(self) -> None:
        """Renew the lease."""
        self._send(Range(self.sent, b"", []))

    def lose(self) -> None:
        """Say that the writer is gone."""
        opened = self.tail.opened
        who = f"process {opened.pid} on {opened.host}" if opened is not None else "process"
        self._send(Range(self.sent, b"", []), lost=f"The {who} is gone and has not ended the run.")

    def _send(self, part: Range, lost: str | None = None) -> None:
        opened = self.tail.opened
        if opened is None:
            raise CorruptDataError(f"{self.tail.path} does not say which run it is about.")
        question = AppendJournal(
            opened.run_id,
            self.tail.journal_id,
            part.offset,
            pack(part.data) if self._packed and part.data else part.data,
            packed=self._packed and bool(part.data),
            keys=[
                NumberedKey(key.key, key.model_id, key.dataset_name, key.dataset_digest, number)
                for number, key in part.keys
            ],
            lost=lost,
            leased=self._leased,
        )
        answer = self._append(question)
        self._unanswered = None
        for text in answer.refused:
            _log.warning("Run %s: %s", opened.run_id, text)
        if answer.offset < part.end:
            self._go_back(part, answer.offset)
        self.tail.skip_to(answer.offset)
        self.sent = answer.offset

    def _go_back(self, part: Range, offset: int) -> None:
        """The store has less than it once had: it was put back to an earlier state."""
        if part.offset <= offset:
            raise CorruptDataError(
                f"The store takes {self.tail.path} up to byte {offset:,} only, of {part.end:,}."
            )
        self.tail.rewind()
