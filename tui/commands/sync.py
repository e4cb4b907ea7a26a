"""The command `sync`. It loads no ORM by itself: an idle sync needs none."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync.events import Outcome, Phase, Preview, Progress, Reason, SyncReport
from tui.commands.progress import Step, progress
from tui.commands.stopping import STOPPED, asked
from tui.commands.telling import CONFLICTS, DONE, FAILED, OUT_OF_REACH, complain, print_json
from tui.config.settings import Settings
from tui.words.facts import described, plural
from tui.words.shown import shown
from tui.work.syncing import sync_once

if TYPE_CHECKING:
    from catalog.tally import Tally


def run_sync(options: argparse.Namespace, settings: Settings) -> int:
    """`sync [--dry-run] [--accept-removals] [--accept-address]`."""
    with progress(options) as tell:
        report = sync_once(
            settings,
            progress=lambda step: tell(step_of(step, settings)),
            cancel=asked,
            accepted=_accepted(options),
            rehearse=options.dry_run,
        )
    if options.json:
        print_json(_sync_values(report))
    elif report.preview is not None:
        _print_preview(report.preview, report.new_conflicts)
    elif report.error is not None:
        complain(report.error)
    elif report.new_conflicts or options.verbose or sys.stdout.isatty():  # else cron would send a mail
        print(described(report))
        if report.open_conflicts:
            print(f"{plural(report.open_conflicts, 'open conflict')}: `photolala conflicts` lists them.")
    if report.reason is Reason.CANCELLED:
        return STOPPED
    if report.outcome is Outcome.OFFLINE:
        return OUT_OF_REACH
    if report.error is not None:
        return FAILED
    return CONFLICTS if report.new_conflicts and report.preview is None else DONE


def _accepted(options: argparse.Namespace) -> set[Reason]:
    words = {Reason.REMOVALS: options.accept_removals, Reason.ADDRESS: options.accept_address}
    return {reason for reason, is_said in words.items() if is_said}


def step_of(step: Progress, settings: Settings) -> Step:
    """Return how far a sync has come, as progress tells it."""
    where = f"with {settings.remote}" if step.phase is Phase.CHECKING else ""
    return Step("syncing" if where else step.phase, step.done, step.total, name=where)


def _sync_values(report: SyncReport) -> dict[str, Any]:
    """Return a report for scripts: with `reason` if there is one, and for a dry run with its preview."""
    values = asdict(report)
    del values["preview"]
    if report.reason is None:
        del values["reason"]
    if report.preview is not None:
        here, there, stopped = report.preview
        values |= {"dry_run": True, "here": asdict(here), "there": asdict(there), "stopped": stopped}
    return values


def _print_preview(preview: Preview, conflicts: int) -> None:
    print(f"Here: {_told(preview.here, conflicts)}.")
    print(f"There: {_told(preview.there)}.")
    if preview.stopped is not None:
        print(shown(preview.stopped))


def _told(tally: "Tally", conflicts: int = 0) -> str:
    counts = (
        (tally.starred, f"+{plural(tally.starred, 'star')}"),
        (tally.unstarred, f"-{plural(tally.unstarred, 'star')}"),
        (tally.added, f"+{plural(tally.added, 'photo')}"),
        (tally.deleted, f"{tally.deleted} removed"),
        (tally.changed, f"{tally.changed} changed"),
        (conflicts, plural(conflicts, "conflict")),
    )
    return ", ".join(text for count, text in counts if count) or "nothing to do"
