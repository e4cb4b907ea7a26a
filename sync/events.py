"""What a sync tells while it runs, and how it ends."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


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


@dataclass
class SyncReport:
    """What a sync did; the fields are the keys of `photolala sync --json`.

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
