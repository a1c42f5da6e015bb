"""What goes into a model and comes out of it: columns, tensors and params, as the MLmodel format spells them."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError


class DataType(Enum):
    """A scalar type: integer has 32 bits, long 64, float 32, double 64; datetime counts nanoseconds."""

    boolean = 1
    integer = 2
    long = 3
    float = 4
    double = 5
    string = 6
    binary = 7
    datetime = 8

    def __str__(self) -> str:
        return self.name

    def to_numpy(self) -> Any:
        """NumPy's name for it; ``object`` for text and bytes."""
        return plugins.load("numpy:dtype")(_NUMPY[self.name])

    def to_pandas(self) -> Any:
        """The type of a column of pandas that holds it."""
        return self.to_numpy()

    def to_python(self) -> type:
        """The Python type of one value."""
        return _PYTHON[self.name]

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        return {"type": self.name}


_NUMPY = {
    "boolean": "bool", "integer": "int32", "long": "int64", "float": "float32", "double": "float64",
    "string": "object", "binary": "object", "datetime": "datetime64[ns]",
}  # fmt: skip
_PYTHON: dict[str, type] = {
    "boolean": bool, "integer": int, "long": int, "float": float, "double": float,
    "string": str, "binary": bytes, "datetime": dt.datetime,
}  # fmt: skip


class BaseType:
    """A type that is not a scalar."""

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        raise NotImplementedError

    def __str__(self) -> str:
        return json.dumps(self.to_dict())


@dataclass(frozen=True)
class AnyType(BaseType):
    """Whatever comes, missing values too."""

    def to_dict(self) -> dict[str, Any]:
        return {"type": "any"}


@dataclass(frozen=True)
class SparkMLVector(BaseType):
    """A vector of Spark ML: numbers of double precision."""

    dtype = DataType.double

    def to_dict(self) -> dict[str, Any]:
        return {"type": "sparkml_vector"}


@dataclass(frozen=True)
class Array(BaseType):
    """Values of one type, any number of them."""

    dtype: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", type_of(self.dtype))

    def to_dict(self) -> dict[str, Any]:
        return {"type": "array", "items": self.dtype.to_dict()}

    def __str__(self) -> str:
        return f"array of {self.dtype}"


@dataclass(frozen=True)
class Property:
    """A named part of an object."""

    name: str
    dtype: Any
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", type_of(self.dtype))

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        return {self.name: {**self.dtype.to_dict(), "required": self.required}}

    @classmethod
    def from_json_dict(cls, **given: Any) -> "Property":
        """Of one key with its specification."""
        ((name, spec),) = given.items()
        return cls(name, type_in(spec), spec.get("required", True))


@dataclass(frozen=True)
class Object(BaseType):
    """Values under names, each of a type of its own."""

    properties: Sequence[Property]

    def __post_init__(self) -> None:
        if not self.properties:
            raise InvalidValueError("An object has at least one property.")
        object.__setattr__(self, "properties", sorted(self.properties, key=lambda one: one.name))

    def to_dict(self) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for one in self.properties:
            parts |= one.to_dict()
        return {"type": "object", "properties": parts}

    def __str__(self) -> str:
        return f"object with {', '.join(f'{one.name}: {one.dtype}' for one in self.properties)}"


@dataclass(frozen=True)
class Map(BaseType):
    """Values of one type under any text as key."""

    value_type: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "value_type", type_of(self.value_type))

    def to_dict(self) -> dict[str, Any]:
        return {"type": "map", "values": self.value_type.to_dict()}

    def __str__(self) -> str:
        return f"map of {self.value_type}"


@dataclass(frozen=True)
class ColSpec:
    """A column, or what stands for one: its type, its name, and whether a value must be there."""

    type: Any
    name: str | None = None
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", type_of(self.type))

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        named = {} if self.name is None else {"name": self.name}
        return {**self.type.to_dict(), **named, "required": self.required}

    @classmethod
    def from_json_dict(cls, **given: Any) -> "ColSpec":
        """Of a specification; what else is in it is left out."""
        required = given.get("required")
        if required is None:  # as files of old say it
            required = not given.get("optional", False)
        return cls(type_in(given), given.get("name"), bool(required))


@dataclass(frozen=True)
class TensorInfo:
    """The type of a tensor's elements, and its shape with -1 where any length will do."""

    dtype: Any
    shape: Sequence[int]

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        return {"dtype": self.dtype.name, "shape": list(self.shape)}


@dataclass(frozen=True)
class TensorSpec:
    """An array of NumPy: the type of its elements, its shape, its name if there are several."""

    type: Any
    shape: Sequence[int]
    name: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", plugins.load("numpy:dtype")(self.type))
        object.__setattr__(self, "shape", tuple(int(length) for length in self.shape))

    required = True

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        named = {} if self.name is None else {"name": self.name}
        spec = TensorInfo(self.type, self.shape).to_dict()
        return {**named, "type": "tensor", "tensor-spec": spec}

    @classmethod
    def from_json_dict(cls, **given: Any) -> "TensorSpec":
        """Of a specification."""
        spec = given.get("tensor-spec") or {}
        if "dtype" not in spec or "shape" not in spec:
            raise InvalidValueError("A tensor needs 'tensor-spec' with 'dtype' and 'shape'.")
        return cls(spec["dtype"], spec["shape"], given.get("name"))


