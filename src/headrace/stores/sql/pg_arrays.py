"""Teaches psycopg to send `binary_arrays`; loaded only where PostgreSQL is."""

from typing import Any

from psycopg.adapt import Dumper
from psycopg.pq import Format

from headrace.stores.sql.binary_arrays import FORMS


def _dumper(array_oid: int) -> type[Dumper]:
    class Binary(Dumper):
        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: bytes) -> bytes:
            return obj

    return Binary


_DUMPERS = {form.kind: _dumper(form.oid) for form in FORMS.values()}


def register(connection: Any, _record: Any) -> None:
    """Have a new connection of psycopg send arrays as they are."""
    for kind, dumper in _DUMPERS.items():
        connection.adapters.register_dumper(kind, dumper)
