"""A page of a table in a file of a run: CSV and TSV line by line, Parquet by row groups, never whole files."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from headrace import plugins
from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked
from headrace.errors import HeadraceError, InvalidValueError, UnsupportedError
from headrace.wire.artifacts import ReadTable, TableColumn, TablePage

COLUMNS: Final = 500
CELL: Final = 1_000
"""Characters of a cell; what is longer ends with an ellipsis."""
LINE_BYTES: Final = 2**20
PAGE_BYTES: Final = 8 * 2**20
GROUP_BYTES: Final = 2**30
"""Of the shown columns of one row group, unpacked: more is refused before any of it is read."""
_FOOTER_BYTES: Final = 32 * 2**20
_FOOTER_ITEMS: Final = 1_000_000
_STEP_ROWS: Final = 4_096
_ROWS_AT_ONCE: Final = 50
_READ_BYTES: Final = 2**20


def read_table(store: ArtifactStore, question: ReadTable) -> TablePage:
    """The rows that the question asks for; `InvalidValueError` for what is no such table."""
    path = checked(question.path)
    ending = path.rpartition(".")[2].lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise InvalidValueError(
            f"'{path}' cannot be read as a table: its name must end with "
            f"{', '.join(f'.{one}' for one in _READERS)}."
        )
    start = _position(question.page_token)
    return reader(store, path, start, question.max_results)


def _position(token: str | None) -> int:
    if not token:
        return 0
    if not token.isascii() or not token.isdecimal() or len(token) > 18:
        raise InvalidValueError(f"The page token '{token[:50]}' is not one of this server's.")
    return int(token)


def _short(text: str) -> str:
    return text if len(text) <= CELL else f"{text[:CELL]}…"


# Delimited text: the token is the byte at which the next row begins


def _delimited(delimiter: str) -> Callable[[ArtifactStore, str, int, int], TablePage]:
    def read(store: ArtifactStore, path: str, start: int, count: int) -> TablePage:
        size = store.stat(path).size
        head: list[str] = []
        lines = _Lines(store.read(path, start), start)
        rows = _records(lines, delimiter, path)
        if not start:
            head = next(rows, [])
        page: list[list[str | None]] = []
        begun = lines.position
        for row in islice(rows, count):
            page.append([_short(cell) for cell in row[:COLUMNS]])
            if lines.position - begun > PAGE_BYTES:
                break
        more = str(lines.position) if lines.position < size else None
        columns = [TableColumn(_short(name), "text") for name in head[:COLUMNS]]
        return TablePage(columns, page, None, max(0, len(head) - COLUMNS), more)

    return read


def _records(lines: "_Lines", delimiter: str, path: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            lines.row = lines.position
            if row:
                yield row
    except csv.Error as error:
        raise InvalidValueError(
            f"'{path}' cannot be read as a table before byte {lines.position}: {error}."
        ) from error


class _Lines:
    """The lines of a text with their ends; `position` is the byte behind the last that was taken.

    `csv.reader` takes as many lines as a row has, so behind each row it is where the next one begins.
    """

    def __init__(self, chunks: Iterator[bytes], position: int) -> None:
        self._chunks = chunks
        self._first = position == 0
        self._rest = b""
        self.position = self.row = position
        """`row` is where the row begins that is being read: a quote that nobody closes makes it long."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._line()
        if not line:
            raise StopIteration
        if len(line) > LINE_BYTES:
            raise InvalidValueError(
                f"The line at byte {self.position} is longer than {LINE_BYTES:,} bytes, which no table "
                "is shown of."
            )
        if self.position - self.row > LINE_BYTES:
            raise csv.Error(f"a row is longer than {LINE_BYTES:,} bytes")
        self.position += len(line)
        first, self._first = self._first, False
        return line.decode("utf-8-sig" if first else "utf-8", "replace")

    def _line(self) -> bytes:
        pieces = io.BytesIO(self._rest)
        pieces.seek(0, io.SEEK_END)
        end = self._rest.find(b"\n")
        while end < 0 and pieces.tell() <= LINE_BYTES and (chunk := next(self._chunks, b"")):
            found = chunk.find(b"\n")
            end = pieces.tell() + found if found >= 0 else -1
            pieces.write(chunk)
        content = pieces.getvalue()
        end = end + 1 if end >= 0 else len(content)
        self._rest = content[end:]
        return content[:end]


# Parquet: the token is the number of the next row


def _parquet(store: ArtifactStore, path: str, start: int, count: int) -> TablePage:
    try:
        arrow, parquet = plugins.load("pyarrow"), plugins.load("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            "Parquet needs pyarrow where the server runs: pip install 'headrace[arrow]'. "
            "The file can be downloaded."
        ) from error
    try:
        file = _opened(arrow, parquet, store, path)
        return _page_of(arrow, file, path, start, count)
    except (arrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, HeadraceError):
            raise
        raise InvalidValueError(f"'{path}' cannot be read as Parquet: {error}") from error


