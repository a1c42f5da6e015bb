"""The same for libraries that bring an engine of their own, in an environment of theirs."""

from collections.abc import Callable

import pytest

from e2e.inner import Outcome
from flavors.conftest import cases, check


@pytest.mark.slow
@pytest.mark.timeout(900)  # the first makes the environment
@pytest.mark.parametrize("case", cases("engines/*_models.py"))
def test_inside(case: str, outcome_of: Callable[[str], Outcome]) -> None:
    check(case, outcome_of)
