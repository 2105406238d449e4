"""Where each owner's audit ends, proven under a root key."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table. Nobody can prove the ends of chains that are there already: they go on behind a gap."""
    op.create_table(
        "audit_heads",
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("root_key_id", sa.String(length=12), nullable=False),
        sa.Column("proof", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.PrimaryKeyConstraint("owner"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_audit_heads_root_key_id"), "audit_heads", ["root_key_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_audit_heads_root_key_id"), table_name="audit_heads")
    op.drop_table("audit_heads")
