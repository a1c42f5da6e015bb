"""What a program reads with Spark is an input of its run: path, version and format.

Within a run it is recorded at once; else it is kept for the next training.
"""

import functools
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from headrace import plugins
from headrace.autologging.guard import quietly
from headrace.autologging.session import Session
from headrace.fluent import runs

_READING = ("load", "json", "table", "parquet", "text", "csv", "xml", "orc")
_SAYING = ("format", "option", "options")
_VERSION = "versionAsOf"
_MOST_KEPT = 100
_MARK = "__headrace_heard__"

_said: "weakref.WeakKeyDictionary[Any, dict[str, Any]]" = weakref.WeakKeyDictionary()
_kept: list[Any] = []

Options = Callable[[], Mapping[str, Any] | None]


def listen(reader: Any, options: Options) -> None:
    """Replaces the methods of Spark's reader, which train nothing, once."""
    if hasattr(reader.load, _MARK):
        return
    for names, heard in ((_READING, _reading), (_SAYING, _saying)):
        for name in names:
            if name in vars(reader):
                setattr(reader, name, heard(name, vars(reader)[name], options))
    setattr(reader.load, _MARK, True)


def record(session: Session) -> None:
    """What was read before the training, as inputs of its run."""
    waiting, _kept[:] = list(_kept), []
    for one in waiting:
        session.run.log_input(one, context="read")


def _saying(name: str, original: Callable[..., Any], options: Options) -> Callable[..., Any]:
    @functools.wraps(original)
    def said(self: Any, *args: Any, **kwargs: Any) -> Any:
        if options() is not None:
            with quietly("spark", "how data is read"):
                given = dict(kwargs)
                if name == "format":
                    given = {"format": args[0] if args else kwargs["source"]}
                elif name == "option" and args:
                    given = {args[0]: args[1]}
                _said.setdefault(self, {}).update(given)
        return original(self, *args, **kwargs)

    return said


def _reading(name: str, original: Callable[..., Any], options: Options) -> Callable[..., Any]:
    @functools.wraps(original)
    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        frame = original(self, *args, **kwargs)
        chosen = options()
        if chosen is not None and chosen["log_datasets"]:
            with quietly("spark", "what is read", silent=bool(chosen.get("silent"))):
                _note(self, name, args, kwargs)
        return frame

    return read


def _note(reader: Any, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    said = {**_said.get(reader, {}), **kwargs}
    kind = said.get("format") if name == "load" else name
    given = args or [said[key] for key in ("path", "paths", "tableName") if said.get(key)]
    places = [
        one for some in (given if name == "parquet" else given[:1])
        for one in (some if isinstance(some, list | tuple) else [some])
    ]  # fmt: skip
    active = runs.active_run()
    for place in places:
        found = _dataset(str(place), kind, said)
        if active is not None:
            active.log_input(found, context="read")
        elif len(_kept) < _MOST_KEPT:
            _kept.append(found)


def _dataset(place: str, kind: str | None, said: Mapping[str, Any]) -> Any:
    if kind == "table":
        source = plugins.load("headrace.data.spark:SparkDatasetSource")(table_name=place)
    elif kind == "delta":
        version = said.get(_VERSION)
        source = plugins.load("headrace.data:DeltaDatasetSource")(
            place, None, None if version is None else int(version)
        )
    else:
        source = plugins.load("headrace.data.spark:SparkDatasetSource")(place, format=kind)
    name = place.rstrip("/").rpartition("/")[2]
    return plugins.load("headrace.data:MetaDataset")(source, name)
