"""A source is somebody else's: nothing outside of it is read, and no item of it sinks the rest."""

import os
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest
from google_crc32c import value as crc32c

from importing.made import command, imported, read

SECRET = "the secret"
META = """
artifact_uri: {uri}
end_time: 5
experiment_id: '7'
lifecycle_stage: active
run_id: {run}
run_name: {run}
start_time: 1
status: 3
user_id: me
"""


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    """A folder with one experiment and one sound run."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text(SECRET)
    home = tmp_path / "mlruns" / "7"
    home.mkdir(parents=True)
    (home / "meta.yaml").write_text("experiment_id: '7'\nname: seven\nlifecycle_stage: active\n")
    run(home, "sound", "file:///x/mlruns/7/sound/artifacts")
    (home / "sound" / "params" / "a").write_text("1")
    (home / "sound" / "artifacts" / "file.txt").write_text("here")
    return tmp_path / "mlruns"


def run(home: Path, run_id: str, uri: str) -> Path:
    folder = home / run_id
    for name in ("params", "metrics", "tags", "artifacts"):
        (folder / name).mkdir(parents=True)
    (folder / "meta.yaml").write_text(META.format(run=run_id, uri=uri))
    return folder


def everything(store: Path) -> str:
    """All bytes of a store, to look for what must not be in it."""
    return "".join(
        path.read_bytes().decode("latin-1") for path in store.rglob("*") if path.is_file()
    )


def taken(source: Path, store: Path, *options: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report, and the runs of the experiment ``seven``, of which the sound one always is one."""
    report = imported(source, store, *options)
    runs = read(store)["seven"]["runs"]
    assert runs["sound"]["params"] == {"a": "1"}
    assert set(runs["sound"]["files"]) >= {"file.txt"}
    return report, runs


@pytest.mark.parametrize(
    "uri",
    [
        "file://{root}/secret",
        "{root}/secret",
        "../secret",
        "file:../secret",
        "{root}/mlruns/7/../../secret",
        "file://{root}/mlruns/%2e%2e/secret",
        "file://evil/secret",
        "s3://bucket/secret",
        "mlflow-artifacts:/../secret",
        "mlflow-artifacts://evil/7/x",
        "http://127.0.0.1:9/x",
    ],
)
def test_no_artifact_uri_leads_out_of_the_folder(mlruns: Path, tmp_path: Path, uri: str) -> None:
    run(mlruns / "7", "evil", uri.format(root=tmp_path))
    report, runs = taken(mlruns, tmp_path / "store")
    assert runs["evil"]["files"] == {}
    assert [one["name"] for one in report["left_out"]] == ["evil"]
    assert SECRET not in everything(tmp_path / "store")


@pytest.mark.parametrize("where", ["artifacts", "params", "tags", "metrics"])
def test_no_link_is_followed(mlruns: Path, tmp_path: Path, where: str) -> None:
    folder = run(mlruns / "7", "evil", "")
    (folder / where / "file").symlink_to(tmp_path / "secret" / "key.txt")
    (folder / where / "folder").symlink_to(tmp_path / "secret")
    report, _ = taken(mlruns, tmp_path / "store")
    assert SECRET not in everything(tmp_path / "store")
    told = {one["name"] for one in report["left_out"]}
    assert told == {f"7/evil/{where}/file", f"7/evil/{where}/folder"}


