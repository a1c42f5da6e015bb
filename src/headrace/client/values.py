"""What a user hands over, as what is stored: numbers from any library, names and text from any object."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, SupportsFloat, SupportsIndex, TypeVar, cast

from headrace.client.secrets import masked
from headrace.clock import now_ms
from headrace.config import settings
from headrace.entities import Metric, Param, RunTag
from headrace.errors import InvalidValueError

T = TypeVar("T", bound=RunTag)


def number(value: object, key: str) -> float:
    """A metric's value: whatever ``float()`` takes, and arrays or tensors that hold one number."""
    kind = type(value)
    if kind is float:
        return cast("float", value)
    item = getattr(value, "item", None)
    try:
        return float(cast("SupportsFloat", item() if callable(item) else value))
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InvalidValueError(
            f"The value of metric '{key}' must be a number, not {_told(value)}."
        ) from error


def integer(value: object, name: str) -> int:
    """A step or a time: an integer, or a float without a fraction."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        return operator.index(cast("SupportsIndex", value))
    except TypeError as error:
        raise InvalidValueError(f"'{name}' must be an integer, not {_told(value)}.") from error


def name_of(key: object) -> str:
    """The name of a metric, a param or a tag."""
    if type(key) is str:
        return key
    if isinstance(key, str):
        return str(key)
    raise InvalidValueError(f"A name must be text, not {_told(key)}.")


def numbers(given: Mapping[str, float]) -> Mapping[str, float]:
    """A dict of metrics with names that are text and values that are numbers: often the very same."""
    if set(map(type, given)) == _TEXT and set(map(type, given.values())) == _FLOAT:
        return given
    return {name_of(key): number(value, key) for key, value in given.items()}


_TEXT, _FLOAT = {str}, {float}


def points(
    given: Mapping[str, float],
    step: int | None,
    timestamp: int | None,
    *,
    model_id: str | None = None,
    dataset: Any = None,
) -> list[Metric]:
    """A dict as points of several series, all at one step and one time: 0 and now unless told otherwise."""
    at = now_ms() if timestamp is None else integer(timestamp, "timestamp")
    to_step = 0 if step is None else integer(step, "step")
    name, digest = (None, None) if dataset is None else (dataset.name, dataset.digest)
    return [
        Metric(name_of(key), number(value, key), at, to_step, model_id, name, digest)
        for key, value in given.items()
    ]


def metric(given: Metric) -> Metric:
    """A metric built by a user, with its fields as they are stored."""
    return Metric(
        name_of(given.key),
        number(given.value, given.key),
        integer(given.timestamp, "timestamp"),
        integer(given.step, "step"),
        given.model_id,
        given.dataset_name,
        given.dataset_digest,
    )


def text_of(key: str, value: object) -> str:
    """The value of a param or a tag as text; ``***`` for a likely secret."""
    return _spelling()(key, value)


def params(given: Mapping[str, Any]) -> list[Param]:
    """A dict as params."""
    spelled = _spelling()
    return [Param(name_of(key), spelled(key, value)) for key, value in given.items()]


def tags(given: Mapping[str, Any] | None, kind: type[T]) -> list[T]:
    """A dict as tags of a kind."""
    spelled = _spelling()
    return [kind(name_of(key), spelled(key, value)) for key, value in (given or {}).items()]


def param_list(given: Iterable[Param]) -> list[Param]:
    """Params built by a user, with their values as text."""
    spelled = _spelling()
    return [Param(name_of(param.key), spelled(param.key, param.value)) for param in given]


def tag_list(given: Iterable[RunTag]) -> list[RunTag]:
    """Tags built by a user, with their values as text."""
    spelled = _spelling()
    return [RunTag(name_of(tag.key), spelled(tag.key, tag.value)) for tag in given]


def _spelling() -> Callable[[str, object], str]:
    return _masked if settings().mask_secrets else _plain


def _plain(key: str, value: object) -> str:  # noqa: ARG001
    return str(value)


def _masked(key: str, value: object) -> str:
    return masked(name_of(key), str(value))


def _told(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 80 else text[:80] + '...'}"
