"""What a question may hold, as far as its values alone can tell: names, lengths, ranges, counts.

A store asks `check` once for each question, so that every surface and the embedded client refuse the
same things with the same words. What needs the database is the store's to refuse.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from headrace.wire.limits import registry, tracking
from headrace.wire.limits.values import (
    EXPERIMENT_TAG_LENGTH,
    KEY_LENGTH,
    MAX_BATCH,
    MAX_METRICS,
    MAX_PARAMS,
    MAX_TAGS,
    NAME_LENGTH,
    VALUE_BYTES,
    check_length,
    check_texts,
    check_value,
)

__all__ = [
    "EXPERIMENT_TAG_LENGTH",
    "KEY_LENGTH",
    "MAX_BATCH",
    "MAX_METRICS",
    "MAX_PARAMS",
    "MAX_TAGS",
    "NAME_LENGTH",
    "VALUE_BYTES",
    "check",
    "check_length",
    "check_value",
]

_RULES: dict[type[Any], Callable[[Any], None]] = {**tracking.RULES, **registry.RULES}


def check(question: Struct) -> None:
    """Raise `InvalidValueError` if the question holds what no store keeps; it names the field."""
    rule = _RULES.get(type(question))
    if rule is not None:
        rule(question)
    else:
        check_texts(question)
