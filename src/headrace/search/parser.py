"""From the text of a filter or an order to its tree: one grammar for everything that can be searched.

    filter      any number of clauses, joined by OR, by AND or by nothing (which means AND)
    clause      NOT clause | ( filter ) | comparison
    comparison  field operator value | field [NOT] IN ( value, ... ) | field [NOT] BETWEEN value AND value
                | field [NOT] LIKE text | field [NOT] ILIKE text | field IS [NOT] NULL
    field       attribute | prefix.key | reduction(metrics.key) | number(params.key)
    value       number | text in single or double quotes, a quote inside written twice
    order       field [ASC | DESC]

Keywords, prefixes and attributes are known in any case. A key or attribute may stand in backticks or
quotes. What MLflow's grammar accepts means the same here.
"""

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import cast, get_args

from headrace.errors import InvalidValueError
from headrace.search.fields import DATASET, Attribute, Searchable
from headrace.search.lexer import Cursor, Token, cut
from headrace.search.tree import (
    And,
    Comparison,
    Field,
    Node,
    Not,
    Operator,
    Or,
    Order,
    Reduction,
    Scalar,
)

MAX_COMPARISONS = 200
MAX_VALUES = 5_000
MAX_DEPTH = 50
MAX_ORDERS = 50

_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
_REDUCTIONS: tuple[str, ...] = get_args(Reduction)
_NUMBER_OF = "number"
_FUNCTIONS = (*_REDUCTIONS, _NUMBER_OF)
_CLAUSE_WORDS = frozenset(("AND", "OR", "NOT"))
_RESERVED = _CLAUSE_WORDS | {"IN", "LIKE", "ILIKE", "BETWEEN", "IS", "NULL", "ASC", "DESC"}


def parse_filter(text: str | None, entity: Searchable) -> Node | None:
    """The tree of a filter; none for no text at all, which matches everything.

    Raises `InvalidValueError` that shows the place and says what would fit there.
    """
    if not text:
        return None
    return _Parser(text, entity, "filter").whole_filter()


def parse_order(texts: Sequence[str], entity: Searchable) -> tuple[Order, ...]:
    """The sort keys in their order; naming a field twice is refused."""
    if len(texts) > MAX_ORDERS:
        raise InvalidValueError(
            f"order_by has {len(texts)} fields; at most {MAX_ORDERS} are taken."
        )
    orders = tuple(_Parser(text, entity, "order_by").whole_order() for text in texts)
    seen: set[Field] = set()
    for order, text in zip(orders, texts, strict=True):
        if order.field in seen:
            raise InvalidValueError(
                f"order_by names the field of '{cut(text)}' twice; once is enough."
            )
        seen.add(order.field)
    return orders


def parse_field(text: str, entity: Searchable) -> Field:
    """The field that a table's column stands for, e.g. ``min(metrics.loss)``."""
    return _Parser(text, entity, "field").whole_field()


