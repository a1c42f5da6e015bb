"""A version that only tests have: it adds, fills and makes anew, and each statement can be repeated."""

import sqlalchemy as sa
from alembic import op

from headrace.stores.sql.column_types import ID, Name

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("runs")}
    if "note" not in columns:
        op.add_column("runs", sa.Column("note", sa.String(100)))
    op.execute("UPDATE runs SET note = 'from before' WHERE note IS NULL")
    op.create_table(
        "notes",
        sa.Column("id", ID, primary_key=True),
        sa.Column("run", sa.BigInteger, sa.ForeignKey("runs.id"), nullable=False),
        if_not_exists=True,
    )
    op.create_index("notes_run", "notes", ["run"], if_not_exists=True)
    with op.batch_alter_table("experiments") as experiments:
        experiments.alter_column(
            "name", type_=Name(600), existing_type=Name(500), existing_nullable=False
        )
