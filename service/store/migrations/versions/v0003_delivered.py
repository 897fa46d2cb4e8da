"""What has become of a delivery stays known for as long as its job."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("deliveries", sa.Column("state", sa.String(length=12), nullable=False, server_default="pending"))
    op.add_column("deliveries", sa.Column("status", sa.Integer(), nullable=True))
