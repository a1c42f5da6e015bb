"""A store with artifacts, as one who looks after it opens it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.client.connection import close_stores
from headrace.client.tracking import MlflowClient
from headrace.config import Settings
from headrace.upkeep.premises import Premises, address_of, open_premises
from kept_stores import Kept


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """A folder of runs, open for its client and for its keeper."""
    folder = tmp_path / "store"
    client = MlflowClient(folder)
    client.search_experiments()
    premises = reopened(folder)
    yield Kept(folder, client, premises)
    premises.store.close()
    close_stores()


def reopened(folder: Path) -> Premises:
    """The store of a folder."""
    return open_premises(address_of(str(folder), None, Settings()))
