"""What the protocol carries as JSON inside strings: the tags and the records of an evaluation dataset.

This JSON is Python's, in which NaN and infinities are values: so the protocol's clients write it and
read it. What is wrong in it is an `InvalidValueError` that names the place.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from headrace.entities import USER_TAG
from headrace.errors import InvalidValueError
from headrace.wire.limits import KEY_LENGTH, MAX_BATCH, NAME_LENGTH, check_length, check_value

RECORD_BYTES = 4 * 1024 * 1024
"""Of one record as JSON: what every database takes as a row, however its driver spells it."""
MAX_DEPTH = 100
"""Of what a record holds: far below what readers of JSON bear."""
SOURCE_TYPES = ("UNSPECIFIED", "TRACE", "HUMAN", "DOCUMENT", "CODE")

Types = dict[str, str] | str
"""The type of each key of an object, or the type of what is no object."""


class Schema(Struct):
    """Which keys the records of a dataset have, and the type that each was first seen with."""

    inputs: Types = {}
    outputs: Types = {}
    expectations: Types = {}
    version: str = "1.0"

    def add(self, other: "Schema") -> None:
        """Take in what is new in the other."""
        self.inputs = _merged(self.inputs, other.inputs)
        self.outputs = _merged(self.outputs, other.outputs)
        self.expectations = _merged(self.expectations, other.expectations)


class SentRecord(Struct, frozen=True):
    """A record to store; texts are JSON."""

    place: str
    """Where it stands in the request, for messages."""
    identity: str
    """The same for the same inputs in the same dataset, in whatever order their keys stand."""
    inputs: str
    expectations: str | None
    tags: str | None
    outputs: str | UnsetType | None
    """``UNSET`` where nothing was said about them, ``None`` where there shall be none."""
    source: "Source"
    user: str | None


class Source(NamedTuple):
    """Where a record comes from: the whole as JSON, its type, and the trace it was made from."""

    text: str | None = None
    kind: str | None = None
    id: str | None = None


class Batch(Struct, frozen=True):
    """The records of one request."""

    records: list[SentRecord]
    schema: Schema
    digest: str


class Record(Struct, frozen=True, omit_defaults=True):
    """A record as it is told."""

    dataset_record_id: str
    dataset_id: str
    inputs: Raw
    tags: Raw
    created_time: int
    last_update_time: int
    expectations: Raw | None = None
    outputs: Raw | None = None
    source: Raw | None = None
    source_id: str | None = None
    source_type: str | None = None
    created_by: str | None = None
    last_updated_by: str | None = None


def json_text(value: Any, *, sort_keys: bool = False) -> str:
    """JSON of what came as JSON; all of it is ASCII, so every database keeps it."""
    return json.dumps(value, separators=(",", ":"), sort_keys=sort_keys)


def merged_text(text: str | None, more: str | None) -> str | None:
    """An object with the keys of two; those of ``more`` win."""
    if text is None or more is None:
        return text if more is None else more
    return json_text({**json.loads(text), **json.loads(more)})


def merged_schema(known: str | None, new: Schema) -> str:
    """The schema of a dataset after records came that have another."""
    schema = Schema() if known is None else msgspec.convert(json.loads(known), Schema)
    schema.add(new)
    return json_text(msgspec.to_builtins(schema))


def write_records(records: Iterable[Record]) -> str:
    """The text that `read_records` understands, of records as they are told."""
    return msgspec.json.encode(list(records)).decode()


def read_tags(text: str) -> dict[str, str | None]:
    """Tags by key; numbers and booleans become their JSON, and null stays without a value."""
    value = _loaded(text, "tags")
    if value is None:
        return {}
    tags = _object(value, "tags")
    if len(tags) > MAX_BATCH:
        raise InvalidValueError(
            f"A request holds at most {MAX_BATCH} tags; this one has {len(tags)}."
        )
    return {_tag_key(key): _tag_value(key, value) for key, value in tags.items()}


def read_records(text: str, dataset_id: str) -> Batch:
    """The records that a request has for a dataset, each held to the rules."""
    value = _loaded(text, "records")
    if not isinstance(value, list):
        raise _invalid("records", "an array of objects", value)
    schema = Schema()
    records = [_record(each, f"records[{i}]", dataset_id, schema) for i, each in enumerate(value)]
    return Batch(records, schema, hashlib.sha256(text.encode()).hexdigest())


# Tags


def _tag_key(key: str) -> str:
    if not key.strip():
        raise InvalidValueError("A tag of 'tags' has a blank key.")
    check_length(key, "tags", KEY_LENGTH)
    return key


def _tag_value(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise _invalid(f"tags.{key[:100]}", "text, a number or a boolean", value)
    text = value if isinstance(value, str) else json_text(value)
    check_value(text, "tags", key)
    return text


# Records


def _record(value: Any, place: str, dataset_id: str, schema: Schema) -> SentRecord:
    given = _object(value, place)
    if _is_deeper(given, MAX_DEPTH):
        raise InvalidValueError(f"'{place}' is nested too deeply; {MAX_DEPTH} levels are kept.")
    inputs = _object(given.get("inputs"), f"{place}.inputs")
    expectations = _optional(given.get("expectations"), f"{place}.expectations")
    tags = _optional(given.get("tags"), f"{place}.tags")
    outputs = given.get("outputs", UNSET)
    schema.add(Schema(_types(inputs), _types(outputs), _types(expectations)))
    known_by = f"{dataset_id}\0{json_text(inputs, sort_keys=True)}"
    return SentRecord(
        place=place,
        identity=hashlib.sha256(known_by.encode()).hexdigest(),
        inputs=json_text(inputs),
        expectations=None if expectations is None else json_text(expectations),
        tags=None if tags is None else json_text(tags),
        outputs=outputs if outputs in (None, UNSET) else json_text(outputs),
        source=_source(given.get("source"), f"{place}.source"),
        user=_short((tags or {}).get(USER_TAG), f"{place}.tags.{USER_TAG}"),
    )


def _source(value: Any, place: str) -> Source:
    given = _optional(value, place)
    if not given:
        return Source()
    unknown = sorted(given.keys() - {"source_type", "source_data"})
    if unknown:
        raise InvalidValueError(
            f"'{place}' holds a source_type and source_data, not also {json_text(unknown)[:100]}."
        )
    kind = str(given.get("source_type")).upper()
    if kind not in SOURCE_TYPES:
        known = ", ".join(SOURCE_TYPES)
        raise _invalid(f"{place}.source_type", f"one of {known}", given.get("source_type"))
    data = _optional(given.get("source_data"), f"{place}.source_data") or {}
    trace = data.get("trace_id") if kind == "TRACE" else None
    text = json_text({"source_type": kind, "source_data": data})
    return Source(text, kind, _short(trace, f"{place}.source_data.trace_id"))


def _is_deeper(value: Any, levels: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    inner = [part for part in parts if isinstance(part, dict | list)]
    return bool(inner) and (levels == 0 or any(_is_deeper(part, levels - 1) for part in inner))


def _short(value: Any, place: str) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json_text(value)
    check_length(text, place, NAME_LENGTH)
    return text


# Types


_TYPE_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "float",
    list: "array",
    dict: "object",
    type(None): "null",
}


def _types(value: Any) -> Types:
    if value is None or value is UNSET:
        return {}
    if isinstance(value, dict):
        return {key: _TYPE_NAMES[type(part)] for key, part in value.items()}
    return _TYPE_NAMES[type(value)]


def _merged(known: Types, new: Types) -> Types:
    if isinstance(known, dict) and isinstance(new, dict):
        fresh = {key: kind for key, kind in new.items() if known.get(key, "null") == "null"}
        return {**known, **fresh} if fresh else known
    return known or new


# JSON


def _loaded(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise InvalidValueError(f"'{place}' is nested too deeply.") from error
    except ValueError as error:
        raise InvalidValueError(
            f"Invalid value for parameter '{place}' supplied: expected JSON in a string, but {error}."
        ) from error


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(place, "an object", value)
    return value


def _optional(value: Any, place: str) -> dict[str, Any] | None:
    return None if value is None else _object(value, place)


def _invalid(place: str, wanted: str, value: Any) -> InvalidValueError:
    shown: Mapping[type, str] = {list: "an array", dict: "an object"}
    told = shown.get(type(value)) or json_text(value)
    told = told if len(told) <= 100 else f"{told[:100]}..."
    return InvalidValueError(
        f"Invalid value for parameter '{place}' supplied: expected {wanted}, got {told}."
    )
