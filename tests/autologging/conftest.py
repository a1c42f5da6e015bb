"""A folder of runs of its own for each test, with autologging off at its start and end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import headrace
from headrace.autologging import beside
from headrace.entities import Run


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    headrace.set_tracking_uri(tmp_path / "runs")
    yield
    headrace.autolog(disable=True)
    headrace.sklearn.autolog(disable=True)
    headrace.end_run()
    headrace.set_tracking_uri("")


@pytest.fixture
def recorded() -> Callable[[], list[Run]]:
    """All runs, the first first, with everything that is done beside the program done."""

    def found() -> list[Run]:
        beside.flush()
        runs = headrace.search_runs(output_format="list", order_by=["start_time ASC"])
        return list(runs)

    return found
