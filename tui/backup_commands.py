"""The commands of the backup: `backup` and `prune`."""

import argparse
import sys
import threading
from dataclasses import asdict
from typing import Any

from catalog.backup_queue import BackupQueue
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from sync.backup_events import BackupOutcome, BackupProgress, BackupReport
from sync.backup_plan import Plan
from sync.events import SUCCESSES
from sync.limits import Limits
from sync.objectstore import RemoteError
from sync.prune import Unstarred, find_unstarred, remove
from sync.transfer import Pause
from tui.backing_up import back_up, open_backup, plan_backup
from tui.facts import plural, size_of
from tui.settings import Settings
from tui.shown import shown
from tui.syncing import sync_once
from tui.telling import DONE, FAILED, OUT_OF_REACH, Ticker, print_json, stopping


def run_backup(options: argparse.Namespace, settings: Settings) -> int:
    """`backup [--dry-run]`."""
    if options.dry_run:
        planned = plan_backup(settings)
        if options.json:
            print_json({"dry_run": True, **asdict(planned)})
        else:
            print(told_plan(planned))
        return DONE
    ticker = Ticker(quiet=options.json)
    try:
        with stopping() as stopped:
            report = back_up(
                settings,
                progress=lambda step: ticker.tell(told_progress(step)),
                syncing=lambda step: ticker.tell(f"syncing with {settings.remote}: {step.phase}"),
                cancel=stopped,
            )
    except RemoteError as error:
        raise CatalogError(str(error)) from error
    ticker.end()
    if options.json:
        print_json(_values(report))
    else:
        for problem in report.problems:
            print(f"! {shown(problem.filename)}: {shown(problem.reason)}")
        if report.outcome in (BackupOutcome.DONE, BackupOutcome.NOTHING):
            print(told_report(report))
        if report.error is not None:
            print(f"photolala: {shown(report.error)}", file=sys.stderr)
    if report.outcome is BackupOutcome.OFFLINE:
        return OUT_OF_REACH
    return DONE if report.outcome in (BackupOutcome.DONE, BackupOutcome.NOTHING) else FAILED


def _values(report: BackupReport) -> dict[str, Any]:
    return {**asdict(report), "problems": [problem._asdict() for problem in report.problems]}


def told_plan(planned: Plan) -> str:
    """Return in a few words what a backup would send, and what that would cost."""
    if not planned.photos:
        return "Nothing to upload."
    text = (
        f"{plural(planned.photos, 'photo')}, {size_of(planned.bytes)}, "
        f"at most {plural(planned.requests, 'request')}"
    )
    if planned.price_once is None or planned.price_month is None:
        return (
            f"{text}. No price is known for {planned.storage_class}: set one under [prices] in config.toml."
        )
    return (
        f"{text}. In {planned.storage_class}, at about ${planned.price_once:.2f} once and "
        f"${planned.price_month:.2f} a month (AWS's prices, or yours under [prices] in config.toml)."
    )


def told_progress(step: BackupProgress) -> str:
    """Return on one line how far a backup has come."""
    parts = [
        f"uploading: {step.done} of {step.total}",
        f"{size_of(step.bytes_done)} of {size_of(step.bytes_total)}",
    ]
    if step.rate > 0:
        parts.append(f"{size_of(int(step.rate))}/s")
    if step.seconds_left is not None:
        parts.append(f"{told_seconds(step.seconds_left)} left")
    if step.filename:
        parts.append(step.filename)
    return ", ".join(parts)


def told_seconds(seconds: float) -> str:
    """Return a time span as people say it: "40 s", "12 min", "3 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def told_report(report: BackupReport) -> str:
    """Return in one sentence what a backup did."""
    if report.outcome is BackupOutcome.NOTHING:
        return "Nothing to upload: every starred original that is on this device is safe."
    there = f", {report.already_there} were there already" if report.already_there else ""
    return (
        f"{plural(report.uploaded, 'original')} uploaded{there}: {size_of(report.bytes_up)} "
        f"in {told_seconds(report.seconds)}."
    )


def run_prune(options: argparse.Namespace, settings: Settings) -> int:
    """`prune [--remove]`."""
    try:
        return _prune(options, settings)
    except RemoteError as error:
        raise CatalogError(str(error)) from error


def _prune(options: argparse.Namespace, settings: Settings) -> int:
    store = open_backup(settings)
    synced = sync_once(settings)
    if synced.outcome not in SUCCESSES:
        raise CatalogError(f"Nothing is removed, since the stars could not be synced: {synced.error}")
    catalog = SqlCatalog(settings.catalog)
    queue, limits = BackupQueue(catalog, store.url), Limits(Pause(threading.Event()))
    found = find_unstarred(queue, store, limits)
    removed = 0
    if not options.json:
        print(_told_unstarred(found))
    if found.originals and options.remove and _confirmed(len(found.originals), options.count):
        removed = remove(
            queue, store, limits, found.originals, lambda: sync_once(settings).outcome in SUCCESSES
        )
        if not options.json:
            print(f"{plural(removed, 'original')} removed.")
    if options.json:
        print_json(
            {
                "unstarred": len(found.originals),
                "bytes": found.bytes,
                "unknown": found.unknown,
                "removed": removed,
            }
        )
    return DONE if removed == len(found.originals) or not options.remove else FAILED


def _told_unstarred(found: Unstarred) -> str:
    text = (
        f"{plural(len(found.originals), 'original')} ({size_of(found.bytes)}) on the remote for more than "
        "30 days, and starred on no device"
    )
    more = (
        f"; {found.unknown} more are of photos not in the catalog, and are left alone"
        if found.unknown
        else ""
    )
    hint = " `photolala prune --remove` removes them." if found.originals else ""
    return f"{text}{more}.{hint}"


def _confirmed(count: int, given: int | None) -> bool:
    """Return whether the person has typed how many originals shall go."""
    if given is None:
        print(
            f"Type {count} to remove {plural(count, 'original')} for good: ",
            end="",
            file=sys.stderr,
            flush=True,
        )
        typed = sys.stdin.readline().strip()
        given = int(typed) if typed.isdecimal() and typed.isascii() else None
    if given != count:
        print("photolala: that is another number. Nothing was removed.", file=sys.stderr)
    return given == count