class Schema:
    """All columns, or all tensors; all of them named, or none."""

    def __init__(self, inputs: Sequence[ColSpec | TensorSpec]) -> None:
        self.inputs = list(inputs)
        tensors = [isinstance(one, TensorSpec) for one in self.inputs]
        named = [one.name is not None for one in self.inputs]
        if not self.inputs:
            raise InvalidValueError("A schema has at least one input.")
        if any(tensors) != all(tensors) or any(named) != all(named):
            raise InvalidValueError(
                "A schema is all columns or all tensors, and either all are named or none is."
            )
        if all(tensors) and len(self.inputs) > 1 and not all(named):
            raise InvalidValueError("Several tensors need names.")
        if self.has_input_names() and len(set(self.input_names())) < len(self.inputs):
            raise InvalidValueError(f"A name is there twice: {self.input_names()}.")

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Any:
        return iter(self.inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.inputs == other.inputs

    __hash__ = None  # type: ignore[assignment]  # it holds a list

    def __repr__(self) -> str:
        return repr(self.inputs)

    def is_tensor_spec(self) -> bool:
        """Whether it is of tensors."""
        return isinstance(self.inputs[0], TensorSpec)

    def has_input_names(self) -> bool:
        """Whether they are named."""
        return self.inputs[0].name is not None

    def input_names(self) -> list[Any]:
        """The names, or the positions of what has none."""
        return [at if one.name is None else one.name for at, one in enumerate(self.inputs)]

    def required_input_names(self) -> list[Any]:
        """Those without which nothing goes."""
        pairs = zip(self.input_names(), self.inputs, strict=True)
        return [name for name, one in pairs if one.required]

    def optional_input_names(self) -> list[Any]:
        """Those that may be left out."""
        pairs = zip(self.input_names(), self.inputs, strict=True)
        return [name for name, one in pairs if not one.required]

    def input_types(self) -> list[Any]:
        """The types, in order."""
        return [one.type for one in self.inputs]

    def input_types_dict(self) -> dict[str, Any]:
        """The types by name."""
        return {name: one.type for name, one in self.input_dict().items()}

    def input_dict(self) -> dict[str, ColSpec | TensorSpec]:
        """The inputs by name."""
        if not self.has_input_names():
            raise InvalidValueError("The inputs of this schema have no names.")
        return {str(one.name): one for one in self.inputs}

    def numpy_types(self) -> list[Any]:
        """NumPy's types of the columns, or of the elements of the tensors."""
        if self.is_tensor_spec():
            return self.input_types()
        return [_scalar(one.type).to_numpy() for one in self.inputs]

    def pandas_types(self) -> list[Any]:
        """The types of columns of pandas."""
        return self.numpy_types()

    def to_dict(self) -> list[dict[str, Any]]:
        """As the format spells it."""
        return [one.to_dict() for one in self.inputs]

    def to_json(self) -> str:
        """As it stands in an MLmodel file."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> "Schema":
        """What an MLmodel file holds; `InvalidValueError` says what in it cannot be read."""
        return cls.from_dicts(read_specs(text))

    @classmethod
    def from_dicts(cls, given: Iterable[Mapping[str, Any]]) -> "Schema":
        """Of specifications."""
        kinds: list[ColSpec | TensorSpec] = [
            TensorSpec.from_json_dict(**one)
            if one.get("type") == "tensor"
            else ColSpec.from_json_dict(**one)
            for one in given
        ]
        return cls(kinds)


def type_of(given: Any) -> Any:
    """A type as one may write it: itself, its name, or an object with its parts."""
    if isinstance(given, DataType | BaseType):
        return given
    if isinstance(given, str):
        return type_in({"type": given})
    raise InvalidValueError(f"No type: {given!r}. Known: {', '.join(_KNOWN)}.")


def type_in(spec: Mapping[str, Any]) -> Any:
    """The type that a specification names."""
    name = str(spec.get("type"))
    if name in DataType.__members__:
        return DataType[name]
    match name:
        case "array":
            return Array(type_in(_part(spec, "items")))
        case "object":
            parts = _part(spec, "properties")
            return Object([Property.from_json_dict(**{key: parts[key]}) for key in parts])
        case "map":
            return Map(type_in(_part(spec, "values")))
        case "any":
            return AnyType()
        case "sparkml_vector":
            return SparkMLVector()
    raise InvalidValueError(f"No type '{name}' in a schema. Known: {', '.join(_KNOWN)}.")


_KNOWN = (*DataType.__members__, "array", "object", "map", "any", "sparkml_vector")


def _part(spec: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = spec.get(key)
    if not isinstance(part, Mapping):
        raise InvalidValueError(f"The type '{spec.get('type')}' needs '{key}': {dict(spec)}.")
    return part


def _scalar(kind: Any) -> DataType:
    return kind if isinstance(kind, DataType) else DataType.string


def read_specs(text: str) -> list[dict[str, Any]]:
    """The specifications in a schema's JSON."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InvalidValueError(f"A schema is not JSON: {error}.") from error
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise InvalidValueError(f"A schema is a list of objects, not {text[:100]!r}.")
    return given
