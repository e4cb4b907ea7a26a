"""Devices and one remote, beside the model of both; the state machine moves them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from catalog.exchange import Exchange
from sync.events import Outcome
from sync.manifest import KEY
from sync.stores.objectstore import RemoteError
from tests.sync.member import COUNTS, Member, Plot, opened
from tests.sync.model import AuditedBucket

KEPT = 3
"""Manifests that are kept however old they are; 50 outside of tests."""
CLOCK = SimpleNamespace(now=0.0)
"""The time for all devices and the server, Unix seconds; each world begins its own."""


class World:
    """All of it. `promises` says of each starred photo whether nobody has taken that star back."""

    def __init__(self, folder: Path, bucket: AuditedBucket, now: float):
        CLOCK.now = now
        self.folder = folder
        self.bucket = bucket
        self.model = bucket.model
        self.members: list[Member] = []
        self.late: list[Callable[[], object]] = []
        self.promises: dict[str, bool] = {}
        self.numbers = iter(range(10**9))
        self.bucket.now = lambda: CLOCK.now

    @property
    def head(self) -> int:
        return len(self.model.states) - 1

    def join(self, name: str, catalog: Path, seen: int | None) -> Member:
        path = shutil.copy(catalog, self.folder / f"{name}.db")
        device = opened(name, path, self.bucket)
        id_ = Exchange(device.catalog).device_id()
        rows = self.model.states[seen] if seen else {}
        self.members.append(Member(self, device, self.model.join(id_, rows, seen)))
        return self.members[-1]

    def close(self) -> None:
        for member in self.members:
            member.close()

    def next_to(self, member: Member, places: int = 1) -> Member:
        return self.members[(self.members.index(member) + places) % len(self.members)]

    def carry_out(self, plot: Plot, member: Member) -> None:
        """Let something happen in the middle of a member's sync."""
        COUNTS[f"meanwhile: {plot.what}"] += 1
        other = self.next_to(member, max(1, plot.device))
        match plot.what:
            case "sync":
                other.sync()
            case "commit":
                other.act("toggle", plot.photo)
                other.sync()
            case "late arrival":
                self.deliver()
            case "days pass":
                self.days_pass(8)
            case what:
                (other if plot.device else member).act(what, plot.photo)

    def deliver(self) -> None:
        """Let the requests arrive that were delayed on their way."""
        while self.late:
            try:
                self.late.pop(0)()
            except RemoteError:
                COUNTS["late arrival refused"] += 1
            else:
                COUNTS["late arrival done"] += 1

    def days_pass(self, days: int) -> None:
        """Let time go by; no request is under way for that long."""
        self.deliver()
        CLOCK.now += days * 86400

    def check(self) -> None:
        CLOCK.now += 60
        for member in self.members:
            member.check()
        self.bucket.check_whole(at_least=KEPT, days=30)

    def settle(self) -> None:
        """All sync, in peace, until nobody has news: then all are equal, and nothing is lost."""
        reports = [member.sync_well() for _ in range(2) for member in self.members]
        assert reports[-1].outcome == Outcome.UP_TO_DATE, "the last one could have no news"
        assert KEY not in self.bucket.objects or reports[-1].requests == {"GET": 1}
        self.check()
        for member in self.members:
            starred = {md5 for md5, row in member.device.rows().items() if row.starred and not row.deleted}
            assert starred >= {md5 for md5, kept in self.promises.items() if kept}, "a star is lost"
            member.check_file()
