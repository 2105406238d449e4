"""The notary's word for the rows that decide who may do what, and revoked keys found in the audit by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("owners", "identities", "api_keys")


def upgrade() -> None:
    """Add the columns. Nobody gives a word for what is there already but the operator: `moorings vault attest`."""
    for table in TABLES:
        op.add_column(table, sa.Column("attested_by", sa.String(length=12), nullable=True))
        op.add_column(table, sa.Column("attestation", sa.LargeBinary(length=32), nullable=True))
    revoked = sa.text("kind = 'key.revoked'")
    op.create_index(
        "ix_audit_revoked_keys", "audit", ["owner", "subject", "kind"], sqlite_where=revoked, postgresql_where=revoked
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_audit_revoked_keys", table_name="audit")
    for table in TABLES:
        op.drop_column(table, "attestation")
        op.drop_column(table, "attested_by")
