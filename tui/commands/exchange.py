"""The commands that take a Photolala catalog over, and write one again."""

import argparse
import json
import sys
import threading
from dataclasses import asdict
from typing import Any

from catalog.photolala.exporting import ExportReport, export_folder
from catalog.photolala.importing import ImportReport, import_catalog, import_folder
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from sync.stores.remote import open_store
from tui.commands.photos import raw_path
from tui.config.address import remote_address
from tui.config.settings import Settings
from tui.words.facts import plural
from tui.words.shown import shown

DONE, FAILED = 0, 1


def run_import(options: argparse.Namespace, settings: Settings) -> int:
    """`import SOURCE`."""
    if "://" in options.source:
        report = _import_remote(options.source, settings)
    else:
        directory = raw_path(options.source)
        if directory.endswith(b"/.photolala"):  # the photos' folder is meant
            directory = directory.removesuffix(b"/.photolala") or b"/"
        report = import_folder(SqlCatalog(settings.catalog), directory)
    if options.json:
        _print_json({**asdict(report), "problems": [problem._asdict() for problem in report.problems]})
    else:
        _print_import(report)
    if not report.complete:
        print(
            f"photolala: not all of {shown(report.source)} could be read, so it does not count as imported. "
            "Import it again once it can be.",
            file=sys.stderr,
        )
    return DONE if report.complete else FAILED


def _import_remote(address: str, settings: Settings) -> ImportReport:
    from sync.photolala import StoreSource
    from sync.stores.objectstore import RemoteError
    from sync.transfer import Pause

    address = remote_address(address).removesuffix("/.photolala")
    try:
        store = open_store(address, requests_per_second=settings.requests_per_second)
        source = StoreSource(store, Pause(threading.Event()))
        return import_catalog(SqlCatalog(settings.catalog), source)
    except RemoteError as error:
        raise CatalogError(str(error)) from error


def _print_import(report: ImportReport) -> None:
    for problem in report.problems:
        line = "" if problem.line is None else f", line {problem.line}"
        print(f"! {_part(problem.shard)}{line}: {problem.kind}: {shown(problem.why)}")
    if report.problem_count > len(report.problems):
        print(f"! and {report.problem_count - len(report.problems)} more")
    print(
        f"{plural(report.read, 'row')} read (Photolala {shown(report.version)}): "
        f"{plural(report.imported, 'photo')} imported, {report.known} known already "
        f"({report.changed} of them changed), {report.mended} mended, {report.skipped} skipped, "
        f"{report.duplicates} double. "
        f"{plural(report.stars, 'new star')}."
    )


def _part(shard: str) -> str:
    return f"shard {shard}" if len(shard) == 1 else shard


def run_export(options: argparse.Namespace, settings: Settings) -> int:
    """`export DIR`."""
    report = export_folder(SqlCatalog(settings.catalog), raw_path(options.directory))
    if options.json:
        _print_json(asdict(report))
    else:
        _print_export(report)
    return DONE


def _print_export(report: ExportReport) -> None:
    done = "written" if report.written else "there already"
    what = f"{plural(report.photos, 'photo')} and {plural(report.stars, 'star')}"
    print(f"{what} {done} in {shown(report.folder)}/.photolala.")
    if report.kept:
        print(f"{report.kept} of them stood there, and were kept though your catalog has them not there.")
    if report.below:
        below = plural(report.below, "photo")
        print(f"Not in it: {below} in folders below, each of which is exported by itself.")


def _print_json(values: dict[str, Any]) -> None:
    print(json.dumps(values))  # in ASCII: safe in every locale, and on a terminal
