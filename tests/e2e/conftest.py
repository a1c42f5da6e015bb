"""Runs the flows that the collected tests ask for, two places at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from databases import Databases
from e2e import inner

AT_ONCE = 2

# They run in other environments, which have what they import.
collect_ignore = ["flows"]


@pytest.fixture(scope="session")
def outcome_of(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[inner.Place], inner.Outcome]]:
    """The outcome at a place. All places that the session needs are under way from the first question on."""
    wanted: dict[inner.Place, list[str]] = {}
    for item in request.session.items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if {"place", "flow"} <= parameters.keys():
            wanted.setdefault(parameters["place"], []).append(parameters["flow"])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {
            place: pool.submit(inner.run, place, flows, databases, tmp_path_factory.mktemp("place"))
            for place, flows in wanted.items()
        }
        yield lambda place: running[place].result()
        for future in running.values():
            future.cancel()
