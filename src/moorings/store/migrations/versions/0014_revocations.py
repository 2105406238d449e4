"""Deleted credentials that their providers have not revoked yet."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "revocations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("integration", sa.String(length=64), nullable=False),
        sa.Column("integration_id", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("owner_key_id", sa.String(length=40), nullable=False),
        sa.Column("field_names", sa.Text(), nullable=False),
        sa.Column("revision", sa.String(length=40), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.ForeignKeyConstraint(["owner_key_id"], ["owner_keys.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_revocations_owner"), "revocations", ["owner"], unique=False)
    op.create_index(op.f("ix_revocations_owner_key_id"), "revocations", ["owner_key_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_revocations_owner_key_id"), table_name="revocations")
    op.drop_index(op.f("ix_revocations_owner"), table_name="revocations")
    op.drop_table("revocations")
