"""How much each owner holds, counted by triggers."""

import sqlalchemy as sa
from alembic import op

from moorings.store import counters

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, count what is there, and let the triggers go on."""
    op.create_table(
        "tallies",
        sa.Column("owner", sa.String(length=40), sa.ForeignKey("owners.id"), primary_key=True),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
    )
    counters.fill(op.get_bind())
    counters.install(op.get_bind())


def downgrade() -> None:
    """Drop triggers and table."""
    counters.remove(op.get_bind())
    op.drop_table("tallies")