def test_no_folder_of_the_source_may_be_a_link(mlruns: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    run(outside, "evil", "")
    (mlruns / "7" / "evil").symlink_to(outside / "evil")
    (mlruns / "8").symlink_to(mlruns / "7")
    _, runs = taken(mlruns, tmp_path / "store")
    assert set(runs) == {"sound"}


def test_a_named_pipe_is_not_waited_for(mlruns: Path, tmp_path: Path) -> None:
    folder = run(mlruns / "7", "evil", "")
    os.mkfifo(folder / "metrics" / "pipe")
    report, _ = taken(mlruns, tmp_path / "store")
    assert [one["name"] for one in report["left_out"]] == ["7/evil/metrics/pipe"]


@pytest.mark.parametrize(
    "meta",
    [
        "!!python/object/apply:os.system ['touch {root}/ran']",
        "run_id: evil\nname: !!python/object/new:os.system ['touch {root}/ran']",
        "[" * 100_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nrun_id: evil\nrun_name: *c",
        "just text",
        "\x00\x01\x02",
        "run_id: other",
        "run_id: evil\nstart_time: soon",
        "run_id: evil\nstart_time: -99999999999999999999999",
        "run_id: evil\nstatus: [1]",
        "",
    ],
)
def test_no_meta_file_runs_code_or_sinks_the_rest(mlruns: Path, tmp_path: Path, meta: str) -> None:
    folder = run(mlruns / "7", "evil", "")
    (folder / "meta.yaml").write_text(meta.format(root=tmp_path))
    taken(mlruns, tmp_path / "store")
    assert not (tmp_path / "ran").exists()


def test_what_no_store_keeps_is_left_out_item_by_item(mlruns: Path, tmp_path: Path) -> None:
    folder = run(mlruns / "7", "odd", "")
    (folder / "params" / "huge").write_text("x" * (1 << 21))
    (folder / "params" / "nul").write_text("a\0b")
    (folder / "params" / "fine").write_text("1")
    (folder / "metrics" / "m").write_text(
        "5 1.5 0\nbad line\n-3 1 1\n7 nan 2\n99999999999999999999 1 3\n"
    )
    (folder / "metrics" / "n").write_text("5 1.5 0\n")
    (folder / "artifacts" / "CON").write_text("a device")
    (folder / "artifacts" / "b.txt").write_text("b")
    report, runs = taken(mlruns, tmp_path / "store")
    found = runs["odd"]
    assert found["params"] == {"fine": "1"}
    assert set(found["files"]) == {"b.txt"}
    assert found["metrics"]["n"] == [[0, 5, "3ff8000000000000"]]
    assert [point[:2] for point in found["metrics"]["m"]] == [[0, 5], [2, 7]]
    assert found["status"] == "FINISHED"
    assert len(report["left_out"]) == 5


def test_a_database_with_wrong_types_is_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    with sqlite3.connect(file) as db:
        db.executescript("""
            CREATE TABLE experiments (experiment_id INTEGER, name, lifecycle_stage);
            CREATE TABLE runs (run_uuid, name, user_id, status, start_time, end_time, lifecycle_stage,
                artifact_uri, experiment_id);
            CREATE TABLE metrics (key, value, timestamp, run_uuid);
            CREATE TABLE params (key, value, run_uuid);
            CREATE TABLE tags (key, value, run_uuid);
            INSERT INTO experiments VALUES (1, 'seven', 'active');
            INSERT INTO runs VALUES ('bad', 7, x'00ff', 'RUNNING', 'soon', NULL, 'active', '/etc', 1);
            INSERT INTO runs VALUES ('../x', 'n', 'u', 'FINISHED', 1, 2, 'active', NULL, 1);
            INSERT INTO runs VALUES ('sound', 'n', 'u', 'FINISHED', 1, 2, 'active', '/etc', 1);
            INSERT INTO metrics VALUES ('m', 'text', 5, 'sound');
            INSERT INTO params VALUES ('a', 1, 'sound'), ('../up', 'v', 'sound');
        """)
    report = imported(file, tmp_path / "store")
    runs = read(tmp_path / "store")["seven"]["runs"]
    assert set(runs) == {"sound"}
    assert runs["sound"]["params"]["a"] == "1"
    assert runs["sound"]["status"] == "FINISHED"
    assert {one["kind"] for one in report["left_out"]} == {"run", "metrics", "artifacts"}


def test_a_database_is_never_written_to(mlruns: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE mine (x)")
    before = file.read_bytes()
    done = command(file, "--to", tmp_path / "store")
    assert done.returncode == 1
    assert "is no database of MLflow" in done.stderr
    assert file.read_bytes() == before
    assert not Path(f"{file}-wal").exists()


@pytest.mark.parametrize(
    "record",
    [
        b"\x0a" + b"\xff" * 30,
        b"\x2a\x7f",
        b"\xff" * 12,
        b"\x2a\x04\x0a\x02\x0a\x7f",
        b"",
    ],
)
def test_a_hostile_event_is_told_and_no_more(tmp_path: Path, record: bytes) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "x.tfevents.1").write_bytes(framed(record))
    imported(logs, tmp_path / "store")


def test_a_record_that_claims_to_be_huge_takes_no_memory(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    length = struct.pack("<Q", 1 << 60)
    (logs / "x.tfevents.1").write_bytes(length + struct.pack("<I", masked(length)) + b"x" * 100)
    assert imported(logs, tmp_path / "store")["added"]["points"] == 0


def framed(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def masked(data: bytes) -> int:
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize("name", ["x.wandb", "x.parquet", "x.db"])
def test_a_file_that_is_not_what_it_seems_is_told(tmp_path: Path, name: str) -> None:
    head = {"x.wandb": b":W&B\xe1\xbe\x00", "x.parquet": b"PAR1", "x.db": b"SQLite format 3\0"}[
        name
    ]
    (tmp_path / name).write_bytes(head + os.urandom(5_000))
    done = command(tmp_path / name, "--to", tmp_path / "store")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert done.returncode == 1 or "Left out: 1" in done.stdout


@pytest.mark.parametrize(
    ("source", "why"),
    [("nowhere", "There is no file, folder or URL"), ("empty", "looks like no kind of source")],
)
def test_what_is_no_source_is_refused(tmp_path: Path, source: str, why: str) -> None:
    (tmp_path / "empty").mkdir()
    done = command(tmp_path / source, "--to", tmp_path / "store")
    assert done.returncode == 1
    assert why in done.stderr


@pytest.mark.parametrize(
    "spelled", ["file://{root}/arts/7/other/artifacts", "{root}/arts/7/other/artifacts"]
)
@pytest.mark.parametrize("option", ["{root}/arts", "file://{root}/arts", "{root}/arts={root}/arts"])
def test_a_place_that_the_user_names_is_read(
    mlruns: Path, tmp_path: Path, spelled: str, option: str
) -> None:
    place = tmp_path / "arts" / "7" / "other" / "artifacts"
    place.mkdir(parents=True)
    (place / "a.txt").write_text("a")
    (place / "link").symlink_to(tmp_path / "secret")
    run(mlruns / "7", "else", spelled.format(root=tmp_path))
    report, runs = taken(
        mlruns, tmp_path / "store", "--artifact-root", option.format(root=tmp_path)
    )
    assert set(runs["else"]["files"]) == {"a.txt"}
    assert [one["name"] for one in report["left_out"]] == ["7/other/artifacts/link"]
    assert SECRET not in everything(tmp_path / "store")
