"""Journals, read by a reader that was written from docs/reference/journal-format.md alone."""

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.entities import Param
from headrace.errors import CorruptDataError, UnsupportedError
from headrace.wire import journal as wire

JOURNAL_ID = "0123456789abcdef" * 2


def documented(data: bytes) -> list[tuple[Any, ...]]:
    """What a journal says, by the document."""
    found: list[tuple[Any, ...]] = []
    magic, version, journal_id, crc = struct.unpack("<8sI16sI", data[:32])
    assert magic == b"\x89HRJ\r\n\x1a\n"
    assert (version, crc) == (1, zlib.crc32(data[:28]))
    found.append(("journal", journal_id.hex()))
    at = 32
    while at + 32 <= len(data) and data[at]:
        kind, number = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        if kind == 1:
            length = 32
        else:
            (size,) = struct.unpack_from("<I", data, at + 4)
            if size > 67_108_864:
                break
            length = (16 + size + 4 + 31) // 32 * 32
        body, crc = data[at : at + length - 4], data[at + length - 4 : at + length]
        if at + length > len(data) or zlib.crc32(body) != int.from_bytes(crc, "little"):
            break
        if kind == 1:
            found.append((1, number, *struct.unpack_from("<qqd", body, 4)))
        else:
            (time,) = struct.unpack_from("<q", body, 8)
            found.append((kind, number, time, json.loads(body[16 : 16 + size])))
        at += length
    return found


def ours(data: bytes) -> list[tuple[Any, ...]]:
    """The same by the code."""
    found: list[tuple[Any, ...]] = [("journal", wire.journal_id_of(data))]
    data = data[wire.FIRST :]
    for stretch in wire.stretches(data):
        if stretch.kind == wire.METRIC:
            for at in range(stretch.start, stretch.end, wire.SLOT):
                word, step, time, value = struct.unpack_from("<Iqqd", data, at)
                found.append((1, word >> 8, step, time, value))
        else:
            record = wire.record_in(data, stretch)
            payload = json.loads(wire._encode(record.payload))
            found.append((record.kind, record.number, record.time, payload))
    return found


def metric(number: int, step: int, time: int, value: float) -> bytes:
    word = wire.key_word(number)
    crc = zlib.crc32(wire.point_body(word, step, time, value))
    return wire.point_record(word, step, time, value, crc)


def sample(points: int = 40) -> bytes:
    head = [
        wire.prologue(JOURNAL_ID),
        wire.record(wire.RUN, 5, wire.Opened("r", owner=True, pid=7)),
        wire.record(wire.KEY, 6, wire.SeriesKey("loss"), 0),
        wire.record(wire.PARAMS, 7, [Param("lr", "0.1" * 40)]),
    ]
    series = [metric(0, step, 1_000 + step, step / 7) for step in range(points)]
    end = [wire.record(wire.END, 9, wire.Ended("FINISHED", 9)), wire.record(wire.CLOSE, 9, {})]
    return b"".join([*head, *series, *end])


SAMPLE = sample()
TOLD = documented(SAMPLE)


def test_the_document_and_the_code_read_the_same() -> None:
    assert ours(SAMPLE) == TOLD
    assert TOLD[0] == ("journal", JOURNAL_ID)
    assert TOLD[1] == (3, 0, 5, {"run_id": "r", "owner": True, "pid": 7})
    assert [entry[0] for entry in TOLD[1:]] == [3, 2, 5, *[1] * 40, 11, 12]
    assert TOLD[4 + 7] == (1, 0, 7, 1_007, 1.0)


def test_a_file_that_ends_at_any_byte_gives_a_prefix() -> None:
    lengths = set()
    for end in range(32, len(SAMPLE) + 1):
        found = ours(SAMPLE[:end])
        assert found == TOLD[: len(found)]
        assert found == documented(SAMPLE[:end])
        lengths.add(len(found))
    assert lengths == set(range(1, len(TOLD) + 1)), "nothing whole is left out"


@pytest.mark.parametrize("page", [32, 512, 4096])
def test_zeroed_pages_give_a_prefix(page: int) -> None:
    data = sample(400) + bytes(4_096)
    told = documented(data)
    for start in range(32, len(data), page):
        hole = data[:start] + bytes(min(page, len(data) - start)) + data[start + page :]
        found = ours(hole)
        assert found == told[: len(found)]


def torn() -> Iterator[st.SearchStrategy[Any]]:
    place = st.integers(32, len(SAMPLE) - 1)
    yield st.tuples(place, st.integers(1, 600), st.just(None))
    yield st.tuples(place, st.just(1), st.integers(0, 255))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(*torn()), min_size=1, max_size=4))
def test_torn_writes_and_flipped_bytes_give_a_prefix(faults: list[Any]) -> None:
    data = bytearray(SAMPLE)
    for start, length, value in faults:
        end = min(start + length, len(data))
        data[start:end] = bytes([value or 0]) * (end - start)
    found = ours(bytes(data))
    assert found == TOLD[: len(found)]
    assert found == documented(bytes(data))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, wire.MAX_KEYS - 1),
            st.integers(-(2**63), 2**63 - 1),
            st.integers(-(2**63), 2**63 - 1),
            st.floats(allow_nan=False),
        ),
        max_size=50,
    ),
    st.integers(0, 50),
)
def test_any_metric_comes_back_bit_by_bit(points: list[Any], cut: int) -> None:
    records = [metric(*point) for point in points]
    records.insert(min(cut, len(records)), wire.record(77, 3, {"from": "the future"}))
    data = wire.prologue(JOURNAL_ID) + b"".join(records)
    assert [entry[1:] for entry in documented(data)[1:] if entry[0] == 1] == points
    assert [entry[1:] for entry in ours(data)[1:] if entry[0] == 1] == points


def test_what_is_no_journal_is_refused_and_a_later_version_named() -> None:
    for data in (b"", b"text" * 20, bytes(64), SAMPLE[:31]):
        with pytest.raises(CorruptDataError):
            wire.journal_id_of(data)
    later = wire._signed(wire._PROLOGUE.pack(wire._MAGIC, 2, bytes(16)))
    with pytest.raises(UnsupportedError, match="Upgrade"):
        wire.journal_id_of(later)


def test_a_length_that_leads_nowhere_is_the_end() -> None:
    huge = wire._signed(wire._HEAD.pack(wire.TAGS, 2**32 - 1, 0) + bytes(12))
    assert len(list(wire.stretches(huge + metric(0, 0, 0, 0.0)))) == 0
