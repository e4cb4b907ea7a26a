"""The commands that take a Photolala catalog over, and write one again."""

import argparse
from dataclasses import asdict

from catalog.photolala.exporting import ExportReport, export_folder
from catalog.photolala.importing import ImportReport, import_catalog, import_folder
from catalog.photolala.source import folders_with_catalogs
from catalog.store import SqlCatalog
from sync.stores.remote import open_store
from tui.commands.progress import Step, Tell, progress
from tui.commands.stopping import asked
from tui.commands.telling import DONE, FAILED, answering_path, complain, print_json
from tui.config.address import remote_address
from tui.config.settings import Settings
from tui.words.facts import plural, were
from tui.words.shown import shown


def run_import(options: argparse.Namespace, settings: Settings) -> int:
    """`import SOURCE`."""
    complete = True
    for folder in _sources(options.source):
        with progress(options) as tell:
            report = _import(folder, settings, tell)
        if options.json:
            print_json({**asdict(report), "problems": [problem._asdict() for problem in report.problems]})
        else:
            _print_import(report)
        if not report.complete:
            complete = False
            complain(
                f"not all of {report.source} could be read, so it does not count as imported. "
                "Import it again once it can be."
            )
    return DONE if complete else FAILED


def _sources(source: str) -> list[bytes | str]:
    """Return the folders, or the address, whose catalog is meant: without one, all in folders below."""
    if "://" in source:
        return [source]
    directory = answering_path(source)
    if directory.endswith(b"/.photolala"):  # the photos' folder is meant
        directory = directory.removesuffix(b"/.photolala") or b"/"
    return [*folders_with_catalogs(directory)] or [directory]  # the import says that it has none


def _import(source: bytes | str, settings: Settings, tell: Tell) -> ImportReport:
    if isinstance(source, str):
        return _import_remote(source, settings, tell)
    return import_folder(
        SqlCatalog(settings.catalog), source, progress=lambda rows: tell(Step("importing", rows))
    )


def _import_remote(address: str, settings: Settings, tell: Tell) -> ImportReport:
    from sync.photolala import StoreSource
    from sync.transfer import Pause

    address = remote_address(address).removesuffix("/.photolala")
    store = open_store(address, requests_per_second=settings.requests_per_second, cancel=asked)
    source = StoreSource(store, Pause(asked))
    return import_catalog(
        SqlCatalog(settings.catalog), source, progress=lambda rows: tell(Step("importing", rows))
    )


def _print_import(report: ImportReport) -> None:
    for problem in report.problems:
        line = "" if problem.line is None else f", line {problem.line}"
        print(f"! {_part(problem.shard)}{line}: {problem.kind}: {shown(problem.why)}")
    if report.problem_count > len(report.problems):
        print(f"! and {report.problem_count - len(report.problems)} more")
    print(
        f"{shown(report.source)}: {plural(report.read, 'row')} read (Photolala {shown(report.version)}): "
        f"{plural(report.imported, 'photo')} imported, {report.known} known already "
        f"({report.changed} of them changed), {report.mended} mended, {report.skipped} skipped, "
        f"{report.duplicates} double. "
        f"{plural(report.stars, 'new star')}."
    )


def _part(shard: str) -> str:
    return f"shard {shard}" if len(shard) == 1 else shard


def run_export(options: argparse.Namespace, settings: Settings) -> int:
    """`export DIR`."""
    report = export_folder(SqlCatalog(settings.catalog), answering_path(options.directory))
    if options.json:
        print_json(asdict(report))
    else:
        _print_export(report)
    return DONE


def _print_export(report: ExportReport) -> None:
    done = "written" if report.written else "there already"
    what = f"{plural(report.photos, 'photo')} and {plural(report.stars, 'star')}"
    print(f"{what} {done} in {shown(report.folder)}/.photolala.")
    if report.kept:
        kept, them = were(report.kept), "it" if report.kept == 1 else "them"
        print(
            f"{report.kept:,} of them stood there, and {kept} kept though your catalog has {them} not there."
        )
    if report.below:
        below = plural(report.below, "photo")
        print(f"Not in it: {below} in folders below, each of which is exported by itself.")
