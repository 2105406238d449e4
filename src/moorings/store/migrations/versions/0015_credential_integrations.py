"""For which integration each credential was sealed: its seal is bound to that."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The ids of configurations tell their kind; an installation's row tells its own; any other id is a catalogue id.
FILL = """
    UPDATE credentials SET integration = CASE substr(integration_id, 1, 4)
        WHEN 'vec_' THEN 'vectorize'
        WHEN 'wev_' THEN 'weaviate'
        ELSE COALESCE(
            (SELECT type FROM installations WHERE installations.id = credentials.integration_id), integration_id
        ) END
"""


def upgrade() -> None:
    """Add and fill the column."""
    op.add_column("credentials", sa.Column("integration", sa.String(length=64), nullable=False, server_default=""))
    op.execute(FILL)


def downgrade() -> None:
    """Drop it."""
    op.drop_column("credentials", "integration")
