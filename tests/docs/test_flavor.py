"""The flavor of the guide passes the public suite; and so do those that are built in."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import Polynomial
from sklearn.linear_model import LinearRegression

from headrace.flavors.sklearn.model import FLAVOR as SKLEARN
from headrace.models.flavor import Flavor
from headrace.testing.flavors import FlavorContract

PAGE = Path(__file__).parents[2] / "docs" / "how" / "add-a-flavor.md"
CODE = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


class TestPolynomial(FlavorContract):
    @pytest.fixture
    def flavor(self) -> Flavor:
        names: dict[str, Any] = {}
        assert CODE
        exec(CODE.group(1), names)
        found: Flavor = names["FLAVOR"]
        return found

    @pytest.fixture
    def model(self) -> Any:
        return Polynomial([1, 0, 2])

    @pytest.fixture
    def data(self) -> Any:
        return np.arange(3.0)


class TestSklearn(FlavorContract):
    @pytest.fixture
    def flavor(self) -> Flavor:
        return SKLEARN

    @pytest.fixture
    def model(self) -> Any:
        return LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])

    @pytest.fixture
    def data(self) -> Any:
        return np.array([[2.0], [3.0]])
