"""Syncs, commits, restore points, what is pending and what is safe: each as lines for a person to look up."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from sync.events import SUCCESSES, Reason
from tui.words.ages import ago
from tui.words.backup import told_report
from tui.words.facts import date_of, described, plural, size_of
from tui.words.shown import shown
from tui.work.sync_log import LoggedSync, Moved, Step, SyncLog

if TYPE_CHECKING:
    from catalog.backup_queue import Failure, Waiting
    from catalog.pending import PendingPhoto
    from catalog.restore_points import Point
    from catalog.rollback import Rollback
    from sync.history import Commit

_FIELDS = {"starred": "star", "uploaded": "backup", "photodate": "date", "deleted": "removed"}


def told_syncs(log: SyncLog, now: float) -> list[Text]:
    """Return what this session's syncs have done, a few lines each; none if there was none."""
    lines: list[Text] = []
    for sync in log.syncs:
        lines += [_headline(sync, now), *map(_told_step, sync.steps)]
        if sync.moved is not None:
            lines.append(_told_moved(sync.moved))
    return lines


def _headline(sync: LoggedSync, now: float) -> Text:
    line = Text.assemble((ago(sync.begun, now)[0], "bold"), "  by key" if sync.by_hand else "  by itself")
    if sync.times > 1:
        line.append(f", {sync.times} times in a row")
    report = sync.report
    if report is None:
        return line.append(": under way", "cyan")
    bad = report.outcome not in SUCCESSES and report.reason is not Reason.CANCELLED
    line.append(f", {report.seconds:.1f} s: ").append(shown(described(report)), "red" if bad else "green")
    return line.append(f" Commit {report.seq:,}." if report.seq else "")


def _told_step(step: Step) -> Text:
    count = f"{step.done} of {step.total}, " if step.total > 1 else ""
    return Text(f"    {step.phase:<12} {count}{step.seconds:.1f} s")


def _told_moved(moved: Moved) -> Text:
    told = ", ".join(f"{count:,} {method}" for method, count in sorted(moved.requests.items())) or "none"
    return Text(f"    requests: {told}; {size_of(moved.up)} up, {size_of(moved.down)} down", "dim")


def told_commit(commit: "Commit") -> Text:
    """Return one commit on the remote on a line."""
    device = shown(commit.device) or "another device"
    what = f"{date_of(commit.written_at)}  by {device}: {plural(commit.photos, 'photo')}"
    return Text.assemble((f"{commit.seq:>6,}  ", "bold"), what)


def told_point(point: "Point") -> Text:
    """Return one restore point on a line."""
    what = f"{date_of(point.made_at)}  before {shown(point.reason)}: {plural(point.photos, 'photo')}"
    return Text.assemble((f"{point.id:>6}  ", "bold"), what)


def told_rollback(done: "Rollback") -> str:
    """Return in a sentence what a rollback did."""
    told = [f"{plural(done.restored, 'photo')} put back"]
    if done.removed:
        told.append(f"{done.removed:,} that came later taken out")
    if done.kept_here:
        told.append(f"{done.kept_here:,} that came later kept, since a file of it lies on this device")
    if done.kept_changes:
        told.append(f"{done.kept_changes:,} changed since, which is kept")
    return ", ".join(told) + "."


def told_pending(photos: "Sequence[PendingPhoto]", count: int) -> list[Text]:
    """Return what waits to be sent, a line a photo.

    Args:
        photos: the first ones.
        count: how many there are in all.
    """
    if not count:
        return [Text("Nothing: all that is here is on the remote, as far as it is known.", "dim")]
    more = f"; the first {len(photos)} of them:" if count > len(photos) else ":"
    lines = [Text(f"{plural(count, 'photo')} to be sent with the next sync{more}", "dim")]
    for photo in photos:
        what = ", ".join(_told_change(photo, name) for name in photo.changed) or "new"
        lines.append(Text.assemble("  ", (shown(photo.here.filename), "bold"), f"  {what}"))
    return lines


def _told_change(photo: "PendingPhoto", name: str) -> str:
    if name == "starred":
        return "star given" if photo.here.starred else "star taken"
    return _FIELDS.get(name, name)


def told_originals(starred: int, safe: int, proved: int, last: int | None, now: float) -> Text:
    """Return how many originals are where: each a count of photos that have a star.

    Args:
        starred: all of them.
        safe: those whose original is said to be on the remote.
        proved: those of which that was proved at some time.
        last: when it was proved last, Unix seconds.
        now: Unix seconds.
    """
    proof = f", last proof {ago(last, now)[0]}" if last else ""
    return Text(f"{starred:,} starred, {safe:,} on the remote, {proved:,} verified{proof}", "bold")


def told_queue(queue: "Sequence[Waiting]", key: str) -> list[Text]:
    """Return how many originals wait to be sent, how many bytes they have, and the key that sends them."""
    size, them = size_of(sum(photo.size or 0 for photo in queue)), "it" if len(queue) == 1 else "them"
    told = f"{plural(len(queue), 'original')} to be sent: {size}. {key} sends {them} now."
    return [Text(told)] if queue else []


def told_failures(failures: "Iterable[Failure]", now: float) -> list[Text]:
    """Return the originals that could not be sent, with the reason and when they are tried again."""
    lines = []
    for failure in failures:
        left = failure.next_try - now
        again = f"again by itself in {_told_wait(left)}" if left > 0 else "again with the next backup"
        lines.append(
            Text.assemble(
                ("! ", "red"), (shown(failure.filename), "bold"),
                f"  {shown(failure.reason)} Tried {plural(failure.attempts, 'time')}, {again}.",
            )
        )  # fmt: skip
    return lines


def _told_wait(seconds: float) -> str:
    return f"{-(-seconds // 60):.0f} min" if seconds < 5400 else f"{-(-seconds // 3600):.0f} h"


def told_last_backup(log: SyncLog, now: float) -> list[Text]:
    """Return how this session's last backup went."""
    if log.backup is None:
        return []
    report, when = log.backup
    told = shown(report.error or told_report(report))
    return [
        Text.assemble("Last backup ", (ago(when, now)[0], "bold"), f": {told}"),
        _told_moved(Moved(report.requests, report.bytes_up, report.bytes_down)),
    ]
