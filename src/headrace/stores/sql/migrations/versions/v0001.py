"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

from headrace.stores.sql.column_types import BLOB, ID, LONG_TEXT, Name

revision = "0001"
down_revision = None


def upgrade() -> None:
    _experiments()
    _runs()
    _values()
    _metrics()
    _journals()
    _datasets()
    _logged_models()
    _logged_model_texts()
    _evaluation_datasets()
    _evaluation_records()


def _experiments() -> None:
    """Experiments, and which names their runs use."""
    op.create_table(
        "experiments",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", Name(500), nullable=False, unique=True),
        sa.Column("artifact_location", LONG_TEXT),
        sa.Column("deleted", sa.SmallInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "experiment_tags",
        sa.Column("experiment", sa.BigInteger, sa.ForeignKey("experiments.id"), primary_key=True),
        sa.Column("key", Name(250), primary_key=True),
        sa.Column("value", LONG_TEXT, nullable=False),
    )
    op.create_table(
        "key_names",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", Name(250), nullable=False, unique=True),
    )
    op.create_table(
        "experiment_keys",
        sa.Column("experiment", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _runs() -> None:
    """Runs."""
    op.create_table(
        "runs",
        sa.Column("id", ID, primary_key=True),
        sa.Column("run_id", Name(256), nullable=False, unique=True),
        sa.Column("experiment", sa.BigInteger, sa.ForeignKey("experiments.id"), nullable=False),
        sa.Column("deleted", sa.SmallInteger, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("name", LONG_TEXT, nullable=False),
        sa.Column("user_id", Name(500), nullable=False),
        sa.Column("parent_run_id", Name(256)),
        sa.Column("deleted_time", sa.BigInteger),
    )
    op.create_index("runs_by_status", "runs", ["experiment", "deleted", "status"])
    op.create_index(
        "runs_page", "runs", ["experiment", "deleted", sa.text("start_time DESC"), "run_id"]
    )
    op.create_index("runs_parent", "runs", ["parent_run_id"])


def _values() -> None:
    """Params and tags, in two tables of one shape."""
    for table in ("params", "tags"):
        op.create_table(
            table,
            sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("experiment", sa.BigInteger, nullable=False),
            sa.Column("value", Name(250), nullable=False),
            sa.Column("number", sa.Double),
            sa.Column("tail", LONG_TEXT),
            sqlite_with_rowid=False,
        )
        op.create_index(f"{table}_by_number", table, ["experiment", "key", "number", "run"])
        op.create_index(f"{table}_by_value", table, ["experiment", "key", "value", "run"])


def _metrics() -> None:
    """Series, and their points: first in batches, then in chunks."""
    op.create_table(
        "metric_series",
        sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("experiment", sa.BigInteger, nullable=False),
        sa.Column("last_value", sa.Double),
        sa.Column("last_bits", sa.BigInteger, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("last_time", sa.BigInteger, nullable=False),
        sa.Column("first_value", sa.Double),
        sa.Column("first_step", sa.BigInteger, nullable=False),
        sa.Column("first_time", sa.BigInteger, nullable=False),
        sa.Column("min_value", sa.Double),
        sa.Column("max_value", sa.Double),
        sa.Column("max_time", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("finite_count", sa.BigInteger, nullable=False),
        sa.Column("finite_sum", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "metric_series_by_last",
        "metric_series",
        [
            "experiment",
            "key",
            "last_value",
            "run",
            "first_value",
            "min_value",
            "max_value",
            "count",
            "finite_count",
            "finite_sum",
        ],
    )
    op.create_table(
        "metric_batches",
        sa.Column("id", ID, primary_key=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("data", BLOB, nullable=False),
    )
    op.create_index("ix_metric_batches_run", "metric_batches", ["run"])
    op.create_table(
        "metric_chunks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Integer, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("first_step", sa.BigInteger, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("min_time", sa.BigInteger, nullable=False),
        sa.Column("max_time", sa.BigInteger, nullable=False),
        sa.Column("sketch", BLOB),
        sa.Column("data", BLOB, nullable=False),
    )
    op.create_index("metric_chunks_series", "metric_chunks", ["run", "key"])


def _journals() -> None:
    """How far each journal is taken."""
    op.create_table(
        "journals",
        sa.Column("journal_id", Name(32), primary_key=True),
        sa.Column("run", sa.BigInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("owner", sa.SmallInteger, nullable=False),
        sa.Column("last_time", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
    )
    op.create_index("journals_waiting", "journals", ["state", "seen"])


def _datasets() -> None:
    """Datasets and the runs that read them."""
    op.create_table(
        "datasets",
        sa.Column("id", ID, primary_key=True),
        sa.Column("experiment", sa.BigInteger, sa.ForeignKey("experiments.id"), nullable=False),
        sa.Column("name", Name(500), nullable=False),
        sa.Column("digest", Name(36), nullable=False),
        sa.Column("source_type", LONG_TEXT, nullable=False),
        sa.Column("source", LONG_TEXT, nullable=False),
        sa.Column("schema", LONG_TEXT),
        sa.Column("profile", LONG_TEXT),
        sa.UniqueConstraint("experiment", "name", "digest"),
    )
    op.create_table(
        "run_datasets",
        sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("dataset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("context", Name(500)),
        sa.Column("tags", LONG_TEXT, nullable=False),
    )
    op.create_index("run_datasets_dataset", "run_datasets", ["dataset"])


def _logged_models() -> None:
    """Models, what is known of them, and the runs that read or made them."""
    op.create_table(
        "logged_models",
        sa.Column("id", ID, primary_key=True),
        sa.Column("model_id", Name(36), nullable=False, unique=True),
        sa.Column("experiment", sa.BigInteger, sa.ForeignKey("experiments.id"), nullable=False),
        sa.Column("name", Name(500), nullable=False),
        sa.Column("deleted", sa.SmallInteger, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("status_message", LONG_TEXT),
        sa.Column("model_type", Name(500), nullable=False),
        sa.Column("source_run_id", Name(500), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_index("logged_models_name", "logged_models", ["experiment", "name"])
    op.create_index("logged_models_page", "logged_models", ["experiment", "deleted", "created"])
    op.create_table(
        "logged_model_metrics",
        sa.Column("id", ID, primary_key=True),
        sa.Column("model", sa.BigInteger, sa.ForeignKey("logged_models.id"), nullable=False),
        sa.Column("key", Name(250), nullable=False),
        sa.Column("run_id", Name(256), nullable=False),
        sa.Column("dataset_name", Name(500)),
        sa.Column("dataset_digest", Name(36)),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("bits", sa.BigInteger, nullable=False),
    )
    op.create_index("logged_model_metrics_key", "logged_model_metrics", ["model", "key"])
    op.create_table(
        "run_models",
        sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("output", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("model_id", Name(500), primary_key=True),
        sa.Column("step", sa.BigInteger, nullable=False),
    )


def _logged_model_texts() -> None:
    """Params and tags of models."""
    for table in ("logged_model_params", "logged_model_tags"):
        op.create_table(
            table,
            sa.Column("model", sa.BigInteger, sa.ForeignKey("logged_models.id"), primary_key=True),
            sa.Column("key", Name(250), primary_key=True),
            sa.Column("value", LONG_TEXT, nullable=False),
        )


def _evaluation_datasets() -> None:
    """Evaluation datasets, their tags and the experiments that have them."""
    op.create_table(
        "evaluation_datasets",
        sa.Column("id", ID, primary_key=True),
        sa.Column("dataset_id", Name(36), nullable=False, unique=True),
        sa.Column("name", Name(500), nullable=False),
        sa.Column("digest", Name(36), nullable=False),
        sa.Column("schema", LONG_TEXT),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("positions", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("created_by", Name(500)),
        sa.Column("last_updated_by", Name(500)),
    )
    op.create_index("ix_evaluation_datasets_created", "evaluation_datasets", ["created"])
    op.create_index("ix_evaluation_datasets_name", "evaluation_datasets", ["name"])
    dataset = sa.ForeignKey("evaluation_datasets.id")
    op.create_table(
        "evaluation_dataset_tags",
        sa.Column("dataset", sa.BigInteger, dataset, primary_key=True),
        sa.Column("key", Name(250), primary_key=True),
        sa.Column("value", LONG_TEXT),
    )
    dataset, experiment = sa.ForeignKey("evaluation_datasets.id"), sa.ForeignKey("experiments.id")
    op.create_table(
        "evaluation_dataset_experiments",
        sa.Column("dataset", sa.BigInteger, dataset, primary_key=True),
        sa.Column("experiment", sa.BigInteger, experiment, primary_key=True),
    )
    op.create_index(
        "ix_evaluation_dataset_experiments_experiment",
        "evaluation_dataset_experiments",
        ["experiment"],
    )


def _evaluation_records() -> None:
    """The records of evaluation datasets."""
    op.create_table(
        "evaluation_dataset_records",
        sa.Column(
            "dataset", sa.BigInteger, sa.ForeignKey("evaluation_datasets.id"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_id", Name(36), nullable=False, unique=True),
        sa.Column("identity", Name(64), nullable=False, unique=True),
        sa.Column("inputs", LONG_TEXT, nullable=False),
        sa.Column("expectations", LONG_TEXT),
        sa.Column("tags", LONG_TEXT, nullable=False),
        sa.Column("outputs", LONG_TEXT),
        sa.Column("source", LONG_TEXT),
        sa.Column("source_type", Name(20)),
        sa.Column("source_id", Name(500)),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("created_by", Name(500)),
        sa.Column("last_updated_by", Name(500)),
        sa.Column("size", sa.Integer, nullable=False),
    )
