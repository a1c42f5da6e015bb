"""Bytes to questions and answers to bytes: the quirks of the MLflow REST protocol, and no other place.

A question goes a fast way, one typed decode, and a slow way only where that decode fails or could
have overlooked something: camelCase names, nulls, enums as numbers, numbers as booleans. What is
wrong is an `InvalidValueError` that names the field, what was expected and what was given; no input
gives any other exception.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from msgspec import Struct

from headrace.entities import ModelStatus, NonFinite, RunStatus
from headrace.errors import HeadraceError, InternalError, InvalidValueError, from_wire
from headrace.wire.operations import Operation
from headrace.wire.tracking import RunTable, SampledMetrics

Q = TypeVar("Q")
A = TypeVar("A")

_NO_PARAMS: Mapping[str, str] = {}
_MAX_QUERY_FIELDS = 2_000


def _once_a_type(make: Callable[[type[Any]], A]) -> Callable[[type[Any]], A]:
    known: dict[type[Any], A] = {}

    def ask(kind: type[Any]) -> A:
        found = known.get(kind)
        if found is None:
            found = known[kind] = make(kind)
        return found

    return ask


# Questions


def decode_body(
    operation: Operation[Q, Any], body: bytes, path_params: Mapping[str, str] = _NO_PARAMS
) -> Q:
    """The question that a request's body holds; what the path names wins over the body."""
    form = _form(operation.question)
    # A body without a capital letter has no camelCase name in it: the cheapest test for long ones.
    if not path_params and (body.islower() or not any(alias in body for alias in form.aliases)):
        try:
            question = form.decode(body)
        except (ValueError, RecursionError):
            pass  # the slow way takes it, or says what is wrong
        else:
            if form.view is None or getattr(question, form.view) in _VIEWS.values():
                return question  # type: ignore[no-any-return]
    return _question(operation.question, {**_json_object(body), **path_params})


def decode_query(
    operation: Operation[Q, Any],
    query_string: bytes | str,
    path_params: Mapping[str, str] = _NO_PARAMS,
) -> Q:
    """The question that a query string holds; a list is a key that repeats."""
    try:
        text = query_string if isinstance(query_string, str) else query_string.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_QUERY_FIELDS
        )
    except ValueError as error:
        raise InvalidValueError(f"The query string cannot be read: {error}.") from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    lists = _list_names(operation.question)
    fields: dict[str, Any] = {
        name: values if name in lists else values[-1] for name, values in given.items()
    }
    return _question(operation.question, {**fields, **path_params})


def encode(message: Struct) -> bytes:
    """A question or an answer as JSON; NaN and infinities become the strings of the protocol."""
    data = _ENCODER.encode(message)
    # msgspec writes a plain float that is not finite as null; a Metric's value is never null itself.
    if b'"value":null' in data or (isinstance(message, _FLOAT_LISTS) and b"null" in data):
        return msgspec.json.encode(_spelled(msgspec.to_builtins(message, enc_hook=_spell)))
    return data


def address(operation: Operation[Any, Any], question: Struct) -> str:
    """The path that asks ``question``, with its query string where the operation is read with GET."""
    used = set(_PLACEHOLDER.findall(operation.client_url))
    if not used and operation.verbs[0] != "GET":
        return operation.client_url
    fields = msgspec.to_builtins(question, enc_hook=_spell)
    path = _PLACEHOLDER.sub(lambda match: _segment(fields[match.group(1)]), operation.client_url)
    if operation.verbs[0] != "GET":
        return path
    query = {name: _query_value(value) for name, value in fields.items() if name not in used}
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def _segment(value: str) -> str:
    """A value as one segment of a path; dots are not left for anybody to take for a way up."""
    return value.replace(".", "%2E") if value in (".", "..") else quote(value, safe="")


def finite(value: float) -> float:
    """The value as it must stand in an answer: NaN and infinities as `NonFinite`."""
    return value if math.isfinite(value) else NonFinite(value)


# Answers


def decode_answer(operation: Operation[Any, A], body: bytes) -> A:
    """The answer that a response's body holds; an empty body is the empty answer."""
    try:
        return _answer_decoder(operation.answer)(body or b"{}")  # type: ignore[no-any-return]
    except (ValueError, RecursionError) as error:
        raise InternalError(
            f"The server's answer to {operation.method} cannot be read: {error}."
        ) from error


def error_body(error: HeadraceError) -> bytes:
    """The JSON that a server answers with when it refuses."""
    body = {"error_code": error.error_code, "message": error.message}
    extra = _EXTRA.get(error.error_code)
    if extra:
        body["sqlstate"], body["error_class"] = extra
    return msgspec.json.encode(body)


