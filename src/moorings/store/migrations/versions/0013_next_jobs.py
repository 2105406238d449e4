"""When a job can be taken next stands in one column, so that the next of each kind is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add and fill the column, and have one index in place of two."""
    op.add_column("jobs", sa.Column("next_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE jobs SET next_at = COALESCE(held_until, due_at, 0)")
    op.drop_index("ix_jobs_due", "jobs")
    op.drop_index("ix_jobs_held", "jobs")
    op.create_index("ix_jobs_next", "jobs", ["kind", "next_at"])


def downgrade() -> None:
    """The other way."""
    op.drop_index("ix_jobs_next", "jobs")
    op.create_index("ix_jobs_held", "jobs", ["kind", "held_until"])
    op.create_index("ix_jobs_due", "jobs", ["kind", "due_at"])
    op.drop_column("jobs", "next_at")
