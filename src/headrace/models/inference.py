"""The schema of data, found by looking at it."""

from collections.abc import Mapping
from typing import Any

from headrace.data import schemas
from headrace.errors import InvalidValueError
from headrace.models.params import ParamSchema, ParamSpec
from headrace.models.schema import DataType, Schema, type_in
from headrace.models.signature import ModelSignature


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: dict[str, Any] | None = None
) -> ModelSignature:
    """What a model takes and gives, from an example of each.

    Data frames of pandas and Polars, tables of Arrow, dicts and lists of plain values have columns;
    arrays of NumPy, tensors of PyTorch, sparse matrices, and dicts of these have tensors, with any number
    of rows. A column with missing values is not required; one of nullable integers stays one of integers.
    Raises `InvalidValueError` that names what has no type.
    """
    if model_input is None and model_output is None and params is None:
        raise InvalidValueError("Give model_input, model_output or params.")
    return ModelSignature(
        None if model_input is None else schema_of(model_input),
        None if model_output is None else schema_of(model_output),
        None if params is None else params_of(params),
    )


def schema_of(data: Any) -> Schema:
    """The schema of data of any kind that `infer_signature` takes."""
    return Schema.from_dicts(_specs(data))


def params_of(params: Mapping[str, Any]) -> ParamSchema:
    """The schema of params, whose values here become their defaults."""
    specs = []
    for name, value in params.items():
        if isinstance(value, list | tuple):
            spec = schemas.of_value(name, list(value))
            specs.append(ParamSpec(name, type_in(spec["items"]), list(value), (-1,)))
        elif isinstance(value, Mapping):
            specs.append(ParamSpec(name, type_in(schemas.of_value(name, value)), dict(value)))
        else:
            plain = value.item() if hasattr(value, "item") else value
            kind = DataType.string if plain is None else type_in(schemas.of_value(name, plain))
            specs.append(ParamSpec(name, kind, plain))
    return ParamSchema(specs)


def library_of(data: Any) -> str:
    """The package that a value's class comes from."""
    return type(data).__module__.partition(".")[0]


def _specs(data: Any) -> list[dict[str, Any]]:
    kind = f"{library_of(data)}.{type(data).__name__}"
    if kind in _INFER:
        return _INFER[kind](data)
    if hasattr(data, "toarray") and hasattr(data, "dtype"):  # a sparse matrix of SciPy
        return [schemas.tensor(data)]
    if isinstance(data, Mapping):
        return _of_mapping(data)
    if isinstance(data, list | tuple):
        return _of_list(list(data))
    return [{**schemas.of_value("", data), "required": True}]


def _of_mapping(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    tensors = {str(name): _as_array(value) for name, value in data.items()}
    if tensors and all(array is not None for array in tensors.values()):
        return [{"name": name, **schemas.tensor(array)} for name, array in tensors.items()]
    specs = []
    for name, value in data.items():
        if value is None:
            specs.append({"type": "any", "name": str(name), "required": False})
        else:
            plain = value.tolist() if hasattr(value, "tolist") else value
            specs.append({**schemas.of_value(name, plain), "name": str(name), "required": True})
    return specs


def _of_list(data: list[Any]) -> list[dict[str, Any]]:
    if not data:
        raise InvalidValueError("An empty list has no schema.")
    row = schemas.of_value("", data)["items"]
    if row["type"] != "object":
        return [{**row, "required": all(value is not None for value in data)}]
    return [{**spec, "name": name} for name, spec in row["properties"].items()]


def _of_pandas(frame: Any) -> list[dict[str, Any]]:
    specs = schemas.columns_of_pandas(frame)
    default = list(frame.columns) == list(range(len(frame.columns)))
    return [{k: v for k, v in spec.items() if k != "name" or not default} for spec in specs]


def _of_series(column: Any) -> list[dict[str, Any]]:
    named = {} if column.name is None else {"name": str(column.name)}
    spec = schemas.of_series(column.name, column)
    return [{**spec, **named, "required": not schemas.has_missing(column)}]


def _of_arrow(table: Any) -> list[dict[str, Any]]:
    return [
        {**_of_arrow_type(column), "name": name, "required": column.null_count == 0}
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]


def _of_arrow_type(column: Any) -> dict[str, Any]:
    name = str(column.type)
    for start, word in _OF_ARROW:
        if name.startswith(start):
            return {"type": word}
    if name.startswith("dictionary"):
        return _of_arrow_type(column.dictionary_decode().combine_chunks())
    there = [value for value in column.to_pylist() if value is not None]
    items: dict[str, Any] = schemas.of_value("", there)["items"]
    return items


def _of_torch(tensor: Any) -> list[dict[str, Any]]:
    return [schemas.tensor(tensor.detach().cpu().numpy())]


def _as_array(value: Any) -> Any:
    """An array, as one of NumPy; nothing for what is none."""
    if library_of(value) == "torch" and hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return value if type(value).__name__ == "ndarray" else None


_OF_ARROW = (
    ("bool", "boolean"), ("int8", "integer"), ("int16", "integer"), ("int32", "integer"),
    ("int64", "long"), ("uint8", "integer"), ("uint16", "integer"), ("uint32", "long"),
    ("halffloat", "float"), ("float", "float"), ("double", "double"), ("string", "string"),
    ("large_string", "string"), ("binary", "binary"), ("large_binary", "binary"),
    ("date", "datetime"), ("timestamp", "datetime"),
)  # fmt: skip
_INFER = {
    "pandas.DataFrame": _of_pandas,
    "pandas.Series": _of_series,
    "polars.DataFrame": schemas.columns_of_polars,
    "polars.Series": lambda column: schemas.columns_of_polars(column.to_frame()),
    "pyarrow.Table": _of_arrow,
    "numpy.ndarray": lambda array: [schemas.tensor(array)],
    "torch.Tensor": _of_torch,
}
