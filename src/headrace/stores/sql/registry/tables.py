"""The tables of registered models.

A version is known by its model's number and its own, so that all that belongs to a model lies together.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
)

from headrace.stores.sql.column_types import ID, LONG_TEXT, Name
from headrace.stores.sql.tables import KEY_LENGTH, PREFIX, RUN_ID_LENGTH
from headrace.stores.sql.tables import metadata as metadata

registered_models = Table(
    "registered_models",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Name(256), nullable=False, unique=True),
    Column("description", LONG_TEXT),
    Column("prompt", SmallInteger, nullable=False),  # 1: searches for models do not see it
    Column("last_version", Integer, nullable=False),  # the highest number ever given
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)
Index("registered_models_page", registered_models.c.prompt, registered_models.c.name)
Index(
    "registered_models_recent",
    registered_models.c.prompt,
    registered_models.c.updated,
    registered_models.c.name,
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("model", BigInteger, ForeignKey(registered_models.c.id), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("prompt", SmallInteger, nullable=False),  # as its model
    Column("stage", Name(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("description", LONG_TEXT),
    Column("user_id", Name(500)),
    Column("source", LONG_TEXT, nullable=False),  # as it was given
    Column("origin", LONG_TEXT, nullable=False),  # what has the files: never another version
    Column("run_id", Name(RUN_ID_LENGTH)),
    Column("run_link", LONG_TEXT),
    Column("model_id", Name(36)),
    sqlite_with_rowid=False,
)
Index("model_versions_page", model_versions.c.prompt, model_versions.c.updated)
Index("model_versions_recent", model_versions.c.model, model_versions.c.updated)
Index(
    "model_versions_stage",
    model_versions.c.model,
    model_versions.c.stage,
    model_versions.c.version,
)
Index("model_versions_run", model_versions.c.run_id)


def _tag_columns() -> list[Column[object]]:
    return [
        Column("key", Name(KEY_LENGTH), primary_key=True),
        Column("value", Name(PREFIX), nullable=False),
        Column("number", Double),  # the value, where the text is a finite number
        Column("tail", LONG_TEXT),  # what follows the first PREFIX characters
    ]


registered_model_tags = Table(
    "registered_model_tags",
    metadata,
    Column("model", BigInteger, ForeignKey(registered_models.c.id), primary_key=True),
    *_tag_columns(),
    sqlite_with_rowid=False,
)
Index(
    "registered_model_tags_value",
    registered_model_tags.c.key,
    registered_model_tags.c.value,
    registered_model_tags.c.model,
)

model_version_tags = Table(
    "model_version_tags",
    metadata,
    Column("model", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    *_tag_columns(),
    ForeignKeyConstraint(["model", "version"], [model_versions.c.model, model_versions.c.version]),
    sqlite_with_rowid=False,
)
Index(
    "model_version_tags_value",
    model_version_tags.c.key,
    model_version_tags.c.value,
    model_version_tags.c.model,
    model_version_tags.c.version,
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column("model", BigInteger, primary_key=True, autoincrement=False),
    Column("alias", Name(255), primary_key=True),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["model", "version"], [model_versions.c.model, model_versions.c.version]),
    sqlite_with_rowid=False,
)
Index("model_aliases_version", model_aliases.c.model, model_aliases.c.version)
