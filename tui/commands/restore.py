"""`photolala restore`: originals come back under their own names."""

import argparse
from dataclasses import asdict
from typing import Any

from catalog.originals import Originals, Restorable
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from sync.events import SUCCESSES, SyncReport
from sync.originals.restore import Restore
from sync.originals.restore_events import RestoreOutcome, RestorePlan, RestoreReport
from sync.stores.original_store import ARCHIVED
from tui.commands.progress import Step, progress
from tui.commands.stopping import STOPPED, asked
from tui.commands.telling import DONE, FAILED, OUT_OF_REACH, answering_path, complain, print_json
from tui.config.settings import Settings
from tui.words.facts import plural, size_of, were
from tui.words.shown import shown
from tui.work.remote import open_backup
from tui.work.syncing import sync_once


def run_restore(options: argparse.Namespace, settings: Settings) -> int:
    """`restore [--to DIR] [--folder FOLDER] [--starred] [--missing] [--dry-run] [--thaw] [MD5...]`."""
    store = open_backup(settings)
    if unsynced := why_not_synced(sync_once(settings)):
        complain(f"not synced before: {unsynced}")
    catalog = SqlCatalog(settings.catalog)
    chosen = _chosen(Originals(catalog, store.url), options)
    with progress(options) as tell:
        restore = Restore(
            catalog,
            store,
            answering_path(options.to),
            progress=lambda step: tell(
                Step("restoring", step.done, step.total, step.bytes_done, step.bytes_total, step.filename)
            ),
            cancel=asked,
        )
        planned = restore.plan(chosen)
        if not options.json:
            _print_plan(planned)
            if not chosen:
                print(_why_nothing(options))
        if options.dry_run:
            report = RestoreReport(chosen=len(chosen), archived=dict(planned.classes))
        else:
            requested = restore.thaw(planned) if options.thaw else 0
            report = restore.run(planned)
            report.requested = requested
    _print_restored(options, planned, report)
    if report.outcome is RestoreOutcome.CANCELLED:
        return STOPPED
    if report.outcome is RestoreOutcome.OFFLINE:
        return OUT_OF_REACH
    return DONE if report.outcome in (RestoreOutcome.DONE, RestoreOutcome.WAITING) else FAILED


def why_not_synced(report: SyncReport) -> str | None:
    """Return why what is verified or restored is only what this device knows; None if it has synced."""
    return None if report.outcome in SUCCESSES else report.error


def _chosen(originals: Originals, options: argparse.Namespace) -> list[Restorable]:
    md5s = [md5.lower() for md5 in options.photos]
    anything = md5s or options.starred or options.folder is not None
    chosen = originals.restorable(
        md5s,
        folder=options.folder,
        starred=options.starred,
        missing=options.missing or not anything,  # by itself, `restore` brings back what is not here
    )
    unknown = {*md5s} - {photo.md5 for photo in chosen}
    if unknown and not options.missing:
        raise CatalogError(f"No photo {shown(min(unknown))} is in the catalog. Nothing was restored.")
    return chosen


def _print_plan(planned: RestorePlan) -> None:
    if planned.photos:
        print(f"{plural(len(planned.photos), 'original')}, {size_of(planned.bytes)}, to be fetched.")
    if planned.missing:
        print(f"{plural(len(planned.missing), 'original')} not on the remote.")
    for kind, count in sorted(planned.classes.items()):
        asked, wait = planned.asked[kind], ARCHIVED[kind]
        if asked:
            print(f"{asked:,} archived as {shown(kind)}, and asked for already: that takes {wait}.")
        if count > asked:
            them, they = ("it", "it") if count - asked == 1 else ("them", "they")
            print(
                f"{count - asked:,} archived as {shown(kind)}: `restore --thaw` asks for {them}, and {they} "
                f"can be fetched after {wait}."
            )


def _why_nothing(options: argparse.Namespace) -> str:
    """Return why no photo was chosen; one that was named is an error, and does not come here."""
    if options.missing or not (options.starred or options.folder is not None):
        return "Nothing to restore: no original is missing here."
    where = f" in {shown(options.folder)}" if options.folder is not None else ""
    return f"Nothing to restore: no {'starred ' if options.starred else ''}photo{where} has been uploaded."


def _print_restored(options: argparse.Namespace, planned: RestorePlan, report: RestoreReport) -> None:
    if options.json:
        dry = {"dry_run": True, "bytes": planned.bytes} if options.dry_run else {}
        problems: list[dict[str, Any]] = [problem._asdict() for problem in report.problems]
        print_json({**dry, **asdict(report), "problems": problems})
        return
    for problem in report.problems:
        print(f"! {problem.md5} {shown(problem.filename)}: {shown(problem.reason)}")
    if report.error is not None:
        complain(report.error)
    elif report.chosen and not options.dry_run:
        there = report.already_here
        here = f", {there:,} {were(there)} here already" if there else ""
        asked = f", {report.requested:,} asked for" if report.requested else ""
        print(f"{plural(report.restored, 'original')} restored{here}{asked}.")
