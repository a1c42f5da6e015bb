"""Experiments, runs and artifacts from the command line, on a folder and on a server."""

import csv
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli_calls import Done, call
from headrace.client.tracking import MlflowClient

Ask = Callable[..., Any]
Tell = Callable[..., Done]


def new_experiment(ask: Ask) -> str:
    created = ask("experiments", "create", "-n", uuid.uuid4().hex)
    return str(created["experiment_id"])


def new_run(ask: Ask, experiment: str, *options: str) -> str:
    created = ask("runs", "create", "--experiment-id", experiment, *options)
    return str(created["run"]["info"]["run_id"])


def test_an_experiment_is_made_found_renamed_deleted_and_restored(ask: Ask, tell: Tell) -> None:
    experiment = new_experiment(ask)
    name = uuid.uuid4().hex
    assert ask("experiments", "rename", "-x", experiment, "--new-name", name) == {}
    assert ask("experiments", "get", "-n", name)["experiment"]["experiment_id"] == experiment
    assert "deleted" in tell("experiments", "delete", "-x", experiment).out
    assert experiment not in tell("experiments", "list").out
    found = ask("experiments", "search", "--view", "deleted_only")["experiments"]
    assert experiment in [one["experiment_id"] for one in found]
    tell("experiments", "restore", "-x", experiment)
    shown = tell("experiments", "search", "--filter", f"name = '{name}'").out
    assert experiment in shown
    assert name in shown


def test_a_run_is_recorded_described_deleted_and_restored(ask: Ask, tell: Tell) -> None:
    experiment = new_experiment(ask)
    parent = new_run(ask, experiment)
    run = new_run(
        ask, experiment, "--run-name", "second", "-t", "team=a=b", "--status", "FAILED",
        "--parent-run-id", parent, "--description", "by hand",
    )  # fmt: skip
    got = ask("runs", "describe", "--run-id", run)["run"]
    tags = {tag["key"]: tag["value"] for tag in got["data"]["tags"]}
    assert got["info"]["status"] == "FAILED"
    assert got["info"]["end_time"] >= got["info"]["start_time"]
    assert tags["team"] == "a=b"
    assert tags["mlflow.parentRunId"] == parent
    assert tags["mlflow.note.content"] == "by hand"
    shown = tell("runs", "describe", "--run-id", run).out
    assert "second" in shown
    assert "FAILED" in shown
    assert run in tell("runs", "list", "--experiment-id", experiment).out
    tell("runs", "delete", "--run-id", run)
    assert run not in tell("runs", "list", "--experiment-id", experiment).out
    listed = ask("runs", "list", "--experiment-id", experiment, "--view", "all")["runs"]
    assert {one["info"]["run_id"] for one in listed} == {run, parent}
    tell("runs", "restore", "--run-id", run)
    assert run in tell("runs", "list", "--experiment-id", experiment).out


def test_runs_are_searched_with_the_filter_language_and_shown_with_chosen_columns(
    ask: Ask, tell: Tell, uri: str
) -> None:
    experiment = new_experiment(ask)
    client = MlflowClient(uri)
    for loss, model in [(0.5, "tree"), (0.25, "tree"), (0.1, "net")]:
        run = client.create_run(experiment)
        client.log_metric(run.info.run_id, "loss", loss)
        client.log_param(run.info.run_id, "model", model)
    which = ("runs", "search", "-x", experiment, "-f", "params.model = 'tree'")
    found = ask(*which, "--order-by", "metrics.loss")["runs"]
    assert [run["data"]["metrics"][0]["value"] for run in found] == [0.25, 0.5]
    shown = tell(*which, "-c", "params.model", "--max-results", "1")
    assert shown.out.splitlines()[0].split()[-1] == "model"
    assert shown.out.splitlines()[-1].split()[-1] == "tree"
    assert "There are more" in shown.err
    wrong = tell("runs", "search", "-x", experiment, "-f", "metrics.loss <")
    assert (wrong.code, wrong.out) == (1, "")
    assert "position" in wrong.err


