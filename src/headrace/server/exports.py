"""A table of runs as a file: all rows of it, streamed page by page."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.search.fields import RUNS
from headrace.search.parser import parse_field
from headrace.search.tree import Field
from headrace.server.artifact_bodies import Sink, on_thread, read_body
from headrace.server.replies import SAFE_HEADERS, whole_body
from headrace.stores.base import TrackingStore
from headrace.wire import codec
from headrace.wire.operations import BY_METHOD
from headrace.wire.tracking import RunRow, TabulateRuns

_PAGE = 2_000
_THREADS = 2
_FIRST = ("attributes.run_id", "attributes.run_name")
_TIMES = ("start_time", "end_time")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a spreadsheet would take for a formula, unless it is a number.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!(\d|\.\d|inf|nan))", re.IGNORECASE)

Rows = list[list[Any]]


def export_routes(store: TrackingStore) -> list[Route]:
    """``headrace/runs/export?format=csv`` (or ``parquet``), with a body as for ``headrace/runs/table``.

    The answer has the id and the name of each run that matches, then the columns that were asked for, in
    the order that was asked for; ``offset`` and ``max_results`` do not count.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="headrace-export")

    async def export(request: Request) -> Response:
        question = codec.decode_body(
            BY_METHOD["tabulate_runs"], await whole_body(request.scope, request.receive)
        )
        given = parse_qs(request.url.query).get("format", ["csv"])[-1]
        if given not in _FORMATS:
            raise InvalidValueError(f"A table is exported as csv or parquet, not as '{given}'.")
        kind, make = _FORMATS[given]
        columns = [*_FIRST, *(one for one in question.columns if one not in _FIRST)]
        pages = _pages(store, msgspec.structs.replace(question, columns=columns, count=False))
        first = await on_thread(threads, next, pages, [])  # what is refused is refused as such
        chunks = make(columns, chain([first], pages))
        name = f'attachment; filename="runs.{given}"'
        safe = {key.decode(): value.decode() for key, value in SAFE_HEADERS}
        return StreamingResponse(
            read_body(threads, chunks),
            media_type=kind,
            headers={**safe, "Content-Disposition": name},
        )

    return [
        Route(f"/{surface}/2.0/headrace/runs/export", export, methods=["POST"])
        for surface in ("api", "ajax-api")
    ]


def _pages(store: TrackingStore, question: TabulateRuns) -> Iterator[Rows]:
    """The cells of all rows; a run that moves from one page to the next meanwhile comes once."""
    fields = [parse_field(column, RUNS) for column in question.columns]
    seen: set[str] = set()
    offset = 0
    while True:
        asked = msgspec.structs.replace(question, offset=offset, max_results=_PAGE)
        rows = store.tabulate_runs(asked).rows
        fresh = [row for row in rows if row.run_id not in seen]
        seen.update(row.run_id for row in fresh)
        yield [_cells(row, fields) for row in fresh]
        if len(rows) < _PAGE:
            return
        offset += _PAGE


def _cells(row: RunRow, fields: Sequence[Field]) -> list[Any]:
    return [_cell(value, field) for value, field in zip(row.values, fields, strict=True)]


def _cell(value: float | str | None, field: Field) -> Any:
    if value is None:
        return None
    if field.kind == "attribute" and field.key in _TIMES:
        return _EPOCH + timedelta(milliseconds=float(value))
    return float(value) if _is_number(field) else value


def _is_number(field: Field) -> bool:
    return field.kind == "metric" or (field.kind == "attribute" and field.numeric)


def _csv(columns: Sequence[str], pages: Iterator[Rows]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.removeprefix("attributes.") for column in columns])
    for rows in pages:
        writer.writerows([[_spelled(value) for value in row] for row in rows])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _parquet(columns: Sequence[str], pages: Iterator[Rows]) -> Iterator[bytes]:
    try:
        arrow, parquet = plugins.load("pyarrow"), plugins.load("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            "Parquet needs pyarrow where the server runs: pip install 'headrace[arrow]'. CSV needs nothing."
        ) from error
    types = [_arrow_type(arrow, parse_field(column, RUNS)) for column in columns]
    names = [column.removeprefix("attributes.") for column in columns]
    schema = arrow.schema(list(zip(names, types, strict=True)))
    return _written(arrow, parquet, schema, pages)


def _arrow_type(arrow: Any, field: Field) -> Any:
    if field.kind == "attribute" and field.key in _TIMES:
        return arrow.timestamp("ms", tz="UTC")
    return arrow.float64() if _is_number(field) else arrow.string()


def _written(arrow: Any, parquet: Any, schema: Any, pages: Iterator[Rows]) -> Iterator[bytes]:
    sink = Sink()
    with parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema) as writer:
        for rows in pages:
            cells = zip(*rows, strict=True) if rows else [[] for _ in schema]
            arrays = [
                arrow.array(list(column), kind)
                for column, kind in zip(cells, schema.types, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


_Make = Callable[[Sequence[str], Iterator[Rows]], Iterator[bytes]]
_FORMATS: dict[str, tuple[str, _Make]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "parquet": ("application/vnd.apache.parquet", _parquet),
}
