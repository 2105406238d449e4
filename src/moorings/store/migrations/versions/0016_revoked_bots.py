"""Which bot a credential was of that is still to be revoked: one that is installed anew is left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("revocations", sa.Column("bot", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("revocations", "bot")
