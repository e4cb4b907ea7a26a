"""When uploads that nobody goes on with were last looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("remote", sa.Column("uploads_listed_at", sa.Integer(), nullable=True))
