"""``headrace top``: curves, what is chosen, and the command in a terminal and in a pipe."""

import math
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli_calls import Done
from headrace.cli.curves import curve
from headrace.cli.watching import Choice, watch
from headrace.client.connection import store_for
from headrace.client.tracking import MlflowClient

COMMAND = str(Path(sys.executable).with_name("headrace"))
TIMEOUT_S = 60


def test_a_curve_goes_from_corner_to_corner() -> None:
    lines = curve([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0], 4, 2)
    assert lines == ["⠀⠀⡠⠊", "⡠⠊⠀⠀"]
    assert curve([0, 5], [3.0, 0.0], 2, 1) == ["⠑⢄"]


@pytest.mark.parametrize(
    ("xs", "ys"),
    [
        ([], []),
        ([0], [1.0]),
        ([0, 1], [math.nan, math.inf]),
        ([0, 1, 2], [1.0, math.nan, 1.0]),
        ([-(2**63), 2**63 - 1], [-1.7e308, 1.7e308]),
        ([5, 5, 5], [1.0, 2.0, 3.0]),
    ],
)
def test_a_curve_of_anything_fits_its_frame(xs: list[float], ys: list[float]) -> None:
    lines = curve(xs, ys, 7, 3)
    assert [len(line) for line in lines] == [7, 7, 7]


@pytest.fixture
def runs(uri: str) -> list[str]:
    """Three running runs of an experiment of their own, the latest first."""
    client = MlflowClient(uri)
    experiment = client.create_experiment(os.urandom(8).hex())
    found = []
    for number in range(3):
        run = client.create_run(experiment, start_time=number + 1, run_name=f"train-{number}")
        for step in range(50):
            client.log_metric(run.info.run_id, "loss", 1 / (step + 1), step=step)
            client.log_metric(run.info.run_id, "accuracy", step / 50, step=step)
        found.append(run.info.run_id)
    return [experiment, *reversed(found)]


def test_keys_choose_the_run_and_the_metric_and_the_choice_follows_its_run(
    uri: str, runs: list[str]
) -> None:
    experiment, *ids = runs
    store, client, choice = store_for(MlflowClient(uri).tracking_uri), MlflowClient(uri), Choice()
    seen = watch(store, [experiment], choice, 40)
    assert (seen.running, seen.run_id, seen.metric_key) == (3, ids[0], "accuracy")
    assert (seen.steps[0], seen.steps[-1], seen.values[-1]) == (0, 49, 0.98)
    assert all(choice.moved(key) for key in ("down", "right"))
    seen = watch(store, [experiment], choice, 40)
    assert (seen.run_id, seen.metric_key) == (ids[1], "loss")
    new = client.create_run(experiment, start_time=9).info.run_id
    assert watch(store, [experiment], choice, 40).run_id == ids[1]
    choice.moved("up")
    choice.moved("up")
    assert watch(store, [experiment], choice, 40).run_id == new
    assert not choice.moved("q")


def test_a_metric_asked_for_by_name_is_drawn_until_a_key_chooses_another(
    uri: str, runs: list[str]
) -> None:
    choice = Choice("loss")
    store = store_for(MlflowClient(uri).tracking_uri)
    assert watch(store, runs[:1], choice, 40).metric_key == "loss"
    choice.moved("right")
    choice.moved("right")
    assert watch(store, runs[:1], choice, 40).metric_key == "accuracy"


def test_in_a_pipe_it_prints_one_picture(tell: Callable[..., Done], runs: list[str]) -> None:
    done = tell("top", "-x", runs[0])
    assert done.code == 0
    assert "3 running" in done.out
    assert all(f"train-{number}" in done.out for number in range(3))
    assert "steps 0 to 49" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 100


def test_where_nothing_runs_the_latest_are_shown(
    ask: Callable[..., Any], tell: Callable[..., Done], uri: str, runs: list[str]
) -> None:
    for run in runs[1:]:
        MlflowClient(uri).set_terminated(run)
    assert ask("top", "-x", runs[0])["running"] == 0
    assert "none is running" in tell("top", "-x", runs[0], "-m", "loss").out


def test_an_empty_experiment_says_so(tell: Callable[..., Done], uri: str) -> None:
    experiment = MlflowClient(uri).create_experiment(os.urandom(8).hex())
    assert "no runs yet" in tell("top", "-x", experiment).out


def test_in_a_terminal_it_draws_follows_keys_and_ends_with_q(uri: str, runs: list[str]) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    process = subprocess.Popen(
        [COMMAND, "top", "-x", runs[0], "--tracking-uri", uri, "--interval", "0.1"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
    )  # fmt: skip
    os.close(theirs)
    try:
        until(ours, "▶ train-2")
        os.write(ours, b"\x1b[B\x1b[C")
        until(ours, "▶ train-1")
        until(ours, "loss   ")
        os.write(ours, b"q")
        assert process.wait(TIMEOUT_S) == 0
    finally:
        process.kill()
        os.close(ours)


def until(terminal: int, text: str) -> None:
    """Read what is drawn until a text appears."""
    seen = b""
    while text.encode() not in seen:
        ready, _, _ = select.select([terminal], [], [], TIMEOUT_S)
        assert ready, seen.decode(errors="replace")
        seen += os.read(terminal, 65_536)
