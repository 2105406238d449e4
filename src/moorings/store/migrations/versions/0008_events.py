"""Events and their way on: what was received, where it goes, and the secret that signs it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and what an installation tells of its forward address."""
    op.add_column("installations", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column("installations", sa.Column("forward_problem", sa.Text(), nullable=True))
    op.add_column("installations", sa.Column("forward_failing_since", sa.BigInteger(), nullable=True))
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("installation_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("owner_key_id", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("give_up_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("installation_id", "name"),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_key_id"], ["owner_keys.id"]),
    )
    op.create_index("ix_events_owner_key_id", "events", ["owner_key_id"], unique=False)
    op.create_index("ix_events_received_at", "events", ["received_at"], unique=False)
    op.create_index("ix_events_of_installation", "events", ["installation_id", "sequence"], unique=False)
    op.create_index(
        "ix_events_waiting", "events", ["installation_id", "conversation", "sequence"], unique=False,
        sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.create_table(
        "forward_secrets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("owner_key_id", sa.String(length=40), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["id"], ["installations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.ForeignKeyConstraint(["owner_key_id"], ["owner_keys.id"]),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_forward_secrets_owner_key_id", "forward_secrets", ["owner_key_id"], unique=False)


def downgrade() -> None:
    """Drop the tables and columns."""
    op.drop_table("forward_secrets")
    op.drop_table("events")
    for name in ("forward_failing_since", "forward_problem", "problem"):
        op.drop_column("installations", name)
