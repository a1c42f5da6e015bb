"""A comparison as a condition on columns.

A row stands for a field that is there. So a condition never has to think of what is absent: who asks
it joins the row, and `Not` and IS NULL are a matter of no such row.
"""

import math
from collections.abc import Callable, Sequence
from typing import cast

from headrace.search.tree import Comparison, Operator, Scalar
from headrace.stores.sql.phrases import FALSE, TRUE, Phrases, Sql, all_of, any_of
from headrace.stores.sql.tables import PREFIX

LARGEST = 1.7976931348623157e308
"""Stands for infinity where numbers are stored."""

_LAST_CHARACTER = 0x10FFFF


def split_negation(op: Operator) -> tuple[Operator, bool]:
    """The operator without its NOT, and whether it had one."""
    if op == "!=":
        return "=", True
    return (
        (cast("Operator", op.removeprefix("NOT ")), True) if op.startswith("NOT ") else (op, False)
    )


def number_matches(column: str, comparison: Comparison) -> Sql:
    """The condition on a column of numbers in which NULL stands for NaN."""
    op, negated = split_negation(comparison.op)
    if op == "IS NOT NULL":
        return TRUE
    values = [_stored(value) for value in comparison.values]
    found = _ordered(column, op, values)
    # NaN is unequal to every number, and outside every list and range.
    return Sql(f"NOT ({found.text}) OR {column} IS NULL", found.arguments) if negated else found


def present_number_matches(column: str, comparison: Comparison) -> Sql:
    """The condition on a column of numbers in which NULL stands for nothing."""
    op, negated = split_negation(comparison.op)
    if op == "IS NOT NULL":
        return Sql(f"{column} IS NOT NULL")
    found = _ordered(column, op, [_stored(value) for value in comparison.values])
    return Sql(f"NOT ({found.text})", found.arguments) if negated else found


def text_matches(phrases: Phrases, column: str, comparison: Comparison) -> Sql:
    """The condition on text that is whole in one column; NULL stands for nothing."""
    op, negated = split_negation(comparison.op)
    if op == "IS NOT NULL":
        return Sql(f"{column} IS NOT NULL")
    if op in ("LIKE", "ILIKE"):
        return _like(phrases, column, comparison)
    found = _ordered(column, op, comparison.values)
    return Sql(f"NOT ({found.text})", found.arguments) if negated else found


def split_text_matches(phrases: Phrases, comparison: Comparison) -> Sql:
    """The condition on text of which the first `PREFIX` characters are in ``t.value``, the rest in ``t.tail``.

    Not for LIKE and ILIKE, see `short_like` and `long_like`.
    """
    op, negated = split_negation(comparison.op)
    values = [str(value) for value in comparison.values]
    if op == "IS NOT NULL":
        return TRUE
    if op == "BETWEEN":
        found = all_of(
            (_split_ordered(phrases, ">=", values[0]), _split_ordered(phrases, "<=", values[1]))
        )
    elif op == "IN":
        short = [value for value in values if len(value) < PREFIX]
        parts = [_split_ordered(phrases, "=", value) for value in values if len(value) >= PREFIX]
        found = any_of([_ordered("t.value", "IN", short), *parts] if short else parts)
    else:
        found = _split_ordered(phrases, op, values[0])
    return Sql(f"NOT ({found.text})", found.arguments) if negated else found


def _split_ordered(phrases: Phrases, op: str, value: str) -> Sql:
    if len(value) < PREFIX:
        return Sql(f"t.value {op} ?", (value,))
    head, tail = value[:PREFIX], value[PREFIX:]
    rest = f"COALESCE({phrases.exact('t.tail')}, '')"
    same = Sql(f"t.value = ? AND {rest} {op} ?", (head, tail))
    return same if op == "=" else any_of((Sql(f"t.value {op[0]} ?", (head,)), same))


