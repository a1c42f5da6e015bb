"""What `predict` of a model says that it takes: ``list[...]`` of something, as the signature of the model."""

import dataclasses
import datetime as dt
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models import schema
from headrace.models.enforcing.values import enforce_value
from headrace.models.inference import library_of

_SCALARS: dict[Any, schema.DataType] = {
    bool: schema.DataType.boolean, int: schema.DataType.long, float: schema.DataType.double, str: schema.DataType.string,
    bytes: schema.DataType.binary, dt.datetime: schema.DataType.datetime,
}  # fmt: skip


def hint_of(predict: Callable[..., Any]) -> Any:
    """The type of one input: what the list holds that ``predict`` is said to take. ``None`` if it is not."""
    names = [
        name for name in inspect.signature(predict).parameters if name not in ("context", "self")
    ]
    try:
        hint = typing.get_type_hints(predict).get(names[0]) if names else None
    except (NameError, TypeError):  # a name that is known to type checkers only
        return None
    arguments = typing.get_args(hint)
    return arguments[0] if typing.get_origin(hint) is list and arguments else None


def schema_of(hint: Any) -> schema.Schema | None:
    """The schema that says the same; ``None`` where there is no word for it."""
    bare, required = _optional(hint)
    try:
        return schema.Schema([schema.ColSpec(_type(bare), required=required)])
    except _NoWordError:
        return None


def fitting(data: Any, hint: Any) -> list[Any]:
    """Data as the list that the hint says, its objects of the classes that it names.

    Raises `InvalidValueError` that names the item, what was expected and what came.
    """
    said = schema_of(hint)
    bare, _ = _optional(hint)
    rows = _rows(data)
    if said is None or not isinstance(rows, list):
        raise InvalidValueError(f"The model takes a list of {hint}; a {type(data).__name__} came.")
    kind = said.inputs[0].type
    return [_made(enforce_value(f"Input {at}", one, kind), bare) for at, one in enumerate(rows)]


class _NoWordError(Exception):
    """A type that the schema has no word for."""


def _rows(data: Any) -> Any:
    if library_of(data) == "pandas" and hasattr(data, "columns"):
        if list(data.columns) in ([0], ["0"]):
            return data[data.columns[0]].tolist()
        return data.to_dict("records")
    return data.tolist() if hasattr(data, "tolist") else data


def _type(hint: Any) -> Any:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint is Any:
        return schema.AnyType()
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and arguments:
        return schema.Array(_type(arguments[0]))
    if origin is dict and arguments and arguments[0] is str:
        return schema.Map(_type(arguments[1]))
    parts = _parts(hint)
    if not parts:
        raise _NoWordError
    return schema.Object([_property(name, *part) for name, part in parts.items()])


def _property(name: str, hint: Any, needed: bool) -> schema.Property:  # noqa: FBT001  (a pair, unpacked)
    bare, required = _optional(hint)
    return schema.Property(name, _type(bare), needed and required)


def _parts(hint: Any) -> dict[str, tuple[Any, bool]]:
    """The fields of a class, with whether each has to be given."""
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return {
            field.name: (hints[field.name], _has_no_default(field))
            for field in dataclasses.fields(hint)
        }
    fields = getattr(hint, "model_fields", None)  # of pydantic
    if fields is not None:
        return {name: (one.annotation, one.is_required()) for name, one in fields.items()}
    needed = getattr(hint, "__required_keys__", None)  # of a TypedDict
    if needed is not None:
        return {name: (one, name in needed) for name, one in typing.get_type_hints(hint).items()}
    return {}


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _optional(hint: Any) -> tuple[Any, bool]:
    """The type without ``None``, and whether a value must be there."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [one for one in typing.get_args(hint) if one is not type(None)]
        if len(rest) == 1 and len(rest) < len(typing.get_args(hint)):
            return rest[0], False
    return hint, True


def _made(value: Any, hint: Any) -> Any:
    if isinstance(value, Mapping) and hasattr(hint, "model_validate"):
        return hint.model_validate(value)
    if isinstance(value, Mapping) and dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return hint(**value)
    return value
