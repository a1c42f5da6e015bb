"""What a request's body holds as a model's input, and predictions as an answer's body."""

import base64
import contextlib
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from headrace import plugins
from headrace.errors import BadRequestError, HeadraceError, InvalidValueError
from headrace.models.mlmodel import Model
from headrace.models.schema import DataType, Schema

JSON = "application/json"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

_KEYS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_CHAT = ("messages", "prompt", "input")


class UnsupportedTypeError(HeadraceError):
    """The body is in a format that is not taken."""

    error_code, status = "INVALID_PARAMETER_VALUE", 415


class UnwritableError(TypeError):
    """The model gave something that has no form in an answer."""


class Question(NamedTuple):
    """What a model is asked."""

    data: Any
    params: dict[str, Any] | None = None
    wrapped: bool = True
    """Whether the answer names the predictions as such; that of a conversation does not."""


def read(body: bytes, kind: str, model: Model) -> Question:
    """The question in a body of some content type.

    Raises `UnsupportedTypeError`, or `InvalidValueError` that says what is wrong with the body and where.
    """
    name, *options = (part.strip().lower() for part in kind.split(";"))
    if name not in _READERS or any(option != "charset=utf-8" for option in options):
        raise UnsupportedTypeError(
            f"The content type '{kind}' is not taken. Those that are: {', '.join(_READERS)}, "
            "with no parameter but charset=utf-8."
        )
    return _READERS[name](body, model)


