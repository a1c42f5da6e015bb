"""Nested values held to a type: arrays, objects and maps in a cell, or in a request."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models.schema import AnyType, Array, DataType, Map, Object, SparkMLVector


def enforce_value(where: str, value: Any, kind: Any) -> Any:
    """``value`` as the type has it; `InvalidValueError` says where it is something else."""
    if isinstance(kind, DataType):
        return _scalar(where, value, kind)
    match kind:
        case AnyType() | SparkMLVector():
            return value
        case Array():
            items = value.tolist() if hasattr(value, "tolist") else value
            if not isinstance(items, list | tuple):
                raise _refused(where, value, kind)
            return [
                enforce_value(f"{where}[{at}]", one, kind.dtype) for at, one in enumerate(items)
            ]
        case Map():
            if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
                raise _refused(where, value, kind)
            return {
                key: enforce_value(f"{where}.{key}", one, kind.value_type)
                for key, one in value.items()
            }
        case Object():
            return _object(where, value, kind)
    raise InvalidValueError(f"{where}: nothing can be held to {kind}.")


def _object(where: str, value: Any, kind: Object) -> dict[str, Any]:
    given = value.model_dump() if hasattr(value, "model_dump") else value
    if not isinstance(given, Mapping):
        raise _refused(where, value, kind)
    known = {one.name: one for one in kind.properties}
    missing = [one.name for one in kind.properties if one.required and given.get(one.name) is None]
    extra = [name for name in given if name not in known]
    if missing or extra:
        said = [f"'{name}' is missing" for name in missing]
        said += [f"'{name}' is not known" for name in extra]
        raise InvalidValueError(f"{where}: {', '.join(said)}; expected {kind}.")
    return {
        name: None if one is None else enforce_value(f"{where}.{name}", one, known[name].dtype)
        for name, one in given.items()
    }


def _scalar(where: str, value: Any, kind: DataType) -> Any:
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    wanted = kind.to_python()
    if wanted is float and isinstance(plain, int) and not isinstance(plain, bool):
        return float(plain)
    if wanted is dt.datetime and isinstance(plain, dt.date):
        return plain
    if wanted is int and isinstance(plain, bool):
        raise _refused(where, value, kind)
    if not isinstance(plain, wanted):
        raise _refused(where, value, kind)
    return plain


def _refused(where: str, value: Any, kind: Any) -> InvalidValueError:
    return InvalidValueError(f"{where}: expected {kind}, got {type(value).__name__} {value!r}.")
