"""`photolala verify`: what is starred is on the remote, and can be shown to be."""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from sync.events import Reason
from sync.originals.verify import Verify
from sync.originals.verify_events import Gap, VerifyOutcome, VerifyReport
from tui.commands.progress import Step, progress
from tui.commands.restore import why_not_synced
from tui.commands.stopping import STOPPED, asked
from tui.commands.telling import DONE, FAILED, OUT_OF_REACH, complain, print_json, say
from tui.config.settings import Settings
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.work.remote import open_backup
from tui.work.syncing import sync_once

_SPANS = ((86400, "day"), (3600, "hour"), (60, "minute"))  # seconds


def run_verify(options: argparse.Namespace, settings: Settings) -> int:
    """`verify [--deep] [--budget BYTES] [--accept-losses]`."""
    store = open_backup(settings)
    before = sync_once(settings)
    if before.reason is Reason.ADDRESS:
        raise CatalogError(before.error)  # what is not there is not lost
    unsynced = why_not_synced(before)
    with progress(options) as tell:
        report = Verify(
            SqlCatalog(settings.catalog),
            store,
            deep=options.deep,
            byte_budget=options.budget,
            accept_losses=options.accept_losses,
            progress=lambda step: tell(Step("verifying", step.done, step.total, step.bytes)),
            cancel=asked,
        ).run()
    if unsynced is None and report.error is None and (report.gaps or report.found):
        unsynced = why_not_synced(sync_once(settings))  # what is lost or found, the others may know
    if options.json:
        print_json({**asdict(report), "gaps": [gap._asdict() for gap in report.gaps]})
    else:
        _print_verified(report, store.url, is_right_place=options.accept_losses)
    # below a list that may be long
    if unsynced is not None and report.outcome not in (VerifyOutcome.OFFLINE, VerifyOutcome.FAILED):
        complain(f"not synced: {unsynced}")
    if report.error is not None and not options.json:
        complain(report.error)
    if report.outcome is VerifyOutcome.CANCELLED:
        return STOPPED
    if report.outcome is VerifyOutcome.OFFLINE:
        return OUT_OF_REACH
    return DONE if report.outcome is VerifyOutcome.SAFE else FAILED


def _print_verified(report: VerifyReport, url: str, *, is_right_place: bool) -> None:
    for why, gaps in _by_reason(report.gaps):
        print(f"! {shown(why)} ({len(gaps):,})")
        for gap in gaps:
            print(f"  {gap.md5} {shown(gap.filename)}")
    if report.error is not None and report.outcome is not VerifyOutcome.NOTHING_THERE:
        return
    there = "in S3" if url.startswith("s3:") else "on the remote"
    last = (
        f", last proof {_ago(time.time() - report.last_proof)}"
        if report.verified and report.last_proof
        else ""
    )
    print(f"{report.starred:,} starred, {report.uploaded:,} {there}, {report.verified:,} verified{last}.")
    if report.read or report.left or report.unread:
        left = f", {report.left:,} left for the next time" if report.left else ""
        unread = f", {report.unread:,} archived and not read" if report.unread else ""
        print(f"{plural(report.read, 'original')} read ({size_of(report.bytes_read)}){left}{unread}.")
    if report.error is None:
        _print_advice(report.gaps)
        if report.starred and not report.uploaded and not is_right_place:
            say(f"Not a single original is at {shown(url)}: is that the right address?")


def _by_reason(gaps: Sequence[Gap]) -> list[tuple[str, list[Gap]]]:
    """Return gaps under their reasons, those with the most gaps first: the rest is nearer to the summary."""
    found = defaultdict(list)
    for gap in gaps:
        state = (
            "a file is here: queued" if gap.queued else "a file is here" if gap.here else "no file is here"
        )
        found[f"{gap.reason}; {state}"].append(gap)
    return sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))


def _print_advice(gaps: Sequence[Gap]) -> None:
    if queued := sum(gap.queued for gap in gaps):
        print(f"{queued:,} queued: `photolala backup` uploads {'it' if queued == 1 else 'them'}.")
    if nowhere := sum(not gap.here for gap in gaps):
        print(f"{nowhere:,} without a file here: scan the disk that has one, or look on another device.")


def _ago(seconds: float) -> str:
    for length, name in _SPANS:
        if seconds >= length:
            return f"{plural(int(seconds // length), name)} ago"
    return "just now"
