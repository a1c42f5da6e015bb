"""Reviews of model versions: policies, requests, decisions, comments, history, and the log of changes."""

import sqlalchemy as sa
from alembic import op

from headrace.stores.sql.column_types import ID, LONG_TEXT, Name

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "model_policies",
        sa.Column("model", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("policy", LONG_TEXT, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    _requests()
    _comments()
    _activities()
    _audit()


def _of_version() -> list[sa.Column[object]]:
    return [
        sa.Column("id", ID, primary_key=True),
        sa.Column("model", sa.BigInteger, sa.ForeignKey("registered_models.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    ]


def _requests() -> None:
    op.create_table(
        "transition_requests",
        *_of_version(),
        sa.Column("stage", Name(64), nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("user_id", Name(500), nullable=False),
        sa.Column("comment", LONG_TEXT),
        sa.Column("approvals", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    _index("transition_requests_of", "transition_requests", "model", "version")
    _index("transition_requests_open", "transition_requests", "status", "created")
    op.create_table(
        "transition_decisions",
        sa.Column(
            "request", sa.BigInteger, sa.ForeignKey("transition_requests.id"), primary_key=True
        ),
        sa.Column("user_id", Name(500), primary_key=True),
        sa.Column("approved", sa.SmallInteger, nullable=False),
        sa.Column("comment", LONG_TEXT),
        sa.Column("created", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )


def _comments() -> None:
    op.create_table(
        "model_comments",
        *_of_version(),
        sa.Column("user_id", Name(500), nullable=False),
        sa.Column("comment", LONG_TEXT, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    _index("model_comments_of", "model_comments", "model", "version")


def _activities() -> None:
    op.create_table(
        "model_activities",
        *_of_version(),
        sa.Column("kind", Name(32), nullable=False),
        sa.Column("user_id", Name(500), nullable=False),
        sa.Column("from_stage", Name(64)),
        sa.Column("to_stage", Name(64)),
        sa.Column("comment", LONG_TEXT),
        sa.Column("created", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    _index("model_activities_of", "model_activities", "model", "version")
    _index("model_activities_moves", "model_activities", "model", "created", "to_stage")


def _audit() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", Name(64), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "audit_log",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("user_id", Name(500), nullable=False),
        sa.Column("action", Name(64), nullable=False),
        sa.Column("subject", LONG_TEXT, nullable=False),
        sa.Column("details", LONG_TEXT, nullable=False),
        sa.Column("hash", Name(64), nullable=False),
        if_not_exists=True,
    )


def _index(name: str, table: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), if_not_exists=True)
