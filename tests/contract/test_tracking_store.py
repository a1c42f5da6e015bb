"""The promises of a store hold on every database, and through a server."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from artifact_servers import serving
from databases import KINDS, Databases
from headrace.artifacts.resolve import Locations
from headrace.config import Settings
from headrace.stores.base import TrackingStore
from headrace.stores.http import connect as connect_http
from headrace.stores.sql import Place, connect, open_folder
from headrace.testing.stores import TrackingStoreContract

PLACE = Place("/artifacts")
KEY = "with which stores in databases encrypt secrets"


@contextmanager
def through_a_server(folder: Path) -> Iterator[TrackingStore]:
    with (
        closing(open_folder(folder, place=PLACE)) as behind,
        serving(behind, None, Locations([])) as url,
        closing(connect_http(url, Settings())) as store,
    ):
        yield store


@pytest.fixture(scope="module", params=[*KINDS, "http"])
def store(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrackingStore]:
    if request.param == "http":
        with through_a_server(tmp_path_factory.mktemp("served")) as served:
            yield served
    else:
        address = databases.new(request.param)
        with closing(connect(address, place=PLACE, secret_key=KEY)) as direct:
            yield direct


class TestStores(TrackingStoreContract):
    """Every store that comes with Headrace."""