def test_runs_are_exported_as_csv_whole(ask: Ask, tell: Tell, uri: str, tmp_path: Path) -> None:
    experiment = new_experiment(ask)
    client = MlflowClient(uri)
    first = client.create_run(experiment, start_time=1_000).info.run_id
    second = client.create_run(experiment, start_time=2_000).info.run_id
    client.log_metric(first, "loss", float("nan"))
    client.log_param(second, "text", 'with "quotes", commas\nand lines')
    target = tmp_path / "runs.csv"
    done = ask("runs", "export", "-x", experiment, "-o", str(target))
    assert done["runs"] == 2
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert [row["run_id"] for row in rows] == [second, first]
    assert rows[0]["params.text"] == 'with "quotes", commas\nand lines'
    assert rows[0]["metrics.loss"] == ""
    assert rows[1]["metrics.loss"] == "nan"
    assert rows[1]["start_time"] == "1970-01-01 00:00:01.000+00:00"
    printed = tell("experiments", "csv", "-x", experiment).out
    assert list(csv.DictReader(io.StringIO(printed))) == rows


def test_artifacts_are_stored_listed_and_fetched(
    ask: Ask, tell: Tell, file: Path, tmp_path: Path
) -> None:
    run = new_run(ask, new_experiment(ask))
    tell("artifacts", "log-artifact", "-l", str(file), "-r", run, "-a", "docs")
    tell("artifacts", "log-artifacts", "-l", str(file.parent), "-r", run)
    listed = ask("artifacts", "list", "-r", run)["files"]
    assert sorted(one["path"] for one in listed) == ["docs", "notes.txt"]
    assert "docs/notes.txt" in tell("artifacts", "list", "-r", run, "-a", "docs").out
    fetched = ask("artifacts", "download", "-r", run, "-a", "docs", "-d", str(tmp_path / "out"))
    assert (Path(fetched["path"]) / "notes.txt").read_text() == "kept"
    root = ask("artifacts", "list", "-r", run)["root_uri"]
    of_run = ask("artifacts", "download", "-u", f"runs:/{run}/docs", "-d", str(tmp_path / "run"))
    assert (Path(of_run["path"]) / "notes.txt").read_text() == file.read_text()
    one = tell("artifacts", "download", "-u", f"{root}/notes.txt", "-d", str(tmp_path / "one"))
    assert Path(one.out.strip()).read_text() == "kept"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("runs", "describe", "--run-id", "missing"), "missing"),
        (("experiments", "get", "-x", "123"), "123"),
        (("experiments", "csv", "-x", "123"), "123"),
        (("artifacts", "list", "-r", "missing"), "missing"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    tell: Tell, command: tuple[str, ...], named: str
) -> None:
    done = tell(*command)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("headrace: ")
    assert len(done.err.splitlines()) == 1
    assert named in done.err


@pytest.mark.parametrize(
    "command",
    [
        ("runs", "describe"),
        ("runs", "create"),
        ("runs", "create", "--experiment-id", "0", "-t", "novalue"),
        ("runs", "search", "-c", "loss"),
        ("runs", "export", "--json"),
        ("experiments", "get"),
        ("experiments", "get", "-x", "0", "-n", "Default"),
        ("artifacts", "download"),
        ("artifacts", "log-artifact", "-l", "/no/such", "-r", "r"),
        ("artifacts", "download", "-r", "r", "-u", "u"),
        ("nothing",),
    ],
)
def test_a_command_that_is_not_complete_ends_with_2_and_says_how_it_is_used(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = call(*command, *(("--tracking-uri", str(tmp_path)) if len(command) > 1 else ()))
    assert done.code == 2
    assert "Usage:" in done.err


def test_a_server_that_is_away_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_HTTP_REQUEST_MAX_RETRIES", "0")
    done = call("experiments", "search", "--tracking-uri", "http://127.0.0.1:9")
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert "127.0.0.1:9" in done.err


def test_a_database_is_upgraded_and_says_so(tmp_path: Path) -> None:
    answer = call("db", "upgrade", f"sqlite:///{tmp_path / 'runs.db'}", "--json").answer
    assert answer == {"uri": f"sqlite:///{tmp_path / 'runs.db'}"}
    assert "up to date" in call("db", "upgrade", str(tmp_path)).out


def test_lists_are_there_when_they_are_empty(ask: Ask) -> None:
    experiment = new_experiment(ask)
    assert ask("runs", "list", "-x", experiment) == {"runs": []}
    run = new_run(ask, experiment)
    assert ask("artifacts", "list", "-r", run)["files"] == []


def test_a_file_that_cannot_be_written_is_told_in_one_line(tell: Tell) -> None:
    done = tell("runs", "export", "-o", "/no/such/folder/runs.csv")
    assert done.code == 1
    assert done.err.splitlines() == [
        "headrace: /no/such/folder/.runs.csv.partial: No such file or directory"
    ]
