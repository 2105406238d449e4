"""Which bot an installation is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "bots",
        sa.Column("installation_id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.String(length=200), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("managed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.PrimaryKeyConstraint("installation_id"),
        sa.UniqueConstraint("owner", "type", "claim"),
    )
    op.create_index("ix_bots_claim", "bots", ["claim"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_bots_claim", table_name="bots")
    op.drop_table("bots")
