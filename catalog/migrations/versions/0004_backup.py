"""Uploads that are not done, and originals proved to be safe."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("md5", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("part_size", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["md5"], ["photo.md5"]),
        sa.PrimaryKeyConstraint("md5"),
    )
    op.create_table(
        "proof",
        sa.Column("md5", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("listed_at", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["md5"], ["photo.md5"]),
        sa.PrimaryKeyConstraint("md5"),
    )
    # whoever takes the star away, here or on another device: what a backup said of the photo is over
    op.execute(
        """
        CREATE TRIGGER photo_unstarred AFTER UPDATE OF starred ON photo
        WHEN NEW.starred = 0 AND OLD.starred = 1 AND NEW.backup_status <> 'none'
        BEGIN UPDATE photo SET backup_status = 'none' WHERE md5 = NEW.md5; END
        """
    )
