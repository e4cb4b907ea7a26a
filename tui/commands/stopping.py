"""Ctrl-C: it asks a command to end, and leaves one behind that does not within a second.

So a command runs on a thread of its own: the main thread, which alone hears signals, is never stuck in a
database, on a server or on a dead mount. To be left behind is as harmless as `kill -9`.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

STOPPED = 130
"""Exit status, as a shell gives it to what SIGINT has ended."""

asked = threading.Event()
"""Set by the first Ctrl-C: what takes longer looks at it, and ends where nothing is lost."""

_PATIENCE = 0.8  # seconds
_LOOKS = 0.1  # seconds: a signal that another thread has caught does not wake the main thread up


def stoppable(command: Callable[[], int]) -> int:
    """Run a command on a thread of its own.

    Args:
        command: returns the exit status, or raises KeyboardInterrupt if it has ended as it was asked to.

    Raises:
        BaseException: what the command raises.
    """
    if threading.current_thread() is not threading.main_thread():
        return command()  # nobody can stop it from here
    ended: list[int | BaseException] = []
    times = 0

    def run() -> None:
        try:
            ended.append(command())
        except BaseException as error:
            ended.append(error)

    def stop(*_: object) -> None:
        nonlocal times  # not `asked` itself: a second Ctrl-C may come while that is being set, its lock held
        times += 1
        if times > 1:
            _leave()
        asked.set()
        last = threading.Timer(_PATIENCE, _leave)
        last.daemon = True
        last.start()
        timers.append(last)

    timers: list[threading.Timer] = []
    asked.clear()
    thread = threading.Thread(target=run, name="command", daemon=True)
    before = signal.signal(signal.SIGINT, stop)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(_LOOKS)
    finally:
        # what was asked to end is about to: a further Ctrl-C finds nothing more to say, or to wait for
        signal.signal(signal.SIGINT, _end if asked.is_set() else before)
        for timer in timers:
            timer.cancel()
    (end,) = ended
    if isinstance(end, BaseException):
        raise end
    return end


def say_stopped() -> None:
    """Say on stderr that Ctrl-C has ended the command."""
    clear = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""  # progress, and a cursor that it has hidden
    print(f"{clear}photolala: stopped; what was done so far is saved.", file=sys.stderr, flush=True)


def _leave() -> NoReturn:
    try:
        say_stopped()
    finally:
        os._exit(STOPPED)


def _end(*_: object) -> NoReturn:
    os._exit(STOPPED)
