"""Merges one shard into the catalog: unpacks its objects, proves its state, then goes photo by photo."""

from collections.abc import Mapping

from catalog.pull import LocalPhoto, Pull
from catalog.row import NewConflict, PhotoRow, state_of
from sync.fetching import Download
from sync.merge import merge
from sync.shard import DamagedError, unpack


class DeltaMismatchError(Exception):
    """The deltas do not lead from what is here to the manifest's state: fetch this shard whole."""

    def __init__(self, x: str) -> None:
        super().__init__(x)
        self.x = x


def merge_shard(
    pull: Pull, download: Download, *, before: str | None, expected: str, keep_stars: bool
) -> tuple[int, list[NewConflict]]:
    """Merge one shard.

    Args:
        pull: the transaction.
        download: the shard's verified objects.
        before: the shard's state as last merged here, None at first contact.
        expected: the state that the manifest says.
        keep_stars: the star policy.

    Returns:
        How many photos changed here, and the conflicts.

    Raises:
        DeltaMismatchError: the deltas do not fit what is here.
        DamagedError: the shard is not what the manifest says.
    """
    theirs = _unpacked(download)
    mine = pull.photos(None if download.whole else theirs, download.x)
    _prove(download, theirs, mine, before, expected)
    written: list[PhotoRow] = []
    clean: list[str] = []
    pending: list[tuple[str, PhotoRow | None]] = []
    conflicts: list[NewConflict] = []
    for md5, there in theirs.items():
        local = mine.get(md5)
        if local is None:
            written.append(there)
            continue
        if local.row == there:
            clean += [md5] if local.pending else []
            continue
        merged = merge(local.base, local.row, there, keep_stars=keep_stars)
        conflicts += merged.conflicts
        if merged.row != local.row:
            written.append(merged.row)
        if merged.row != there:
            pending.append((md5, there))
        elif local.pending:
            clean.append(md5)
    if download.whole:
        # the remote had it and has it no more: a tombstone would say so if it were meant
        pending += [(md5, None) for md5, local in mine.items() if md5 not in theirs and local.base]
    pull.write(written, mine)
    pull.settle(clean, pending)
    return len(written), conflicts


def _unpacked(download: Download) -> dict[str, PhotoRow]:
    """Return the rows of a shard's objects, a later one's over those before, by md5."""
    rows: dict[str, PhotoRow] = {}
    for part, data in download.objects:
        try:
            found = unpack(data, download.x, sha256=part.sha256, size=part.bytes, rows=part.rows)
        except DamagedError as error:
            raise DamagedError(f"{part.key} is damaged: {error}") from error
        rows.update((row.md5, row) for row in found)
    return rows


def _prove(
    download: Download,
    theirs: Mapping[str, PhotoRow],
    mine: Mapping[str, LocalPhoto],
    before: str | None,
    expected: str,
) -> None:
    """See that a download gives the state that the manifest says; see `merge_shard`."""
    if download.whole:
        if state_of(row.line() for row in theirs.values()) != expected:
            raise DamagedError(f"shard {download.x} is damaged: its content is not what the manifest says")
        return
    state = int(before or "0", 16)
    for md5, row in theirs.items():
        base = mine[md5].base if md5 in mine else None
        state ^= row.digest() ^ (base.digest() if base else 0)
    if f"{state:064x}" != expected:
        raise DeltaMismatchError(download.x)
