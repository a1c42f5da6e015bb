"""What a TensorBoard event says, of all versions: scalars, texts, images and hyperparameters."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from headrace.importing.protobuf import double, fields, last, signed, single, text

# Fields of Event, Summary.Value, SummaryMetadata, TensorProto, HParamsPluginData and google.protobuf.Value.
_WALL_TIME, _STEP, _SUMMARY = 1, 2, 5
_VALUE = 1
_TAG, _SIMPLE, _OLD_HISTOGRAM, _IMAGE, _HISTOGRAM, _AUDIO, _TENSOR, _METADATA = (
    1,
    2,
    3,
    4,
    5,
    6,
    8,
    9,
)
_ENCODED_IMAGE = 4
_PLUGIN_DATA, _PLUGIN_NAME, _PLUGIN_CONTENT = 1, 1, 2
_DTYPE, _CONTENT, _FLOATS, _DOUBLES, _INTS, _STRINGS, _INT64S, _HALVES = 1, 4, 5, 6, 7, 8, 10, 13
_SESSION_START, _SESSION_END = 3, 4

_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}
_HALF, _BFLOAT = 19, 14
_OLD_KINDS = {_OLD_HISTOGRAM: "histograms", _HISTOGRAM: "histograms", _AUDIO: "audio"}
_STATUS = {1: "FINISHED", 2: "FAILED", 3: "RUNNING"}


class Value(NamedTuple):
    """One value of a summary."""

    tag: str
    plugin: str | None
    """Named with the first value of a tag only."""
    content: bytes
    """What the plugin keeps beside it."""
    number: float | None
    strings: list[bytes]
    """Texts, or images after their width and height."""
    other: str | None
    """A kind that is neither."""


class Event(NamedTuple):
    """What was written at one time and step."""

    time_ms: int
    step: int
    values: list[Value]
    graph: bool


def event(data: bytes) -> Event:
    """The event of a record."""
    time_ms, step, values, graph = 0, 0, [], False
    for number, value in fields(data):
        if number == _WALL_TIME:
            time_ms = round(double(value) * 1000)
        elif number == _STEP:
            step = signed(value)
        elif number == _SUMMARY:
            values += [_value(one) for field, one in fields(value) if field == _VALUE]
        elif number in (4, 9):
            graph = True
    return Event(time_ms, step, values, graph)


def session(content: bytes) -> tuple[dict[str, str], str | None]:
    """Hyperparameters, and the state of the run where it is said."""
    params: dict[str, str] = {}
    status: str | None = None
    for number, value in fields(content):
        if number == _SESSION_START:
            for field, entry in fields(value):
                if field == 1:
                    pair = last(entry)
                    params[text(pair.get(1, b""))] = _spelled(pair.get(2, b""))
        elif number == _SESSION_END:
            status = _STATUS.get(last(value).get(1, 0))
    return params, status


def _value(data: bytes) -> Value:
    found = last(data)
    plugin, content = _plugin(found.get(_METADATA, b""))
    number: float | None = None
    strings: list[bytes] = []
    other = next((name for field, name in _OLD_KINDS.items() if field in found), None)
    if _SIMPLE in found:
        number = single(found[_SIMPLE])
    elif _IMAGE in found:
        plugin, strings = "images", [b"", b"", last(found[_IMAGE]).get(_ENCODED_IMAGE, b"")]
    elif _TENSOR in found:
        number, strings = _tensor(found[_TENSOR])
    return Value(text(found.get(_TAG, b"")), plugin, content, number, strings, other)


def _plugin(metadata: bytes) -> tuple[str | None, bytes]:
    data = last(last(metadata).get(_PLUGIN_DATA, b""))
    name = data.get(_PLUGIN_NAME)
    return (text(name) if name else None), data.get(_PLUGIN_CONTENT, b"")


def _tensor(data: bytes) -> tuple[float | None, list[bytes]]:
    """The number of a tensor with one element, or the strings of one that holds text."""
    found = last(data)
    strings = [value for number, value in fields(data) if number == _STRINGS]
    if strings:
        return None, strings
    numbers = _numbers(found)
    return (float(numbers[0]) if len(numbers) == 1 else None), []


def _numbers(found: Mapping[int, Any]) -> Any:
    dtype = found.get(_DTYPE, 1)
    if found.get(_CONTENT) and dtype in _DTYPES:
        return np.frombuffer(found[_CONTENT], _DTYPES[dtype])
    for field, kind in ((_FLOATS, "<f4"), (_DOUBLES, "<f8")):
        if field in found:
            return np.frombuffer(found[field], kind)
    for field in (_INTS, _INT64S, _HALVES):
        if field in found:
            return _whole(found[field], dtype)
    return ()


def _whole(value: Any, dtype: int) -> list[float]:
    numbers = [signed(one) for one in ([value] if isinstance(value, int) else _packed(value))]
    if dtype == _HALF:
        return [float(np.array(one, np.uint16).view(np.float16)) for one in numbers]
    if dtype == _BFLOAT:
        return [float(np.array(one << 16, np.uint32).view(np.float32)) for one in numbers]
    return [float(one) for one in numbers]


def _packed(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def _spelled(data: bytes) -> str:
    """A google.protobuf.Value as the text of a param."""
    found = last(data)
    if 2 in found:
        number = double(found[2])
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    if 3 in found:
        return text(found[3])
    if 4 in found:
        return str(bool(found[4]))
    return ""