class _Parser(Cursor):
    """Reads one text from left to right, one token ahead."""

    def __init__(self, text: str, entity: Searchable, subject: str) -> None:
        super().__init__(text, subject)
        self._entity = entity
        self._depth = self._comparisons = self._values = 0

    # Entry points

    def whole_filter(self) -> Node:
        self._skip_ands()
        node = self._alternatives()
        if self.next.kind != "end":
            raise self.expected("AND, OR or the end")
        return node

    def whole_order(self) -> Order:
        start = self.next.start
        field = self._field()
        if field.kind not in self._entity.orders:
            raise self.error_at(
                start, f"{self._entity.noun} cannot be ordered by a {field.kind} field."
            )
        descending = not self.took("ASC") and self.took("DESC")
        if self.next.kind != "end":
            raise self.expected("ASC, DESC or the end (each field is an item of its own)")
        return Order(field, ascending=not descending)

    def whole_field(self) -> Field:
        field = self._field()
        if self.next.kind != "end":
            raise self.expected("the end")
        return field

    # Clauses

    def _alternatives(self) -> Node:
        parts = [self._conjunction()]
        while self.took("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def _conjunction(self) -> Node:
        parts = [self._clause()]
        # MLflow takes clauses without AND between them, and idle ANDs.
        while self._skip_ands() or self._starts_clause():
            if not self._starts_clause():
                break
            parts.append(self._clause())
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def _skip_ands(self) -> bool:
        start = self.at
        while self.took("AND"):
            pass
        return self.at > start

    def _starts_clause(self) -> bool:
        token = self.next
        if token.kind == "word":
            return token.value.upper() not in _RESERVED - {"NOT"}
        return token.kind in ("field", "name", "text") or token.value == "("

    def _clause(self) -> Node:
        if self.is_word("NOT"):
            self._deeper()
            self.at += 1
            node: Node = Not(self._clause())
        elif self.is_sign("("):
            self._deeper()
            self.at += 1
            node = self._alternatives()
            self.take_sign(")", "AND, OR or )")
        else:
            return self._comparison()
        self._depth -= 1
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} levels deep.")

    # Comparisons

    def _comparison(self) -> Node:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise self.error(f"more than {MAX_COMPARISONS} comparisons.")
        field = self._field()
        if self.took("IS"):
            negated = self.took("NOT")
            if not self.took("NULL"):
                raise self.expected("NULL" if negated else "NULL or NOT NULL")
            return Comparison(field, "IS NOT NULL" if negated else "IS NULL", ())
        if self.next.kind == "sign" and self.next.value in _SIGNS:
            return self._signed(field)
        return self._worded(field)

    def _signed(self, field: Field) -> Node:
        operator = cast("Operator", self.advance().value)
        start = self.next.start
        if self.is_word("NAN") and field.kind == "metric":
            self.at += 1
            return self._nan(field, operator, start)
        value = self._value(field)
        if operator not in ("=", "!=") and isinstance(value, str) and _reads_as_number(value):
            raise self.error_at(
                start, f"'{operator}' compares numbers where the value has no quotes: {cut(value)}"
            )
        return Comparison(_typed(field, value), operator, (value,))

    def _nan(self, field: Field, operator: str, start: int) -> Node:
        number = Comparison(field, "BETWEEN", (-math.inf, math.inf))
        if operator == "!=":
            return number
        if operator != "=":
            raise self.error_at(start, "nothing is less or greater than NaN; use = or !=.")
        return And((Comparison(field, "IS NOT NULL", ()), Not(number)))

    def _worded(self, field: Field) -> Comparison:
        negation = "NOT " if self.took("NOT") else ""
        for word, read in (
            ("IN", self._list),
            ("BETWEEN", self._range),
            ("LIKE", self._pattern),
            ("ILIKE", self._pattern),
        ):
            if self.took(word):
                values = read(field)
                operator = cast("Operator", negation + word)
                return Comparison(_typed(field, values[0]), operator, values)
        raise self.expected("IN, LIKE, ILIKE or BETWEEN" if negation else _operators(field))

    def _list(self, field: Field) -> tuple[Scalar, ...]:
        self.take_sign("(", "( and the values")
        values = [self._value(field)]
        while self.took_sign(",") and not self.is_sign(")"):
            self._same_type(values[0])
            values.append(self._value(field))
        self.take_sign(")", ", or )")
        return tuple(values)

    def _range(self, field: Field) -> tuple[Scalar, ...]:
        start = self.next.start
        low = self._value(field)
        if isinstance(low, str) and _reads_as_number(low):
            raise self.error_at(
                start, f"BETWEEN compares numbers where they have no quotes: {cut(low)}"
            )
        if not self.took("AND"):
            raise self.expected("AND and the upper end of BETWEEN")
        self._same_type(low)
        return low, self._value(field)

    def _pattern(self, field: Field) -> tuple[Scalar, ...]:
        if field.numeric:
            raise self.error(
                f"LIKE compares text, and {_shown(field)} is a number; use {_operators(field)}."
            )
        if self.next.kind != "text" and not self._is_bare_text(self.next):
            raise self.expected("a pattern in quotes, e.g. '%tree%'")
        return (self._value(field),)

    # Values

    def _value(self, field: Field) -> Scalar:
        token = self.next
        self._values += 1
        if self._values > MAX_VALUES:
            raise self.error(f"more than {MAX_VALUES:,} values.")
        if token.kind == "number":
            if not field.numeric and field.kind not in ("param", "tag"):
                raise self.error(
                    f"{_shown(field)} is text; put the value in quotes: '{cut(token.value)}'."
                )
            self.at += 1
            return _number(token.value, whole=field.kind == "attribute")
        if token.kind == "text" or self._is_bare_text(token):
            return self._text_value(field, token)
        raise self.expected(
            _wanted(field), "; text stands in quotes" if token.kind in ("word", "name") else ""
        )

    def _is_bare_text(self, token: Token) -> bool:
        return self._entity.bare_values and self._is_free_word(token)

    def _is_free_word(self, token: Token) -> bool:
        return token.kind == "word" and token.value.upper() not in _RESERVED

    def _text_value(self, field: Field, token: Token) -> Scalar:
        if field.numeric:
            if field.kind == "attribute" and self._attribute(field).quoted:
                return self._quoted_number(field, token)
            hint = " without quotes" if _reads_as_number(token.value) else ""
            raise self.expected(f"a number{hint}, as {_shown(field)} is one")
        known = self._attribute(field).choices if field.kind == "attribute" else ()
        if known and token.value not in known and not self._after_like():
            raise self.error(
                f"{_shown(field)} is never '{cut(token.value)}', but one of {', '.join(known)}."
            )
        self.at += 1
        return token.value

    def _quoted_number(self, field: Field, token: Token) -> int | float:
        if not _reads_as_number(token.value):
            raise self.expected(f"a number, as {_shown(field)} is one")
        self.at += 1
        return _number(token.value, whole=True)

    def _after_like(self) -> bool:
        return self.tokens[self.at - 1].value.upper() in ("LIKE", "ILIKE")

    def _same_type(self, first: Scalar) -> None:
        if isinstance(first, str) == (self.next.kind == "number"):
            raise self.error("the values are either all numbers, or all text in quotes.")

    # Fields

    def _field(self) -> Field:
        token = self.next
        if self._is_function():
            return self._reduced()
        if token.kind == "field":
            self.at += 1
            return self._prefixed(token, token.prefix, token.value)
        if token.kind in ("name", "text") or self._is_free_word(token):
            self.at += 1
            return self._unprefixed(token)
        raise self.expected(f"a field of {self._entity.noun}, e.g. {self._examples()}")

    def _unprefixed(self, token: Token) -> Field:
        attribute = self._entity.attributes_by_name.get(token.value.lower())
        if attribute is not None:
            return Field("attribute", attribute.name, numeric=attribute.numeric)
        prefix, dot, key = token.value.partition(".")
        if dot and key and prefix.lower() in self._entity.prefixes:
            return self._prefixed(token, prefix, key)
        raise self._unknown(token, token.value)

    def _prefixed(self, token: Token, prefix: str, key: str) -> Field:
        kind = self._entity.prefixes.get(prefix.lower())
        if kind is None:
            near = _near(prefix, self._entity.prefixes)
            hint = f"Did you mean {near}.{cut(key)}?" if near else f"Known are {self._examples()}."
            raise self.error_at(
                token.start, f"{self._entity.noun} have no '{cut(prefix)}.' fields. {hint}"
            )
        if not key:
            raise self.error_at(token.start, "the key is empty.")
        if kind not in ("attribute", "dataset"):
            return Field(kind, key, numeric=kind == "metric")
        known = self._entity.attributes_by_name if kind == "attribute" else DATASET
        attribute = known.get(key.lower())
        if attribute is None:
            raise self._unknown(token, key, known)
        return Field(kind, attribute.name, numeric=attribute.numeric)

    def _reduced(self) -> Field:
        token = self.advance()
        self.at += 1
        name = token.value.lower()
        if name not in _FUNCTIONS:
            near = _near(name, _FUNCTIONS)
            hint = f"Did you mean {near}?" if near else f"Known: {', '.join(_FUNCTIONS)}."
            raise self.error_at(token.start, f"no function '{cut(name)}'. {hint}")
        start, nested = self.next.start, self._is_function()
        kinds = ("param", "tag") if name == _NUMBER_OF else ("metric",)
        field = None if nested else self._field()
        if field is None or field.kind not in kinds:
            raise self.error_at(start, f"{name}() takes a {' or '.join(kinds)}.")
        self.take_sign(")", ")")
        if name == _NUMBER_OF:
            return Field(field.kind, field.key, numeric=True)
        return Field("metric", field.key, cast("Reduction", name), numeric=True)

    def _is_function(self) -> bool:
        return self.next.kind == "word" and self.tokens[self.at + 1].value == "("

    def _attribute(self, field: Field) -> Attribute:
        return self._entity.attributes_by_name[field.key]

    def _unknown(
        self, token: Token, name: str, known: dict[str, Attribute] | None = None
    ) -> InvalidValueError:
        known = self._entity.attributes_by_name if known is None else known
        near = _near(name, known)
        choices = [known[near].name] if near else []
        if token.kind != "field":
            words = ("metrics", "params", "tags")
            choices += [f"{word}.{cut(name)}" for word in words if word in self._entity.prefixes]
        hint = f" Did you mean {' or '.join(choices)}?" if choices else ""
        names = ", ".join(dict.fromkeys(each.name for each in known.values()))
        return self.error_at(
            token.start,
            f"{self._entity.noun} have no attribute '{cut(name)}'.{hint} Attributes: {names}.",
        )

    def _examples(self) -> str:
        words = ("metrics", "params", "tags", "datasets")
        keyed = [f"{word}.<key>" for word in words if word in self._entity.prefixes]
        return ", ".join([*keyed, self._entity.attributes[0].name])


