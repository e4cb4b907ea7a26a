"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("md5", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("mine", sa.String(), nullable=False),
        sa.Column("theirs", sa.String(), nullable=False),
        sa.Column("winner", sa.String(), nullable=False),
        sa.Column("mine_device", sa.String(), nullable=False),
        sa.Column("theirs_device", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(
            "conflict_open", ["state"], unique=False, sqlite_where=sa.text("state = 'open'")
        )
        batch_op.create_index(batch_op.f("ix_conflict_md5"), ["md5"], unique=False)

    op.create_table("device", sa.Column("id", sa.String(), nullable=False), sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "library", sa.Column("root", sa.LargeBinary(), nullable=False), sa.PrimaryKeyConstraint("root")
    )
    op.create_table(
        "journal",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=True),
        sa.Column("if_etag", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.create_table(
        "photo",
        sa.Column("md5", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("photodate", sa.Integer(), nullable=True),
        sa.Column("modified", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("applephotoid", sa.String(), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("uploaded", sa.Integer(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("date_source", sa.String(), nullable=True),
        sa.Column("camera", sa.String(), nullable=True),
        sa.Column("orientation", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("backup_status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("md5"),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(
            "photo_backup", ["backup_status"], unique=False, sqlite_where=sa.text("backup_status <> 'none'")
        )
        batch_op.create_index("photo_starred", ["starred"], unique=False, sqlite_where=sa.text("starred = 1"))

    op.create_table(
        "remote",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("manifest", sa.String(), nullable=True),
        sa.Column("conditions", sa.String(), nullable=True),
        sa.Column("last_success", sa.Integer(), nullable=True),
        sa.Column("last_outcome", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("url"),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("md5", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mtime_ns", sa.Integer(), nullable=False),
        sa.Column("inode", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["md5"],
            ["photo.md5"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index("file_place", ["folder", "name"], unique=True)
        batch_op.create_index(batch_op.f("ix_file_md5"), ["md5"], unique=False)

    op.create_table(
        "pending",
        sa.Column("md5", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("sent", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["md5"],
            ["photo.md5"],
        ),
        sa.PrimaryKeyConstraint("md5"),
    )
    with op.batch_alter_table("pending", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_batch"), ["batch"], unique=False)
