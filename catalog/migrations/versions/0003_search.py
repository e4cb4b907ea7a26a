"""What a search leans on: indexes by order, how many files a photo has here, folders, and parts of names.

`photo.places` and the table `folder` are kept by triggers, whatever writes to `file`. `photo_name` finds
names by any three letters of theirs. It costs ten times as much row by row as in one go, so new names wait:
`photo_named.upto` is the last rowid in it, and catalog/upkeep.py brings it up. What is in it is kept right
by triggers. A later step that makes the tables `photo` or `file` anew has to make these triggers anew, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ORDERS = {
    "date": ["photodate", "md5", "filename", "size"],
    "name": ["filename", "md5", "photodate", "camera"],
    "size": ["size", "md5", "photodate", "camera"],
}
SETS = {
    "starred": "starred = 1 AND deleted = 0",
    "uploaded": "(uploaded IS NOT NULL OR backup_status = 'uploaded') AND deleted = 0",
    "twice": "places > 1 AND deleted = 0",
    "remote": "places = 0 AND uploaded IS NOT NULL AND deleted = 0",
}
SMALL = (
    ("photo_waiting", ["md5"], "starred = 1 AND uploaded IS NULL AND deleted = 0"),
    ("photo_deleted", ["md5"], "deleted = 1"),
    ("photo_camera_by_date", ["camera", *ORDERS["date"]], "camera IS NOT NULL AND deleted = 0"),
)

FILL = (
    """
    UPDATE photo SET places = (SELECT count(*) FROM file WHERE file.md5 = photo.md5 AND missing = 0)
    """,
    """
    INSERT INTO folder (path, photos, earliest, latest)
    SELECT file.folder, count(DISTINCT file.md5), min(photodate), max(photodate)
      FROM file JOIN photo ON photo.md5 = file.md5
     WHERE missing = 0 GROUP BY file.folder
    """,
)

NAMES = (
    """
    CREATE VIRTUAL TABLE photo_name
    USING fts5(filename, content = 'photo', tokenize = 'trigram', detail = 'none', columnsize = 0)
    """,
    "CREATE TABLE photo_named (upto INTEGER NOT NULL)",
    "INSERT INTO photo_named VALUES (0)",
)

COMES = """
    UPDATE photo SET places = places + 1 WHERE md5 = NEW.md5;
    INSERT INTO folder (path, photos, earliest, latest)
    SELECT NEW.folder,
           NOT EXISTS (SELECT 1 FROM file
                        WHERE md5 = NEW.md5 AND folder = NEW.folder AND missing = 0 AND id <> NEW.id),
           photodate, photodate
      FROM photo WHERE md5 = NEW.md5
        ON CONFLICT (path) DO UPDATE
       SET photos = photos + excluded.photos,
           earliest = min(coalesce(earliest, excluded.earliest), coalesce(excluded.earliest, earliest)),
           latest = max(coalesce(latest, excluded.latest), coalesce(excluded.latest, latest));
"""
GOES = """
    UPDATE photo SET places = places - 1 WHERE md5 = OLD.md5;
    UPDATE folder SET photos = photos - 1
     WHERE path = OLD.folder AND NOT EXISTS (
           SELECT 1 FROM file WHERE md5 = OLD.md5 AND folder = OLD.folder AND missing = 0);
"""
MOVED = "(OLD.md5 IS NOT NEW.md5 OR OLD.missing IS NOT NEW.missing OR OLD.folder IS NOT NEW.folder)"
OUT_OF_NAMES = (
    "INSERT INTO photo_name (photo_name, rowid, filename) VALUES ('delete', OLD.rowid, OLD.filename);"
)
INTO_NAMES = "INSERT INTO photo_name (rowid, filename) VALUES (NEW.rowid, NEW.filename);"
UPTO = "(SELECT upto FROM photo_named)"

TRIGGERS = (
    ("file_comes", "AFTER INSERT ON file", "NEW.md5 IS NOT NULL AND NEW.missing = 0", COMES),
    ("file_goes", "AFTER DELETE ON file", "OLD.md5 IS NOT NULL AND OLD.missing = 0", GOES),
    ("file_leaves", "AFTER UPDATE OF md5, missing, folder ON file",
     f"OLD.md5 IS NOT NULL AND OLD.missing = 0 AND {MOVED}", GOES),
    ("file_arrives", "AFTER UPDATE OF md5, missing, folder ON file",
     f"NEW.md5 IS NOT NULL AND NEW.missing = 0 AND {MOVED}", COMES),
    ("photo_dated", "AFTER UPDATE OF photodate ON photo",
     "NEW.photodate IS NOT NULL AND OLD.photodate IS NOT NEW.photodate AND NEW.places > 0",
     """
     UPDATE folder SET earliest = min(coalesce(earliest, NEW.photodate), NEW.photodate),
                       latest = max(coalesce(latest, NEW.photodate), NEW.photodate)
      WHERE path IN (SELECT folder FROM file WHERE md5 = NEW.md5 AND missing = 0);
     """),
    ("photo_named_late", "AFTER INSERT ON photo", f"NEW.rowid <= {UPTO}", INTO_NAMES),
    ("photo_renamed", "AFTER UPDATE OF filename ON photo",
     f"OLD.filename <> NEW.filename AND NEW.rowid <= {UPTO}", OUT_OF_NAMES + INTO_NAMES),
    ("photo_goes", "AFTER DELETE ON photo", f"OLD.rowid <= {UPTO}", OUT_OF_NAMES),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("photo", sa.Column("places", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "folder",
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("earliest", sa.Integer(), nullable=True),
        sa.Column("latest", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("path"),
    )
    for statement in (*FILL, *NAMES):
        op.execute(statement)
    # no statement has ever met their conditions, so they only cost
    op.drop_index("photo_starred", "photo")
    op.drop_index("photo_backup", "photo")
    for name, columns, condition in SMALL:
        op.create_index(name, "photo", columns, sqlite_where=sa.text(condition))
    in_backup = "backup_status <> 'none' AND deleted = 0"
    for order, columns in ORDERS.items():
        first = ["backup_status", *columns[:2]]
        op.create_index(f"photo_in_backup_by_{order}", "photo", first, sqlite_where=sa.text(in_backup))
        op.create_index(f"photo_by_{order}", "photo", columns, sqlite_where=sa.text("deleted = 0"))
        for of, condition in SETS.items():
            op.create_index(f"photo_{of}_by_{order}", "photo", columns[:2], sqlite_where=sa.text(condition))
    for name, event, condition, body in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {event} WHEN {condition} BEGIN {body} END")
