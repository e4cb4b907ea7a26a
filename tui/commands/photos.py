"""`scan`, `list`, `star`, `unstar` and `status`: the catalog for people, scripts and cron."""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from catalog.entry import Entry
from catalog.originals import Originals
from catalog.protocol import BackupStatus, CatalogError, CatalogStats
from catalog.reader import CatalogReader, Summary
from catalog.row import text_of_name
from catalog.scan.chosen import scan_files
from catalog.scan.gone import take_as_gone
from catalog.scan.scanner import Scan, ScanReport
from catalog.search.query import Order, Query
from catalog.several_files import in_several_files
from catalog.store import SqlCatalog
from sync.originals.backup import settle
from tui.commands.progress import Step, progress
from tui.commands.stopping import asked
from tui.commands.telling import DONE, answering_path, files_among, known_path, print_json
from tui.config import SettingsError
from tui.config.settings import Settings
from tui.words.facts import plural, were
from tui.words.listed import HEADING, listed
from tui.words.shown import shown
from tui.words.sync_state import GLYPHS, clock, sync_state

_RARE = ("moved", "damaged", "skipped", "problems")
_MD5 = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)


def run_scan(options: argparse.Namespace, settings: Settings) -> int:
    """`scan [--gone] DIR`."""
    catalog = SqlCatalog(settings.catalog)
    if options.gone:
        return _take_as_gone(catalog, answering_path(options.directory), options)
    with progress(options) as tell:
        report = Scan(
            catalog,
            answering_path(options.directory),
            progress=lambda report: tell(
                Step(
                    "scanning",
                    report.unchanged + report.changed + report.failed,
                    report.files,
                    report.bytes_read,
                )
            ),
            cancelled=asked.is_set,
        ).run()
    if not report.complete:
        raise KeyboardInterrupt
    if options.json:
        print_json(_scan_values(report))
    else:
        _print_scan(report)
    return DONE


def _take_as_gone(catalog: SqlCatalog, directory: bytes, options: argparse.Namespace) -> int:
    missing = take_as_gone(catalog, directory)
    if options.json:
        print_json(_scan_values(ScanReport(missing=missing)))
    else:
        print(f"{plural(missing, 'file')} that lay in {shown(directory)} {were(missing)} taken as gone.")
    return DONE


def _scan_values(report: ScanReport) -> dict[str, Any]:
    """Return a report for scripts; what is rare only if there is any."""
    values = asdict(report)
    del values["complete"]
    values["problems"] = [[text_of_name(path), why] for path, why in report.problems]
    return {key: value for key, value in values.items() if value or key not in _RARE}


def _print_scan(report: ScanReport) -> None:
    for path, why in report.problems:
        print(f"! {shown(path)}: {shown(why)}")
    print(
        f"{plural(report.files, 'file')}, {plural(report.photos, 'photo')}, {report.new} new to the catalog. "
        f"{report.changed} read, {report.unchanged} unchanged ({report.moved} of them moved), "
        f"{report.missing} gone, {report.failed} unreadable, {report.damaged} damaged but kept, "
        f"{plural(report.skipped, 'other file')} left alone. "
        f"{report.bytes_read / 1e6:.1f} MB in {report.seconds:.1f} s."
    )


def run_list(options: argparse.Namespace, settings: Settings) -> int:
    """`list [DIR]` with its filters and orders."""
    if options.print0 and options.json:
        raise SettingsError("--print0 and --json: choose one of the two.")
    entries = _entries(SqlCatalog(settings.catalog), _query(options), options.limit)
    if options.print0:  # as the disk has it: what is shown is never turned back into a name
        for entry in entries:
            sys.stdout.buffer.writelines(path + b"\0" for path in entry.paths[:1])
    elif options.json:
        for entry in entries:
            print_json(_entry_values(entry))
    elif sys.stdout.isatty():
        _print_table(entries)
    else:
        for entry in entries:
            star = "★" if entry.starred else "!" if entry.error else " "
            print(star, entry.md5 or "-" * 32, " = ".join(map(shown, entry.paths)) or shown(entry.filename))
    return DONE


def _entries(catalog: SqlCatalog, query: Query, limit: int | None) -> Iterator[Entry]:
    if not query.duplicates:
        return catalog.entries(query, limit)
    return islice(in_several_files(catalog.entries(query)), limit)


def _print_table(entries: Iterable[Entry]) -> None:
    count = 0
    for count, entry in enumerate(entries, 1):
        if count == 1:
            print(HEADING)
        print(*listed(entry), sep="\n")
    print(plural(count, "photo") + "." if count else "No photo of the catalog is of that kind.")


def _query(options: argparse.Namespace) -> Query:
    if options.since and options.until and options.since > options.until:
        raise SettingsError(f"--since {options.since} is after --until {options.until}: no day is both.")
    return Query(
        folder=None if options.directory is None else known_path(options.directory),
        name=_as_stored(options.name),
        since=_midnight(options.since) if options.since else None,
        until=_midnight(options.until + timedelta(days=1)) if options.until else None,
        camera=None if options.camera is None else _as_stored(options.camera),
        starred=options.starred,
        backup=BackupStatus(options.backup) if options.backup else None,
        duplicates=options.duplicates,
        only_remote=options.only_remote,
        order=Order(options.sort or "md5"),
        reverse=options.reverse,
    )


