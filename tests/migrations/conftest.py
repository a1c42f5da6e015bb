"""Databases of each kind, and the tables of this version made in both ways."""

import pytest

from databases import KINDS, Databases, Kind


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def url(databases: Databases, kind: Kind) -> str:
    """A database that is empty."""
    return databases.new(kind)
