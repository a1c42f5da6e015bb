"""Pickles: written so that one knows what they refer to, and read only where that was allowed."""

import bz2
import dis
import gzip
import io
import lzma
import pickle
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError

_OPEN: dict[str, Callable[..., Any]] = {"lzma": lzma.open, "bzip2": bz2.open, "gzip": gzip.open}
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType)


def write(value: Any, path: Path, kind: str = "cloudpickle") -> set[str]:
    """Write a value; the answer is the modules that loading it, and its functions, import."""
    file = io.BytesIO()
    pickler = collecting(pickle.Pickler if kind == "pickle" else by_value())(file)
    pickler.dump(value)
    path.write_bytes(file.getvalue())
    modules: set[str] = pickler.modules
    return modules


def read(path: Path, compression: str | None = None) -> Any:
    """The value again. This runs whatever the pickle names: who calls has asked for leave."""
    if compression is not None and compression not in _OPEN:
        raise InvalidValueError(f"No compression '{compression}'. Known: {', '.join(_OPEN)}.")
    opened = path.open("rb") if compression is None else _OPEN[compression](path, "rb")
    with opened as file:
        return pickle.load(file)  # noqa: S301, TID251


def by_value() -> Any:
    """The pickler by which what is defined in the program itself travels along."""
    try:
        return plugins.load("cloudpickle:Pickler")
    except ImportError as error:
        raise UnsupportedError(
            "This model is saved by cloudpickle, which is missing: pip install 'headrace[models]'."
        ) from error


def collecting(base: Any) -> Any:
    """A pickler like ``base`` that has in ``modules`` what it referred to."""

    class Pickler(base):  # type: ignore[misc]
        def __init__(self, file: Any) -> None:
            super().__init__(file)
            self.modules: set[str] = set()

        def reducer_override(self, value: Any) -> Any:
            self.modules.update(_referred(value))
            inherited = getattr(super(), "reducer_override", None)
            return NotImplemented if inherited is None else inherited(value)

    return Pickler


def _referred(value: Any) -> Iterator[str]:
    """The modules that a part of a pickle brings: by its name, or by what its code imports."""
    if isinstance(value, types.ModuleType):
        yield value.__name__
    elif isinstance(value, types.CodeType):
        for step in dis.get_instructions(value):
            if step.opname == "IMPORT_NAME":
                yield step.argval
    else:
        named = value if isinstance(value, _NAMED) else type(value)
        if isinstance(named.__module__, str):
            yield named.__module__
