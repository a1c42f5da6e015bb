"""What comes from TensorBoard, W&B, Neptune and CSV files, made by the real tools where there are any."""

import json
import math
import shutil
import struct
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from importing.made import Trackers, command, imported, read
from importing.programs.told import exact

T = 1_700_000_000_000


def runs_by_name(store: Path, experiment: str) -> dict[str, Any]:
    return {run["name"]: run for run in read(store)[experiment]["runs"].values()}


def float32(value: float) -> str:
    return exact(struct.unpack("<f", struct.pack("<f", value))[0])


# TensorBoard


@pytest.mark.slow
def test_event_files_become_runs(trackers_made: Trackers, tmp_path: Path) -> None:
    report = imported(trackers_made.logs, tmp_path / "store")
    assert report["kind"] == "tensorboard"
    runs = runs_by_name(tmp_path / "store", "logs")
    assert set(runs) == {"train", "train/trial", "validation"}
    train = runs["train"]
    assert train["metrics"]["loss"] == [
        [step, T + 1000 * step, float32(1 / (step + 1))] for step in range(500)
    ]
    assert train["metrics"]["odd"] == [[-7, T, "nan"], [2**40, T, exact(-math.inf)]]
    assert train["status"] == "FINISHED"
    assert train["times"][0] is not None
    trial = runs["train/trial"]
    assert trial["params"] == {"lr": "0.1", "opt": "adam", "flag": "True", "depth": "3"}
    parents = {
        run["name"]: run_id for run_id, run in read(tmp_path / "store")["logs"]["runs"].items()
    }
    assert trial["tags"]["mlflow.parentRunId"] == parents["train"]
    names = sorted(train["files"])
    assert names[0].startswith("images/pic%step%5%timestamp%1700000000000%")
    assert names[1:] == ["text/note/text_summary/3.md"]
    assert [one["kind"] for one in report["left_out"]] == ["histograms"]


