"""What Spark reads as datasets: paths, tables and queries, which stay where they are."""

from typing import Any

from headrace import plugins
from headrace.data.sources import DatasetSource


class SparkDatasetSource(DatasetSource):
    """A place that Spark reads; MLflow's fields, so that its client takes it, and the format."""

    kind = "spark"

    def __init__(
        self,
        path: str | None = None,
        table_name: str | None = None,
        sql: str | None = None,
        format: str | None = None,  # noqa: A002  (Spark's name)
    ) -> None:
        self.path, self.table_name, self.sql, self.format = path, table_name, sql, format

    def to_dict(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(cls, source_dict: dict[str, Any]) -> "SparkDatasetSource":
        known = ("path", "table_name", "sql", "format")
        return cls(**{key: source_dict[key] for key in known if key in source_dict})

    def load(self, dst_path: str | None = None) -> Any:  # noqa: ARG002  (nothing is copied)
        """The data as a data frame of Spark, in the session that there is, or a new one."""
        session = plugins.load("pyspark.sql:SparkSession").builder.getOrCreate()
        if self.sql is not None:
            return session.sql(self.sql)
        if self.table_name is not None:
            return session.read.table(self.table_name)
        reader = session.read.format(self.format) if self.format else session.read
        return reader.load(self.path)
