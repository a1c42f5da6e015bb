"""Pickles: written by cloudpickle, and read only where that was allowed."""

import bz2
import gzip
import lzma
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import requirements

_OPEN: dict[str, Callable[..., Any]] = {"lzma": lzma.open, "bzip2": bz2.open, "gzip": gzip.open}


def write(value: Any, path: Path, kind: str = "cloudpickle") -> set[str]:
    """Write a value; the answer is the modules that loading it imports."""
    data = dumped(value, kind)
    path.write_bytes(data)
    return requirements.of_pickle(data) | ({"cloudpickle"} if kind == "cloudpickle" else set())


def dumped(value: Any, kind: str = "cloudpickle") -> bytes:
    """A value as bytes; by cloudpickle what is defined in the program itself travels with it."""
    if kind == "pickle":
        return pickle.dumps(value)
    try:
        data: bytes = plugins.load("cloudpickle:dumps")(value)
    except ImportError as error:
        raise UnsupportedError(
            "This model is saved by cloudpickle, which is missing: pip install 'headrace[models]'."
        ) from error
    return data


def read(path: Path, compression: str | None = None) -> Any:
    """The value again. This runs whatever the pickle names: who calls has asked for leave."""
    if compression is not None and compression not in _OPEN:
        raise InvalidValueError(f"No compression '{compression}'. Known: {', '.join(_OPEN)}.")
    opened = path.open("rb") if compression is None else _OPEN[compression](path, "rb")
    with opened as file:
        return pickle.load(file)  # noqa: S301, TID251