@pytest.mark.slow
def test_event_files_that_grew_add_what_is_new(trackers_made: Trackers, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    shutil.copytree(trackers_made.logs, logs)
    (events,) = (logs / "validation").iterdir()
    whole = events.read_bytes()
    events.write_bytes(whole[:-20])  # the last record is still being written
    first = imported(logs, tmp_path / "store")
    events.write_bytes(whole)
    second = imported(logs, tmp_path / "store")
    third = imported(logs, tmp_path / "store")
    assert (first["added"]["runs"], second["added"]["runs"]) == (3, 0)
    assert second["added"]["points"] == 1
    assert not any(third["added"].values())
    loss = runs_by_name(tmp_path / "store", "logs")["validation"]["metrics"]["loss"]
    assert loss == [[1, T, exact(0.25)]]


@pytest.mark.slow
def test_a_damaged_event_file_gives_what_comes_before(
    trackers_made: Trackers, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    shutil.copytree(trackers_made.logs, logs)
    events = next(path for path in (logs / "train").iterdir() if path.is_file())
    data = bytearray(events.read_bytes())
    data[len(data) // 3] ^= 0xFF
    events.write_bytes(data)
    report = imported(logs, tmp_path / "store", "--experiment", "named")
    assert [one["kind"] for one in report["left_out"]] == ["event file"]
    assert "checksum" in report["left_out"][0]["why"]
    loss = runs_by_name(tmp_path / "store", "named")["train"]["metrics"]["loss"]
    assert 10 < len(loss) < 500
    assert loss == [[step, T + 1000 * step, float32(1 / (step + 1))] for step in range(len(loss))]


# W&B


@pytest.mark.slow
def test_offline_runs_of_wandb_keep_everything(trackers_made: Trackers, tmp_path: Path) -> None:
    report = imported(trackers_made.wandb, tmp_path / "store")
    assert report["kind"] == "wandb"
    found = read(tmp_path / "store")
    runs = found["a project"]["runs"]
    assert set(runs) == {"kept1234", "failed99"}
    run = runs["kept1234"]
    assert run["name"] == "first"
    assert run["status"] == "FINISHED"
    assert runs["failed99"]["status"] == "FAILED"
    assert run["params"] == {"lr": "0.1", "net.depth": "3", "net.act": "relu", "late": "1"}
    loss = [[step, exact(1 / (step + 1))] for step in range(2_000)] + [[2_000, "nan"]]
    assert [[step, value] for step, _, value in run["metrics"]["loss"]] == loss
    assert [value for _, _, value in run["metrics"]["big"]] == [exact(math.inf)]
    assert len(run["metrics"]["deep.x"]) == 2_000
    assert run["latest"]["best"] == exact(0.5)
    assert any(key.startswith("system/") for key in run["metrics"])
    tags = run["tags"]
    assert tags["mlflow.note.content"] == "a note"
    assert (tags["wandb.group"], tags["wandb.tag.good"]) == ("group", "")
    assert (tags["wandb.summary.verdict"], tags["wandb.summary.word"]) == ("ok", "w")
    assert {"output.log", "requirements.txt"} <= set(run["files"])
    assert any(path.startswith("media/images/") for path in run["files"])
    assert list(found["other"]["runs"].values())[0]["latest"]["m"] == exact(1.0)  # noqa: RUF015
    assert not any(imported(trackers_made.wandb, tmp_path / "store")["added"].values())


@pytest.mark.slow
def test_a_run_of_wandb_that_was_cut_off_is_completed_later(
    trackers_made: Trackers, tmp_path: Path
) -> None:
    (log,) = trackers_made.wandb.glob("*/run-kept1234.wandb")
    whole = log.read_bytes()
    copy = tmp_path / log.name
    copy.write_bytes(whole[: len(whole) // 2])
    imported(copy, tmp_path / "store")
    half = read(tmp_path / "store")["a project"]["runs"]["kept1234"]
    assert half["status"] == "KILLED"
    assert 0 < len(half["metrics"]["loss"]) < 2_000
    copy.write_bytes(whole)
    imported(copy, tmp_path / "store")
    run = read(tmp_path / "store")["a project"]["runs"]["kept1234"]
    assert run["status"] == "FINISHED"
    assert len(run["metrics"]["loss"]) == 2_001


# Neptune: its exporter needs its service, which is gone; the layout is that of its documentation.

SCHEMA = pa.schema(
    [
        ("project_id", pa.string()),
        ("run_id", pa.string()),
        ("attribute_path", pa.string()),
        ("attribute_type", pa.string()),
        ("step", pa.decimal128(18, 6)),
        ("timestamp", pa.timestamp("ms", tz="UTC")),
        ("int_value", pa.int64()),
        ("float_value", pa.float64()),
        ("string_value", pa.string()),
        ("bool_value", pa.bool_()),
        ("datetime_value", pa.timestamp("ms", tz="UTC")),
        ("string_set_value", pa.list_(pa.string())),
        ("file_value", pa.struct([("path", pa.string())])),
    ]
)


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def attribute(path: str, kind: str, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(SCHEMA.names)
    named = {"project_id": "space/project", "run_id": "RUN-7"}
    return {**row, **named, "attribute_path": path, "attribute_type": kind, **values}


def point(path: str, step: str, value: float, ms: int = T) -> dict[str, Any]:
    return attribute(
        path, "float_series", step=Decimal(step), timestamp=moment(ms), float_value=value
    )


def export(folder: Path, *parts: list[dict[str, Any]]) -> Path:
    home = folder / "data" / "space_project_1a2b"
    home.mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(parts):
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), home / f"RUN-7_part_{number}.parquet")
    files = folder / "files" / "space_project_1a2b" / "RUN-7"
    files.mkdir(parents=True, exist_ok=True)
    (files / "model.bin").write_bytes(b"weights")
    return folder


def test_an_export_of_neptune_becomes_runs(tmp_path: Path) -> None:
    source = export(
        tmp_path / "export",
        [
            attribute("sys/name", "string", string_value="a name"),
            attribute("sys/owner", "string", string_value="someone"),
            attribute("sys/failed", "bool", bool_value=True),
            attribute("sys/tags", "string_set", string_set_value=["a", "b"]),
            attribute("sys/creation_time", "datetime", datetime_value=moment(T)),
            attribute("sys/modification_time", "datetime", datetime_value=moment(T + 5_000)),
            attribute("config/lr", "float", float_value=0.1),
            attribute("config/depth", "int", int_value=3),
            attribute("config/on", "bool", bool_value=True),
            attribute("model", "file", file_value={"path": "space_project_1a2b/RUN-7/model.bin"}),
            attribute("lost", "file", file_value={"path": "../../../etc/passwd"}),
            *(point("train/loss", str(i), i / 7, T + i) for i in range(1_500)),
        ],
        [
            point("train/loss", "1500", math.nan),
            point("half", "0.5", 1.0),
            point("half", "1", 2.0),
            attribute(
                "log", "string_series", step=Decimal(1), timestamp=moment(T), string_value="hi"
            ),
        ],
    )
    report = imported(source, tmp_path / "store")
    assert report["kind"] == "neptune"
    run = read(tmp_path / "store")["space/project"]["runs"]["RUN-7"]
    assert (run["name"], run["user"], run["status"]) == ("a name", "someone", "FAILED")
    assert run["times"] == [T, T + 5_000]
    assert run["params"] == {"config/lr": "0.1", "config/depth": "3", "config/on": "True"}
    assert run["tags"]["neptune.sys/tags".replace("/", ".")] == "a, b"
    expected = [[i, T + i, exact(i / 7)] for i in range(1_500)] + [[1500, T, "nan"]]
    assert run["metrics"]["train/loss"] == expected
    assert run["metrics"]["half"] == [[1, T, exact(2.0)]]
    assert set(run["files"]) == {"model", "log.tsv"}
    told = {one["name"]: one["why"] for one in report["left_out"]}
    assert "--step-factor" in told["RUN-7: half"]
    assert "leads out of the folder" in told["RUN-7: lost"]
    more = imported(source, tmp_path / "store", "--step-factor", "10")
    assert more["added"]["points"] > 0


# CSV


def test_a_row_a_run(tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    table.write_text(
        "run_id,experiment_id,status,start_time,end_time,metrics.acc,params.lr,tags.team,depth\n"
        "abc,5,FAILED,2024-01-01 00:00:00+00:00,2024-01-01T01:00:00Z,0.5,0.1,vision,3\n"
        "def,5,FINISHED,1704067200,1704067200123,nan,,nlp,4\n"
        'ghi,5,weird,,,oops,"1,5",,\n'
    )
    report = imported(table, tmp_path / "store")
    assert report["kind"] == "csv"
    runs = read(tmp_path / "store")["results"]["runs"]
    assert set(runs) == {"abc", "def", "ghi"}
    first = runs["abc"]
    assert first["status"] == "FAILED"
    assert first["times"] == [1_704_067_200_000, 1_704_070_800_000]
    assert first["metrics"] == {"acc": [[0, 0, exact(0.5)]]}
    assert first["params"] == {"lr": "0.1", "depth": "3"}
    assert first["tags"]["team"] == "vision"
    assert runs["def"]["times"] == [1_704_067_200_000, 1_704_067_200_123]
    assert runs["def"]["latest"] == {"acc": "nan"}
    assert runs["ghi"]["params"] == {"lr": "1,5"}
    assert [one["name"] for one in report["left_out"]] == ["acc"]
    assert not any(imported(table, tmp_path / "store")["added"].values())


def test_a_row_a_point(tmp_path: Path) -> None:
    table = tmp_path / "curves.csv"
    rows = [
        f"{run},{step},{T + step},{step / 3!r},{run * 2}" for step in range(400) for run in (1, 2)
    ]
    table.write_text('run,step,timestamp,loss,"odd (x)"\n' + "\n".join(rows) + "\n")
    report = imported(table, tmp_path / "store")
    runs = read(tmp_path / "store")["curves"]["runs"]
    assert set(runs) == {"1", "2"}
    for run in ("1", "2"):
        loss = [[step, T + step, exact(step / 3)] for step in range(400)]
        assert runs[run]["metrics"]["loss"] == loss
        assert len(runs[run]["metrics"]["odd _x_"]) == 400
    assert report["changed"][0] == {
        "kind": "metric", "name": "odd (x)", "why": "it is called 'odd _x_' here"
    }  # fmt: skip


def test_columns_mean_what_the_user_says(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text("trial\tepoch\terr\tmemo\nA b\t1\t0.5\tx\nA b\t2\t0.25\ty\n")
    imported(
        table, tmp_path / "store", "--experiment", "mine", "--column", "trial=run",
        "--column", "epoch=step", "--column", "err=metric:error", "--column", "memo=skip",
    )  # fmt: skip
    (run,) = read(tmp_path / "store")["mine"]["runs"].values()
    assert run["name"] == "A b"
    assert run["metrics"] == {"error": [[1, 0, exact(0.5)], [2, 0, exact(0.25)]]}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--column", "nope=metric"], "has no column 'nope'"),
        (["--column", "a=colour"], "a column is one of"),
        (["--column", "a"], "takes NAME=ROLE"),
    ],
)
def test_a_wrong_column_is_refused_by_name(tmp_path: Path, options: list[str], why: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,b\n1,2\n")
    done = command(table, "--to", tmp_path / "store", *options)
    assert done.returncode == 1
    assert why in done.stderr
    assert not (tmp_path / "store").exists()


def test_the_report_is_told_in_words_too(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("run_id,metrics.m\nr,x\n")
    done = command(table, "--to", tmp_path / "store")
    assert "Runs: 1 seen, 1 new, 0 completed" in done.stdout
    assert "Left out: 1\n  column m: 1 cells cannot be read" in done.stdout
    again = command(table, "--to", tmp_path / "store")
    assert "Added: nothing; all of it was there" in again.stdout
    assert json.loads(command(table, "--to", tmp_path / "store", "--json").stdout)["runs_seen"] == 1
