"""A table in a file of a run is read page by page, from no more of the file than the page needs."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artifact_servers import serving
from headrace import plugins
from headrace.artifacts.local import LocalArtifacts
from headrace.artifacts.resolve import Locations
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.server import artifact_tables
from headrace.server.artifact_tables import read_table
from headrace.stores.sql import Place, open_folder
from headrace.wire.artifacts import ReadTable, TablePage
from headrace.wire.tracking import CreateExperiment, CreateRun

ADDRESS = "/ajax-api/2.0/headrace/artifacts/table"


class Counting(LocalArtifacts):
    """Counts the bytes that are read."""

    taken = 0

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        for chunk in super().read(path, start, end):
            self.taken += len(chunk)
            yield chunk


@pytest.fixture
def files(tmp_path: Path) -> Counting:
    return Counting(tmp_path / "files")


def parquet(columns: dict[str, Any], rows_per_group: int = 1_000) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=rows_per_group)
    return sink.getvalue()


def pages(files: LocalArtifacts, path: str, rows: int) -> list[TablePage]:
    found = [read_table(files, ReadTable("run", path, rows))]
    while token := found[-1].next_page_token:
        found.append(read_table(files, ReadTable("run", path, rows, token)))
    return found


def test_delimited_text_is_read_row_by_row_with_its_quotes(files: Counting) -> None:
    text = '\ufeffcity,note\r\n"Paris, CDG","two\nlines, ""quoted"""\r\n\r\nOslo,\nRome,last'
    files.write("t.csv", [text.encode()])
    found = pages(files, "t.csv", 1)
    assert [column.name for column in found[0].columns] == ["city", "note"]
    assert found[1].columns == []
    assert [row for page in found for row in page.rows] == [
        ["Paris, CDG", 'two\nlines, "quoted"'],
        ["Oslo", ""],
        ["Rome", "last"],
    ]


def test_tabs_part_the_cells_of_a_tsv_file(files: Counting) -> None:
    files.write("t.TSV", [b"a\tb\n1,5\t\xff\n"])
    (page,) = pages(files, "t.TSV", 10)
    assert page.rows == [["1,5", "\ufffd"]]


def test_a_page_of_a_long_text_reads_little_of_it(files: Counting) -> None:
    files.write("long.csv", [b"n,m\n", *(b"%09d,x\n" % n for n in range(1_000_000))])
    first = read_table(files, ReadTable("run", "long.csv", 100))
    again = read_table(files, ReadTable("run", "long.csv", 2, str(4 + 12 * 900_000)))
    assert first.rows[99] == ["000000099", "x"]
    assert again.rows == [["000900000", "x"], ["000900001", "x"]]
    assert files.taken < 4_000_000 < files.stat("long.csv").size


def test_parquet_is_read_by_the_row_groups_that_a_page_touches(files: Counting) -> None:
    noise = [f"{n * 2654435761 % 2**32:032x}" for n in range(200_000)]
    files.write("t.parquet", [parquet({"n": range(200_000), "noise": noise}, 10_000)])
    page = read_table(files, ReadTable("run", "t.parquet", 3, "99999"))
    assert [row[0] for row in page.rows] == ["99999", "100000", "100001"]
    assert page.rows[0][1] == noise[99_999]
    assert (page.total_rows, page.next_page_token) == (200_000, "100002")
    assert files.taken < files.stat("t.parquet").size / 2


def test_all_pages_of_a_parquet_file_are_all_of_its_rows(files: Counting) -> None:
    files.write("t.parquet", [parquet({"n": range(250)}, 70)])
    found = pages(files, "t.parquet", 100)
    assert [len(page.rows) for page in found] == [100, 100, 50]
    assert [row for page in found for row in page.rows] == [[str(n)] for n in range(250)]


def test_values_of_all_plain_types_are_told_as_text(files: Counting) -> None:
    columns = {
        "at": pa.array([1_700_000_000_000_000_001, None], pa.timestamp("ns")),
        "bytes": pa.array([b"\x00\xff", None]),
        "category": pa.array(["red", None]).dictionary_encode(),
        "real": [0.1, float("nan")],
        "yes": [True, None],
        "list": [[1, 2], None],
    }
    files.write("t.parquet", [parquet(columns)])
    (page,) = pages(files, "t.parquet", 10)
    assert [(column.name, column.type) for column in page.columns] == [
        ("at", "timestamp[ns]"),
        ("bytes", "binary"),
        ("category", "string"),
        ("real", "double"),
        ("yes", "bool"),
    ]
    assert page.columns_left_out == 1
    assert page.rows == [
        ["2023-11-14 22:13:20.000000001", "00ff", "red", "0.1", "True"],
        [None, None, None, "nan", None],
    ]


