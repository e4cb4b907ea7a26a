"""What a backup will do, does and has done, as people read it."""

from typing import TYPE_CHECKING

from sync.originals.events import BackupOutcome, BackupProgress, BackupReport
from tui.words.facts import plural, size_of, were

if TYPE_CHECKING:
    from sync.originals.plan import Plan


def told_plan(planned: "Plan") -> str:
    """Return in a few words what a backup would send, and what that would cost."""
    if not planned.photos:
        return "Nothing to upload."
    text = (
        f"{plural(planned.photos, 'photo')} to upload, {size_of(planned.bytes)}, "
        f"in at most {plural(planned.requests, 'request')}."
    )
    if planned.price_once is None or planned.price_month is None:
        return f"{text} No price is known for {planned.storage_class}: set one under [prices] in config.toml."
    return (
        f"{text} In storage class {planned.storage_class} that costs {_dollars(planned.price_once)} once and "
        f"{_dollars(planned.price_month)} a month (AWS's prices, or yours under [prices] in config.toml)."
    )


def _dollars(price: float) -> str:
    return "less than $0.01" if price < 0.01 else f"about ${price:,.2f}"


def told_progress(step: BackupProgress) -> str:
    """Return on one line how far a backup has come; it ends with a name that is not made showable yet."""
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
        return f"Nothing to upload: every starred original that is on this device is safe.{_not_here(report)}"
    there = f"{plural(report.already_there, 'original')} {were(report.already_there)} there already"
    if not report.uploaded and report.already_there:
        return f"{there}, and no other had to be sent."
    return (
        f"{plural(report.uploaded, 'original')} uploaded{f', {there}' if report.already_there else ''}: "
        f"{size_of(report.bytes_up)} sent in {told_seconds(max(report.seconds, 1))}."
    )


def _not_here(report: BackupReport) -> str:
    """Return what a backup from here can do nothing about."""
    if not report.not_here:
        return ""
    are, them = ("is", "it") if report.not_here == 1 else ("are", "them")
    return f" {plural(report.not_here, 'other')} {are} not, and no file of {them} is here."


def told_failure(report: BackupReport) -> str:
    """Return why a backup has failed, with the reason of the first photo; the names are not showable yet."""
    told = report.error or ""
    if report.problems:
        first = report.problems[0]
        told += f" {first.filename}: {first.reason}"
    if len(report.problems) > 1:
        told += " The others: y, then 5."
    return told
