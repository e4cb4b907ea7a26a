"""What a backup tells while it runs, and how it ends."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class BackupProgress(NamedTuple):
    """How far a backup has come.

    Attributes:
        done: photos that are safe, or have failed, in this run.
        total: photos that this run is about.
        bytes_done: bytes of originals.
        bytes_total: bytes of originals.
        rate: bytes per second, over the last seconds.
        seconds_left: at that rate; None as long as nothing can be said.
        filename: of a photo that is on its way, hostile until a screen has made it showable.
    """

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    rate: float
    seconds_left: float | None
    filename: str


class BackupOutcome(StrEnum):
    """How a backup ended."""

    DONE = "done"
    NOTHING = "nothing-to-do"
    CANCELLED = "cancelled"
    OFFLINE = "offline"
    FAILED = "failed"


class Problem(NamedTuple):
    """A photo that could not be uploaded, and why, in one sentence."""

    md5: str
    filename: str
    reason: str


@dataclass
class BackupReport:
    """What a backup did; the fields are the keys of `photolala backup --json`.

    Attributes:
        outcome: how it ended; "failed" if a single photo has failed.
        queued: photos that it was about.
        uploaded: of these, sent.
        already_there: of these, found safe: another device had sent them.
        failed: of these, with a reason in `problems`.
        not_here: starred photos that are not safe, and of which no file is on this device.
        problems: one for each that failed.
        requests: by HTTP method, as sent.
        bytes_up: bodies only.
        bytes_down: bodies only.
        seconds: wall time.
        error: one sentence that says why it stopped, or how many failed; None if all went well.
    """

    outcome: BackupOutcome = BackupOutcome.NOTHING
    queued: int = 0
    uploaded: int = 0
    already_there: int = 0
    failed: int = 0
    not_here: int = 0
    problems: list[Problem] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    bytes_up: int = 0
    bytes_down: int = 0
    seconds: float = 0.0
    error: str | None = None