def short_like(phrases: Phrases, comparison: Comparison) -> Sql:
    """LIKE and ILIKE for text that is whole in ``t.value``; the index alone answers it."""
    return all_of(
        (Sql(f"{phrases.length('t.value')} < {PREFIX}"), _like(phrases, "t.value", comparison))
    )


def long_like(phrases: Phrases, comparison: Comparison) -> Sql:
    """LIKE and ILIKE for text that may go on in ``t.tail``."""
    whole = phrases.joined("t.value", f"COALESCE({phrases.exact('t.tail')}, '')")
    return _like(phrases, f"({whole})", comparison)


def _like(phrases: Phrases, column: str, comparison: Comparison) -> Sql:
    op, negated = split_negation(comparison.op)
    found = (phrases.like if op == "LIKE" else phrases.ilike)(column, str(comparison.values[0]))
    return Sql(f"NOT ({found.text})", found.arguments) if negated else found


def value_range(phrases: Phrases, comparison: Comparison) -> Sql:
    """What of ``t.value`` a comparison of text can only match, as a range of an index; `TRUE` for all of it."""
    if comparison.op in ("=", "<", "<=", ">", ">=", "BETWEEN", "IN"):
        return split_text_matches(phrases, comparison)
    return prefix_range("t.value", comparison)


def prefix_range(column: str, comparison: Comparison) -> Sql:
    """What of a column LIKE can only match, as a range of an index; `TRUE` for all of it."""
    if comparison.op != "LIKE":
        return TRUE
    start = str(comparison.values[0]).replace("_", "%").partition("%")[0][: PREFIX - 1]
    # Surrogates cannot be stored, so the character after one that ends before them is left alone.
    if not start or ord(start[-1]) in (0xD7FF, _LAST_CHARACTER):
        return TRUE
    end = start[:-1] + chr(ord(start[-1]) + 1)
    return Sql(f"{column} >= ? AND {column} < ?", (start, end))


def chosen(names: Sequence[str], comparison: Comparison) -> list[str]:
    """Those of a few known texts that a comparison matches."""
    return [name for name in names if text_is(name, comparison)]


def text_is(text: str, comparison: Comparison) -> bool:
    """Whether a text matches a comparison."""
    op, negated = split_negation(comparison.op)
    values = [str(value) for value in comparison.values]
    return (op == "IS NOT NULL" or _HOLDS[op](text, values)) != negated


def like(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern with ``%`` and ``_``; takes time in the product of their lengths."""
    at = star = mark = 0
    resume = -1
    while at < len(text):
        sign = pattern[star] if star < len(pattern) else None
        if sign == "%":
            resume, mark, star = star, at, star + 1
        elif sign is not None and sign in ("_", text[at]):
            at, star = at + 1, star + 1
        elif resume >= 0:
            mark, star = mark + 1, resume + 1
            at = mark
        else:
            return False
    return not pattern[star:].strip("%")


_HOLDS: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "IN": lambda text, values: text in values,
    "BETWEEN": lambda text, values: values[0] <= text <= values[1],
    "=": lambda text, values: text == values[0],
    "<": lambda text, values: text < values[0],
    "<=": lambda text, values: text <= values[0],
    ">": lambda text, values: text > values[0],
    ">=": lambda text, values: text >= values[0],
    "LIKE": lambda text, values: like(text, values[0]),
    "ILIKE": lambda text, values: like(text.lower(), values[0].lower()),
}


def _stored(value: Scalar) -> Scalar:
    if isinstance(value, float) and math.isinf(value):
        return math.copysign(LARGEST, value)
    return value


def _ordered(column: str, op: str, values: Sequence[Scalar]) -> Sql:
    if op == "IN":
        return (
            Sql(f"{column} IN ({', '.join('?' * len(values))})", tuple(values)) if values else FALSE
        )
    if op == "BETWEEN":
        return Sql(f"{column} >= ? AND {column} <= ?", tuple(values))
    return Sql(f"{column} {op} ?", tuple(values))
