"""Interned names: params, tags and metrics are stored under small numbers."""

import threading
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from headrace.stores.sql.tables import keys

_MOST = 200_000


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

    def of(self, connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
        """The names of numbers that rows of the database refer to."""
        names = self._names
        wanted = set(numbers)
        known = {number: names[number] for number in wanted if number in names}
        missing = wanted.difference(known)
        if missing:
            rows = connection.execute(select(keys.c.id, keys.c.name).where(keys.c.id.in_(missing)))
            found: dict[str, int] = {row.name: row.id for row in rows}
            self.remember(found)
            known.update({number: name for name, number in found.items()})
        return known

    def numbers_of(self, connection: Connection, names: Sequence[str]) -> dict[str, int]:
        """The numbers of those names that the database has."""
        known = {name: self._numbers[name] for name in names if name in self._numbers}
        missing = [name for name in names if name not in known]
        if missing:
            rows = connection.execute(
                select(keys.c.name, keys.c.id).where(keys.c.name.in_(missing))
            )
            found = {row.name: row.id for row in rows}
            self.remember(found)
            known.update(found)
        return known

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
