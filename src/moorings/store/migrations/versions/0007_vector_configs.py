"""Configurations of vector stores, and why a stored secret fails its checks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and what is known of failed checks."""
    op.create_table(
        "vector_configs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "type", "name"),
    )
    op.add_column("credentials", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("credentials", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    # What was saved before is checked from now on too, half a day after its last change at the earliest.
    op.execute(
        "INSERT INTO jobs (kind, id, due_at, attempts) SELECT 'check', "
        "owner || '/' || integration_id || '/' || environment, updated_at + 43200000, 0 FROM credentials"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DELETE FROM jobs WHERE kind = 'check'")
    op.drop_column("credentials", "failures")
    op.drop_column("credentials", "reason")
    op.drop_table("vector_configs")
