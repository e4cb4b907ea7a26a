"""`photolala verify`: what is starred is on the remote, and can be shown to be."""

import argparse
import sys
import time
from dataclasses import asdict

from catalog.store import SqlCatalog
from sync.originals.verify import Verify, VerifyOutcome, VerifyReport
from tui.commands.progress import Step, progress
from tui.commands.restore import sync_before
from tui.commands.stopping import STOPPED, asked
from tui.commands.telling import DONE, FAILED, OUT_OF_REACH, print_json
from tui.config.settings import Settings
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.work.remote import open_backup

_SPANS = ((86400, "day"), (3600, "hour"), (60, "minute"))  # seconds


def run_verify(options: argparse.Namespace, settings: Settings) -> int:
    """`verify [--deep] [--budget BYTES]`."""
    store = open_backup(settings)
    sync_before(settings)
    with progress(options) as tell:
        report = Verify(
            SqlCatalog(settings.catalog),
            store,
            deep=options.deep,
            byte_budget=options.budget,
            progress=lambda step: tell(Step("verifying", step.done, step.total, step.bytes)),
            cancel=asked,
        ).run()
    if (report.gaps or report.found) and report.error is None:
        sync_before(settings)  # what is lost or found, the others may know
    if options.json:
        print_json({**asdict(report), "gaps": [gap._asdict() for gap in report.gaps]})
    else:
        _print_verified(report)
    if report.outcome is VerifyOutcome.CANCELLED:
        return STOPPED
    if report.outcome is VerifyOutcome.OFFLINE:
        return OUT_OF_REACH
    return DONE if report.outcome is VerifyOutcome.SAFE else FAILED


def _print_verified(report: VerifyReport) -> None:
    for gap in report.gaps:
        hint = "; a file is here, so it is queued" if gap.queued else ", and no file of it is here"
        print(f"! {gap.md5} {shown(gap.filename)}: {shown(gap.reason)}{hint}")
    if report.error is not None:
        print(f"photolala: {shown(report.error)}", file=sys.stderr)
        return
    last = f", last proof {_ago(time.time() - report.last_proof)}" if report.last_proof else ""
    print(f"{report.starred:,} starred, {report.uploaded:,} in S3, {report.verified:,} verified{last}.")
    if report.read or report.left or report.unread:
        left = f", {report.left:,} left for the next time" if report.left else ""
        unread = f", {report.unread:,} archived and not read" if report.unread else ""
        print(f"{plural(report.read, 'original')} read ({size_of(report.bytes_read)}){left}{unread}.")


def _ago(seconds: float) -> str:
    for length, name in _SPANS:
        if seconds >= length:
            return f"{plural(int(seconds // length), name)} ago"
    return "just now"
