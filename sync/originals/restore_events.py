"""What a restore would do, what it tells while it runs, and how it ends."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from catalog.originals import Restorable
from sync.originals.events import Problem


class RestoreOutcome(StrEnum):
    """How a restore ended."""

    DONE = "done"
    WAITING = "waiting"
    """Some are archived: they can be restored later."""
    CANCELLED = "cancelled"
    OFFLINE = "offline"
    FAILED = "failed"


class RestoreProgress(NamedTuple):
    """How far it has come: photos, of how many; bytes that are here, of how many."""

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    filename: str


class Archived(NamedTuple):
    """A photo that cannot be fetched now: its storage class, and whether it was asked for already."""

    photo: Restorable
    storage_class: str
    is_asked: bool


@dataclass
class RestorePlan:
    """What a restore would do.

    Attributes:
        photos: those that can be fetched now.
        bytes: of these.
        archived: those that cannot.
        missing: those that are not on the remote.
    """

    photos: list[Restorable] = field(default_factory=list)
    bytes: int = 0
    archived: list[Archived] = field(default_factory=list)
    missing: list[Restorable] = field(default_factory=list)

    @property
    def classes(self) -> Counter[str]:
        """How many are archived, by storage class."""
        return Counter(found.storage_class for found in self.archived)

    @property
    def asked(self) -> Counter[str]:
        """How many of them were asked for already, by storage class."""
        return Counter(found.storage_class for found in self.archived if found.is_asked)


@dataclass
class RestoreReport:
    """What a restore did; the fields are the keys of `photolala restore --json`.

    Attributes:
        outcome: how it ended.
        chosen: photos that it was about.
        restored: of these, written to the disk.
        already_here: of these, found in their place.
        archived: of these, how many by storage class that must be asked for, and take hours.
        requested: of these, asked for now.
        failed: of these, with a reason in `problems`.
        problems: one for each that failed.
        bytes_down: bytes.
        seconds: wall time.
        error: one sentence; None if all went well.
    """

    outcome: RestoreOutcome = RestoreOutcome.DONE
    chosen: int = 0
    restored: int = 0
    already_here: int = 0
    archived: dict[str, int] = field(default_factory=dict)
    requested: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)
    bytes_down: int = 0
    seconds: float = 0.0
    error: str | None = None
