"""Backends by name: a table of what is built in is asked first, then the entry points."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from headrace.errors import InvalidValueError


def load(target: str) -> Any:
    """The object that ``module:attribute`` stands for, imported now."""
    return EntryPoint("", target, "").load()


def find(group: str, name: str, built_in: Mapping[str, str]) -> Any:
    """What ``name`` stands for in ``group``, imported now.

    Raises `InvalidValueError` that lists the known names if there is no such name.
    """
    if name in built_in:
        return load(built_in[name])
    foreign = {entry.name: entry for entry in entry_points(group=group)}
    if name in foreign:
        return foreign[name].load()
    known = ", ".join(sorted({*built_in, *foreign}))
    raise InvalidValueError(f"No '{name}' in {group}. Known: {known}.")
