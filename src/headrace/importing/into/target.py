"""Where an import goes."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from headrace.errors import (
    HeadraceError,
    InvalidValueError,
    RequestLimitError,
    StorageFullError,
    UnauthenticatedError,
    UnavailableError,
)
from headrace.importing.report import Report
from headrace.stores.base import TrackingStore
from headrace.wire.limits import check

NOT_OF_ONE_ITEM = (UnavailableError, UnauthenticatedError, StorageFullError, RequestLimitError)
"""What would meet every further item too: the import ends, and the same command goes on with it later."""


class Target(Struct, frozen=True):
    """A store, its address, and who is told."""

    store: TrackingStore
    uri: str
    report: Report

    def leave(self, kind: str, name: str, error: Exception) -> None:
        """Note that an item failed, unless the failure is not its own."""
        if isinstance(error, NOT_OF_ONE_ITEM):
            raise error
        told = error.message if isinstance(error, HeadraceError) else str(error)
        self.report.leave(kind, name, told or type(error).__name__)

    def keepable(self, kind: str, owner: str, questions: Mapping[str, Any]) -> set[str]:
        """Which of the names have a question that a store would take; the others are noted."""
        kept = set()
        for name, question in questions.items():
            try:
                require_sound(question)
            except InvalidValueError as error:
                self.leave(kind, f"{owner}: {name}", error)
            else:
                kept.add(name)
        return kept


def require_sound(question: Struct) -> None:
    """Raise `InvalidValueError` for a question that no store would take, its types included.

    What comes from a file or a foreign database may be of any type, whatever the code says.
    """
    try:
        msgspec.convert(msgspec.to_builtins(question), type(question))
    except msgspec.ValidationError as error:
        raise InvalidValueError(str(error)) from error
    check(question)
