"""The params of inference, as the MLmodel format spells them."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models.schema import DataType, read_specs, type_in, type_of


@dataclass(frozen=True)
class ParamSpec:
    """A param of inference: its type, its default, and the shape: ``None`` for one value, ``(-1,)`` for a list."""

    name: str
    dtype: Any
    default: Any
    shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", type_of(self.dtype))
        if self.shape is not None:
            object.__setattr__(self, "shape", tuple(self.shape))
        if self.shape not in (None, (-1,)):
            raise InvalidValueError(
                f"Param '{self.name}': a shape is None or (-1,), not {self.shape}."
            )
        if self.default is not None:
            object.__setattr__(self, "default", self.taken(self.default))

    def taken(self, value: Any) -> Any:
        """``value`` as a value of this param; `InvalidValueError` that names it and what came instead."""
        if value is None:
            return None
        if self.shape is None:
            return _param(self.name, value, self.dtype)
        if not isinstance(value, list | tuple) and type(value).__name__ != "ndarray":
            raise InvalidValueError(
                f"Param '{self.name}': expected a list of {self.dtype}, got {value!r}."
            )
        return [_param(self.name, one, self.dtype) for one in value]

    def to_dict(self) -> dict[str, Any]:
        """As the format spells it."""
        return {
            "name": self.name,
            "default": _plain(self.default),
            "shape": None if self.shape is None else list(self.shape),
            **self.dtype.to_dict(),
        }

    @classmethod
    def from_json_dict(cls, **given: Any) -> "ParamSpec":
        """Of a specification."""
        if "name" not in given:
            raise InvalidValueError(f"A param needs a name: {given}.")
        shape = given.get("shape")
        kind = type_in({**given, "type": given.get("type") or given.get("dtype")})
        default = given.get("default")
        if kind is DataType.datetime and default is not None:
            default = _moment(str(given["name"]), default)
        return cls(given["name"], kind, default, None if shape is None else tuple(shape))


class ParamSchema:
    """The params of inference."""

    def __init__(self, params: Sequence[ParamSpec]) -> None:
        self.params = list(params)
        names = [one.name for one in self.params]
        if len(set(names)) < len(names):
            raise InvalidValueError(f"A param is there twice: {names}.")

    def __len__(self) -> int:
        return len(self.params)

    def __iter__(self) -> Any:
        return iter(self.params)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParamSchema) and self.params == other.params

    __hash__ = None  # type: ignore[assignment]  # it holds a list

    def __repr__(self) -> str:
        return repr(self.params)

    def to_dict(self) -> list[dict[str, Any]]:
        """As the format spells it."""
        return [one.to_dict() for one in self.params]

    def to_json(self) -> str:
        """As it stands in an MLmodel file."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> "ParamSchema":
        """What an MLmodel file holds."""
        return cls([ParamSpec.from_json_dict(**one) for one in read_specs(text)])


def _param(name: str, value: Any, kind: Any) -> Any:
    """One value; only what loses nothing is converted."""
    if not isinstance(kind, DataType):
        if isinstance(value, Mapping):
            return dict(value)
        raise InvalidValueError(f"Param '{name}': expected {kind}, got {value!r}.")
    plain = value.item() if hasattr(value, "item") and not isinstance(value, dt.datetime) else value
    if kind is DataType.datetime:
        return _moment(name, plain)
    wanted = kind.to_python()
    exact = type(plain) is wanted
    widened = wanted is float and type(plain) is int
    if not exact and not widened:
        raise InvalidValueError(
            f"Param '{name}': expected {kind}, got {type(plain).__name__} {plain!r}."
        )
    return wanted(plain)


def _moment(name: str, value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  (a date has no zone)
    if isinstance(value, list):
        return [_moment(name, one) for one in value]
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidValueError(f"Param '{name}': expected datetime, got {value!r}.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value