def _as_stored(text: str) -> str:
    """Return an argument as the catalog holds names: what is not UTF-8 is escaped."""
    return text_of_name(os.fsencode(text))


def _midnight(day: date) -> int:
    """Return the Unix seconds at which a day begins here."""
    return int(datetime(day.year, day.month, day.day).astimezone().timestamp())


def _entry_values(entry: Entry) -> dict[str, Any]:
    return {**entry._asdict(), "paths": [text_of_name(path) for path in entry.paths]}


def run_star(options: argparse.Namespace, settings: Settings) -> int:
    """`star PATH_OR_MD5...`."""
    return _set_stars(options, settings, is_starred=True)


def run_unstar(options: argparse.Namespace, settings: Settings) -> int:
    """`unstar PATH_OR_MD5...`."""
    return _set_stars(options, settings, is_starred=False)


def _set_stars(options: argparse.Namespace, settings: Settings, *, is_starred: bool) -> int:
    catalog = SqlCatalog(settings.catalog)
    md5s = _photos(catalog, options.photos)
    changed = catalog.update_star_statuses(dict.fromkeys(md5s, is_starred))
    same = set(md5s).difference(changed)
    if options.json:
        print_json({"changed": changed, "unchanged": [md5 for md5 in md5s if md5 in same]})
    else:
        verb = "starred" if is_starred else "unstarred"
        already = f", {len(same):,} {were(len(same))} already" if same else ""
        print(f"{len(changed):,} {verb}{already}.")
    return DONE


def _photos(catalog: SqlCatalog, named: Sequence[str]) -> list[str]:
    """Return the md5s of photos named by their paths or md5s; a file is meant if there is one."""
    files: dict[str, bytes] = {}
    for text, (path, is_file) in zip(named, files_among(named), strict=True):
        if is_file:
            files[text] = path
        elif not _MD5.fullmatch(text):
            raise CatalogError(f"{shown(text)} is neither a file here nor an md5. Nothing was changed.")
    read: dict[bytes, str] = {}
    for path, photo in scan_files(catalog, files.values()):
        if isinstance(photo, Exception):
            raise photo
        read[path] = photo
    return [read[files[text]] if text in files else text.lower() for text in named]


def run_status(options: argparse.Namespace, settings: Settings) -> int:
    """`status`."""
    catalog = SqlCatalog(settings.catalog)
    settle(catalog)
    proved, _ = Originals(catalog, settings.remote or "").proved()
    stats = catalog.stats()
    summary = CatalogReader(settings.catalog).summary(settings.remote)
    state = sync_state(summary, settings.remote)
    backup = {
        status.value: stats.backup[status] for status in BackupStatus if status is not BackupStatus.NONE
    }
    values = {
        "photos": stats.photos, "files": stats.files, "starred": stats.starred, "pending": stats.pending,
        "open_conflicts": stats.open_conflicts, "remote": settings.remote, "state": state.value,
        "seq": summary.seq, "last_success": summary.last_success, "last_error": summary.last_error,
        "backup": {**backup, "verified": proved},
    }  # fmt: skip
    if options.json:
        print_json(values)
        return DONE
    print(f"{GLYPHS[state]} {state}")
    for name, told in _told_status(stats, summary, settings, {**backup, "verified": proved}).items():
        print(f"  {name:10} {shown(told)}")
    return DONE


def _told_status(
    stats: CatalogStats, summary: Summary, settings: Settings, backup: dict[str, int]
) -> dict[str, str]:
    """Return what a person wants to know, by its name, with what to do next where there is something."""
    photos = f"{plural(stats.photos, 'photo')} in {plural(stats.files, 'file')}, {stats.starred:,} starred"
    last = clock(summary.last_success) if summary.last_success else "never; `photolala sync` does it"
    told = {
        "catalog": str(settings.catalog),
        "photos": photos if stats.photos else "none yet; `photolala scan DIR` reads a folder",
        "backup": ", ".join(f"{count:,} {status}" for status, count in backup.items() if count)
        or "no original is starred",
    }
    if settings.remote is None:
        return told | {"remote": "none, stars stay here; `photolala config set remote s3://bucket/prefix`"}
    changes, conflicts = plural(stats.pending, "change"), plural(stats.open_conflicts, "open conflict")
    told |= {
        "remote": settings.remote,
        "last sync": last + (f", commit {summary.seq}" if summary.seq else ""),
        "pending": f"{changes}, sent by the next sync" if stats.pending else "nothing",
        "conflicts": f"{conflicts}; `photolala conflicts` lists them" if stats.open_conflicts else "none",
    }
    return told | ({"last error": summary.last_error} if summary.last_error else {})
