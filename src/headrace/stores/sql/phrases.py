"""What the databases say differently when runs are searched.

Text is written with ``?`` for an argument and ``"`` around a name, and put into the driver's own form
at the end. Nothing that a user wrote ever stands in the text.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from headrace.stores.sql.view import View

Ids = npt.NDArray[np.int64]
"""Numbers of runs, each once."""

NO_IDS: Ids = np.empty(0, np.int64)


class Sql(NamedTuple):
    """A piece of SQL with the arguments for its marks."""

    text: str
    arguments: tuple[Any, ...] = ()


TRUE, FALSE = Sql("1 = 1"), Sql("1 = 0")


def all_of(parts: Iterable[Sql]) -> Sql:
    """The conjunction of conditions."""
    return _joined(" AND ", parts, TRUE)


def any_of(parts: Iterable[Sql]) -> Sql:
    """The disjunction of conditions."""
    return _joined(" OR ", parts, FALSE)


def _joined(joint: str, parts: Iterable[Sql], none: Sql) -> Sql:
    given = list(parts)
    if len(given) < 2:
        return given[0] if given else none
    text = joint.join(f"({part.text})" for part in given)
    return Sql(text, tuple(argument for part in given for argument in part.arguments))


def in_numbers(column: str, numbers: Sequence[int]) -> str:
    """A condition on whole numbers of our own, written out."""
    if len(numbers) == 1:
        return f"{column} = {numbers[0]:d}"
    return (
        f"{column} IN ({', '.join(format(number, 'd') for number in numbers)})"
        if numbers
        else "1 = 0"
    )


class Phrases:
    """The words of one database."""

    look_up: ClassVar[int] = 15
    """What a look-up by primary key costs, in entries of an index read in their order."""

    def __init__(self, view: View) -> None:
        self._view = view

    def fetch(self, query: Sql) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        dialect = self._view.dialect
        text = query.text.replace('"', dialect.quote).replace("?", dialect.mark)
        return self._view.fetch(text, *query.arguments)

    def like(self, column: str, pattern: str) -> Sql:
        """Case counts; ``%`` and ``_`` are wildcards, nothing escapes them."""
        raise NotImplementedError  # pragma: no cover

    def ilike(self, column: str, pattern: str) -> Sql:
        """Case does not count, at least for the letters of ASCII."""
        raise NotImplementedError  # pragma: no cover

    def exact(self, column: str) -> str:
        """A long text column, compared code point by code point."""
        return column

    def joined(self, *parts: str) -> str:
        """Texts one after the other."""
        return " || ".join(parts)

    def as_text(self, column: str) -> str:
        """The digits of a whole number."""
        return f"CAST({column} AS VARCHAR(20))"

    def as_double(self, column: str) -> str:
        """A whole number as a floating one."""
        return f"CAST({column} AS DOUBLE PRECISION)"

    def length(self, column: str) -> str:
        """The number of characters of a text."""
        return f"LENGTH({column})"

    def number_in(self, column: str) -> str:
        """The number that a text spells in digits, or NULL."""
        raise NotImplementedError  # pragma: no cover

    def packed(self, column: str, rest: str) -> str:
        """A query for many ids at once; `unpacked` reads its rows."""
        raise NotImplementedError  # pragma: no cover

    def unpacked(self, rows: Sequence[Sequence[Any]]) -> Ids:
        """The ids that a query made by `packed` found."""
        texts = (np.fromstring(text, np.int64, sep=",") for (text,) in rows if text)
        return np.concatenate([NO_IDS, *texts])

    def looked_up(self, source: Sql, run: str, where: Sql, ids: Ids) -> Sql:
        """The FROM and WHERE of a query that looks some runs up in ``source`` (as ``t``) by its column ``run``."""
        raise NotImplementedError  # pragma: no cover

    def id_list(self, ids: Ids) -> Any:
        """The argument that stands for some ids."""
        return f"[{','.join(map(str, ids.tolist()))}]"


# Bounded, so that what matches also fits a double.
_NUMBER = (
    "^[+-]{0,1}([0-9]{1,200}[.]{0,1}[0-9]{0,200}|[.][0-9]{1,200})([eE][+-]{0,1}[0-9]{1,2}){0,1}$"
)


class _SQLite(Phrases):
    def number_in(self, column: str) -> str:
        is_number = f"json_valid({column}) AND json_type({column}) IN ('integer', 'real')"
        return f"(CASE WHEN {is_number} THEN CAST({column} AS REAL) END)"

    def like(self, column: str, pattern: str) -> Sql:
        # LIKE folds case here and GLOB does not.
        escaped = re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", pattern)
        return Sql(f"{column} GLOB ?", (escaped.replace("%", "*").replace("_", "?"),))

    def ilike(self, column: str, pattern: str) -> Sql:
        return Sql(f"{column} LIKE ?", (pattern,))

    def packed(self, column: str, rest: str) -> str:
        return f"SELECT group_concat({column}) {rest}"

    def looked_up(self, source: Sql, run: str, where: Sql, ids: Ids) -> Sql:
        text = f"FROM json_each(?) AS j CROSS JOIN {source.text} AS t ON {run} = j.value WHERE {where.text}"
        return Sql(text, (self.id_list(ids), *source.arguments, *where.arguments))


class _PostgreSQL(Phrases):
    look_up = 40  # the key leads to a row on a page of its own

    def number_in(self, column: str) -> str:
        return f"(CASE WHEN {column} ~ '{_NUMBER}' THEN CAST({column} AS DOUBLE PRECISION) END)"

    def like(self, column: str, pattern: str) -> Sql:
        return Sql(f"{column} LIKE ? ESCAPE ''", (pattern,))

    def ilike(self, column: str, pattern: str) -> Sql:
        return Sql(f"{column} ILIKE ? ESCAPE ''", (pattern,))

    def exact(self, column: str) -> str:
        return f'{column} COLLATE "C"'

    def packed(self, column: str, rest: str) -> str:
        return f"SELECT string_agg(int8send({column}), ''::bytea) {rest}"

    def unpacked(self, rows: Sequence[Sequence[Any]]) -> Ids:
        return np.frombuffer(rows[0][0] or b"", ">i8").astype(np.int64)

    def looked_up(self, source: Sql, run: str, where: Sql, ids: Ids) -> Sql:
        text = f"FROM {source.text} AS t WHERE {run} = ANY(?::bigint[]) AND ({where.text})"
        return Sql(text, (*source.arguments, self.id_list(ids), *where.arguments))

    def id_list(self, ids: Ids) -> Any:
        return "{" + ",".join(map(str, ids.tolist())) + "}"


class _MySQL(Phrases):
    def number_in(self, column: str) -> str:
        return f"(CASE WHEN {column} REGEXP '{_NUMBER}' THEN {column} + 0e0 END)"

    def like(self, column: str, pattern: str) -> Sql:
        # An empty ESCAPE leaves the backslash in force here, so another sign takes its place.
        return Sql(f"{column} LIKE ? ESCAPE '|'", (pattern.replace("|", "||"),))

    def ilike(self, column: str, pattern: str) -> Sql:
        return Sql(f"LOWER({column}) LIKE LOWER(?) ESCAPE '|'", (pattern.replace("|", "||"),))

    def exact(self, column: str) -> str:
        mariadb = getattr(self._view.connection.dialect, "is_mariadb", False)
        return f"{column} COLLATE {'utf8mb4_nopad_bin' if mariadb else 'utf8mb4_0900_bin'}"

    def joined(self, *parts: str) -> str:
        return f"CONCAT({', '.join(parts)})"

    def as_text(self, column: str) -> str:
        return f"CAST({column} AS CHAR)"

    def as_double(self, column: str) -> str:
        return f"CAST({column} AS DOUBLE)"

    def length(self, column: str) -> str:
        return f"CHAR_LENGTH({column})"

    def packed(self, column: str, rest: str) -> str:
        # In pieces that no setting of the server cuts off: 32768 ids are less than 1 MB.
        hint = (
            "/*+ SET_VAR(group_concat_max_len = 1048576) */"  # MySQL's; to MariaDB it is a comment
        )
        return f"SELECT {hint} GROUP_CONCAT({column}) {rest} GROUP BY {column} DIV 32768"

    def looked_up(self, source: Sql, run: str, where: Sql, ids: Ids) -> Sql:
        text = (
            "FROM JSON_TABLE(?, '$[*]' COLUMNS (run BIGINT PATH '$')) AS j "
            f"STRAIGHT_JOIN {source.text} AS t ON {run} = j.run WHERE {where.text}"
        )
        return Sql(text, (self.id_list(ids), *source.arguments, *where.arguments))


_PHRASES: dict[str, type[Phrases]] = {
    "sqlite": _SQLite,
    "postgresql": _PostgreSQL,
    "mysql": _MySQL,
}


def phrases_of(view: View) -> Phrases:
    """The words that the view's database understands."""
    return _PHRASES[view.dialect.name](view)
