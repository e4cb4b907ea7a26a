"""What a sync tells while it runs, and how it ends."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from catalog.tally import Tally


class Phase(StrEnum):
    """What a sync is doing."""

    CHECKING = "checking"
    DOWNLOADING = "downloading"
    MERGING = "merging"
    UPLOADING = "uploading"
    COMMITTING = "committing"


class Progress(NamedTuple):
    """How far a phase has come: `done` of `total` shards."""

    phase: Phase
    done: int
    total: int


class Outcome(StrEnum):
    """How a sync ended."""

    COMMITTED = "committed"
    PULLED = "pulled"
    UP_TO_DATE = "up-to-date"
    OFFLINE = "offline"
    REFUSED = "refused"
    FAILED = "failed"


SUCCESSES = frozenset({Outcome.COMMITTED, Outcome.PULLED, Outcome.UP_TO_DATE})


QUEUED = "Everything is queued."
"""What a sync adds to why the remote is out of reach."""


class Reason(StrEnum):
    """Why a sync has ended early, where somebody may want to act on it."""

    REMOVALS = "removals"
    """It would take much away: it asks whether that is meant."""
    ADDRESS = "address"
    """Nothing is there, or another catalog than at the address before: it asks whether this one is right."""
    CANCELLED = "cancelled"
    BUSY = "busy"
    """Another sync of this catalog is under way."""


class Preview(NamedTuple):
    """What a sync would do to the catalog and to the remote; `stopped` says why it would stop before that."""

    here: "Tally"
    there: "Tally"
    stopped: str | None


@dataclass
class SyncReport:
    """What a sync did; the fields are the keys of `photolala sync --json`, except the last two.

    Attributes:
        outcome: how it ended.
        seq: the remote's newest commit known now, None if none is.
        commit_id: the commit that this sync made, None if it made none.
        pulled_rows: photos that the remote has changed here.
        pushed_rows: photos whose change here is on the remote now.
        new_conflicts: recorded by this sync.
        open_conflicts: in all, afterwards.
        requests: by HTTP method, as sent.
        bytes_up: bodies only.
        bytes_down: bodies only.
        seconds: wall time.
        error: one sentence, None if all went well.
        reason: for programs, None if all went well or the error is all there is to say.
        preview: of a rehearsal; all other fields say what would be.
    """

    outcome: Outcome = Outcome.UP_TO_DATE
    seq: int | None = None
    commit_id: str | None = None
    pulled_rows: int = 0
    pushed_rows: int = 0
    new_conflicts: int = 0
    open_conflicts: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    bytes_up: int = 0
    bytes_down: int = 0
    seconds: float = 0.0
    error: str | None = None
    reason: Reason | None = None
    preview: Preview | None = None
