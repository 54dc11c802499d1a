"""Several questions of the front door's may be open in a concern at once.

Revision 0002, after 0001. Going down fails while a concern has two questions open: answer them first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEFORE = "closed_at IS NULL AND kind NOT IN ('action', 'countersign')"
AFTER = "closed_at IS NULL AND kind NOT IN ('action', 'answer_question', 'countersign')"


def upgrade() -> None:
    """Bring the database to this revision."""
    _single(AFTER)


def downgrade() -> None:
    """Take this revision back."""
    _single(BEFORE)


def _single(where: str) -> None:
    op.drop_index("task_single", table_name="task")
    op.create_index(
        "task_single",
        "task",
        ["concern_id", "kind"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
