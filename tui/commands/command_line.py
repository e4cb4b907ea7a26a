"""The command line: runs a command or opens the app, and tells each failure in one sentence."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from difflib import get_close_matches
from importlib import import_module

from catalog.protocol import CatalogError
from tui.commands.parser import OPEN, command_names, first_word
from tui.commands.stopping import asked, stoppable
from tui.commands.telling import FAILED, OUT_OF_REACH, USAGE
from tui.commands.usage import parser
from tui.config import SettingsError
from tui.config.settings import Settings, load_settings
from tui.words.shown import shown

_MODULES = {
    **dict.fromkeys(("scan", "list", "star", "unstar", "status", "conflicts"), "photos"),
    **dict.fromkeys(("history", "rollback"), "history"),
    **dict.fromkeys(("backup", "prune"), "backup"),
    **dict.fromkeys(("verify", "restore"), "restore"),
    **dict.fromkeys(("import", "export"), "exchange"),
    "sync": "sync",
    "completion": "completion",
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
        return _command(options)
    except BrokenPipeError:
        raise
    except Exception as error:
        if asked.is_set():
            raise KeyboardInterrupt from error
        if options.debug:
            traceback.print_exc()
        return _told(error, options.profile)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    top = parser()
    place = first_word(top, arguments)
    word = None if place is None else arguments[place]
    names = command_names(top)
    if word is None or word in names:
        options = top.parse_args(arguments)
        options.command, options.directory = options.command or OPEN, getattr(options, "directory", ".")
        return options
    if os.sep not in word and not os.path.isdir(word):  # noqa: PTH112
        near = get_close_matches(word, names, 1)
        hint = f"Did you mean `photolala {near[0]}`?" if near else "`photolala --help` lists the commands."
        raise SystemExit(fail(f"{word} is not a folder, and no command. {hint}", USAGE))
    return top.parse_args([*arguments[:place], OPEN, *arguments[place:]])


def _command(options: argparse.Namespace) -> int:
    match options.command:
        case "open":
            from tui.main import open_app

            return open_app(options.directory, options.profile)
        case "demo":
            from tui.demo.story import run_demo

            return run_demo(headless=options.headless)
        case "serve-demo-s3":
            from tui.demo.server import serve

            return serve(options.port)
        case "config":
            from tui.commands.config import run_config

            return run_config(options)
    settings = load_settings(profile=options.profile)
    return stoppable(lambda: _handled(options, settings))


def _handled(options: argparse.Namespace, settings: Settings) -> int:
    # most load the ORM, and take a second
    commands = import_module(f"tui.commands.{_MODULES[options.command]}")
    handler: Callable[[argparse.Namespace, Settings], int] = getattr(commands, f"run_{options.command}")
    if not options.quiet or options.json or options.command not in _DOES:
        return handler(options, settings)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        return handler(options, settings)


def _told(error: Exception, profile: str | None) -> int:
    from sync.stores.objectstore import RemoteError, UnclearError, UnreachableError

    match error:
        case UnreachableError() | UnclearError():
            return fail(str(error), OUT_OF_REACH)
        case CatalogError() | RemoteError():
            return fail(str(error))
        case SettingsError():
            return fail(str(error), USAGE)
        case OSError():
            name = error.filename
            where = f": {shown(os.fsencode(name))}" if isinstance(name, str | bytes) else ""
            return fail(f"{error.strerror or error}{where}")
        case _:
            from tui.work.catalog_thread import sentence

            return fail(sentence(error, load_settings(profile=profile).catalog))


def fail(sentence: str, status: int = FAILED) -> int:
    """Say on stderr what went wrong, and return the exit status."""
    print(f"photolala: {shown(sentence)}", file=sys.stderr)
    return status
