"""What Headrace saves the real mlflow loads, and the other way round, with the same predictions."""

from collections.abc import Callable

import pytest

from e2e.inner import Outcome
from flavors.conftest import cases


@pytest.mark.slow
@pytest.mark.parametrize("case", cases())
def test_models_go_both_ways(case: str, outcome_of: Callable[[str], Outcome]) -> None:
    outcome_of(case.partition("::")[0]).check(case)
