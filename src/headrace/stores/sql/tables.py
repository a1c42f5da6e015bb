"""The tables, said once for SQLite, PostgreSQL and MariaDB/MySQL.

Inside, runs are known by a small integer and names of params, tags and metrics are interned in
``keys``; the ids of the wire are unique columns at the edge. What search reads (``params``, ``tags``,
``metric_series``) repeats the experiment of the run, so that each covering index starts with it.

Text in indexes is bounded: a value's first `PREFIX` characters stand in ``value``, the rest, for the
few that are longer, in ``tail``; ``value`` shorter than `PREFIX` implies that ``tail`` is NULL.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from headrace.stores.sql.column_types import BLOB, ID, LONG_TEXT, Name

PREFIX = 250
KEY_LENGTH = 250
RUN_ID_LENGTH = 256

metadata = MetaData()


experiments = Table(
    "experiments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Name(500), nullable=False, unique=True),
    # NULL: in the folder of the experiment's id under the store's own artifact root.
    Column("artifact_location", LONG_TEXT),
    Column("deleted", SmallInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

experiment_tags = Table(
    "experiment_tags",
    metadata,
    Column("experiment", ForeignKey(experiments.c.id), primary_key=True),
    Column("key", Name(KEY_LENGTH), primary_key=True),
    Column("value", LONG_TEXT, nullable=False),
)

keys = Table(
    "key_names",  # KEYS is a word of MySQL
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Name(KEY_LENGTH), nullable=False, unique=True),
)

# Which names the runs of an experiment use: what a table can show, without a scan of the runs.
experiment_keys = Table(
    "experiment_keys",
    metadata,
    Column("experiment", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
PARAM_KIND, TAG_KIND, METRIC_KIND = 0, 1, 2

runs = Table(
    "runs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("run_id", Name(RUN_ID_LENGTH), nullable=False, unique=True),
    Column("experiment", BigInteger, ForeignKey(experiments.c.id), nullable=False),
    Column("deleted", SmallInteger, nullable=False),  # 0 active, 1 deleted
    Column("status", SmallInteger, nullable=False),  # number of the wire's enum RunStatus
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("name", LONG_TEXT, nullable=False),
    Column("user_id", Name(500), nullable=False),
    Column("parent_run_id", Name(RUN_ID_LENGTH)),
    Column("deleted_time", BigInteger),
)
# The order of a page without a filter: latest start first, then by run id.
Index("runs_page", runs.c.experiment, runs.c.deleted, runs.c.start_time.desc(), runs.c.run_id)
Index("runs_parent", runs.c.parent_run_id)
Index("runs_by_status", runs.c.experiment, runs.c.deleted, runs.c.status)

STATUS_NUMBER = {"RUNNING": 1, "SCHEDULED": 2, "FINISHED": 3, "FAILED": 4, "KILLED": 5}
STATUS_NAME = {number: name for name, number in STATUS_NUMBER.items()}


def _key_value_table(name: str) -> Table:
    table = Table(
        name,
        metadata,
        Column("run", BigInteger, primary_key=True, autoincrement=False),
        Column("key", Integer, primary_key=True, autoincrement=False),
        Column("experiment", BigInteger, nullable=False),
        Column("value", Name(PREFIX), nullable=False),
        Column("number", Double),  # the value, where the text is a finite number
        Column("tail", LONG_TEXT),  # what follows the first PREFIX characters
        sqlite_with_rowid=False,
    )
    Index(f"{name}_by_value", table.c.experiment, table.c.key, table.c.value, table.c.run)
    Index(f"{name}_by_number", table.c.experiment, table.c.key, table.c.number, table.c.run)
    return table


params = _key_value_table("params")
tags = _key_value_table("tags")

# One row a series. Searchable values: NaN is NULL, an infinity is the largest finite number of its
# sign; *_bits hold the exact IEEE 754 double as a signed integer.
metric_series = Table(
    "metric_series",
    metadata,
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("experiment", BigInteger, nullable=False),
    # The latest point: the greatest (step, time, value), a NaN counting as 0.
    Column("last_value", Double),
    Column("last_bits", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    Column("first_value", Double),  # of the least (step, time, value)
    Column("first_step", BigInteger, nullable=False),
    Column("first_time", BigInteger, nullable=False),
    Column("min_value", Double),
    Column("max_value", Double),
    Column("max_time", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("finite_count", BigInteger, nullable=False),
    Column("finite_sum", Double, nullable=False),
    sqlite_with_rowid=False,
)
# What follows the run is there so that a filter or an order by another reduction reads this index alone.
Index(
    "metric_series_by_last",
    metric_series.c.experiment,
    metric_series.c.key,
    metric_series.c.last_value,
    metric_series.c.run,
    metric_series.c.first_value,
    metric_series.c.min_value,
    metric_series.c.max_value,
    metric_series.c.count,
    metric_series.c.finite_count,
    metric_series.c.finite_sum,
)

# Points as they came in, of any keys of one run together, until they are folded into chunks.
metric_batches = Table(
    "metric_batches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("run", BigInteger, nullable=False, index=True),
    Column("points", Integer, nullable=False),
    Column("data", BLOB, nullable=False),
)

metric_chunks = Table(
    "metric_chunks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("run", BigInteger, nullable=False),
    Column("key", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("first_step", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("min_time", BigInteger, nullable=False),
    Column("max_time", BigInteger, nullable=False),
    Column("sketch", BLOB),  # the chunk's extremes, what an overview chart draws
    Column("data", BLOB, nullable=False),  # last, so that SQLite reads the rest without it
)
Index("metric_chunks_series", metric_chunks.c.run, metric_chunks.c.key)

datasets = Table(
    "datasets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("experiment", BigInteger, ForeignKey(experiments.c.id), nullable=False),
    Column("name", Name(500), nullable=False),
    Column("digest", Name(36), nullable=False),
    Column("source_type", LONG_TEXT, nullable=False),
    Column("source", LONG_TEXT, nullable=False),
    Column("schema", LONG_TEXT),
    Column("profile", LONG_TEXT),
    UniqueConstraint("experiment", "name", "digest"),
)

run_datasets = Table(
    "run_datasets",
    metadata,
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("dataset", BigInteger, primary_key=True, autoincrement=False),
    Column("context", Name(500)),  # the value of tag mlflow.data.context, for search
    Column("tags", LONG_TEXT, nullable=False),  # JSON: [{"key": ..., "value": ...}]
)
Index("run_datasets_dataset", run_datasets.c.dataset)

logged_models = Table(
    "logged_models",
    metadata,
    Column("id", ID, primary_key=True),
    Column("model_id", Name(36), nullable=False, unique=True),
    Column("experiment", BigInteger, ForeignKey(experiments.c.id), nullable=False),
    Column("name", Name(500), nullable=False),
    Column("deleted", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),  # number of the wire's enum LoggedModelStatus
    Column("status_message", LONG_TEXT),
    Column("model_type", Name(500), nullable=False),
    Column("source_run_id", Name(500), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)
Index(
    "logged_models_page",
    logged_models.c.experiment,
    logged_models.c.deleted,
    logged_models.c.created,
)
Index("logged_models_name", logged_models.c.experiment, logged_models.c.name)


def _model_key_value_table(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("model", BigInteger, ForeignKey(logged_models.c.id), primary_key=True),
        Column("key", Name(KEY_LENGTH), primary_key=True),
        Column("value", LONG_TEXT, nullable=False),
    )


logged_model_params = _model_key_value_table("logged_model_params")
logged_model_tags = _model_key_value_table("logged_model_tags")

# The latest point of each (metric, dataset, run) that named the model.
logged_model_metrics = Table(
    "logged_model_metrics",
    metadata,
    Column("id", ID, primary_key=True),
    Column("model", BigInteger, ForeignKey(logged_models.c.id), nullable=False),
    Column("key", Name(KEY_LENGTH), nullable=False),
    Column("run_id", Name(RUN_ID_LENGTH), nullable=False),
    Column("dataset_name", Name(500)),
    Column("dataset_digest", Name(36)),
    Column("step", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("value", Double),
    Column("bits", BigInteger, nullable=False),
)
Index("logged_model_metrics_key", logged_model_metrics.c.model, logged_model_metrics.c.key)

run_models = Table(
    "run_models",
    metadata,
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("output", SmallInteger, primary_key=True, autoincrement=False),  # 0 input, 1 output
    Column("model_id", Name(500), primary_key=True),
    Column("step", BigInteger, nullable=False),
)

# How far each journal is taken. A row stays when the journal is done: it may come again, as a copy.
journals = Table(
    "journals",
    metadata,
    Column("journal_id", Name(32), primary_key=True),
    Column("run", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),  # 0 open, 1 closed, 2 its writer has gone
    Column("owner", SmallInteger, nullable=False),  # 1 if the run lives as long as the writer
    Column("last_time", BigInteger, nullable=False),  # of its last record
    # When its writer was last heard of, if it has promised a word every few seconds, else 0.
    Column("seen", BigInteger, nullable=False),
)
Index("journals_waiting", journals.c.state, journals.c.seen)

evaluation_datasets = Table(
    "evaluation_datasets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("dataset_id", Name(36), nullable=False, unique=True),
    Column("name", Name(500), nullable=False, index=True),
    Column("digest", Name(36), nullable=False),
    Column("schema", LONG_TEXT),  # JSON, see `headrace.wire.records.Schema`
    Column("records", Integer, nullable=False),  # how many there are
    Column("positions", Integer, nullable=False),  # how many there have ever been
    Column("created", BigInteger, nullable=False, index=True),
    Column("updated", BigInteger, nullable=False),
    Column("created_by", Name(500)),
    Column("last_updated_by", Name(500)),
)

evaluation_dataset_tags = Table(
    "evaluation_dataset_tags",
    metadata,
    Column("dataset", BigInteger, ForeignKey(evaluation_datasets.c.id), primary_key=True),
    Column("key", Name(KEY_LENGTH), primary_key=True),
    Column("value", LONG_TEXT),
)

evaluation_dataset_experiments = Table(
    "evaluation_dataset_experiments",
    metadata,
    Column("dataset", BigInteger, ForeignKey(evaluation_datasets.c.id), primary_key=True),
    Column("experiment", BigInteger, ForeignKey(experiments.c.id), primary_key=True, index=True),
)

evaluation_dataset_records = Table(
    "evaluation_dataset_records",
    metadata,
    Column("dataset", BigInteger, ForeignKey(evaluation_datasets.c.id), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("record_id", Name(36), nullable=False, unique=True),
    Column("identity", Name(64), nullable=False, unique=True),  # of the dataset and the inputs
    # JSON, all of them.
    Column("inputs", LONG_TEXT, nullable=False),
    Column("expectations", LONG_TEXT),
    Column("tags", LONG_TEXT, nullable=False),
    Column("outputs", LONG_TEXT),
    Column("source", LONG_TEXT),
    Column("source_type", Name(20)),
    Column("source_id", Name(500)),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("created_by", Name(500)),
    Column("last_updated_by", Name(500)),
    Column("size", Integer, nullable=False),  # bytes of its JSON
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("webhook_id", Name(36), nullable=False, unique=True),
    Column("name", Name(63), nullable=False),
    Column("description", LONG_TEXT),
    Column("url", LONG_TEXT, nullable=False),
    Column("events", LONG_TEXT, nullable=False),  # "entity.action", each on a line
    Column("secret", BLOB),  # sealed, see `headrace.stores.sql.sealing`
    Column("active", SmallInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("delivery_id", Name(36), nullable=False, unique=True),
    Column("webhook", BigInteger, ForeignKey(webhooks.c.id), nullable=False),
    Column("event", Name(100), nullable=False),
    Column("body", LONG_TEXT, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),  # 0 waiting, 1 delivered, 2 dead
    Column("attempts", Integer, nullable=False),
    # When it is tried next; of one that is not tried any more, when that was decided.
    Column("due", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", LONG_TEXT),
)
Index("webhook_deliveries_due", webhook_deliveries.c.state, webhook_deliveries.c.due)
Index("webhook_deliveries_of", webhook_deliveries.c.webhook, webhook_deliveries.c.id)
