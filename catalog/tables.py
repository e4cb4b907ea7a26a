"""The catalog's tables. Their first schema and each change of it is a step in migrations/.

A text column that holds a path is bytes: a name on disk need not be UTF-8, and SQLite would refuse it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from catalog.row import PhotoRow
from catalog.search.indexes import ALL, CAMERA, FIRST, ORDERS, SETS, WAITING, index_name


def _photo_indexes() -> Iterator[Index]:
    yield Index("photo_waiting", "md5", sqlite_where=text(WAITING))
    yield Index("photo_deleted", "md5", sqlite_where=text("deleted = 1"))
    yield Index("photo_camera_by_date", "camera", *ORDERS["date"], sqlite_where=text(CAMERA))
    for order, columns in ORDERS.items():
        yield Index(index_name(order), *columns, sqlite_where=text(ALL))
        for name, condition in SETS.items():
            all_columns = (*FIRST.get(name, ()), *columns[:2])
            yield Index(index_name(order, name), *all_columns, sqlite_where=text(condition))


class Photo(SQLModel, table=True):
    """One content. The first twelve columns are the synced ones, in the order of `PhotoRow`."""

    __tablename__ = "photo"
    __table_args__ = tuple(_photo_indexes())

    md5: str = Field(primary_key=True)
    filename: str
    folder: str = ""
    size: int | None = None
    photodate: int | None = None
    modified: int | None = None
    width: int | None = None
    height: int | None = None
    applephotoid: str = ""
    starred: bool = False
    uploaded: int | None = None
    deleted: bool = False

    # what only this device knows: it can be found again from the file
    date_source: str | None = None
    camera: str | None = None
    orientation: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    error: str | None = None
    backup_status: str = "none"

    # how many files of it are here now: kept by the triggers on `file`, and by nothing else
    places: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class File(SQLModel, table=True):
    """One place on this device where a photo lies, or lay (`missing`), or could not be read (no md5)."""

    __tablename__ = "file"
    __table_args__ = (Index("file_place", "folder", "name", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    folder: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    md5: str | None = Field(default=None, sa_column=Column(String, ForeignKey("photo.md5"), index=True))
    size: int
    mtime_ns: int
    inode: int
    error: str | None = None
    missing: bool = False


class Folder(SQLModel, table=True):
    """What lies in a folder now (not below it): kept by the triggers on `file`, and by nothing else.

    `photos` counts different contents. No photo there was taken before `earliest` or after `latest` (Unix
    seconds); they only ever widen, so they may say more than there is.
    """

    __tablename__ = "folder"

    path: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    photos: int
    earliest: int | None = None
    latest: int | None = None


class Library(SQLModel, table=True):
    """A folder that was scanned: what a photo's `folder` is relative to. Of several the innermost counts."""

    __tablename__ = "library"

    root: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))


class Pending(SQLModel, table=True):
    """A photo changed here and not yet committed. A clean photo has no row: it is its own base.

    `base` is the canonical line as last seen on the remote, null at first contact. While a batch is under
    way its rows carry its id; a row that changes again meanwhile keeps in `sent` what the batch took of it.
    """

    __tablename__ = "pending"

    md5: str = Field(sa_column=Column(String, ForeignKey("photo.md5"), primary_key=True))
    base: str | None = None
    revision: int = 1
    batch: str | None = None
    sent: str | None = None


class Conflict(SQLModel, table=True):
    """Two devices changed one field of one photo differently; both values are kept."""

    __tablename__ = "conflict"
    __table_args__ = (Index("conflict_open", "state", sqlite_where=text("state = 'open'")),)

    id: int | None = Field(default=None, primary_key=True)
    md5: str = Field(index=True)
    field: str
    base: str
    mine: str
    theirs: str
    winner: str
    mine_device: str
    theirs_device: str
    seq: int
    recorded_at: int
    state: str = "open"


class Device(SQLModel, table=True):
    """This device: exactly one row. Its id is born with the catalog file."""

    __tablename__ = "device"

    id: str = Field(primary_key=True)


class Remote(SQLModel, table=True):
    """The remote as last merged here: at most one row, since base images belong to one remote only.

    `conditions` is what a probe has found out about conditional writes there, `uploads_listed_at` (Unix
    seconds) when uploads that nobody goes on with were last looked for.
    """

    __tablename__ = "remote"

    url: str = Field(primary_key=True)
    seq: int = 0
    etag: str | None = None
    manifest: str | None = None
    conditions: str | None = None
    last_success: int | None = None
    last_outcome: str | None = None
    last_error: str | None = None
    uploads_listed_at: int | None = None


class Journal(SQLModel, table=True):
    """The batch under way: at most one row, written before the first PUT, dropped when its fate is known.

    `manifest` is what will be put, once all that it names is on the remote; `if_etag` what it replaces.
    """

    __tablename__ = "journal"

    batch_id: str = Field(primary_key=True)
    url: str
    created_at: int
    manifest: str | None = None
    if_etag: str | None = None


class RestorePoint(SQLModel, table=True):
    """A moment before changes from elsewhere: `made_at` is Unix seconds, `reason` says what brought them."""

    __tablename__ = "restore_point"

    id: int | None = Field(default=None, primary_key=True)
    made_at: int
    url: str
    seq: int
    reason: str
    photos: int


class RestoreRow(SQLModel, table=True):
    """One photo as it was at a restore point, and as it was made then: two canonical lines.

    Photos that were not known then share a row with a null `before`: `md5` is their shard's digit and whether
    they came starred ("a0", "a1"), `after` their md5s one after the other. A line each would make a first
    sync twice as large.
    """

    __tablename__ = "restore_row"

    point: int = Field(
        sa_column=Column(Integer, ForeignKey("restore_point.id", ondelete="CASCADE"), primary_key=True)
    )
    md5: str = Field(primary_key=True)
    before: str | None = None
    after: str


class Imported(SQLModel, table=True):
    """A `.photolala/` folder that was imported: the raw path of what holds it, and its content's digest."""

    __tablename__ = "imported"

    folder: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    digest: str
    imported_at: int
    photos: int


class Upload(SQLModel, table=True):
    """An original whose upload was begun in parts, or has failed; there is no row for any other.

    `upload_id` and `part_size` (bytes) name an upload in parts at `url`: which parts are there is for the
    server to say. `next_try` is Unix seconds, `reason` one sentence.
    """

    __tablename__ = "upload"

    md5: str = Field(sa_column=Column(String, ForeignKey("photo.md5"), primary_key=True))
    url: str
    upload_id: str | None = None
    part_size: int | None = None
    attempts: int = 0
    next_try: int | None = None
    reason: str | None = None


class Proof(SQLModel, table=True):
    """When an original was last proved to be on the remote at `url`.

    `listed_at` (Unix seconds): the remote's listing had it with the right size, and its MD5 where the remote
    tells one. `read_at`: its bytes were fetched and had the right MD5.
    """

    __tablename__ = "proof"

    md5: str = Field(sa_column=Column(String, ForeignKey("photo.md5"), primary_key=True))
    url: str
    listed_at: int | None = None
    read_at: int | None = None


PHOTO = Photo.__table__  # type: ignore[attr-defined]
FILE = File.__table__  # type: ignore[attr-defined]
PENDING = Pending.__table__  # type: ignore[attr-defined]
CONFLICT = Conflict.__table__  # type: ignore[attr-defined]
SYNCED = tuple(PHOTO.c[name] for name in PhotoRow._fields)


def photo_row(record: Any) -> PhotoRow:
    """Return the synced columns of a selected record that begins with them."""
    return PhotoRow(*record[: len(SYNCED)])
