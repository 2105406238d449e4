"""The notary's word for the rows that decide where events go and whose a bot is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("installations", "bots", "managed_requests", "authorisations")


def upgrade() -> None:
    """Add the columns. Nobody gives a word for what is there already but the operator: `moorings vault attest`."""
    for table in TABLES:
        op.add_column(table, sa.Column("attested_by", sa.String(length=12), nullable=True))
        op.add_column(table, sa.Column("attestation", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_column(table, "attestation")
        op.drop_column(table, "attested_by")
