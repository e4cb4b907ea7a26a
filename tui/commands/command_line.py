"""The command line: runs a command or opens the app, and tells each failure in one sentence."""

import argparse
import os
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from difflib import get_close_matches
from importlib import import_module

from catalog.protocol import CatalogError
from tui.commands.parser import OPEN, command_names, first_word
from tui.commands.stopping import asked, stoppable
from tui.commands.telling import FAILED, OUT_OF_REACH, USAGE, complain
from tui.commands.usage import parser
from tui.config import SettingsError
from tui.config.settings import Settings, default_catalog, load_settings
from tui.words.shown import shown

_MODULES = {
    **dict.fromkeys(("scan", "list", "star", "unstar", "status"), "photos"),
    "conflicts": "conflicts",
    **dict.fromkeys(("history", "rollback"), "history"),
    **dict.fromkeys(("backup", "prune"), "backup"),
    **dict.fromkeys(("import", "export"), "exchange"),
    **{name: name for name in ("sync", "verify", "restore")},
}
_DOES = frozenset({"scan", "star", "unstar", "sync", "rollback", "backup", "restore", "import", "export"})
"""Commands that are there for what they do: `--quiet` silences what they say of it."""


def run(arguments: Sequence[str]) -> int:
    """Run one command, or open the app.

    Args:
        arguments: without the program's name.

    Returns:
        The exit status.
    """
    options = _parsed(arguments)
    try:
        return _command(options, arguments)
    except BrokenPipeError:
        raise
    except Exception as error:
        if asked.is_set():
            raise KeyboardInterrupt from error
        if options.debug:
            traceback.print_exc()
        return _told(options, error)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    top = parser()
    place = first_word(top, arguments)
    word = None if place is None else arguments[place]
    names = command_names(top)
    if word is None or word in names:
        options = top.parse_args(arguments)
        options.command, options.directory = options.command or OPEN, getattr(options, "directory", None)
        return options
    if os.sep not in word and not os.path.isdir(word):  # noqa: PTH112
        near = get_close_matches(word, names, 1)
        hint = f"Did you mean `photolala {near[0]}`?" if near else "`photolala --help` lists the commands."
        raise SystemExit(fail(f"{word} is not a folder, and no command. {hint}", USAGE))
    return top.parse_args([*arguments[:place], OPEN, *arguments[place:]])


def _command(options: argparse.Namespace, words: Sequence[str]) -> int:
    match options.command:
        case "open":
            from tui.main import open_app

            return open_app(options)
        case "demo":
            from tui.demo.story import run_demo

            return run_demo(headless=options.headless)
        case "serve-demo-s3":
            from tui.demo.server import serve

            return serve(options.port)
        case "config":
            from tui.commands.config import run_config

            return run_config(options)
        case "completion":
            from tui.commands.completion import print_completion

            return print_completion(options.shell)
        case "doctor":
            from tui.commands.doctor import run_doctor

            return stoppable(lambda: run_doctor(options))  # wrong settings are for it to tell
    settings = load_settings(profile=options.profile)
    from tui.work.log import log, log_start, start_log

    start_log(settings, verbose=options.verbose)
    log_start(" ".join(words))
    begun = time.monotonic()
    status = stoppable(lambda: _handled(options, settings))
    log.info("%s ended with %d after %.1f s", options.command, status, time.monotonic() - begun)
    return status


def _handled(options: argparse.Namespace, settings: Settings) -> int:
    # some load the ORM, and take half a second
    commands = import_module(f"tui.commands.{_MODULES[options.command]}")
    handler: Callable[[argparse.Namespace, Settings], int] = getattr(commands, f"run_{options.command}")
    if not options.quiet or options.json or options.command not in _DOES:
        return handler(options, settings)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        return handler(options, settings)


def _told(options: argparse.Namespace, error: Exception) -> int:
    """Say what went wrong, here and in the log, and return the exit status."""
    from sync.stores.objectstore import RemoteError, UnclearError, UnreachableError
    from tui.work.log import log

    text, status = str(error), FAILED
    match error:
        case UnreachableError() | UnclearError():
            status = OUT_OF_REACH
        case SettingsError():
            status = USAGE
        case CatalogError() | RemoteError():
            pass
        case OSError():
            where = error.filename if isinstance(error.filename, str | bytes) else b""
            text = f"{error.strerror or error}{': ' if where else ''}{shown(os.fsencode(where))}"
        case _:
            from tui.work.catalog_thread import sentence

            catalog = default_catalog()
            with suppress(SettingsError):
                catalog = load_settings(profile=options.profile).catalog
            return fail(sentence(error, catalog))
    log.warning("%s: %s", options.command, text)
    return fail(text, status)


def fail(sentence: str, status: int = FAILED) -> int:
    """Say on stderr what went wrong, and return the exit status."""
    complain(sentence)
    return status
