"""Snoozed reminders, true times of what is entered later, daily statements, cover over closures, keys of outage packs.

Revision 0004, after 0003. Going down forgets them.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ON_DELIVERY = (
    ("delivery_told", ["person_id", "sent_at"], "sent_at IS NOT NULL"),
    ("delivery_claimed", ["claimed_by"], "claimed_by IS NOT NULL"),
    ("delivery_unnamed", ["held_at"], "held_at IS NOT NULL AND named_in IS NULL"),
    ("delivery_named", ["named_in"], "named_in IS NOT NULL"),
)


def upgrade() -> None:
    """Bring the database to this revision."""
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("snoozed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("named_in", sa.Uuid(), nullable=True))
    for name, columns, rows in ON_DELIVERY:
        where = sa.text(rows)
        op.create_index(name, "delivery", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "dailystatement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("day"),
    )
    op.create_table(
        "closurecover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("named_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("returned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("concern_id", "first"),
    )
    op.create_index("closure_cover_person", "closurecover", ["person_id", "last"])
    standing = sa.text("returned_at IS NULL")
    op.create_index("closure_cover_last", "closurecover", ["last"], sqlite_where=standing, postgresql_where=standing)
    op.create_table(
        "packkey",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("packkey")
    op.drop_table("closurecover")
    op.drop_table("dailystatement")
    for name, _, _ in ON_DELIVERY:
        op.drop_index(name, table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("named_in")
        batch_op.drop_column("held_at")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_column("done_at")
        batch_op.drop_column("snoozed_until")
