"""What threads tell the screen. Its own handlers touch widgets; threads never do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from catalog.provider import Serving
from catalog.reader import Summary
from catalog.search.query import Query
from catalog.search.timeline import Period, Span
from sync.events import Progress, SyncReport
from sync.originals.events import BackupProgress, BackupReport
from tui.work.star_step import StarStep
from tui.work.sync_log import Moved

if TYPE_CHECKING:
    from sync.originals.plan import Plan


@dataclass
class SubfoldersRead(Message):
    """The folders in a folder: (name, whether it holds folders itself). `problem` if it cannot be read."""

    folder: bytes
    subfolders: list[tuple[bytes, bool]]
    problem: str | None


@dataclass
class Listed(Message):
    """The photos that were asked for; only the first of them if `more` are on their way.

    `total` counts them without the filters.

    Where there are none, `folders` counts the folders in the one that was asked for, `below` the photos known
    further down, and `anywhere` all that are known if there are none of these. `serving` tells which service
    has a folder's photos; `problem` why it cannot be read.
    """

    query: Query
    keys: Sequence[bytes]
    total: int = 0
    folders: int = 0
    below: int = 0
    anywhere: int = 0
    serving: Serving | None = None
    problem: str | None = None
    more: bool = False


@dataclass
class PeriodsRead(Message):
    """The periods within one, None for the years; with these, how many photos there are in all."""

    within: Period | None
    periods: list[Period]
    span: Span | None


@dataclass
class ImportStep(Message):
    """How many photos an import has come to."""

    photos: int

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting."""
        return isinstance(message, ImportStep)


@dataclass
class Imported(Message):
    """The Photolala catalog of a folder was imported, or could not be: `told` says it in a sentence."""

    folder: bytes
    told: str
    failed: bool


@dataclass
class ViewsRead(Message):
    """The file that remembers how folders were looked at, as it is."""

    data: bytes


@dataclass
class PhotosChanged(Message):
    """Something else may be known of any photo now."""


@dataclass
class FilesStored(Message):
    """A scan has read some files of the folder on the screen."""

    folder: bytes
    names: list[bytes]


@dataclass
class StarsWritten(Message):
    """Stars were given or taken, and that is in the catalog.

    `md5s` are the photos that are so now, and `changed` those of them that were not before. Of some photos it
    could not be done: `failed` counts them, `reason` says why, of the first. Where all have failed, nothing
    was changed.
    """

    step: StarStep
    is_starred: bool
    md5s: frozenset[str]
    changed: frozenset[str] = frozenset()
    failed: int = 0
    reason: str = ""


@dataclass
class StarsProgress(Message):
    """How many of many photos are looked at, before all of them get their star."""

    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting."""
        return isinstance(message, StarsProgress)


@dataclass
class SummaryRead(Message):
    """The catalog in numbers."""

    summary: Summary


@dataclass
class CatalogChanged(Message):
    """The catalog is another one now: what a screen shows of it is to be read anew."""


@dataclass
class CatalogTouched(Message):
    """Somebody has changed the catalog, perhaps we ourselves."""

    def can_replace(self, message: Message) -> bool:
        """One is enough."""
        return isinstance(message, CatalogTouched)


@dataclass
class CatalogFailed(Message):
    """The catalog cannot be used; the app goes on as a viewer."""

    reason: str


@dataclass
class CatalogMigrating(Message):
    """The catalog is brought to this version's schema, which may take minutes."""


@dataclass
class CatalogWarned(Message):
    """Something about the catalog should be looked at; it hinders nothing."""

    warning: str


@dataclass
class ScanProgress(Message):
    """How far the scan has come; `problems` are damaged and unreadable files so far.

    `changed` says at the end whether the catalog is another one now.
    """

    files: int
    problems: int
    done: bool
    failure: str | None = None
    changed: bool = False

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting."""
        return isinstance(message, ScanProgress)


@dataclass
class SyncProgress(Message):
    """What the sync is doing; `rate` is bytes a second, both ways together; `moved` what has gone so far."""

    progress: Progress
    rate: float = 0
    moved: Moved | None = None

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting; how each phase ended is kept."""
        return isinstance(message, SyncProgress) and message.progress.phase is self.progress.phase


@dataclass
class SyncLogged(Message):
    """There is more to be told of the sync that is under way, to who looks at it."""

    def can_replace(self, message: Message) -> bool:
        """One is enough."""
        return isinstance(message, SyncLogged)


@dataclass
class BackupPlanned(Message):
    """What a backup would send; `by_hand` if somebody has asked for it.

    `chores` if there is something to be tidied on the remote, also if nothing is to be sent.
    """

    plan: "Plan"
    by_hand: bool
    chores: bool = False


@dataclass
class BackupStep(Message):
    """How far a backup has come."""

    progress: BackupProgress

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting."""
        return isinstance(message, BackupStep)


@dataclass
class BackupEnded(Message):
    """The backup is over."""

    report: BackupReport


@dataclass
class FetchStep(Message):
    """How far the fetching of an original has come, in bytes."""

    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        """Only the newest one waiting is worth painting."""
        return isinstance(message, FetchStep)


@dataclass
class Fetched(Message):
    """An original was fetched, or not: `told` says it in a sentence."""

    told: str
    failed: bool = False


@dataclass
class SyncEnded(Message):
    """The sync is over."""

    report: SyncReport
