"""Runs that are written down offline, and sent to a store later: once, whoever sends them and how often."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import headrace
from headrace.client import syncing
from headrace.client.connection import resolved
from headrace.entities import Dataset
from headrace.errors import InvalidValueError, UnsupportedError


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    headrace.set_tracking_uri("offline:./away")
    return tmp_path / "away"


def log_a_run(name: str = "n", **start: str) -> str:
    with headrace.start_run(run_name=name, **start) as run:
        headrace.log_params({"p": 1})
        for step in range(200):
            headrace.log_metric("m", step / 7, step=step)
        headrace.log_input(Dataset("d", "0a"))
        headrace.log_text("text", "deep/t.txt")
    return run.info.run_id


def check_run(uri: str, run_id: str) -> None:
    client = headrace.MlflowClient(uri)
    run = client.get_run(run_id)
    assert (run.info.status, run.data.params) == ("FINISHED", {"p": "1"})
    history = client.get_metric_history(run_id, "m")
    assert [(one.step, one.value) for one in history] == [(s, s / 7) for s in range(200)]
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["d"]
    local = client.download_artifacts(run_id, "deep/t.txt")
    assert Path(local).read_text() == "text"


def test_a_folder_of_offline_runs_is_sent_to_a_store(offline: Path, tracking_uri: str) -> None:
    headrace.set_experiment("made offline")
    run_id = log_a_run()
    assert headrace.get_tracking_uri() == f"offline:{offline}"
    assert sorted(path.name for path in offline.iterdir()) == [
        ".gitignore",
        "artifacts",
        "journals",
    ]
    with pytest.raises(UnsupportedError, match="headrace sync"):
        headrace.get_run(run_id)
    uri = resolved(tracking_uri)
    first = syncing.sync(offline, uri)
    assert (first.runs, first.files, first.failed, first.running) == (1, 1, [], 0)
    check_run(uri, run_id)
    client = headrace.MlflowClient(uri)
    experiment = client.get_experiment(client.get_run(run_id).info.experiment_id)
    assert experiment.name == "made offline"
    again = syncing.sync(offline, uri)
    assert (again.runs, again.bytes <= first.bytes, again.files) == (1, True, 0)
    check_run(uri, run_id)


def test_two_copies_of_a_folder_merge(offline: Path, tracking_uri: str, tmp_path: Path) -> None:
    first = log_a_run()
    with headrace.start_run() as longer:
        headrace.log_metric("m", 1, step=1)
        shutil.copytree(offline, tmp_path / "early")
        headrace.log_metric("m", 2, step=2)
    late = log_a_run("late")
    uri = resolved(tracking_uri)
    for folder in (tmp_path / "early", offline, tmp_path / "early"):
        assert syncing.sync(folder, uri).failed == []
    check_run(uri, first)
    check_run(uri, late)
    client = headrace.MlflowClient(uri)
    history = client.get_metric_history(longer.info.run_id, "m")
    assert [one.step for one in history] == [1, 2]
    assert client.get_run(longer.info.run_id).info.status == "FINISHED"


def test_a_run_is_sent_while_it_goes_on(offline: Path, tracking_uri: str) -> None:
    uri = resolved(tracking_uri)
    client = headrace.MlflowClient(uri)
    with headrace.start_run() as run:
        for step in range(5):
            headrace.log_metric("m", step, step=step)
            assert syncing.sync(offline, uri).running == 1
            history = client.get_metric_history(run.info.run_id, "m")
            assert [one.step for one in history] == list(range(step + 1))
    assert client.get_run(run.info.run_id).info.status == "RUNNING"
    assert syncing.sync(offline, uri).running == 0
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


def test_a_job_goes_on_with_an_offline_run_of_another(offline: Path, tracking_uri: str) -> None:
    with headrace.start_run() as run:
        headrace.log_metric("m", 1, step=1)
    with headrace.start_run(run_id=run.info.run_id):
        headrace.log_metric("m", 2, step=2)
    headrace.log_metric("m", 3, step=3, run_id=run.info.run_id)
    uri = resolved(tracking_uri)
    assert syncing.sync(offline, uri).failed == []
    client = headrace.MlflowClient(uri)
    history = client.get_metric_history(run.info.run_id, "m")
    assert [one.step for one in history] == [1, 2, 3]


def test_a_broken_journal_does_not_hold_up_the_others(offline: Path, tracking_uri: str) -> None:
    run_id = log_a_run()
    (offline / "journals" / f"{'0' * 32}.journal").write_bytes(b"no journal")
    done = syncing.sync(offline, resolved(tracking_uri))
    assert len(done.failed) == 1
    check_run(resolved(tracking_uri), run_id)


def test_the_environment_takes_a_script_offline(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HEADRACE_OFFLINE", "1")
    headrace.set_tracking_uri("http://127.0.0.1:1")
    run_id = log_a_run()
    assert (tmp_path / "headrace-offline" / "journals").is_dir()
    monkeypatch.delenv("HEADRACE_OFFLINE")
    uri = resolved(str(tmp_path / "store"))
    assert syncing.sync(tmp_path / "headrace-offline", uri).runs == 1
    check_run(uri, run_id)


def test_a_folder_without_journals_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="no journals"):
        syncing.sync(tmp_path, resolved(str(tmp_path / "store")))


def test_the_command_says_what_it_sent(offline: Path, tracking_uri: str) -> None:
    run_id = log_a_run()
    command = [Path(sys.executable).with_name("headrace"), "sync", offline, "--to", tracking_uri]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.startswith("1 runs and 1 files are at")
    printed = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(printed.stdout)["runs"] == 1
    check_run(resolved(tracking_uri), run_id)


def test_what_the_store_has_is_removed_where_that_is_wanted(
    offline: Path, tracking_uri: str
) -> None:
    over = log_a_run()
    headrace.start_run()
    headrace.log_text("not over", "u.txt")
    going_on = headrace.active_run().info.run_id
    uri = resolved(tracking_uri)
    assert syncing.sync(offline, uri).removed == 0
    done = syncing.sync(offline, uri, clean=True)
    assert (done.removed, done.running, done.failed) == (2, 1, [])
    left = {path.name for path in (offline / "artifacts").glob("*/*")}
    assert left == {going_on}
    assert len(list((offline / "journals").glob("*.journal"))) == 1
    headrace.log_metric("later", 1)
    headrace.end_run()
    assert syncing.sync(offline, uri, clean=True).removed == 2
    assert list(offline.rglob("*.journal")) == []
    check_run(uri, over)
    assert headrace.MlflowClient(uri).get_run(going_on).data.metrics == {"later": 1.0}


def test_what_the_store_refused_is_not_removed(offline: Path, tracking_uri: str) -> None:
    run_id = log_a_run()
    uri = resolved(tracking_uri)
    syncing.sync(offline, uri)
    with headrace.start_run(run_id=run_id):
        headrace.log_param("p", "another value")
    done = syncing.sync(offline, uri, clean=True)
    assert len(done.refused) == 1
    assert len(list(offline.rglob("*.journal"))) == 2