@pytest.fixture
def memory() -> Iterator[pa.MemoryPool]:
    """What Arrow allocates during the test."""
    usual = pa.default_memory_pool()
    counted = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(counted)
    yield counted
    pa.set_memory_pool(usual)


def test_a_text_that_a_small_file_repeats_is_in_memory_once(
    files: Counting, memory: pa.MemoryPool
) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000, pa.int32()), ["x" * 500_000])
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": text}), sink, store_schema=False)
    files.write("bomb.parquet", [sink.getvalue()])
    assert files.stat("bomb.parquet").size < 1_000_000
    page = read_table(files, ReadTable("run", "bomb.parquet", 1_000))
    assert page.rows == [["x" * artifact_tables.CELL + "…"]] * 1_000
    assert 0 < memory.max_memory() < 50_000_000


def test_many_columns_and_long_cells_are_shown_in_part(files: Counting) -> None:
    files.write("wide.csv", [b",".join(b"c%d" % n for n in range(600)) + b"\n" + b"y" * 5_000])
    (page,) = pages(files, "wide.csv", 10)
    assert (len(page.columns), page.columns_left_out) == (artifact_tables.COLUMNS, 100)
    assert page.rows == [["y" * artifact_tables.CELL + "…"]]


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        (
            "line.csv",
            b"a\n" + b"x" * 3_000_000,
            "The line at byte 2 is longer than 1,048,576 bytes",
        ),
        ("open.csv", b'a\n"' + b"x\n" * 1_000_000, "cannot be read as a table before byte"),
        ("no.parquet", b"PAR1 not really", "cannot be read as Parquet"),
        ("empty.parquet", b"", "cannot be read as Parquet"),
        ("x.bin", b"", "its name must end with .csv, .tsv, .parquet"),
        ("../x.csv", b"", "x.csv"),
    ],
)
def test_what_is_no_table_is_refused_with_what_was_wrong(
    files: Counting, path: str, content: bytes, told: str, request: pytest.FixtureRequest
) -> None:
    # What else in the process reads CSV may have set its own limit, which is everybody's.
    before = csv.field_size_limit(2**30)
    request.addfinalizer(lambda: csv.field_size_limit(before))
    if ".." not in path:
        files.write(path, [content])
    with pytest.raises(InvalidValueError, match=told):
        pages(files, path, 10)
    assert files.taken < 2_500_000


def test_an_empty_text_is_an_empty_table(files: Counting) -> None:
    files.write("t.csv", [b""])
    assert pages(files, "t.csv", 10) == [TablePage([], [])]


def test_a_row_group_that_unpacks_to_too_much_is_refused(
    files: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_tables, "GROUP_BYTES", 1_000)
    files.write("t.parquet", [parquet({"n": range(1_000)})])
    with pytest.raises(InvalidValueError, match=r"The row group 0 of 't\.parquet' unpacks to"):
        pages(files, "t.parquet", 10)


def test_without_pyarrow_parquet_says_what_to_install(
    files: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> Any:
        raise ModuleNotFoundError

    files.write("t.parquet", [parquet({"n": [1]})])
    monkeypatch.setattr(plugins, "load", missing)
    with pytest.raises(UnsupportedError, match=r"pip install 'headrace\[arrow\]'"):
        pages(files, "t.parquet", 10)


def test_the_server_answers_with_pages(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = open_folder(tmp_path / "store", place=Place("mlflow-artifacts:"))
    served = LocalArtifacts(tmp_path / "served")
    experiment_id = store.create_experiment(CreateExperiment("tables")).experiment_id
    info = store.create_run(CreateRun(experiment_id=experiment_id)).run.info
    folder = (info.artifact_uri or "").removeprefix("mlflow-artifacts:/")
    served.write(f"{folder}/t.csv", [b"a,b\n1,2\n3,4\n"])
    with serving(store, served, Locations([])) as url, httpx.Client(base_url=url) as client:
        asked = {"run_id": info.run_id, "path": "t.csv", "max_results": "1"}
        first = client.get(ADDRESS, params=asked).json()
        assert first["rows"] == [["1", "2"]]
        second = client.get(ADDRESS, params=asked | {"page_token": first["next_page_token"]})
        assert second.json()["rows"] == [["3", "4"]]
        refused = client.get(ADDRESS, params=asked | {"page_token": "x"})
        assert (refused.status_code, refused.json()["error_code"]) == (
            400,
            "INVALID_PARAMETER_VALUE",
        )
        assert client.get(ADDRESS, params=asked | {"max_results": "5000"}).status_code == 400
    store.close()
