"""What a verification tells while it runs, and how it ends."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class VerifyOutcome(StrEnum):
    """How a verification ended."""

    SAFE = "safe"
    GAPS = "gaps"
    NOTHING_THERE = "nothing-there"
    CANCELLED = "cancelled"
    OFFLINE = "offline"
    FAILED = "failed"


class Gap(NamedTuple):
    """A starred photo whose original is not safe: why, whether a file is here, and will be uploaded."""

    md5: str
    filename: str
    reason: str
    here: bool
    queued: bool


class VerifyProgress(NamedTuple):
    """How far it has come: photos, of how many; bytes that were fetched."""

    done: int
    total: int
    bytes: int


@dataclass
class VerifyReport:
    """What was found; the fields are the keys of `photolala verify --json`.

    Attributes:
        outcome: how it ended; "nothing-there" if not a single original is, and nothing was noted of that.
        starred: photos.
        uploaded: of these, whose original is on the remote.
        verified: of these, proved on the remote at some time.
        last_proof: when the last one was, Unix seconds; None if there is none.
        gaps: one for each starred photo that is not safe.
        found: originals that the catalog did not know to be there.
        unread: originals that are archived, and could not be read now; deep only.
        read: originals that were fetched and are right; deep only.
        bytes_read: bytes.
        left: originals that the budget left for the next time; deep only.
        requests: by HTTP method, as sent.
        seconds: wall time.
        error: one sentence; None if it came to its end.
    """

    outcome: VerifyOutcome = VerifyOutcome.SAFE
    starred: int = 0
    uploaded: int = 0
    verified: int = 0
    last_proof: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    found: int = 0
    unread: int = 0
    read: int = 0
    bytes_read: int = 0
    left: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None
