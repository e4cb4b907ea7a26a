"""The entry: `photolala [DIR]` opens the app, `photolala COMMAND` runs without a screen."""

import argparse
import gc
import io
import os
import shutil
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 done with new conflicts,
        4 the remote is out of reach, 130 stopped by Ctrl-C.
    """
    from tui.commands.command_line import run
    from tui.commands.stopping import STOPPED, say_stopped

    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal need not know every character
    try:
        try:
            return run(sys.argv[1:] if arguments is None else arguments)
        finally:
            sys.stdout.flush()  # here, where it can be told what has become of a reader or a disk
    except KeyboardInterrupt:
        say_stopped()
        return STOPPED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            print(f"photolala: the output could not be written: {error.strerror}.", file=sys.stderr)
        except OSError:  # nor can that; Python would try again at its end, and make it another status
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        return 1


def _open_what_is_closed() -> None:
    """Give a process that was started with closed standard streams some that go nowhere.

    Without them the catalog itself might be opened as file 1, and written to by whoever prints.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 (as long as we live)


def open_app(options: argparse.Namespace) -> int:
    """Open the app on a folder."""
    from tui.commands.command_line import fail
    from tui.commands.telling import USAGE, answering_path
    from tui.config.settings import is_first_run, load_settings
    from tui.terminal.environment import has_mouse, set_up_textual, why_no_app
    from tui.words.shown import shown

    settings = load_settings(profile=options.profile)
    root = answering_path(str(options.directory or settings.folder or "."))
    if not os.path.isdir(root):  # noqa: PTH112 (a raw path)
        return fail(f"{shown(root)} is not a folder.", USAGE)
    why_not = why_no_app()
    if why_not:
        return fail(why_not, USAGE)
    set_up_textual(settings)
    if options.directory is None and is_first_run(settings):
        from tui.screens.first_run import FirstRunApp

        FirstRunApp(settings).run(mouse=has_mouse(settings))
        settings = load_settings(profile=options.profile)
        root = answering_path(str(settings.folder)) if settings.folder else root
    from tui.terminal.early import EarlyTerminal
    from tui.terminal.first_frame import first_frame
    from tui.work import leaving
    from tui.work.log import log, log_fault

    threading.excepthook = lambda failed: log_fault(f"thread {failed.thread}", failed.exc_value)
    terminal = EarlyTerminal()
    try:
        terminal.ask(settings.preview)
        size, colours = shutil.get_terminal_size(), settings.theme == "textual-dark"
        # the frame is not kept: it holds the names of the whole folder
        terminal.show(first_frame(root, settings.views, size, colours=colours), answers=not settings.keymap)
        from tui.app import PhotolalaApp

        app = PhotolalaApp(root, replace(settings, log_level="debug") if options.verbose else settings)
        app.take_over(terminal, settings.preview)
        gc.freeze()  # what was loaded stays: to look through it for garbage would hold up each key for 50 ms
        if options.debug:
            app.features |= {"debug"}
        app.run(mouse=has_mouse(settings))
    finally:
        terminal.restore()
    with suppress(KeyboardInterrupt):
        app.wait_for_transfers(leaving.LAST_SECONDS)
    log.info("the app ended with %d", app.return_code or 0)
    return leaving.leave(app.return_code or 0)


def program() -> NoReturn:
    """Be the program: run the command line, and end with its status."""
    from tui.commands.stopping import STOPPED

    status = main()
    if status == STOPPED:
        os._exit(status)  # a further Ctrl-C would find Python taking itself apart, and be what has ended it
    sys.exit(status)


if __name__ == "__main__":
    program()
