"""The command `doctor`: looks at settings, catalog, folders and remote, and says what to do."""

import argparse
import os
import shutil
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from catalog.checkup import Check, Finding, Result, Status, failed, ok, run_checks, skipped
from catalog.health import CatalogChecks
from catalog.patience import patiently
from catalog.reader import CatalogReader
from sync.doctor.remote import CONNECTION, check_remote
from tui.commands.stopping import asked
from tui.commands.telling import DONE, FAILED, OUT_OF_REACH, USAGE, print_json
from tui.config import SettingsError
from tui.config.found import Found, find
from tui.config.settings import Settings, settings_from
from tui.words.facts import plural
from tui.words.shown import shown

SETTINGS = "settings"
_NAME, _WORD = 12, 9  # columns
_SEEN_SECONDS = 5.0
_MARKS = {
    Status.OK: ("✓", "ok", "32"),
    Status.WARNING: ("!", "warning", "33"),
    Status.FAILED: ("✗", "FAILED", "31"),
    Status.SKIPPED: ("·", "skipped", "2"),
}
"""Of each status: a glyph, a word, and the colour of both as a terminal knows it (SGR)."""


def run_doctor(options: argparse.Namespace) -> int:
    """`doctor`."""
    results = []
    for result in examine(options.profile, cancel=asked):
        results.append(result)
        if options.json:
            print_json(result._asdict())
        elif not options.quiet or result.status in (Status.WARNING, Status.FAILED):
            _print(result)
        sys.stdout.flush()
    if asked.is_set():
        raise KeyboardInterrupt
    if not options.json and not options.quiet:
        print(f"\n{_summary(results)}")
    return _exit_status(results)


def examine(profile: str | None = None, *, cancel: threading.Event | None = None) -> Iterator[Result]:
    """Look at all that there is: settings, the catalog, folders, the remote. Nothing is changed.

    Args:
        profile: of the settings, as a flag names it.
        cancel: set by another thread, it ends the checks.

    Yields:
        Results as they come; see `catalog.checkup`.
    """
    cancel = cancel or threading.Event()
    try:
        found = find(profile=profile)
        settings = settings_from(found)
    except SettingsError as error:
        unusable = failed(str(error), "Mend that first: all else depends on it.")
        yield Result(SETTINGS, *unusable, 0.0)
        return
    told = Check(SETTINGS, lambda: _settings(found))
    yield from run_checks(chain([told], CatalogChecks(settings.catalog).checks()), cancel)
    if cancel.is_set():
        return
    if settings.remote is None:
        no_remote = skipped(
            "No remote is configured: stars stay on this device.",
            "Set PHOTOLALA_REMOTE, or remote in config.toml, to s3://bucket/prefix or file:///path.",
        )
        yield Result("remote", *no_remote, 0.0)
        return
    yield from _remote(settings, settings.remote, cancel)


def _remote(settings: Settings, url: str, cancel: threading.Event) -> Iterator[Result]:
    return check_remote(
        url,
        seq_seen=_seen(settings, url),
        single_writer=settings.single_writer,
        sse=settings.backup.sse,
        kms_key=settings.backup.kms_key,
        cancel=cancel,
    )


def _seen(settings: Settings, url: str) -> int | None:
    """Return the newest commit that this device has seen there; None also if its catalog does not answer."""
    reader = CatalogReader(settings.catalog)
    try:
        return patiently(lambda _: reader.summary(url).seq, patience=_SEEN_SECONDS)
    except TimeoutError:  # a dead mount, as the check of the catalog has told
        return None


def _settings(found: Found) -> Finding:
    told = [f"{key} is {found.values[key]} ({found.where(key)})" for key in sorted(found.values)]
    file = f"{found.path}{'' if found.path.exists() else ' is not there'}"
    return ok("; ".join([file, *told]) + "; all else is as it comes.")


def _print(result: Result) -> None:
    glyph, word, colour = _MARKS[result.status]
    mark = f"{glyph} {word}".ljust(_WORD)
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        mark = f"\x1b[{colour}m{mark}\x1b[0m"
    indent = " " * (_NAME + _WORD + 2)
    width = max(shutil.get_terminal_size().columns - len(indent), 30)
    lines = textwrap.wrap(shown(result.found), width, break_on_hyphens=False)
    if result.advice:
        lines += textwrap.wrap(f"→ {shown(result.advice)}", width, break_on_hyphens=False)
    print(f"{result.name:{_NAME}} {mark} {f'{chr(10)}{indent}'.join(lines)}")


def _summary(results: list[Result]) -> str:
    counts = Counter(result.status for result in results)
    wrong = [result.name for result in results if result.status is Status.FAILED]
    text = f"{plural(len(results), 'check')}: {counts[Status.OK]} ok"
    text += f", {plural(counts[Status.WARNING], 'warning')}" if counts[Status.WARNING] else ""
    text += f", {counts[Status.SKIPPED]} skipped" if counts[Status.SKIPPED] else ""
    return text + (f", {len(wrong)} FAILED: {', '.join(wrong)}." if wrong else ". Nothing failed.")


def _exit_status(results: list[Result]) -> int:
    wrong = {result.name for result in results if result.status is Status.FAILED}
    if SETTINGS in wrong:
        return USAGE
    if wrong == {CONNECTION}:
        return OUT_OF_REACH
    return FAILED if wrong else DONE
