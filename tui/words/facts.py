"""Dates, sizes, counts and what a sync did, as people read them."""

import time

from sync.events import Outcome, SyncReport


def date_of(moment: int | None) -> str:
    """Return Unix seconds as local date and time, to the minute; empty if unknown or out of range."""
    if moment is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return ""


def size_of(size: int | None) -> str:
    """Return bytes in three digits and a decimal unit; empty if unknown."""
    if size is None:
        return ""
    if size < 1000:
        return f"{size} B"
    for unit in ("kB", "MB", "GB"):
        size_in = size / {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
        if size_in < 999.5:
            return f"{size_in:.1f} {unit}" if size_in < 99.5 else f"{size_in:.0f} {unit}"
    return f"{size / 1e12:.1f} TB"


def plural(count: int, what: str) -> str:
    """Return a count with its noun, which takes an s."""
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def were(count: int) -> str:
    """Return the verb for so many."""
    return "was" if count == 1 else "were"


def described(report: SyncReport) -> str:
    """Return in one sentence what a sync did."""
    if report.error is not None:
        return report.error
    if report.outcome is Outcome.UP_TO_DATE:
        return "Nothing to do: here and there are the same."
    parts = []
    if report.pulled_rows:
        parts.append(f"{plural(report.pulled_rows, 'photo')} changed here")
    if report.pushed_rows:
        parts.append(f"{plural(report.pushed_rows, 'photo')} sent")
    if report.new_conflicts:
        parts.append(plural(report.new_conflicts, "new conflict"))
    return "Synced: " + (", ".join(parts) or "all is the same here and there") + "."
