"""The cells of a runs table: for each column its values by run, read only for what is shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from headrace.errors import InvalidValueError
from headrace.search.tree import Field
from headrace.stores.points import from_bits
from headrace.stores.sql.tables import STATUS_NAME, metric_series, params, tags
from headrace.stores.sql.view import View
from headrace.wire.codec import finite

Cell = float | str | None
Column = Mapping[int, Cell]
Rows = Mapping[int, Mapping[str, Any]]

_SERIES = (
    "run",
    "key",
    "last_bits",
    "first_value",
    "min_value",
    "max_value",
    "count",
    "finite_count",
    "finite_sum",
)


def of(view: View, fields: Sequence[Field], rows: Rows) -> list[Column]:
    """A column for each field; ``rows`` are the runs of the page by number."""
    numbers = list(rows)
    keys = view.names.numbers_of(
        view.connection, [field.key for field in fields if field.kind != "attribute"]
    )
    series = _by_key(view, metric_series, _SERIES, numbers, _wanted(fields, "metric", keys))
    texts = {
        kind: _by_key(
            view, table, ("run", "key", "value", "tail"), numbers, _wanted(fields, kind, keys)
        )
        for kind, table in (("param", params), ("tag", tags))
    }
    columns: list[Column] = []
    for field in fields:
        key = keys.get(field.key, -1)
        if field.kind == "attribute":
            columns.append({number: _attribute(field.key, row) for number, row in rows.items()})
        elif field.kind == "metric":
            columns.append(
                {number: _reduced(field.reduction, row) for number, row in series[key].items()}
            )
        elif field.kind in texts:
            columns.append(
                {number: row[2] + (row[3] or "") for number, row in texts[field.kind][key].items()}
            )
        else:
            raise InvalidValueError(f"'{field.kind}s.{field.key}' cannot be a column of a table.")
    return columns


def _wanted(fields: Sequence[Field], kind: str, keys: Mapping[str, int]) -> list[int]:
    return sorted({keys[field.key] for field in fields if field.kind == kind and field.key in keys})


def _by_key(
    view: View, table: Table, columns: Sequence[str], numbers: Sequence[int], keys: Sequence[int]
) -> defaultdict[int, dict[int, tuple[Any, ...]]]:
    found: defaultdict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    if numbers and keys:
        text = view.dialect.select_grid(table, columns)
        for row in view.fetch(
            text, view.dialect.list_argument(numbers), view.dialect.list_argument(keys)
        ):
            found[row[1]][row[0]] = row
    return found


def _reduced(reduction: str, row: tuple[Any, ...]) -> Cell:
    _, _, bits, first, least, greatest, count, finite_count, finite_sum = row
    if reduction == "last":
        return finite(from_bits(bits))
    if reduction == "mean":
        return finite_sum / finite_count if finite_count else None
    found: Cell = {"first": first, "min": least, "max": greatest, "count": float(count)}[reduction]
    return found


def _attribute(name: str, row: Mapping[str, Any]) -> Cell:
    if name == "duration":
        return None if row["end_time"] is None else float(row["end_time"] - row["start_time"])
    if name == "status":
        return STATUS_NAME[row["status"]]
    if name == "run_name":
        return str(row["name"])
    if name == "experiment_id":
        return str(row["experiment"])
    if name == "artifact_uri":
        raise InvalidValueError(
            "'artifact_uri' is shown on a run's own page; it cannot be a column of a table."
        )
    value: Cell = row[name]
    return value
