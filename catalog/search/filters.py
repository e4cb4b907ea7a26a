"""What each filter of a query is in SQL: as a condition on a photo, and as a way to pick all that pass it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.backup_status import BACKUP_STATUS
from catalog.protocol import BackupStatus
from catalog.search.indexes import SETS, WAITING, index_name
from catalog.search.query import Query
from catalog.spellings import spellings

_SHORTEST = 3  # letters that the index of names begins with
_LONGEST = 30  # letters of a part that are looked for in it; all of them are compared

_LIKE = "filename LIKE ? ESCAPE '\\'"
_LITERAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})

MANY_FOLDERS = 1000
"""With so many in it a folder is no narrow filter, and adding all of them up takes longer than it saves."""

Parameters = tuple[Any, ...]


class Pick(NamedTuple):
    """A way to the photos that pass a filter.

    Attributes:
        along: an index of the table `photo`; None goes by rowid.
        condition: in place of the filter's own, since it leads there.
        parameters: of the condition.
        counting: a statement that counts them, up to `:bound`; it need not be exact.
        counting_parameters: of it.
    """

    along: str | None
    condition: str
    parameters: Parameters
    counting: str
    counting_parameters: Parameters


class Filter(NamedTuple):
    """One filter of a query.

    Attributes:
        condition: on a row of the table `photo`.
        parameters: of the condition.
        pick: a way to all that pass, None if only looking at each photo tells.
        of: the set of `indexes.SETS` that it is; its indexes hold just what passes.
        within: a set that holds all that pass, and more.
        column: the only column that it looks at, where an index may begin with that.
    """

    condition: str
    parameters: Parameters = ()
    pick: Pick | None = None
    of: str | None = None
    within: str | None = None
    column: str | None = None


def filters_of(query: Query) -> list[Filter]:
    """Return the filters of a query, those first that usually leave the least."""
    found = [] if query.backup is None or query.backup is BackupStatus.UPLOADED else [_backup(query.backup)]
    if query.conflicts:
        found.append(_conflicts())
    found += [_set(name) for name in _sets(query)]
    if query.name:
        found.append(_name(query.name))
    if query.folder is not None:
        found.append(_folder(query.folder, recursive=query.recursive))
    if query.camera is not None:
        found.append(
            _column("camera", "camera IS NOT NULL AND camera = ?", (query.camera,), "photo_camera_by_date")
        )
    if query.since is not None or query.until is not None:
        found.append(dated(query.since, query.until))
    if query.undated:
        found.append(_column("photodate", "photodate IS NULL", (), index_name("date")))
    if query.not_backed_up:
        found.append(Filter("uploaded IS NULL"))
    if query.damaged:
        found.append(Filter("photo.error IS NOT NULL"))
    return found


def dated(since: int | None, until: int | None) -> Filter:
    """Return the filter for photos taken in a time: from `since` on, before `until`, Unix seconds."""
    bounds = [("photodate >= ?", since), ("photodate < ?", until)]
    condition = " AND ".join(text for text, bound in bounds if bound is not None)
    values = tuple(bound for _, bound in bounds if bound is not None)
    return _column("photodate", condition, values, index_name("date"))


def is_within(folder: bytes, *, recursive: bool, column: str = "folder") -> tuple[str, Parameters]:
    """Return the condition that a column is a folder or, if recursive, one below it; and its parameters."""
    folder = folder.rstrip(b"/") or b"/"
    if not recursive:
        return f"{column} = ?", (folder,)
    prefix = folder.rstrip(b"/") + b"/"
    return f"({column} = ? OR ({column} >= ? AND {column} < ?))", (folder, prefix, prefix[:-1] + b"0")


def _sets(query: Query) -> Iterator[str]:
    if query.only_remote:
        yield "remote"
    if query.duplicates:
        yield "twice"
    if query.starred:
        yield "starred"
    if query.backup is BackupStatus.UPLOADED:
        yield "uploaded"


def _set(name: str, more: str = "") -> Filter:
    condition, index = SETS[name] + more, index_name("date", name)
    count = _bounded(f"SELECT 1 FROM photo INDEXED BY {index} WHERE {condition}")
    return Filter(condition, pick=Pick(index, condition, (), count, ()), of=name)


def _column(column: str, condition: str, parameters: Parameters, index: str) -> Filter:
    count = _bounded(f"SELECT 1 FROM photo INDEXED BY {index} WHERE deleted = 0 AND {condition}")
    return Filter(condition, parameters, Pick(index, condition, parameters, count, parameters), column=column)


def _folder(folder: bytes, *, recursive: bool) -> Filter:
    within, places = is_within(folder, recursive=recursive)
    paths, _ = is_within(folder, recursive=recursive, column="path")
    here = f"missing = 0 AND {within}"
    index = "sqlite_autoindex_photo_1"
    condition = f"md5 IN (SELECT md5 FROM file INDEXED BY file_place WHERE md5 IS NOT NULL AND {here})"
    held = f"SELECT photos FROM folder WHERE {paths} LIMIT {MANY_FOLDERS}"
    count = f"SELECT coalesce(sum(photos), 0) FROM ({held})"
    return Filter(
        f"EXISTS (SELECT 1 FROM file INDEXED BY ix_file_md5 WHERE file.md5 = photo.md5 AND {here})",
        places,
        Pick(index, condition, places, count, places),
    )


def _conflicts() -> Filter:
    open_ones = "FROM conflict INDEXED BY conflict_open WHERE state = 'open'"
    picked = f"md5 IN (SELECT md5 {open_ones})"
    return Filter(
        "EXISTS (SELECT 1 FROM conflict WHERE conflict.md5 = photo.md5 AND state = 'open')",
        pick=Pick("sqlite_autoindex_photo_1", picked, (), _bounded(f"SELECT 1 {open_ones}"), ()),
    )


def _name(part: str) -> Filter:
    spelled = spellings(part)
    like = f"({' OR '.join([_LIKE] * len(spelled))})"
    patterns = tuple(f"%{text.translate(_LITERAL)}%" for text in spelled)
    if min(map(len, spelled)) < _SHORTEST:
        return Filter(like, patterns, column="filename")
    match = " OR ".join(f"({_threes(text)})" for text in spelled)
    newer = "SELECT rowid FROM photo WHERE rowid > (SELECT upto FROM photo_named)"
    found = "SELECT rowid FROM photo_name WHERE photo_name MATCH ?"
    return Filter(
        like,
        patterns,
        Pick(
            None,
            f"rowid IN ({found} UNION ALL {newer} AND {like}) AND {like}",
            (match, *patterns, *patterns),
            _bounded(f"{found} UNION ALL {newer}"),
            (match,),
        ),
        column="filename",
    )


def _threes(part: str) -> str:
    """Return what asks the index of names for all that may hold a part."""
    looked_for = part[:_LONGEST]
    threes = {looked_for[at : at + _SHORTEST] for at in range(len(looked_for) - _SHORTEST + 1)}
    return " ".join('"' + three.replace('"', '""') + '"' for three in sorted(threes))


def _backup(status: BackupStatus) -> Filter:
    condition = f"({BACKUP_STATUS}) = '{status}'"
    if status is BackupStatus.NONE:
        return Filter(condition)
    if status is BackupStatus.QUEUED:
        # the star is what queues a photo, so the stars' indexes hold all that pass
        condition = f"starred = 1 AND {condition}"
        count = _bounded(f"SELECT 1 FROM photo INDEXED BY photo_waiting WHERE {WAITING}")
        waiting = Pick("photo_waiting", f"{WAITING} AND {condition}", (), count, ())
        return Filter(condition, pick=waiting, within="starred")
    return _set("in_backup", f" AND backup_status = '{status}' AND uploaded IS NULL")


def _bounded(rows: str) -> str:
    return f"SELECT count(*) FROM ({rows} LIMIT :bound)"
