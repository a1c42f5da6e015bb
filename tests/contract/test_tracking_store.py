"""The promises of a store hold on every database, and through a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from artifact_servers import serving
from databases import Databases, Kind
from headrace.artifacts.resolve import Locations
from headrace.config import Settings
from headrace.stores.base import TrackingStore
from headrace.stores.http import connect as connect_http
from headrace.stores.sql import Place, connect, open_folder
from headrace.testing.stores import TrackingStoreContract

PLACE = Place("/artifacts")


class OnDatabase(TrackingStoreContract):
    """A store on one database, which all tests of a class share."""

    kind: Kind

    @pytest.fixture(scope="class")
    def store(
        self, request: pytest.FixtureRequest, databases: Databases
    ) -> Iterator[TrackingStore]:
        store = connect(databases.new(request.cls.kind), place=PLACE)
        yield store
        store.close()


class TestSqlite(OnDatabase):
    kind = "sqlite"


class TestPostgresql(OnDatabase):
    kind = "postgresql"


class TestMariadb(OnDatabase):
    kind = "mariadb"


class TestHttp(TrackingStoreContract):
    @pytest.fixture(scope="class")
    def store(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingStore]:
        folder: Path = tmp_path_factory.mktemp("served")
        behind = open_folder(folder, place=PLACE)
        with serving(behind, None, Locations([])) as url:
            store = connect_http(url, Settings())
            yield store
            store.close()
        behind.close()
