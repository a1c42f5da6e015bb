"""The columns of tables and the shapes of arrays, as MLflow writes them."""

import datetime as dt
import json
import logging
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from headrace.errors import InvalidValueError

_log = logging.getLogger(__name__)

_OF_NUMPY = {
    "bool": "boolean", "int8": "integer", "int16": "integer", "int32": "integer", "int64": "long",
    "uint8": "integer", "uint16": "integer", "uint32": "long", "float16": "float",
    "float32": "float", "float64": "double",
}  # fmt: skip
_OF_PYTHON: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    (int, "long"),
    (float, "double"),
    (str, "string"),
    ((bytes, bytearray), "binary"),
    ((dt.datetime, dt.date), "datetime"),
)
_OF_POLARS = {
    "Boolean": "boolean", "Int8": "integer", "Int16": "integer", "Int32": "integer", "Int64": "long",
    "UInt8": "integer", "UInt16": "integer", "UInt32": "long", "Float32": "float", "Float64": "double",
    "String": "string", "Utf8": "string", "Categorical": "string", "Enum": "string", "Binary": "binary",
    "Date": "datetime", "Datetime": "datetime",
}  # fmt: skip
_OF_ARROW = {
    "bool": "boolean", "int8": "integer", "int16": "integer", "int32": "integer", "int64": "long",
    "uint8": "integer", "uint16": "integer", "uint32": "long", "uint64": "long",
    "halffloat": "float", "float": "float", "double": "double", "string": "string",
    "large_string": "string", "string_view": "string", "binary": "binary", "large_binary": "binary",
    "date32": "datetime", "date64": "datetime", "timestamp": "datetime",
}  # fmt: skip
_OF_TEXTS = {"U": "str", "S": "bytes"}
_SAMPLE = 10_000


class UnknownTypeError(InvalidValueError):
    """A type that the schema has no word for."""


def of_pandas(frame: Any) -> dict[str, Any] | None:
    """The columns of a data frame of pandas; ``None`` where one has a type without a name."""
    try:
        return {"mlflow_colspec": columns_of_pandas(frame)}
    except UnknownTypeError as error:
        _log.warning("The dataset is stored without a schema: %s", error)
        return None


def columns_of_pandas(frame: Any) -> list[dict[str, Any]]:
    """The columns of a data frame of pandas; `UnknownTypeError` where one has a type without a name."""
    return [
        {
            **of_series(name, frame[name]),
            "name": str(name),
            "required": not has_missing(frame[name]),
        }
        for name in frame.columns
    ]


def has_missing(column: Any) -> bool:
    """Whether a value of a column of pandas is missing."""
    return bool(column.isna().any())


def of_polars(frame: Any) -> dict[str, Any]:
    """The columns of a data frame of Polars."""
    return {
        "mlflow_colspec": [
            {**_of_polars(dtype), "name": name, "required": frame[name].count() > 0}
            for name, dtype in frame.schema.items()
        ]
    }


def columns_of_polars(frame: Any) -> list[dict[str, Any]]:
    """The columns of a data frame of Polars; one with missing values is not required."""
    return [
        {**_of_polars(dtype), "name": name, "required": frame[name].null_count() == 0}
        for name, dtype in frame.schema.items()
    ]


def of_arrow(schema: Any) -> dict[str, Any]:
    """The columns of a schema of Arrow; one that may be null is not required."""
    columns = [
        {**_of_arrow(field.type), "name": field.name, "required": not field.nullable}
        for field in schema
    ]
    return {"mlflow_colspec": columns}


def of_arrays(features: Any, targets: Any) -> dict[str, Any]:
    """Types and shapes of arrays, or of dicts of them."""
    return {
        "mlflow_tensorspec": {
            "features": json.dumps(_tensors(features)),
            "targets": None if targets is None else json.dumps(_tensors(targets)),
        }
    }


def of_series(name: object, column: Any) -> dict[str, Any]:
    """The type of a column of pandas; ``name`` is for the error."""
    dtype = str(column.dtype).lower()
    if dtype in _OF_NUMPY:
        return {"type": _OF_NUMPY[dtype]}
    if dtype in ("string", "str") or dtype.startswith("string["):
        return {"type": "string"}
    if dtype.startswith("datetime64"):
        return {"type": "datetime"}
    if dtype == "category":
        return of_series(name, column.cat.categories.to_series())
    if dtype != "object":
        raise UnknownTypeError(f"column '{name}' is of the type {column.dtype}.")
    return _of_values(name, column.dropna().head(_SAMPLE))


