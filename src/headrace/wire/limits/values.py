"""The limits, and the checks of single values that the rules of questions are made of."""

import posixpath
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from headrace.errors import InvalidValueError

MAX_METRICS = 1_000
MAX_PARAMS = 100
MAX_TAGS = 100
MAX_BATCH = 1_000

KEY_LENGTH = 250
VALUE_BYTES = 1024 * 1024
"""Of a param or a run tag. It is kept whole or refused; MLflow cuts at 6,000 and 8,000 characters."""
NAME_LENGTH = 500
LOCATION_LENGTH = 2_048
STATUS_MESSAGE_LENGTH = 1_000
EXPERIMENT_TAG_LENGTH = 20_000
INPUT_TAG_KEY_LENGTH = 255
INPUT_TAG_VALUE_LENGTH = 500
DATASET_LENGTHS = {
    "name": 500,
    "digest": 36,
    "source_type": 500,
    "source": 65_535,
    "schema": 1_048_575,
    "profile": 16_777_215,
}
MAX_PAGE = 50_000
MAX_SERIES_RUNS = 100
MAX_INTERVAL_POINTS = 2_500
MAX_DATASET_EXPERIMENTS = 20

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

_KEY = re.compile(r"[/\w.\- :]*")
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-]{0,255}")
_EXPERIMENT_ID = re.compile(r"-?[0-9]{1,30}", re.ASCII)


# Text and keys

# Keys repeat: a run logs the same few a thousand times. Bounded, so that hostile ones cost no memory.
known_keys: set[str] = set()
MAX_KNOWN_KEYS = 20_000


def check_key(key: str, name: str) -> None:
    """Raise `InvalidValueError` for what cannot be the name of a metric, a param or a tag."""
    if key in known_keys:
        return
    if len(key) > KEY_LENGTH:
        raise invalid(name, key, f"it has {len(key)} characters; {KEY_LENGTH} are allowed")
    if not _KEY.fullmatch(key):
        raise invalid(name, key, "a name holds letters, digits, _ - . / : and blanks, nothing else")
    if key.startswith(("/", "..")) or posixpath.normpath(key) != key or key == ".":
        raise invalid(name, key, "a name must be a plain relative path, such as 'train/loss'")
    if len(known_keys) >= MAX_KNOWN_KEYS:
        known_keys.clear()
    known_keys.add(key)


def check_text(value: str, name: str) -> None:
    """Raise `InvalidValueError` for what no database keeps as text."""
    if "\0" in value:
        raise invalid(name, value, "it holds a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise invalid(name, value, "it holds half of a surrogate pair") from error


def check_value(value: str, name: str, key: str) -> None:
    """Raise `InvalidValueError` for the value of a key that is too long to keep, or no text."""
    check_text(value, name)
    size = len(value) if value.isascii() else len(value.encode())
    if size > VALUE_BYTES:
        raise InvalidValueError(
            f"The value of '{key}' ({name}) has {size:,} bytes; at most {VALUE_BYTES:,} are kept. "
            "Log it as an artifact."
        )


def check_length(value: str | None, name: str, limit: int) -> None:
    """Raise `InvalidValueError` for more characters than that, or what no database keeps as text."""
    if value is None:
        return
    check_text(value, name)
    if len(value) > limit:
        raise invalid(name, value, f"it has {len(value)} characters; {limit} are allowed")


def check_texts(value: Any, place: str = "") -> None:
    """Every text in a question must be one that each database can keep."""
    if isinstance(value, str):
        check_text(value, place)
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            check_texts(getattr(value, field), f"{place}.{field}" if place else field)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            check_texts(item, f"{place}[{i}]")


def invalid(name: str, value: object, reason: str) -> InvalidValueError:
    """The error that names a parameter, what it was given, and why that cannot be."""
    shown = repr(value)
    shown = shown if len(shown) <= 100 else f"{shown[:100]}..."
    return InvalidValueError(f"Invalid value {shown} for parameter '{name}' supplied: {reason}.")


def check_run_id(run_id: str) -> None:
    """Raise `InvalidValueError` for what cannot be the id of a run."""
    if not _RUN_ID.fullmatch(run_id):
        raise invalid("run_id", run_id, "a run id holds letters, digits, _ and -")


def check_experiment_id(experiment_id: str, name: str = "experiment_id") -> None:
    """Raise `InvalidValueError` for what cannot be the id of an experiment."""
    if not _EXPERIMENT_ID.fullmatch(experiment_id):
        raise invalid(name, experiment_id, "an experiment id is an integer")


def check_experiment_ids(experiment_ids: Sequence[str]) -> None:
    """Raise `InvalidValueError` if one of them cannot be the id of an experiment."""
    for i, experiment_id in enumerate(experiment_ids):
        check_experiment_id(experiment_id, f"experiment_ids[{i}]")


def check_range(value: int | None, name: str, low: int, high: int | None = None) -> None:
    """Raise `InvalidValueError` for a number outside of its bounds."""
    if value is None or (value >= low and (high is None or value <= high)):
        return
    raise invalid(name, value, f"at least {low}" + (f", at most {high}" if high else ""))


def check_count(items: Sequence[Any], what: str, limit: int) -> None:
    """Raise `InvalidValueError` for more items than one request may hold."""
    if len(items) > limit:
        raise InvalidValueError(
            f"A request holds at most {limit} {what}; this one has {len(items)}."
        )
