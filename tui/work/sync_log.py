"""What this session's syncs and backups have done, to be looked up. Kept on the screen's thread."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from sync.events import Outcome, Phase, Progress, SyncReport
from sync.originals.events import BackupReport

_KEPT = 20  # syncs
_STEPS_KEPT = 50  # of a sync; one that is overtaken again and again goes through its phases as often


class Moved(NamedTuple):
    """What went over the wire: requests by HTTP method, bytes of bodies up and down."""

    requests: dict[str, int]
    up: int
    down: int


@dataclass
class Step:
    """A phase that a sync went through: how far, and for how many seconds so far."""

    phase: Phase
    done: int
    total: int
    begun: float
    seconds: float = 0.0


@dataclass
class LoggedSync:
    """A sync: begun at Unix seconds; `report` once it has ended. Idle ones in a row are one, `times` over."""

    begun: float
    by_hand: bool
    steps: list[Step] = field(default_factory=list)
    moved: Moved | None = None
    report: SyncReport | None = None
    times: int = 1

    @property
    def idle(self) -> bool:
        """Whether nobody has asked for it, and it found nothing to do."""
        return not self.by_hand and self.report is not None and self.report.outcome is Outcome.UP_TO_DATE


class SyncLog:
    """The last syncs, the newest first, and the last backup.

    Attributes:
        syncs: the newest first.
        backup: how the last one ended, and when (Unix seconds).
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Begin with nothing.

        Args:
            now: Unix seconds.
        """
        self._now = now
        self.syncs: deque[LoggedSync] = deque(maxlen=_KEPT)
        self.backup: tuple[BackupReport, float] | None = None

    def begun(self, *, by_hand: bool) -> None:
        """A sync has begun."""
        self.syncs.appendleft(LoggedSync(self._now(), by_hand))

    def stepped(self, progress: Progress, moved: Moved | None) -> None:
        """The sync that is under way has come so far."""
        self.syncs[0].moved = moved
        steps, now = self.syncs[0].steps, self._now()
        if steps:
            steps[-1].seconds = now - steps[-1].begun
        if steps and steps[-1].phase is progress.phase:
            steps[-1].done, steps[-1].total = progress.done, progress.total
        elif len(steps) < _STEPS_KEPT:
            steps.append(Step(*progress, begun=now))

    def ended(self, report: SyncReport) -> None:
        """The sync that was under way has ended."""
        newest = self.syncs[0]
        newest.report = report
        newest.moved = Moved(report.requests, report.bytes_up, report.bytes_down)
        if newest.steps:
            newest.steps[-1].seconds = self._now() - newest.steps[-1].begun
        if newest.idle and len(self.syncs) > 1 and self.syncs[1].idle:
            newest.times += self.syncs[1].times
            del self.syncs[1]

    def backed_up(self, report: BackupReport) -> None:
        """A backup has ended."""
        self.backup = report, self._now()
