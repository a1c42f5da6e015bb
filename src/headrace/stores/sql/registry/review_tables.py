"""The tables of reviews: policies, requests, decisions, comments, history, and the log that nothing is taken from."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, Table

from headrace.stores.sql.column_types import ID, LONG_TEXT, Name
from headrace.stores.sql.registry.tables import metadata as metadata
from headrace.stores.sql.registry.tables import registered_models

model_policies = Table(
    "model_policies",
    metadata,
    Column("model", BigInteger, primary_key=True, autoincrement=False),  # 0: of all others
    Column("policy", LONG_TEXT, nullable=False),  # JSON
    Column("updated", BigInteger, nullable=False),
)

transition_requests = Table(
    "transition_requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("model", BigInteger, ForeignKey(registered_models.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", Name(64), nullable=False),
    Column("status", SmallInteger, nullable=False),  # see `headrace.stores.sql.registry.review`
    Column("user_id", Name(500), nullable=False),
    Column("comment", LONG_TEXT),
    Column("approvals", Integer, nullable=False),  # how many are needed
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
Index("transition_requests_of", transition_requests.c.model, transition_requests.c.version)
Index("transition_requests_open", transition_requests.c.status, transition_requests.c.created)

transition_decisions = Table(
    "transition_decisions",
    metadata,
    Column("request", BigInteger, ForeignKey(transition_requests.c.id), primary_key=True),
    Column("user_id", Name(500), primary_key=True),
    Column("approved", SmallInteger, nullable=False),
    Column("comment", LONG_TEXT),
    Column("created", BigInteger, nullable=False),
)

model_comments = Table(
    "model_comments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("model", BigInteger, ForeignKey(registered_models.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("user_id", Name(500), nullable=False),
    Column("comment", LONG_TEXT, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)
Index("model_comments_of", model_comments.c.model, model_comments.c.version)

model_activities = Table(
    "model_activities",
    metadata,
    Column("id", ID, primary_key=True),
    Column("model", BigInteger, ForeignKey(registered_models.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Name(32), nullable=False),
    Column("user_id", Name(500), nullable=False),
    Column("from_stage", Name(64)),
    Column("to_stage", Name(64)),  # set where the version moved
    Column("comment", LONG_TEXT),
    Column("created", BigInteger, nullable=False),
)
Index("model_activities_of", model_activities.c.model, model_activities.c.version)
Index(
    "model_activities_moves",
    model_activities.c.model,
    model_activities.c.created,
    model_activities.c.to_stage,
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: the one row
    Column("number", BigInteger, nullable=False),
    Column("hash", Name(64), nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("user_id", Name(500), nullable=False),
    Column("action", Name(64), nullable=False),
    Column("subject", LONG_TEXT, nullable=False),
    Column("details", LONG_TEXT, nullable=False),
    Column("hash", Name(64), nullable=False),
)
