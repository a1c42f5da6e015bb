"""Webhooks, and the messages that they are sent."""

import sqlalchemy as sa
from alembic import op

from headrace.stores.sql.column_types import BLOB, ID, LONG_TEXT, Name

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("webhook_id", Name(36), nullable=False, unique=True),
        sa.Column("name", Name(63), nullable=False),
        sa.Column("description", LONG_TEXT),
        sa.Column("url", LONG_TEXT, nullable=False),
        sa.Column("events", LONG_TEXT, nullable=False),
        sa.Column("secret", BLOB),
        sa.Column("active", sa.SmallInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("delivery_id", Name(36), nullable=False, unique=True),
        sa.Column("webhook", sa.BigInteger, sa.ForeignKey("webhooks.id"), nullable=False),
        sa.Column("event", Name(100), nullable=False),
        sa.Column("body", LONG_TEXT, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", LONG_TEXT),
        if_not_exists=True,
    )
    op.create_index(
        "webhook_deliveries_due", "webhook_deliveries", ["state", "due"], if_not_exists=True
    )
    op.create_index(
        "webhook_deliveries_of", "webhook_deliveries", ["webhook", "id"], if_not_exists=True
    )
