"""The stages of a run, a logged model or an experiment, as the column ``deleted`` holds them."""

from typing import Any

from headrace.entities import ViewType

ACTIVE, DELETED, CONDEMNED = 0, 1, 2
"""What is condemned counts as deleted for all but `headrace gc`, which removes it."""

STAGES = {ViewType.ACTIVE_ONLY: (0,), ViewType.DELETED_ONLY: (1,), ViewType.ALL: (0, 1)}
"""What each view searches."""

_NAMES: tuple[Any, ...] = ("active", "deleted", "deleted")


def stage_name(deleted: int) -> Any:
    """The stage as the wire names it."""
    return _NAMES[deleted]
