"""What a filter or an order means, as a small typed tree."""

from typing import Literal

from msgspec import Struct

Kind = Literal["attribute", "metric", "param", "tag", "dataset"]
Reduction = Literal["last", "min", "max", "first", "mean", "count"]
Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=",
    "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE",
    "IN", "NOT IN", "BETWEEN", "NOT BETWEEN",
    "IS NULL", "IS NOT NULL",
]  # fmt: skip
Scalar = str | int | float


class Field(Struct, frozen=True):
    """A named value of what is searched, e.g. ``metrics.rmse`` or ``min(metrics.rmse)``.

    ``key`` is canonical: an attribute's own name (``start_time``, never ``created``).
    ``numeric`` says that the comparison is by number: always for metrics and numeric attributes,
    for a param or tag where the filter compares it with a number.
    """

    kind: Kind
    key: str
    reduction: Reduction = "last"
    numeric: bool = False


class Comparison(Struct, frozen=True):
    """A field held against a value; ``values`` has two for BETWEEN, any number for IN, none for IS NULL.

    A field that is absent matches no operator but IS NULL, not even ``!=`` or ``NOT IN``.
    """

    field: Field
    op: Operator
    values: tuple[Scalar, ...]


class Not(Struct, frozen=True):
    """What does not match ``part``, be it that the value is another or that it is absent."""

    part: "Node"


class And(Struct, frozen=True):
    """What matches all parts."""

    parts: tuple["Node", ...]


class Or(Struct, frozen=True):
    """What matches at least one part."""

    parts: tuple["Node", ...]


Node = Comparison | Not | And | Or


class Order(Struct, frozen=True):
    """One sort key; missing values come last in both directions."""

    field: Field
    ascending: bool = True
