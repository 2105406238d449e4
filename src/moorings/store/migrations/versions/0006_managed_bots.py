"""Requests for managed bots, and the bots that were seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "managed_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("suggested_username", sa.String(length=32), nullable=False),
        sa.Column("suggested_name", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("forward_url", sa.Text(), nullable=True),
        sa.Column("reserved", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=True),
        sa.Column("actual_username", sa.Text(), nullable=True),
        sa.Column("actual_name", sa.Text(), nullable=True),
        sa.Column("installation_id", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("suggested_username"),
    )
    op.create_index(op.f("ix_managed_requests_owner"), "managed_requests", ["owner"], unique=False)
    op.create_index(op.f("ix_managed_requests_updated_at"), "managed_requests", ["updated_at"], unique=False)
    op.create_index(op.f("ix_managed_requests_bot_id"), "managed_requests", ["bot_id"], unique=False)
    op.create_table(
        "seen_bots",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("seen_bots")
    op.drop_index(op.f("ix_managed_requests_bot_id"), table_name="managed_requests")
    op.drop_index(op.f("ix_managed_requests_updated_at"), table_name="managed_requests")
    op.drop_index(op.f("ix_managed_requests_owner"), table_name="managed_requests")
    op.drop_table("managed_requests")
