"""Registered models, their versions, tags and aliases."""

import sqlalchemy as sa
from alembic import op

from headrace.stores.sql.column_types import ID, LONG_TEXT, Name

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _models()
    _versions()
    _tags()
    _aliases()


def _models() -> None:
    op.create_table(
        "registered_models",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", Name(256), nullable=False, unique=True),
        sa.Column("description", LONG_TEXT),
        sa.Column("prompt", sa.SmallInteger, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    _index("registered_models_page", "registered_models", "prompt", "name")
    _index("registered_models_recent", "registered_models", "prompt", "updated", "name")


def _versions() -> None:
    model = sa.ForeignKey("registered_models.id")
    op.create_table(
        "model_versions",
        sa.Column("model", sa.BigInteger, model, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("prompt", sa.SmallInteger, nullable=False),
        sa.Column("stage", Name(64), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("description", LONG_TEXT),
        sa.Column("user_id", Name(500)),
        sa.Column("source", LONG_TEXT, nullable=False),
        sa.Column("origin", LONG_TEXT, nullable=False),
        sa.Column("run_id", Name(256)),
        sa.Column("run_link", LONG_TEXT),
        sa.Column("model_id", Name(36)),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    _index("model_versions_page", "model_versions", "prompt", "updated")
    _index("model_versions_recent", "model_versions", "model", "updated")
    _index("model_versions_stage", "model_versions", "model", "stage", "version")
    _index("model_versions_run", "model_versions", "run_id")


def _tags() -> None:
    model = sa.ForeignKey("registered_models.id")
    op.create_table(
        "registered_model_tags",
        sa.Column("model", sa.BigInteger, model, primary_key=True),
        *_tag_columns(),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    _index("registered_model_tags_value", "registered_model_tags", "key", "value", "model")
    op.create_table(
        "model_version_tags",
        sa.Column("model", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_tag_columns(),
        _of_version(),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    _index("model_version_tags_value", "model_version_tags", "key", "value", "model", "version")


def _aliases() -> None:
    op.create_table(
        "model_aliases",
        sa.Column("model", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("alias", Name(255), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        _of_version(),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    _index("model_aliases_version", "model_aliases", "model", "version")


def _tag_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("key", Name(250), primary_key=True),
        sa.Column("value", Name(250), nullable=False),
        sa.Column("number", sa.Double),
        sa.Column("tail", LONG_TEXT),
    ]


def _of_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["model", "version"], ["model_versions.model", "model_versions.version"]
    )


def _index(name: str, table: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), if_not_exists=True)