def error_from(status: int, body: bytes) -> HeadraceError:
    """The exception that a response other than 200 stands for."""
    try:
        told = msgspec.json.decode(body, type=_Refusal)
    except (ValueError, RecursionError):
        told = _Refusal()
    shown = body[:300].decode("utf-8", "replace").strip() or "nothing"
    message = told.message or f"The server answered {status} with: {shown}"
    return from_wire(told.error_code, message, status)


class _Refusal(Struct):
    error_code: str | None = None
    message: str = ""


_EXTRA: dict[str, tuple[str, str]] = {
    "INVALID_PARAMETER_VALUE": ("KAM00", "INVALID_PARAMETER_VALUE"),
    "BAD_REQUEST": ("KAM00", "INVALID_PARAMETER_VALUE"),
    "RESOURCE_ALREADY_EXISTS": ("KAM00", "RESOURCE_ALREADY_EXISTS"),
    "PERMISSION_DENIED": ("KAM00", "PERMISSION_DENIED"),
    "RESOURCE_DOES_NOT_EXIST": ("KAM00", "RESOURCE_NOT_FOUND"),
    "ENDPOINT_NOT_FOUND": ("KAM00", "RESOURCE_NOT_FOUND"),
    "INTERNAL_ERROR": ("XXM00", "CLIENT_INTERNAL_ERROR"),
    "INVALID_STATE": ("XXM00", "CLIENT_INTERNAL_ERROR"),
    "TEMPORARILY_UNAVAILABLE": ("XXM00", "CLIENT_INTERNAL_ERROR"),
}


# Numbers that JSON cannot spell


def with_numbers(table: RunTable, columns: Sequence[str]) -> RunTable:
    """The table with NaN and infinities in its columns of metrics; a text that says "NaN" stays a text."""
    places = [place for place, column in enumerate(columns) if _METRIC_COLUMN.match(column)]
    for row in table.rows:
        for place in places:
            cell = row.values[place]
            if isinstance(cell, str):
                row.values[place] = NonFinite(cell)
    return table


def _spell(value: object) -> str:
    if not isinstance(value, float):
        raise TypeError(f"{type(value).__name__} does not travel")
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spelled(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_spelled(part) for part in value]
    return _spell(value) if isinstance(value, float) and not math.isfinite(value) else value


def _query_value(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


_ENCODER = msgspec.json.Encoder(enc_hook=_spell)
_METRIC_COLUMN = re.compile(r"\s*(?:\w+\s*\(\s*)?metrics?\.", re.IGNORECASE)
_FLOAT_LISTS = (RunTable, SampledMetrics)
_PLACEHOLDER = re.compile(r"\{(\w+)(?::path)?\}")


# The slow way


_VIEWS = {"ACTIVE_ONLY": 1, "DELETED_ONLY": 2, "ALL": 3}
_VIEW_SPELLINGS: dict[Any, int] = _VIEWS | {
    spelled: n for n in (1, 2, 3) for spelled in (n, str(n))
}
# The protocol numbers them in the order in which they are declared.
_ENUMS: dict[Any, dict[int, str]] = {
    RunStatus: dict(enumerate(get_args(RunStatus), start=1)),
    ModelStatus: dict(enumerate(get_args(ModelStatus))),
}


class _Form(Struct, frozen=True):
    """What is known of a question's type, worked out once."""

    decode: Callable[[bytes], Any]
    aliases: tuple[bytes, ...]
    view: str | None


@_once_a_type
def _form(question: type[Any]) -> _Form:
    fields = msgspec.structs.fields(question)
    names = [field.encode_name for field in fields]
    # Megabytes of bytes are not searched for other spellings: only our own programs send them.
    aliases = set() if any(field.type is bytes for field in fields) else _all_aliases(question)
    return _Form(
        decode=msgspec.json.Decoder(question, strict=False).decode,
        aliases=tuple(sorted(f'"{alias}"'.encode() for alias in aliases)),
        view=next((name for name in names if name.endswith("view_type")), None),
    )


@_once_a_type
def _answer_decoder(answer: type[Any]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(answer, strict=False).decode


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body or b"{}")
        if isinstance(value, str):  # a JSON string that holds JSON
            value = msgspec.json.decode(value or "{}")
    except RecursionError as error:
        raise InvalidValueError("The body is nested too deeply.") from error
    except ValueError as error:
        reason = str(error).removeprefix("JSON is malformed: ").partition(" - at ")[0]
        raise InvalidValueError(f"The body is not valid JSON: {reason}.") from error
    if not isinstance(value, dict):
        raise InvalidValueError(f"The body must be a JSON object, not {_told(value)}.")
    return value


def _question(question: type[Q], given: dict[str, Any]) -> Q:
    fields = _normal_object(question, given, "")
    try:
        return msgspec.convert(fields, question, strict=False)
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(_reason(str(error), fields)) from error


class _Field(Struct, frozen=True):
    name: str
    kind: Any
    required: bool


@_once_a_type
def _fields(struct: type[Any]) -> dict[str, _Field]:
    """The fields of a struct by every name that the wire may call them."""
    found: dict[str, _Field] = {}
    for field in msgspec.structs.fields(struct):
        known = _Field(field.encode_name, _bare(field.type), field.required)
        names = [known.name, _camel(known.name)]
        if known.name == "run_id" and known.required:
            names += ["run_uuid", "runUuid"]
        found.update(dict.fromkeys(names, known))
    return found


def _normal_object(struct: type[Any], given: dict[str, Any], place: str) -> dict[str, Any]:
    """``given`` with the names and the kinds of value that ``struct`` has; null is as good as absent."""
    fields = _fields(struct)
    said: dict[str, str] = {}
    normal: dict[str, Any] = {}
    # The name itself comes before its aliases, so that run_id wins over run_uuid.
    for name in sorted(given, key=lambda name: name not in fields or fields[name].name != name):
        field, value = fields.get(name), given[name]
        if field is None or value is None:
            continue
        if field.name in said:
            if name in ("run_uuid", "runUuid"):
                continue
            raise InvalidValueError(
                f"Parameter '{place}{field.name}' is given twice: as '{said[field.name]}' and as '{name}'."
            )
        said[field.name] = name
        normal[field.name] = _normal(field, value, place + field.name)
    return normal


def _normal(field: _Field, value: Any, place: str) -> Any:
    if field.name.endswith("view_type"):
        return _view(value)
    return _normal_value(field.kind, value, place)


def _normal_value(kind: Any, value: Any, place: str) -> Any:
    if isinstance(value, bool):
        return float(value) if kind is float else value
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Struct):
        return _normal_object(kind, value, f"{place}.")
    if isinstance(value, list) and get_origin(kind) is list:
        part = _bare(get_args(kind)[0])
        return [_normal_value(part, item, f"{place}[{i}]") for i, item in enumerate(value)]
    if kind in _ENUMS:
        return _enum(_ENUMS[kind], value, place)
    if kind is int and isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def _enum(names: dict[int, str], value: Any, place: str) -> str:
    name = names.get(value) if isinstance(value, int) else value
    if name not in names.values():
        known = ", ".join(names.values())
        raise InvalidValueError(
            f"Invalid value for parameter '{place}' supplied: expected one of {known}, "
            f"got {_told(value)}."
        )
    return str(name)