def _flat(joint: type[And] | type[Or], parts: list[Node]) -> tuple[Node, ...]:
    """The parts, with those of the same joint taken apart: ``a AND (b AND c)`` has three."""
    return tuple(
        inner for part in parts for inner in (part.parts if isinstance(part, joint) else (part,))
    )


def _near(name: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(cut(name).lower(), list(known), 1)), None)


def _typed(field: Field, value: Scalar) -> Field:
    """A param or tag held against a number is compared by number."""
    if isinstance(value, str) or field.numeric:
        return field
    return Field(field.kind, field.key, field.reduction, numeric=True)


def _number(text: str, *, whole: bool) -> int | float:
    """Whole attributes are compared exactly, as far as the stores' integers go."""
    value = float(text)
    if whole and text.lstrip("+-").isdecimal() and abs(value) < 2**62:
        return int(text)
    return value


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(field: Field) -> str:
    return field.key if field.kind == "attribute" else f"{field.kind}s.{cut(field.key)}"


def _wanted(field: Field) -> str:
    if field.numeric:
        return "a number"
    return (
        "a value in quotes or a number" if field.kind in ("param", "tag") else "a value in quotes"
    )


def _operators(field: Field) -> str:
    words = ("=, !=, <, <=, >, >=", "[NOT] IN", "[NOT] BETWEEN")
    like = () if field.numeric else ("[NOT] LIKE", "[NOT] ILIKE")
    return ", ".join((*words, *like, "IS [NOT] NULL"))
