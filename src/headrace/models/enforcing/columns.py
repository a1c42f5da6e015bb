"""Tables held to a schema of columns."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models.enforcing.values import enforce_value
from headrace.models.inference import library_of
from headrace.models.schema import ColSpec, DataType, Schema

_log = logging.getLogger(__name__)

_INTEGERS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"})
_BITS = {"integer": 32, "long": 64}
_WIDENS = {
    "boolean": {"bool", "boolean"},
    "integer": {"int8", "int16", "int32", "uint8", "uint16"},
    "long": {*_INTEGERS},
    "float": {"float16", "float32", *_INTEGERS},
    "double": {"float16", "float32", "float64", *_INTEGERS},
}
"""What becomes of each type without loss, by the names of NumPy and, in lower case, of pandas."""
_NULLABLE = {
    "boolean": "boolean", "integer": "Int32", "long": "Int64", "float": "Float32", "double": "Float64",
}  # fmt: skip
_SHOWN = 3


def enforce_columns(data: Any, schema: Schema, *, strict: bool) -> Any:
    """A data frame of pandas with the columns of the schema; with ``strict`` there may be no others."""
    frame = _as_frame(data, schema)
    names = schema.input_names()
    if not schema.has_input_names():
        if len(frame.columns) < len(names):
            raise InvalidValueError(
                f"The model takes {len(names)} columns; {len(frame.columns)} came."
            )
        chosen = dict(zip(names, frame.columns, strict=False))
    else:
        chosen = _by_name(frame, schema, strict=strict)
    made = {
        (name if schema.has_input_names() else chosen[name]): _column(
            str(chosen[name]), frame[chosen[name]], one
        )
        for name, one in zip(names, schema.inputs, strict=True)
        if name in chosen
    }
    pandas = plugins.load("pandas")
    return pandas.DataFrame(made, columns=list(made), index=frame.index)


def _by_name(frame: Any, schema: Schema, *, strict: bool) -> dict[Any, Any]:
    # A frame that was read from JSON or CSV has texts as names, whatever the schema's were made from.
    there = {str(column): column for column in frame.columns}
    missing = [name for name in schema.required_input_names() if str(name) not in there]
    known = {str(name) for name in schema.input_names()}
    extra = [name for name in there if name not in known]
    if missing:
        raise InvalidValueError(
            f"Missing: column {_list(missing)}. The model takes {_list(schema.input_names())}; "
            f"there came {_list(list(there)) or 'none'}."
        )
    if extra and strict:
        raise InvalidValueError(
            f"Not known to the model: column {_list(extra)}. It takes {_list(schema.input_names())}."
        )
    if extra:
        _log.info("Columns that the model does not take are left out: %s", _list(extra))
    return {name: there[str(name)] for name in schema.input_names() if str(name) in there}


def _column(name: str, column: Any, spec: ColSpec | Any) -> Any:
    if not isinstance(spec.type, DataType):
        return _each(name, column, spec)
    missing = column.isna()
    if spec.required and missing.any():
        rows = _rows(missing)
        raise InvalidValueError(f"Column '{name}': a value is required, and missing in {rows}.")
    dtype = str(column.dtype).lower()
    kind = spec.type.name
    if kind in _WIDENS:
        return _number(name, column, kind, dtype)
    return _OTHER[kind](name, column, dtype)


def _number(name: str, column: Any, kind: str, dtype: str) -> Any:
    missing = bool(column.isna().any())
    if dtype in _WIDENS[kind]:
        return (
            column
            if dtype == _name(kind)
            else column.astype(_target(column, kind, missing=missing))
        )
    if dtype == "object" or (kind in _BITS and missing and dtype.startswith("float")):
        return _from_objects(name, column, kind, missing=missing)
    raise _refused(name, column, kind)


def _from_objects(name: str, column: Any, kind: str, *, missing: bool) -> Any:
    """Plain numbers; floats stand for integers only where they are whole, which missing values made them."""
    wanted: tuple[type, ...] = {
        "boolean": (bool,),
        "float": (int, float),
        "double": (int, float),
    }.get(kind, (int,))
    plain = [_item(value) for value in column]
    whole = kind in _BITS and missing
    for row, value in enumerate(plain):
        if value is None or _fits(value, wanted, kind):
            continue
        if not (whole and isinstance(value, float) and value.is_integer() and abs(value) < 2**53):
            raise _refused_at(row, name, kind, value)
    target = _NULLABLE[kind] if missing else plugins.load("numpy:dtype")(_name(kind))
    pandas = plugins.load("pandas")
    made = [int(v) if whole and isinstance(v, float) else v for v in plain]
    return pandas.Series(made, index=column.index, name=column.name, dtype=target)


def _fits(value: Any, wanted: tuple[type, ...], kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    in_range = kind not in _BITS or (
        isinstance(value, int) and -(2 ** (_BITS[kind] - 1)) <= value < 2 ** (_BITS[kind] - 1)
    )
    return isinstance(value, wanted) and in_range


def _target(column: Any, kind: str, *, missing: bool) -> Any:
    """Types of pandas stay of pandas where a value is missing: NumPy's integers have no word for that."""
    of_pandas = not hasattr(column.dtype, "char")
    return _NULLABLE[kind] if missing and of_pandas else _name(kind)


