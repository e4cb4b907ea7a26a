"""The sections of the sync details: what each tells, read from the log, the catalog or the remote."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from catalog.protocol import BackupStatus
from catalog.reader import CatalogReader
from catalog.search.query import Query
from tui.config.settings import Settings
from tui.words import sync_details as words
from tui.words.facts import plural
from tui.words.shown import shown
from tui.work.sync_log import SyncLog

if TYPE_CHECKING:
    from catalog.store import SqlCatalog

_MOST = 500  # photos told by name
_COMMITS = 50

Keys = Mapping[str, str]
"""The key in force of an action, by its id."""


class Section(StrEnum):
    """The sections, in the order of their keys."""

    SYNCS = "syncs"
    HISTORY = "history"
    POINTS = "restore points"
    PENDING = "pending"
    BACKUP = "backup"


class Line(NamedTuple):
    """A line of a section; `point` is the restore point that it tells of."""

    text: Text
    point: int | None = None


def syncs(log: SyncLog, keys: Keys, now: float) -> list[Line]:
    """Tell this session's syncs; all of it is in memory.

    Args:
        log: has them.
        keys: `sync`.
        now: Unix seconds.
    """
    none = _dim(f"No sync yet since the app was started. {keys['sync']} syncs now.")
    return [Line(text) for text in words.told_syncs(log, now) or [none]]


def commits(settings: Settings, keys: Keys) -> Iterator[list[Line]]:
    """Ask the remote for its commits, the newest first; yields those that have come so far, at last all."""
    from sync.history import commits as committed
    from tui.work.remote import open_remote

    lines: list[Line] = []
    try:
        for commit in committed(open_remote(settings), _COMMITS):
            lines.append(Line(words.told_commit(commit)))
            yield [*lines, Line(_dim("…"))]
        lines = lines or [Line(_dim(f"Nothing was ever committed there: {keys['sync']} syncs now."))]
    except Exception as error:
        lines.append(Line(Text(shown(str(error)), "red")))
    yield lines


def points(catalog: "SqlCatalog", keys: Keys) -> list[Line]:
    """Tell the restore points."""
    from catalog.restore_points import restore_points

    with catalog.reading() as connection:
        found = restore_points(connection)
    if not found:
        return [Line(_dim(f"None yet: a sync ({keys['sync']}) makes one before it changes photos here."))]
    intro = f"{plural(len(found), 'restore point')}, the newest first. A rollback undoes it and all above it."
    return [Line(_dim(intro)), *(Line(words.told_point(point), point.id) for point in found)]


def pending(catalog: "SqlCatalog") -> list[Line]:
    """Tell what waits to be sent with the next sync."""
    from catalog.pending import pending_photos

    photos, count = pending_photos(catalog, _MOST), CatalogReader(catalog.path).summary(None).pending
    return [Line(text) for text in words.told_pending(photos, count)]


def backup(catalog: "SqlCatalog", url: str, log: SyncLog, keys: Keys, now: float) -> list[Line]:
    """Tell which originals are safe, which wait, and which could not be sent.

    Args:
        catalog: knows them.
        url: of the remote; empty if there is none.
        log: has this session's last backup.
        keys: `backup`.
        now: Unix seconds.
    """
    from catalog.backup_queue import BackupQueue
    from catalog.originals import Originals

    originals, queue = Originals(catalog, url), BackupQueue(catalog, url)
    safe = CatalogReader(catalog.path).count(Query(starred=True, backup=BackupStatus.UPLOADED))
    lines = [words.told_originals(originals.starred(), safe, *originals.proved(), now)]
    lines += words.told_queue(queue.waiting(), keys["backup"])
    lines += words.told_last_backup(log, now)
    lines += words.told_failures(queue.failures()[:_MOST], now)
    if catalog.warning is not None:
        lines.append(Text(f"! {shown(catalog.warning)}", "red"))
    return [Line(text) for text in lines]


def _dim(words: str) -> Text:
    return Text(words, "dim")
