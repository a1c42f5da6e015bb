"""Arrays held to a schema of tensors."""

from collections.abc import Mapping
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models.inference import library_of
from headrace.models.schema import Schema, TensorSpec

_ANY_LENGTH = -1


def enforce_tensors(data: Any, schema: Schema, *, strict: bool) -> Any:
    """An array, or a dict of them where the schema names several; element types must be the same."""
    if not schema.has_input_names():
        return _tensor("The input", _single(data), schema.inputs[0])
    if library_of(data) == "pandas":
        data = {name: data[name].to_numpy() for name in data.columns}
    if not isinstance(data, Mapping):
        names = ", ".join(f"'{name}'" for name in schema.input_names())
        raise InvalidValueError(
            f"The model takes a dict of arrays ({names}); {type(data).__name__} came."
        )
    specs = schema.input_dict()
    missing = [name for name in specs if name not in data]
    extra = [name for name in data if name not in specs]
    if missing or (strict and extra):
        said = [f"'{name}' is missing" for name in missing]
        said += [f"'{name}' is not known" for name in extra if strict]
        raise InvalidValueError(f"The model takes {', '.join(specs)}: {', '.join(said)}.")
    return {name: _tensor(f"Input '{name}'", data[name], spec) for name, spec in specs.items()}


def _single(data: Any) -> Any:
    if library_of(data) == "pandas":
        return data.to_numpy()
    if library_of(data) in ("polars", "pyarrow"):
        return plugins.load("numpy:asarray")(data)
    return data


def _tensor(where: str, value: Any, spec: TensorSpec | Any) -> Any:
    if hasattr(value, "toarray") and hasattr(
        value, "indptr"
    ):  # sparse: the model takes it as it is
        _check(where, value.dtype, value.shape, spec)
        return value
    if library_of(value) == "torch" and hasattr(value, "detach"):
        array = value.detach().cpu().numpy()
    elif isinstance(value, list | tuple | int | float | str):
        # Plain values, as from JSON, have no element type of their own.
        array = _from_plain(where, value, spec)
    else:
        array = plugins.load("numpy:asarray")(value)
    _check(where, array.dtype, array.shape, spec)
    return array


def _from_plain(where: str, value: Any, spec: TensorSpec) -> Any:
    numpy = plugins.load("numpy")
    try:
        array = numpy.asarray(value)
    except ValueError as error:
        raise InvalidValueError(f"{where}: its rows differ in length: {error}.") from error
    if numpy.can_cast(array.dtype, spec.type, "same_kind") or (
        array.dtype.kind in "iu" and spec.type.kind in "fiu"
    ):
        return array.astype(spec.type)
    return array


def _check(where: str, dtype: Any, shape: tuple[int, ...], spec: TensorSpec) -> None:
    same_kind_of_text = dtype.kind in "OUS" and spec.type.kind in "OUS"
    if dtype != spec.type and not same_kind_of_text:
        raise InvalidValueError(f"{where}: expected elements of {spec.type}, got {dtype}.")
    fits = len(shape) == len(spec.shape) and all(
        wanted in (_ANY_LENGTH, came) for wanted, came in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise InvalidValueError(f"{where}: expected shape {tuple(spec.shape)}, got {tuple(shape)}.")