def _text(name: str, column: Any, dtype: str) -> Any:
    if dtype == "category":
        return _text(
            name, column.astype(column.cat.categories.dtype), str(column.cat.categories.dtype)
        )
    if dtype.startswith(("str", "string")):
        return column.astype(object)
    if dtype == "object":
        return _all_are(name, column, (str,), "string")
    raise _refused(name, column, "string")


def _bytes(name: str, column: Any, dtype: str) -> Any:
    if dtype == "object":
        return _all_are(name, column, (bytes, bytearray), "binary")
    raise _refused(name, column, "binary")


def _moments(name: str, column: Any, dtype: str) -> Any:
    if dtype.startswith("datetime64"):
        return column if dtype != "datetime64[s]" else column.astype("datetime64[ns]")
    if dtype == "object":
        import datetime as dt  # noqa: PLC0415  (few models take times)

        _all_are(name, column, (dt.date,), "datetime")  # a datetime is a date too
        return plugins.load("pandas:to_datetime")(column)
    raise _refused(name, column, "datetime")


_OTHER: Mapping[str, Callable[[str, Any, str], Any]] = {
    "string": _text,
    "binary": _bytes,
    "datetime": _moments,
}


def _all_are(name: str, column: Any, kinds: tuple[type, ...], kind: str) -> Any:
    for row, value in enumerate(column):
        if _item(value) is not None and not isinstance(value, kinds):
            raise _refused_at(row, name, kind, value)
    return column


def _each(name: str, column: Any, spec: Any) -> Any:
    made: list[Any] = []
    for row, value in enumerate(column):
        if _item(value) is None and not isinstance(value, list | dict | tuple):
            if spec.required and type(spec.type).__name__ != "AnyType":
                raise InvalidValueError(
                    f"Column '{name}': a value is required, and missing in row {row}."
                )
            made.append(None)
        else:
            made.append(enforce_value(f"Column '{name}', row {row}", value, spec.type))
    pandas = plugins.load("pandas")
    return pandas.Series(made, index=column.index, name=column.name, dtype=object)