def _read_json(body: bytes, model: Model) -> Question:
    try:
        given = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise BadRequestError(f"The body is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise BadRequestError(f"The body is a JSON object, not a {type(given).__name__}.")
    if any(key in given for key in _CHAT):
        return _chat(given, model)
    keys = [key for key in given if key in _KEYS]
    if len(keys) != 1:
        raise BadRequestError(
            f"The body has exactly one of {', '.join(_KEYS)}; this has {', '.join(given) or 'none'}."
        )
    params = given.get("params")
    if params is not None and not isinstance(params, dict):
        raise BadRequestError(f"params is a JSON object, not a {type(params).__name__}.")
    return Question(_PARTS[keys[0]](given[keys[0]], model.get_input_schema()), params)


def _chat(given: dict[str, Any], model: Model) -> Question:
    names = {one.name for one in model.get_params_schema() or ()}
    params = {key: value for key, value in given.items() if key in names}
    data = {key: value for key, value in given.items() if key not in names}
    return Question(data, params or None, wrapped=False)


def _split(given: Any, schema: Schema | None) -> Any:
    if not isinstance(given, dict) or not isinstance(given.get("data"), list):
        raise BadRequestError("dataframe_split is an object with the list `data`, and `columns`.")
    rows, columns = given["data"], given.get("columns")
    width = None if columns is None else len(columns)
    for number, row in enumerate(rows):
        if not isinstance(row, list):
            raise BadRequestError(f"dataframe_split: row {number} of data is not a list: {row!r}.")
        width = len(row) if width is None else width
        if len(row) != width:
            raise BadRequestError(
                f"dataframe_split: row {number} of data has {len(row)} values; it should have {width}."
            )
    return _frame(rows, schema, columns=columns, index=given.get("index"))


def _records(given: Any, schema: Schema | None) -> Any:
    if not isinstance(given, list):
        raise BadRequestError("dataframe_records is a list of objects.")
    for number, row in enumerate(given):
        if not isinstance(row, dict):
            raise BadRequestError(f"dataframe_records: row {number} is not an object: {row!r}.")
    return _frame(given, schema)


def _frame(rows: list[Any], schema: Schema | None, **options: Any) -> Any:
    pandas = plugins.load("pandas")
    try:
        frame = pandas.DataFrame(rows, dtype=object, **options)
    except ValueError as error:
        raise BadRequestError(f"The rows make no table: {error}.") from error
    return _typed(frame, schema)


def _typed(frame: Any, schema: Schema | None) -> Any:
    """A table of plain values, with bytes and times made of the texts that stand for them."""
    types = _types(schema)
    if not types:
        return frame.infer_objects()
    for name in frame.columns:
        convert = _FROM_TEXT.get(types.get(str(name)))
        if convert is not None:
            frame[name] = [
                _converted(convert, value, f"Column '{name}', row {row}")
                for row, value in enumerate(frame[name])
            ]
    return frame


def _converted(convert: Callable[[str], Any], value: Any, where: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return convert(value)
    except ValueError as error:
        raise InvalidValueError(f"{where}: {value!r} cannot be read: {error}.") from error


def _bytes(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


def _moment(text: str) -> Any:
    return plugins.load("pandas:Timestamp")(text)


_FROM_TEXT: Mapping[Any, Callable[[str], Any]] = {
    DataType.binary: _bytes,
    DataType.datetime: _moment,
}


def _values(given: Any, schema: Schema | None) -> Any:
    """Columns, tensors or values: by row where they are a list of objects, else by name."""
    rows = isinstance(given, list) and bool(given) and all(isinstance(one, dict) for one in given)
    if schema is None:
        return plugins.load("numpy:array")(given) if isinstance(given, list) and not rows else given
    if schema.is_tensor_spec():
        return _stacked(given) if rows else given
    if rows:
        return _frame(given, schema)
    if isinstance(given, dict) and all(isinstance(one, list) for one in given.values()):
        return _frame_of_columns(given, schema)
    return given


def _stacked(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    for number, row in enumerate(rows):
        if row.keys() != rows[0].keys():
            raise BadRequestError(
                f"instances: row {number} has {', '.join(row)}; the first has {', '.join(rows[0])}."
            )
    return {name: [row[name] for row in rows] for name in rows[0]}


def _frame_of_columns(columns: dict[str, list[Any]], schema: Schema) -> Any:
    pandas = plugins.load("pandas")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadRequestError(f"inputs: the columns differ in length: {lengths}.")
    made = {name: pandas.Series(one, dtype=object) for name, one in columns.items()}
    return _typed(pandas.DataFrame(made), schema)


_PARTS: Mapping[str, Callable[[Any, Schema | None], Any]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _values,
    "inputs": _values,
}


def _read_csv(body: bytes, model: Model) -> Question:
    return Question(table_of_csv(io.BytesIO(body), model.get_input_schema()))


def table_of_csv(source: Any, schema: Schema | None) -> Any:
    """A table of a CSV file; columns that the schema knows are of its types."""
    with _of_csv():
        return _checked(plugins.load("pandas:read_csv")(source, dtype=_texts(schema)), schema)


def tables_of_csv(source: Any, schema: Schema | None, rows: int) -> Iterator[Any]:
    """The same, so many rows at a time."""
    with _of_csv():
        parts = plugins.load("pandas:read_csv")(source, dtype=_texts(schema), chunksize=rows)
        for part in parts:
            yield _checked(part.reset_index(drop=True), schema)


@contextlib.contextmanager
def _of_csv() -> Iterator[None]:
    try:
        yield
    except plugins.load("pandas.errors:ParserError") as error:
        raise BadRequestError(f"This is not CSV: {error}.") from error
    except (plugins.load("pandas.errors:EmptyDataError"), UnicodeDecodeError) as error:
        raise BadRequestError(f"This is not CSV: {error}.") from error


def _texts(schema: Schema | None) -> dict[str, str]:
    """The columns that are texts even where they look like numbers."""
    return {name: "object" for name, kind in _types(schema).items() if kind is DataType.string}


def _types(schema: Schema | None) -> dict[str, Any]:
    if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
        return {}
    return {str(name): kind for name, kind in schema.input_types_dict().items()}


def _checked(table: Any, schema: Schema | None) -> Any:
    """A table that was read from texts; a text among numbers is named with its row."""
    types = _types(schema)
    pandas = plugins.load("pandas")
    for name in table.columns:
        column = table[name]
        if types.get(str(name)) not in _NUMBERS or column.dtype.kind in "biufM":
            continue
        strange = pandas.to_numeric(column, errors="coerce").isna() & column.notna()
        for row in strange.to_numpy().nonzero()[0][:1]:
            raise InvalidValueError(
                f"Column '{name}', row {row}: expected {types[str(name)]}, got {column.iloc[row]!r}."
            )
    return _typed(table, schema)


_NUMBERS = (DataType.integer, DataType.long, DataType.float, DataType.double)


def _read_parquet(body: bytes, model: Model) -> Question:  # noqa: ARG001  (one shape for all readers)
    return Question(_arrow("Parquet", lambda pa: _parquet().read_table(pa.BufferReader(body))))


def _read_arrow(body: bytes, model: Model) -> Question:  # noqa: ARG001
    return Question(_arrow("an Arrow stream", lambda pa: pa.ipc.open_stream(body).read_all()))


def _arrow(what: str, act: Callable[[Any], Any]) -> Any:
    arrow = plugins.load("pyarrow")
    try:
        return act(arrow).to_pandas()
    except (arrow.ArrowException, OSError) as error:
        raise BadRequestError(f"The body is not {what}: {error}.") from error


def _parquet() -> Any:
    return plugins.load("pyarrow.parquet")


_READERS: Mapping[str, Callable[[bytes, Model], Question]] = {
    JSON: _read_json,
    CSV: _read_csv,
    PARQUET: _read_parquet,
    ARROW: _read_arrow,
}


def plain(predictions: Any) -> Any:
    """Predictions as JSON has them: a table as a list of records, a column or an array as a list."""
    kind = type(predictions).__name__
    if kind == "DataFrame" and hasattr(predictions, "to_dict"):
        of_pandas = hasattr(predictions, "iloc")
        return predictions.to_dict(orient="records") if of_pandas else predictions.to_dicts()
    if hasattr(predictions, "detach"):
        return predictions.detach().cpu().numpy().tolist()
    for convert in ("tolist", "to_list"):
        method = getattr(predictions, convert, None)
        if callable(method):
            return method()
    return predictions


def _other(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    made = plain(value)
    if made is value:
        raise UnwritableError(f"A {type(value).__name__} among the predictions has no JSON form.")
    return made


ENCODER = msgspec.json.Encoder(enc_hook=_other)


def write_json(predictions: Any, *, wrapped: bool = True) -> bytes:
    """The body of an answer."""
    made = plain(predictions)
    return ENCODER.encode({"predictions": made} if wrapped else made)


def table_of(predictions: Any) -> Any:
    """Predictions as a table of pandas, in one column if they have no names of their own."""
    pandas = plugins.load("pandas")
    if isinstance(predictions, pandas.DataFrame):
        return predictions.rename(columns=str)
    made = predictions if isinstance(predictions, pandas.Series) else plain(predictions)
    if isinstance(made, dict):
        return pandas.DataFrame(made)
    return pandas.DataFrame({"predictions": made if isinstance(made, list) else list(made)})


def write_arrow(predictions: Any) -> bytes:
    """The body of an answer as an Arrow stream."""
    arrow = plugins.load("pyarrow")
    table = arrow.Table.from_pandas(table_of(predictions), preserve_index=False)
    sink = io.BytesIO()
    with arrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def write_parquet(predictions: Any) -> bytes:
    """The body of an answer as Parquet."""
    sink = io.BytesIO()
    table_of(predictions).to_parquet(sink, index=False)
    return sink.getvalue()
