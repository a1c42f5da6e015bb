"""Interned names: params, tags and metrics are stored under small numbers."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, select

from headrace.stores.sql.tables import keys

_MOST = 200_000
_TOGETHER = 500


class KeyNames:
    """What is known in this process of which number stands for which name.

    A pair once committed never changes, so what is remembered is always right; it is dropped when it
    grows past a bound.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._seen: set[tuple[int, int, int]] = set()
        self._lock = threading.Lock()

    def number(self, name: str) -> int | None:
        """The number of a name, if it is known here."""
        return self._numbers.get(name)

    def remember(self, found: dict[str, int]) -> None:
        """Take in committed pairs."""
        with self._lock:
            if len(self._numbers) + len(found) > _MOST:
                self._numbers.clear()
                self._names.clear()
            self._numbers.update(found)
            self._names.update({number: name for name, number in found.items()})

    def name(self, number: int) -> str | None:
        """The name of a number, if it is known here."""
        return self._names.get(number)

    def of(self, connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
        """The names of numbers that rows of the database refer to."""
        names = self._names
        wanted = set(numbers)
        known = {number: names[number] for number in wanted if number in names}
        missing = wanted.difference(known)
        if missing:
            found = self._fetch(connection, keys.c.id, list(missing))
            known.update({number: name for name, number in found.items()})
        return known

    def numbers_of(self, connection: Connection, names: Sequence[str]) -> dict[str, int]:
        """The numbers of those names that the database has."""
        numbers = self._numbers
        known = {name: numbers[name] for name in names if name in numbers}
        missing = [name for name in names if name not in known]
        if missing:
            known.update(self._fetch(connection, keys.c.name, missing))
        return known

    def _fetch(
        self, connection: Connection, column: Column[Any], wanted: Sequence[Any]
    ) -> dict[str, int]:
        found: dict[str, int] = {}
        query = select(keys.c.name, keys.c.id)
        for start in range(0, len(wanted), _TOGETHER):
            some = query.where(column.in_(wanted[start : start + _TOGETHER]))
            found.update((name, number) for name, number in connection.execute(some))
        self.remember(found)
        return found

    def unseen(self, uses: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Those (experiment, kind, key) that this process has not written yet."""
        seen = self._seen
        return [use for use in uses if use not in seen]

    def remember_uses(self, uses: Iterable[tuple[int, int, int]]) -> None:
        """Take in committed uses of keys."""
        with self._lock:
            if len(self._seen) > _MOST:
                self._seen.clear()
            self._seen.update(uses)


class UncommittedNames(KeyNames):
    """What a write transaction knows: what is known anyway, and what it made or met itself.

    The others must not learn of the latter before the commit: after a rollback the same number may
    stand for another name.
    """

    def __init__(self, known: KeyNames) -> None:
        super().__init__()
        self._known = known

    def number(self, name: str) -> int | None:
        """The number of a name, if it is known here."""
        return self._known.number(name) or self._numbers.get(name)

    def name(self, number: int) -> str | None:
        """The name of a number, if it is known here."""
        return self._known.name(number) or self._names.get(number)

    def of(self, connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
        """The names of numbers that rows of the database refer to."""
        wanted = set(numbers)
        known = {number: name for number in wanted if (name := self._known.name(number))}
        return known | super().of(connection, wanted.difference(known))

    def numbers_of(self, connection: Connection, names: Sequence[str]) -> dict[str, int]:
        """The numbers of those names that the database has."""
        known = {name: number for name in names if (number := self._known.number(name))}
        return known | super().numbers_of(connection, [name for name in names if name not in known])

    def unseen(self, uses: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Those (experiment, kind, key) that are not written yet."""
        return super().unseen(self._known.unseen(uses))

    def commit(self) -> None:
        """The transaction is durable: what it learned is right for all."""
        self._known.remember(self._numbers)
        self._known.remember_uses(self._seen)
