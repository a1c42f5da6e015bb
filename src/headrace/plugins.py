"""Backends by name: a table of what is built in is asked first, then the entry points."""

from collections.abc import Mapping
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any

from headrace.errors import InvalidValueError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def load(target: str) -> Any:
    """The object that ``module:attribute``, or the module that ``module``, stands for, imported now."""
    module, _, path = target.partition(":")
    return reduce(getattr, filter(None, path.split(".")), import_module(module))


def find(group: str, name: str, built_in: Mapping[str, str]) -> Any:
    """What ``name`` stands for in ``group``, imported now.

    Raises `InvalidValueError` that lists the known names if there is no such name.
    """
    if name in built_in:
        return load(built_in[name])
    foreign = added(group)
    if name in foreign:
        return foreign[name].load()
    known = ", ".join(sorted({*built_in, *foreign}))
    raise InvalidValueError(f"No '{name}' in {group}. Known: {known}.")


def added(group: str) -> "dict[str, EntryPoint]":
    """What other distributions add to ``group``, by name; nothing of it is imported yet."""
    from importlib.metadata import entry_points  # noqa: PLC0415  (20 ms that a first run need not spend)

    return {entry.name: entry for entry in entry_points(group=group)}