def _item(value: Any) -> Any:
    """A plain Python value; ``None`` for what stands for a missing one."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
    return None if isinstance(plain, float) and plain != plain else plain


def _name(kind: str) -> str:
    return DataType[kind].to_numpy().name  # type: ignore[no-any-return]


def _refused_at(row: int, name: str, kind: str, value: Any) -> InvalidValueError:
    return InvalidValueError(
        f"Column '{name}', row {row}: expected {kind}, got {type(value).__name__} {value!r}."
    )


def _refused(name: str, column: Any, kind: str) -> InvalidValueError:
    came = str(column.dtype)
    if bool(column.isna().any()):
        came += f" with missing values ({_rows(column.isna())})"
    return InvalidValueError(f"Column '{name}': expected {kind}, got {came}.")


def _rows(flags: Any) -> str:
    rows = [str(at) for at, flag in enumerate(flags) if flag]
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(rows[:_SHOWN])}{more}"


def _list(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _as_frame(data: Any, schema: Schema) -> Any:
    pandas = plugins.load("pandas")
    library = library_of(data)
    if isinstance(data, pandas.DataFrame):
        return data
    if isinstance(data, pandas.Series):
        return data.to_frame(schema.input_names()[0] if data.name is None else data.name)
    if library in ("polars", "pyarrow"):
        return _from_arrow(data if library == "pyarrow" else data.to_arrow())
    if type(data).__name__ == "ndarray":
        return _from_array(data, schema)
    if isinstance(data, Mapping):
        return _from_mapping(data, schema)
    return _from_plain(data, schema)


def _from_plain(data: Any, schema: Schema) -> Any:
    """A list of rows, or a column: the values of one input."""
    pandas = plugins.load("pandas")
    rows = list(data) if isinstance(data, list | tuple) else [data]
    if rows and all(isinstance(row, Mapping) for row in rows):
        return pandas.DataFrame(rows, dtype=object).infer_objects()
    if schema.has_input_names() and len(schema) > 1:
        raise InvalidValueError(
            f"The model takes a table with the columns {_list(schema.input_names())}; "
            f"a {type(data).__name__} came."
        )
    name = schema.input_names()[0]
    return pandas.DataFrame({name: pandas.Series(rows, dtype=object)}).infer_objects()


def _from_arrow(table: Any) -> Any:
    """With pandas' nullable types, so that integers stay integers beside missing values."""
    pandas = plugins.load("pandas")
    arrow = plugins.load("pyarrow")
    kinds = {
        arrow.int8(): pandas.Int8Dtype(), arrow.int16(): pandas.Int16Dtype(),
        arrow.int32(): pandas.Int32Dtype(), arrow.int64(): pandas.Int64Dtype(),
        arrow.uint8(): pandas.UInt8Dtype(), arrow.uint16(): pandas.UInt16Dtype(),
        arrow.uint32(): pandas.UInt32Dtype(), arrow.bool_(): pandas.BooleanDtype(),
    }  # fmt: skip
    frame = table.to_pandas(types_mapper=kinds.get)
    whole = [
        name for name in frame.columns
        if hasattr(frame[name].dtype, "numpy_dtype") and not frame[name].isna().any()
    ]  # fmt: skip
    return frame.astype({name: frame[name].dtype.numpy_dtype for name in whole})


def _from_array(array: Any, schema: Schema) -> Any:
    pandas = plugins.load("pandas")
    if array.ndim > 2:
        raise InvalidValueError(f"The model takes a table; an array of shape {array.shape} came.")
    if not schema.has_input_names():
        return pandas.DataFrame(array)
    table = array.reshape(-1, 1) if array.ndim == 1 else array
    if table.shape[1] != len(schema):
        raise InvalidValueError(
            f"The model takes the {len(schema)} columns {_list(schema.input_names())}; an array with "
            f"{table.shape[1]} came."
        )
    return pandas.DataFrame(table, columns=schema.input_names())


def _from_mapping(data: Mapping[str, Any], schema: Schema) -> Any:
    """One row of values, or a column under each name."""
    pandas = plugins.load("pandas")
    types = schema.input_types_dict() if schema.has_input_names() else {}
    columns = [
        isinstance(value, list | tuple | pandas.Series) or type(value).__name__ == "ndarray"
        for name, value in data.items()
        if isinstance(types.get(str(name)), DataType)
    ]
    if columns and all(columns):
        return pandas.DataFrame(
            {name: pandas.Series(list(value), dtype=object) for name, value in data.items()}
        ).infer_objects()
    row = {name: pandas.Series([value], dtype=object) for name, value in data.items()}
    return pandas.DataFrame(row).infer_objects()
