"""Predictions for whole files, a part after another, with as much memory as one part takes."""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models.mlmodel import Model
from headrace.pyfunc import load_model
from headrace.serve import formats

FORMATS = ("json", "csv", "parquet")


class Source(NamedTuple):
    """What is predicted for."""

    path: Path | None
    """A file; stdin if there is none."""
    kind: str | None
    """Its format, where its suffix does not say."""
    chunk_rows: int

    @property
    def format(self) -> str:
        """Its format."""
        suffix = "" if self.path is None else self.path.suffix.removeprefix(".").lower()
        return self.kind or (suffix if suffix in FORMATS else "json")

    @property
    def stream(self) -> Any:
        """Where it is read from."""
        return sys.stdin.buffer if self.path is None else self.path


class _Writer(Protocol):
    def add(self, predictions: Any) -> None:
        """Write the predictions of a part."""

    def close(self) -> None:
        """Write what comes last."""


def predict(
    model_uri: str, source: Source, target: Path | None, *, allow_code: bool | None = None
) -> int:
    """Predict for all rows of a source; the answer is how many they were.

    The target is written beside its place, and moved there when it is whole. Without one, JSON goes to
    stdout. Raises `InvalidValueError` for a row that cannot be taken, with the part that it is in.
    """
    model = load_model(model_uri, allow_code=allow_code)
    rows = 0
    with _written(target) as (stream, name), _shown(source) as moved:
        writer = _writer(stream, name)
        try:
            for question in _parts(source, model.metadata):
                found = model.predict(question.data, question.params)
                writer.add(found)
                rows += _length(found)
                moved(rows)
        except InvalidValueError as error:
            raise InvalidValueError(f"In the part that begins with row {rows}: {error}") from error
        writer.close()
    return rows


def _length(found: Any) -> int:
    return len(found) if hasattr(found, "__len__") else 1


def _parts(source: Source, model: Model) -> Iterator[formats.Question]:
    if source.format == "csv":
        schema = model.get_input_schema()
        for table in formats.tables_of_csv(source.stream, schema, source.chunk_rows):
            yield formats.Question(table)
    elif source.format == "parquet":
        file = plugins.load("pyarrow.parquet:ParquetFile")(_seekable(source.stream))
        for part in file.iter_batches(batch_size=source.chunk_rows):
            yield formats.Question(part.to_pandas())
    else:
        body = source.path.read_bytes() if source.path else sys.stdin.buffer.read()
        yield formats.read(body, formats.JSON, model)


def _seekable(stream: Any) -> Any:
    return stream if isinstance(stream, Path) else io.BytesIO(stream.read())


@contextlib.contextmanager
def _written(target: Path | None) -> Iterator[tuple[Any, str]]:
    """A stream of bytes that becomes the target when all went well."""
    if target is None:
        yield sys.stdout.buffer, "json"
        sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
        return
    name = target.suffix.removeprefix(".").lower()
    if name not in FORMATS:
        raise InvalidValueError(
            f"'{target}': the name of the output ends in .json, .csv or .parquet."
        )
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as stream:
            yield stream, name
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _writer(stream: Any, name: str) -> _Writer:
    made: dict[str, Callable[[Any], _Writer]] = {"json": _Json, "csv": _Csv, "parquet": _Parquet}
    return made[name](stream)


class _Json:
    """The predictions as the scoring server answers them."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._before = stream, b'{"predictions":['

    def add(self, predictions: Any) -> None:
        made = formats.plain(predictions)
        if not isinstance(made, list):
            self._stream.write(formats.write_json(predictions))
            self._before = b""
            return
        inner = formats.ENCODER.encode(made)[1:-1]
        if inner:
            self._stream.write(self._before + inner)
            self._before = b","

    def close(self) -> None:
        if self._before == b'{"predictions":[':
            self._stream.write(self._before)
        if self._before:
            self._stream.write(b"]}")


class _Csv:
    def __init__(self, stream: Any) -> None:
        self._stream, self._first = stream, True

    def add(self, predictions: Any) -> None:
        text = formats.table_of(predictions).to_csv(index=False, header=self._first)
        self._stream.write(text.encode())
        self._first = False

    def close(self) -> None:
        """Nothing comes last."""


class _Parquet:
    def __init__(self, stream: Any) -> None:
        self._stream, self._writer = stream, None

    def add(self, predictions: Any) -> None:
        arrow = plugins.load("pyarrow")
        table = arrow.Table.from_pandas(formats.table_of(predictions), preserve_index=False)
        if self._writer is None:
            open_writer = plugins.load("pyarrow.parquet:ParquetWriter")
            self._writer = open_writer(self._stream, table.schema)
        self._writer.write_table(table)  # type: ignore[attr-defined]

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@contextlib.contextmanager
def _shown(source: Source) -> Iterator[Callable[[int], None]]:
    """Tells on a terminal how many rows are done."""
    if not sys.stderr.isatty() or source.format == "json":
        yield lambda _rows: None
        return
    status = plugins.load("rich.console:Console")(stderr=True).status("Predicting")
    with status:
        yield lambda rows: status.update(f"{rows:,} rows predicted")