def _view(value: Any) -> int:
    # What is neither a name nor a number of the enum counts as its default, as MLflow has it.
    return _VIEW_SPELLINGS.get(value, 1) if isinstance(value, str | int) else 1


def _bare(kind: Any) -> Any:
    """A field's type without its constraints and without ``None``."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        parts = [part for part in get_args(kind) if part is not type(None)]
        return _bare(parts[0]) if len(parts) == 1 else kind
    return kind


def _list_names(question: type[Any]) -> set[str]:
    return {name for name, field in _fields(question).items() if get_origin(field.kind) is list}


def _all_aliases(struct: type[Any]) -> set[str]:
    """The camelCase names that a body may use, nested structs included."""
    found: set[str] = set()
    for name, field in _fields(struct).items():
        if name != field.name and not name.endswith(("uuid", "Uuid")):
            found.add(name)
        inner = _bare(get_args(field.kind)[0]) if get_origin(field.kind) is list else field.kind
        if isinstance(inner, type) and issubclass(inner, Struct):
            found |= _all_aliases(inner)
    return found


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


# What was wrong


_MISSING = re.compile(
    r"Object missing required field `(?P<name>\w+)`(?: - at `\$\.?(?P<place>.*)`)?"
)
_WRONG = re.compile(r"(?P<what>.*?) - at `\$\.?(?P<place>.*)`", re.DOTALL)


def _reason(text: str, fields: dict[str, Any]) -> str:
    """What msgspec complains of, in the words of the protocol."""
    missing = _MISSING.fullmatch(text)
    if missing:
        place = f"{missing['place']}." if missing["place"] else ""
        return (
            f"Missing value for required parameter '{place}{missing['name']}'. "
            "See the API docs for more information about request parameters."
        )
    wrong = _WRONG.fullmatch(text)
    if wrong is None:
        return f"The request cannot be read: {text}."
    what = wrong["what"].partition(", got ")[0].replace("`", "").replace("Expected", "expected")
    given = _told(_at(fields, wrong["place"]))
    return f"Invalid value for parameter '{wrong['place']}' supplied: {what}, got {given}."


def _at(value: Any, place: str) -> Any:
    for step in re.findall(r"\w+", place):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _told(value: Any) -> str:
    """A value for an error message: short, whatever was sent."""
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, int) and abs(value) >= 2**64:
        return f"an integer of {value.bit_length()} bits"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 100 else f"{text[:100]}..."
