"""The tables of an MLflow database, as far as its version has them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Select, column, func, inspect, literal, select, table

from headrace.stores.sql.database import named_errors

_ROWS_AT_ONCE = 10_000
_TEXTS_AT_ONCE = 500

LACKING = {
    "registered_models": "registered models: Headrace has no model registry yet",
    "trace_info": "traces: Headrace keeps none",
    "evaluation_datasets": "evaluation datasets: they are not imported yet",
    "webhooks": "webhooks: Headrace has none",
    "endpoints": "gateway endpoints: Headrace has none",
}
"""What MLflow keeps and an import does not take."""


class Tables:
    """Statements over an engine. Columns that this version of the schema lacks read as null."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with named_errors():
            schema = inspect(engine)
            names = set(schema.get_table_names())
            self._columns = {
                name: {one["name"] for one in schema.get_columns(name)}
                for name in names & _WANTED.keys()
            }
            self._others = sorted(names & LACKING.keys())

    def has(self, name: str) -> bool:
        """Whether the schema has the table."""
        return name in self._columns

    def select(self, name: str) -> Select[Any]:
        """All rows of a table, with the columns that an import wants."""
        there = self._columns[name]
        wanted: list[Any] = [
            column(one) if one in there else literal(None).label(one) for one in _WANTED[name]
        ]
        return select(*wanted).select_from(table(name))

    def rows(self, name: str, by: str, values: Iterable[Any]) -> Iterator[Any]:
        """The rows whose column ``by`` is one of the values; none where there is no such table."""
        remaining = iter(values) if self.has(name) else iter(())
        while some := list(islice(remaining, _TEXTS_AT_ONCE)):
            yield from self.all(self.select(name).where(column(by).in_(some)))

    def all(self, query: Select[Any]) -> Sequence[Any]:
        """The rows of a query, at once."""
        with named_errors(), self._engine.connect() as connection:
            return connection.execute(query).all()

    def stream(self, query: Select[Any]) -> Iterator[Sequence[Any]]:
        """The rows of a query, some at a time, however many they are."""
        with named_errors(), self._engine.connect() as connection:
            streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE)
            yield from streamed.execute(query).partitions()

    def lacking(self) -> Iterator[tuple[str, int]]:
        """The tables that hold what an import does not take, and how many rows each has."""
        for name in self._others:
            (count,) = self.all(select(func.count()).select_from(table(name)))[0]
            if count:
                yield name, count


_WANTED = {
    "experiments": (
        "experiment_id",
        "name",
        "lifecycle_stage",
        "creation_time",
        "last_update_time",
        "workspace",
    ),
    "experiment_tags": ("experiment_id", "key", "value"),
    "runs": (
        "run_uuid",
        "name",
        "user_id",
        "status",
        "start_time",
        "end_time",
        "lifecycle_stage",
        "artifact_uri",
        "experiment_id",
    ),
    "metrics": ("key", "value", "timestamp", "step", "is_nan"),
    "params": ("run_uuid", "key", "value"),
    "tags": ("run_uuid", "key", "value"),
    "datasets": (
        "dataset_uuid",
        "name",
        "digest",
        "dataset_source_type",
        "dataset_source",
        "dataset_schema",
        "dataset_profile",
    ),
    "inputs": (
        "input_uuid",
        "source_type",
        "source_id",
        "destination_type",
        "destination_id",
        "step",
    ),
    "input_tags": ("input_uuid", "name", "value"),
    "logged_models": (
        "model_id",
        "experiment_id",
        "name",
        "artifact_location",
        "creation_timestamp_ms",
        "last_updated_timestamp_ms",
        "status",
        "lifecycle_stage",
        "model_type",
        "source_run_id",
        "status_message",
    ),
    "logged_model_metrics": (
        "model_id",
        "metric_name",
        "metric_timestamp_ms",
        "metric_step",
        "metric_value",
        "run_id",
        "dataset_name",
        "dataset_digest",
    ),
    "logged_model_params": ("model_id", "param_key", "param_value"),
    "logged_model_tags": ("model_id", "tag_key", "tag_value"),
}
