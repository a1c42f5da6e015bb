"""Answers of databases as datasets: the rows that a query gave, and how to ask again."""

from typing import Any

from headrace import plugins
from headrace.client.secrets import MASK, masked_text
from headrace.data.sources import DatasetSource
from headrace.data.tables import PandasDataset
from headrace.errors import InvalidValueError, UnavailableError


class SQLDatasetSource(DatasetSource):
    """A query and the database that it is asked of. A password in its URL is not stored."""

    kind = "sql"

    def __init__(self, query: str, url: str) -> None:
        self.query, self.url = query, url

    def to_dict(self) -> dict[str, Any]:
        return {"query": self.query, "url": masked_text(self.url)}

    def load(self, dst_path: str | None = None) -> Any:  # noqa: ARG002  (rows, not a file)
        """The rows that the database gives now, as a data frame.

        Where the password was masked, the driver finds another in its own places (``PGPASSWORD``,
        ``~/.pgpass``, an option file).
        """
        url = self.url.replace(f":{MASK}@", "@")
        refused = plugins.load("pandas.errors:DatabaseError")
        away = plugins.load("sqlalchemy.exc:SQLAlchemyError")
        try:
            return plugins.load("pandas:read_sql")(self.query, url)
        except (refused, away) as error:
            raise UnavailableError(
                f"The query could not be asked of {masked_text(url)}: {error}"
            ) from error


def from_sql(
    query: str,
    url: str,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> PandasDataset:
    """The rows that a query gives, read with pandas; ``url`` is one of SQLAlchemy.

    Digest and columns are those of the data frame. Raises `UnavailableError` where the database does not
    answer, or not to this query.
    """
    if not query.strip():
        raise InvalidValueError("The query is empty.")
    source = SQLDatasetSource(query, url)
    return PandasDataset(source.load(), source, targets, name, digest)