def _of_values(name: object, values: Iterable[Any]) -> dict[str, Any]:
    """What plain Python objects have in common."""
    found: dict[str, dict[str, Any]] = {}
    for value in values:
        if value is not None:
            spec = of_value(name, value)
            found[json.dumps(spec)] = spec
    if not found:
        raise UnknownTypeError(f"column '{name}' holds nothing.")
    return reduce(lambda one, other: _common(name, one, other), found.values())


def _common(name: object, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What is true of both: a property that only one has is not required, and integers widen."""
    if one == other:
        return one
    kinds = {one["type"], other["type"]}
    if kinds == {"long", "double"}:
        return {"type": "double"}
    if kinds == {"array"}:
        return {"type": "array", "items": _common(name, one["items"], other["items"])}
    if kinds == {"object"}:
        return {"type": "object", "properties": _merged(name, one, other)}
    raise UnknownTypeError(f"column '{name}' holds {', '.join(sorted(kinds))}.")


def _merged(name: object, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    parts = {}
    for key in {**one["properties"], **other["properties"]}:
        both = [spec["properties"][key] for spec in (one, other) if key in spec["properties"]]
        bare = [{k: v for k, v in spec.items() if k != "required"} for spec in both]
        required = len(both) == 2 and all(spec["required"] for spec in both)
        common = reduce(lambda a, b: _common(f"{name}.{key}", a, b), bare)
        parts[key] = {**common, "required": required}
    return parts


def of_value(name: object, value: Any) -> dict[str, Any]:
    """The type of a plain Python value, of a dict or list of them, or of an array in a cell."""
    if isinstance(value, Mapping):
        properties = {
            str(key): {**of_value(f"{name}.{key}", item), "required": True}
            for key, item in value.items()
            if item is not None
        }
        if not properties:
            raise UnknownTypeError(f"column '{name}' holds an object without values.")
        return {"type": "object", "properties": properties}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return of_value(name, value.tolist())
    if isinstance(value, list | tuple):
        return {"type": "array", "items": _of_values(name, value)}
    for kinds, word in _OF_PYTHON:
        if isinstance(value, kinds):
            return {"type": word}
    raise UnknownTypeError(f"column '{name}' holds {type(value).__name__}.")


def _of_polars(dtype: Any) -> dict[str, Any]:
    kind = dtype.base_type().__name__ if hasattr(dtype, "base_type") else type(dtype).__name__
    if kind in _OF_POLARS:
        return {"type": _OF_POLARS[kind]}
    if kind in ("List", "Array"):
        return {"type": "array", "items": _of_polars(dtype.inner)}
    if kind == "Struct":
        fields = {
            field.name: {**_of_polars(field.dtype), "required": True} for field in dtype.fields
        }
        return {"type": "object", "properties": fields}
    return {"type": str(dtype)}


def _of_arrow(kind: Any) -> dict[str, Any]:
    if hasattr(kind, "index_type"):  # a dictionary of texts, say
        return _of_arrow(kind.value_type)
    if hasattr(kind, "value_type"):
        return {"type": "array", "items": _of_arrow(kind.value_type)}
    name = str(kind).partition("[")[0]
    if name.startswith("struct"):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        properties = {
            field.name: {**_of_arrow(field.type), "required": not field.nullable}
            for field in fields
        }
        return {"type": "object", "properties": properties}
    return {"type": _OF_ARROW.get(name, str(kind))}


def _tensors(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, Mapping):
        return [{"name": key, **tensor(array)} for key, array in given.items()]
    return [tensor(given)]


def tensor(array: Any) -> dict[str, Any]:
    """Element type and shape of an array, any number of rows."""
    shape = [-1, *array.shape[1:]] if array.shape else []
    # Texts have a type for each length; the schema has one.
    dtype = _OF_TEXTS.get(array.dtype.kind, array.dtype.name)
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}
