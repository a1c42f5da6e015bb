"""How a test gets its databases: real ones, made for the session and dropped at its end.

A PostgreSQL or MariaDB server is taken from ``HEADRACE_TEST_POSTGRES`` or ``HEADRACE_TEST_MARIADB``
(a URL of an account that may create databases); else the one that listens on its usual port of this
machine; else one is started from the installed binaries, in a folder that is removed afterwards.
Where none of these can be had a test fails and says what to install. It is never skipped.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL, make_url

import clusters

Kind = Literal["sqlite", "postgresql", "mariadb"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql", "mariadb")


@dataclass(frozen=True)
class Product:
    """Where a database server is looked for."""

    variable: str
    usual: str
    start: Callable[[Path], clusters.Running]
    drop: str


_PRODUCTS = {
    "postgresql": Product(
        "HEADRACE_TEST_POSTGRES",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
        clusters.postgresql,
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
    ),
    "mariadb": Product(
        "HEADRACE_TEST_MARIADB",
        "mysql+pymysql://root@127.0.0.1:3306/",
        clusters.mariadb,
        "DROP DATABASE IF EXISTS {}",
    ),
}


@dataclass
class Databases:
    """Gives out empty databases; each is its taker's own."""

    folder: Path
    closing: ExitStack = field(default_factory=ExitStack)
    _servers: dict[str, URL] = field(default_factory=dict)

    def new(self, kind: Kind) -> str:
        """The URL of a database that is empty now and dropped at the end of the session."""
        name = f"headrace_test_{secrets.token_hex(6)}"
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        product = _PRODUCTS[kind]
        server = self.server(kind)
        clusters.execute(server, f"CREATE DATABASE {name}")
        self.closing.callback(clusters.execute, server, product.drop.format(name))
        return server.set(database=name).render_as_string(hide_password=False)

    def server(self, kind: Kind) -> URL:
        """An account that may create databases; the server is found or started once a session."""
        if kind not in self._servers:
            self._servers[kind] = self._find(_PRODUCTS[kind])
        return self._servers[kind]

    def _find(self, product: Product) -> URL:
        if given := os.environ.get(product.variable):
            return make_url(given)
        usual = make_url(product.usual)
        if clusters.answers(usual):
            return usual
        started = self.closing.enter_context(started_cluster(product.start))
        return make_url(started.url)


@contextmanager
def started_cluster(start: Callable[[Path], clusters.Running]) -> Iterator[clusters.Running]:
    """A database server of the test's own, which it may stop and kill; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="headrace-cluster-", ignore_cleanup_errors=True
    ) as name:
        running = start(Path(name))
        try:
            yield running
        finally:
            running.stop()
