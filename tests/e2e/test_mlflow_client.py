"""The real mlflow client does its tracking work against `headrace server`, unchanged.

Each case is a flow from ``flows/``, run by an mlflow client of some version inside an environment of
its own, against a `headrace server` process on one of the databases. ``HEADRACE_TEST_PEER=mlflow`` runs
the same flows against the real `mlflow server`, which is how we know that they ask for what MLflow does.
"""

from collections.abc import Callable, Iterator

import pytest

from e2e import inner

# One gigabyte goes once through the server; the bytes do not pass through the other databases.
_ONCE = {"large_artifact"}


def _cases() -> Iterator[object]:
    places = inner.places()
    for place in places:
        for flow in inner.flows():
            if flow.partition("::")[0] not in _ONCE or place == places[0]:
                yield pytest.param(place, flow, id=f"{place}-{flow}", marks=pytest.mark.slow)


@pytest.mark.parametrize(("place", "flow"), list(_cases()))
def test_the_client_works_unchanged(
    place: inner.Place, flow: str, outcome_of: Callable[[inner.Place], inner.Outcome]
) -> None:
    outcome_of(place).check(flow)
