"""People on the way to a provider's page and back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "authorisations",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("installation_id", sa.String(length=40), nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"]),
        sa.PrimaryKeyConstraint("state_hash"),
    )
    op.create_index(op.f("ix_authorisations_expires_at"), "authorisations", ["expires_at"], unique=False)
    op.create_index(op.f("ix_authorisations_installation_id"), "authorisations", ["installation_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_authorisations_installation_id"), table_name="authorisations")
    op.drop_index(op.f("ix_authorisations_expires_at"), table_name="authorisations")
    op.drop_table("authorisations")
