"""The state of the sync in one word, from what is known and nothing else: for status lines and scripts."""

import time
from enum import StrEnum

from catalog.reader import Summary


class SyncState(StrEnum):
    """What can be said of catalog and remote."""

    SYNCED = "synced"
    PENDING = "pending"
    CONFLICTS = "conflicts"
    OFFLINE = "offline"
    ERROR = "error"
    NOT_CONFIGURED = "not configured"


GLYPHS = {
    SyncState.SYNCED: "✓",
    SyncState.PENDING: "↑",
    SyncState.CONFLICTS: "≠",
    SyncState.OFFLINE: "○",
    SyncState.ERROR: "!",
    SyncState.NOT_CONFIGURED: "·",
}


def sync_state(summary: Summary, remote: str | None) -> SyncState:
    """Name the state; the first that holds, from the one that needs a person most.

    Args:
        summary: of the catalog.
        remote: the configured remote.
    """
    if remote is None:
        return SyncState.NOT_CONFIGURED
    if summary.last_outcome in {"failed", "refused"}:
        return SyncState.ERROR
    if summary.last_outcome == "offline":
        return SyncState.OFFLINE
    if summary.open_conflicts:
        return SyncState.CONFLICTS
    if summary.pending or summary.last_success is None:
        return SyncState.PENDING
    return SyncState.SYNCED


def clock(moment: int) -> str:
    """Return a past moment as people say it: the time today, the date and time before."""
    then = time.localtime(moment)
    today = time.strftime("%Y-%m-%d", then) == time.strftime("%Y-%m-%d")
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", then)
