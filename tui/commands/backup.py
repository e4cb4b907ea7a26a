"""The commands of the backup: `backup` and `prune`."""

import argparse
import sys
import threading
from dataclasses import asdict
from typing import Any

from catalog.backup_queue import BackupQueue
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from sync.events import SUCCESSES, Outcome
from sync.originals.events import BackupOutcome, BackupReport
from sync.originals.prune import Unstarred, find_unstarred, remove
from sync.stores.limits import Limits
from sync.stores.objectstore import UnreachableError
from sync.transfer import Pause
from tui.commands.progress import Step, progress
from tui.commands.stopping import STOPPED, asked
from tui.commands.sync import step_of
from tui.commands.telling import DONE, FAILED, OUT_OF_REACH, complain, print_json, say
from tui.config.settings import Settings
from tui.words.backup import told_plan, told_report
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.work.backing_up import back_up, plan_backup
from tui.work.remote import open_backup
from tui.work.syncing import sync_once


def run_backup(options: argparse.Namespace, settings: Settings) -> int:
    """`backup [--dry-run]`."""
    if options.dry_run:
        planned = plan_backup(settings)
        if options.json:
            print_json({"dry_run": True, **asdict(planned)})
        else:
            say(told_plan(planned))
        return DONE
    with progress(options) as tell:
        report = back_up(
            settings,
            progress=lambda step: tell(
                Step("uploading", step.done, step.total, step.bytes_done, step.bytes_total, step.filename)
            ),
            syncing=lambda step: tell(step_of(step, settings)),
            cancel=asked,
        )
    if options.json:
        print_json(_values(report))
    else:
        for problem in report.problems:
            print(f"! {shown(problem.filename)}: {shown(problem.reason)}")
        if report.error is None or report.uploaded or report.already_there:
            say(told_report(report))
        if report.error is not None:
            complain(report.error)
    if report.outcome is BackupOutcome.CANCELLED:
        return STOPPED
    if report.outcome is BackupOutcome.OFFLINE:
        return OUT_OF_REACH
    return DONE if report.outcome in (BackupOutcome.DONE, BackupOutcome.NOTHING) else FAILED


def _values(report: BackupReport) -> dict[str, Any]:
    return {**asdict(report), "problems": [problem._asdict() for problem in report.problems]}


def run_prune(options: argparse.Namespace, settings: Settings) -> int:
    """`prune [--remove]`."""
    store = open_backup(settings)
    synced = sync_once(settings)
    if synced.outcome not in SUCCESSES:
        kind = UnreachableError if synced.outcome is Outcome.OFFLINE else CatalogError
        raise kind(f"Nothing is removed, since the stars could not be synced: {synced.error}")
    catalog = SqlCatalog(settings.catalog)
    queue, limits = BackupQueue(catalog, store.url), Limits(Pause(threading.Event()))
    found = find_unstarred(queue, store, limits)
    removed, synced_again = 0, synced

    def tell_others() -> bool:
        nonlocal synced_again
        synced_again = sync_once(settings)
        return synced_again.outcome in SUCCESSES

    if not options.json:
        for sentence in _told_unstarred(found, removing=options.remove):
            say(sentence)
    if found.originals and options.remove and _confirmed(len(found.originals), options.count):
        removed = remove(queue, store, limits, found.originals, tell_others)
        if synced_again.outcome not in SUCCESSES:
            complain(f"Nothing is removed, since the other devices could not be told: {synced_again.error}")
        elif not options.json:
            stay = len(found.originals) - removed
            starred = f", {stay:,} not: starred meanwhile" if stay else ""
            print(f"{plural(removed, 'original')} removed{starred}.")
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


def _told_unstarred(found: Unstarred, *, removing: bool) -> list[str]:
    told = []
    if found.originals:
        count = len(found.originals)
        have, are = ("has", "is") if count == 1 else ("have", "are")
        told.append(
            f"{plural(count, 'original')} ({size_of(found.bytes)}) {have} no star on any device, "
            f"and {are} on the remote for more than 30 days."
        )
        if not removing:
            told.append("`photolala prune --remove` removes them, once you have typed their number.")
    else:
        told.append("Nothing to remove: no original older than 30 days is without a star on all devices.")
    if found.unknown:
        are = "more is of a photo" if found.unknown == 1 else "more are of photos"
        told.append(f"{found.unknown:,} {are} that the catalog does not know: left alone.")
    return told


def _confirmed(count: int, given: int | None) -> bool:
    """Return whether the person has typed how many originals shall go."""
    typed = "" if given is None else str(given)
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
        told = f"{typed} is not {count}" if typed else "no number was typed"
        complain(f"{told}. Nothing was removed.")
    return given == count