def _opened(arrow: Any, parquet: Any, store: ArtifactStore, path: str) -> Any:
    """The file, whose texts are read as numbers of distinct texts.

    So a text that a small file repeats a million times is in memory once.
    """
    kept: dict[str, Any] = {}
    for _ in range(2):
        source = io.BufferedReader(_StoredFile(store, path), _READ_BYTES)
        file = parquet.ParquetFile(
            arrow.PythonFile(source, mode="r"),
            **kept,
            buffer_size=_READ_BYTES,
            pre_buffer=False,
            thrift_string_size_limit=_FOOTER_BYTES,
            thrift_container_size_limit=_FOOTER_ITEMS,
        )
        texts = [field.name for field in file.schema_arrow if _is_text(arrow, field.type)]
        kept = {"metadata": file.metadata, "read_dictionary": texts}
    return file


def _is_text(arrow: Any, kind: Any) -> bool:
    return kind in (arrow.string(), arrow.large_string(), arrow.binary(), arrow.large_binary())


def _is_shown(arrow: Any, kind: Any) -> bool:
    """Not what has parts: how many, a file may say without being large."""
    types = arrow.types
    wide = types.is_fixed_size_binary(kind) and kind.byte_width > CELL
    return not (types.is_nested(kind) or isinstance(kind, arrow.BaseExtensionType) or wide)


def _page_of(arrow: Any, file: Any, path: str, start: int, count: int) -> TablePage:
    fields = list(file.schema_arrow)
    shown = [field for field in fields if _is_shown(arrow, field.type)][:COLUMNS]
    total = file.metadata.num_rows
    rows: list[list[str | None]] = []
    written = 0
    for batch in _batches(file, path, [field.name for field in shown], start, count):
        columns = [_texts(arrow, column) for column in batch.columns]
        rows += [list(row) for row in zip(*columns, strict=True)]
        written += sum(len(cell or "") for column in columns for cell in column)
        if written > PAGE_BYTES:
            break
    end = start + len(rows)
    more = str(end) if rows and end < total else None
    told = [TableColumn(_short(field.name), _type_name(arrow, field.type)) for field in shown]
    return TablePage(told, rows, total, len(fields) - len(shown), more)


def _type_name(arrow: Any, kind: Any) -> str:
    return str(kind.value_type if arrow.types.is_dictionary(kind) else kind)


def _batches(file: Any, path: str, names: list[str], start: int, count: int) -> Iterator[Any]:
    """The rows ``[start, start + count)``, a few at a time: row groups before them are not touched."""
    first = 0
    for group in range(file.num_row_groups):
        meta = file.metadata.row_group(group)
        behind = first + meta.num_rows
        if behind > start and first < start + count:
            if meta.total_byte_size > GROUP_BYTES:
                raise InvalidValueError(
                    f"The row group {group} of '{path}' unpacks to {meta.total_byte_size:,} bytes; "
                    f"at most {GROUP_BYTES:,} are shown. Download the file, or write smaller row groups."
                )
            yield from _of_group(file, group, names, (start - first, start + count - first))
        first = behind


def _of_group(file: Any, group: int, names: list[str], span: tuple[int, int]) -> Iterator[Any]:
    at = 0
    for batch in file.iter_batches(_STEP_ROWS, row_groups=[group], columns=names):
        low, high = max(span[0] - at, 0), min(span[1] - at, batch.num_rows)
        for begin in range(low, high, _ROWS_AT_ONCE):
            yield batch.slice(begin, min(_ROWS_AT_ONCE, high - begin))
        at += batch.num_rows
        if at >= span[1]:
            break


def _texts(arrow: Any, column: Any) -> list[str | None]:
    if arrow.types.is_dictionary(column.type):
        words = column.dictionary
        return [
            None if at is None else _spelled(words[at].as_py()) for at in column.indices.to_pylist()
        ]
    if arrow.types.is_temporal(column.type):  # Python has no nanoseconds
        column = column.cast(arrow.string())
    return [_spelled(value) for value in column.to_pylist()]


def _spelled(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return _short(value[:CELL].hex())
    return _short(str(value))


class _StoredFile(io.RawIOBase):
    """A stored file, of which is read what is asked for."""

    def __init__(self, store: ArtifactStore, path: str) -> None:
        self._store = store
        self._path = path
        self._size = store.stat(path).size
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The byte that is read next."""
        return self._at

    def readinto(self, target: Any) -> int:
        """Fill the target as far as the file goes."""
        room = memoryview(target).cast("B")
        filled = 0
        if self._at < self._size:
            for chunk in self._store.read(self._path, self._at, self._at + len(room)):
                room[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        self._at += filled
        return filled


_READERS: Final = {
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": _parquet,
}
