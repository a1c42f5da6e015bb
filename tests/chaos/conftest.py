"""Faults for real, at random instants. ``CHAOS`` says how many rounds; a failure prints its seed."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import headrace
from headrace.client.connection import close_stores
from headrace.client.logbook import close_logbooks

FACTOR = int(os.environ.get("CHAOS", "1"))
SEED = int(os.environ["CHAOS_SEED"])  # given, or drawn once for all workers


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument ``seed`` runs as often as its mark ``rounds`` says, times ``CHAOS``."""
    if "seed" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("rounds")
        assert mark is not None
        metafunc.parametrize("seed", [SEED + i for i in range(mark.args[0] * FACTOR)])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rounds(n): how often a test of chaos runs")


@pytest.fixture
def dice(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.fixture(autouse=True)
def nothing_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADRACE_SPOOL", str(tmp_path / "spool"))
    monkeypatch.setenv("HEADRACE_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    yield
    while headrace.active_run() is not None:
        headrace.end_run()
    headrace.set_tracking_uri("")
    close_logbooks()
    close_stores()
