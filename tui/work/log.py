"""The log file: what a person needs later to find out what has happened. It never holds a secret."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from platformdirs import user_log_path

from tui import __version__
from tui.config.settings import Settings
from tui.words.shown import shown

log = logging.getLogger("photolala")
"""What the program tells of itself; other loggers, such as botocore's, are not written down."""
log.propagate = False
log.addHandler(logging.NullHandler())

_MOST_BYTES, _OLDER = 1_000_000, 3
_HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"""
    (?<! [A-Za-z0-9] ) A (?: [KS]IA | IDA | ROA ) [A-Z0-9]{12,}       # an access key, by its shape
  | (?P<header> (?i: authorization | cookie ) ["']? \s* [:=] ) [^\n]+
  | (?P<field> (?<! [\w-] ) [\w-]* (?i: secret | password | token | signature | credential ) [\w-]*
      ["']? \s* [:=] \s* ["']? ) [^\s"'&,;]+
  | (?<= :// ) [^\s/@]+ (?= @ )
  | (?<! [A-Za-z0-9/+=] )                                              # a secret key, by its shape
      (?= [A-Za-z0-9/+]* [A-Z] ) (?= [A-Za-z0-9/+]* [a-z] ) (?= [A-Za-z0-9/+]* [0-9] )
      [A-Za-z0-9/+]{40} (?! [A-Za-z0-9/+=] )
    """,
    re.VERBOSE,
)
_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def start_log(settings: Settings, *, verbose: bool = False) -> None:
    """Write what is logged from now on to the log file; if that cannot be, nothing is logged and nobody hurt.

    Args:
        settings: where it lies, and how much goes there.
        verbose: all goes there, whatever is set.
    """
    stop_log()
    path = log_path(settings)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _LogFile(path, maxBytes=_MOST_BYTES, backupCount=_OLDER, encoding="utf-8", delay=True)
        handler.setFormatter(_Formatter("%(asctime)s %(levelname)-7s %(process)d %(message)s"))
        log.addHandler(handler)
    log.setLevel(logging.DEBUG if verbose else settings.log_level.upper())


def stop_log() -> None:
    """Close the log file."""
    for handler in log.handlers[1:]:
        log.removeHandler(handler)
        with suppress(OSError):  # what a full disk has not taken
            handler.close()


def log_path(settings: Settings) -> Path:
    """Return where the log file lies."""
    return settings.log_path or user_log_path("photolala", appauthor=False) / "photolala.log"


def log_fault(what: str, error: BaseException | None) -> None:
    """Write down what nobody has expected, with its traceback."""
    log.error("%s: %s", what, error, exc_info=error)


def log_start(what: str) -> None:
    """Write down what begins, and which version of all that matters."""
    python = ".".join(map(str, sys.version_info[:3]))
    log.info("photolala %s (Python %s, %s): %s", __version__, python, sys.platform, what)


class _LogFile(RotatingFileHandler):
    """A file for its owner alone, that takes nobody down with it."""

    def _open(self) -> TextIOWrapper:
        opened = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        return open(opened, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123

    def handleError(self, _: logging.LogRecord) -> None:  # noqa: N802
        """Go on: a full disk, or a folder that is gone, is for others to tell."""


class _Formatter(logging.Formatter):
    """Makes each line of a record showable, and hides what is secret."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as lines of the log."""
        text = without_secrets(super().format(record))
        return "\n    ".join(map(shown, text.split("\n")))


def without_secrets(text: str) -> str:
    """Return a text with all that is, or looks like, a credential hidden."""
    for secret in _known():
        text = text.replace(secret, _HIDDEN)
    return _SECRETS.sub(lambda found: (found["header"] or found["field"] or "") + _HIDDEN, text)


def _known() -> Iterator[str]:
    """Yield this machine's credentials, as far as they are known without asking boto3."""
    for name in _VARIABLES:
        if secret := os.environ.get(name):
            yield secret
