"""The parser to which commands are added: their help has examples, and common options stand anywhere."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise
from textwrap import fill
from typing import Any, NoReturn

from tui import __version__
from tui.words.shown import shown

OPEN = "open"
"""The command that stands for `photolala DIR`; nobody types it."""

_COLUMNS = 79
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}  # bytes

_EPILOG = """
`photolala DIR` opens the app on a folder. `photolala` opens it on the one that
config.toml names, for which it asks the first time; without one, here.
`photolala COMMAND --help` has examples.

Stars sync with the remote that PHOTOLALA_REMOTE, or `remote` in config.toml,
names (s3://bucket/prefix). Credentials come from AWS's own settings
(AWS_PROFILE, AWS_ACCESS_KEY_ID, ...); for a server that is not AWS set
AWS_ENDPOINT_URL_S3. PHOTOLALA_CATALOG names another catalog file.

examples:
  photolala ~/Photos                  walk, look, star with space, sync with S
  photolala star ~/Photos/IMG_2.jpg   the same without a screen
  photolala sync                      for cron: silent when all is well
  photolala demo                      try it on made-up photos

exit status:
  0    done, also if there was nothing to do
  1    failed
  2    wrong usage or configuration
  3    done, and new conflicts were recorded
  4    the remote is out of reach; everything is queued, nothing is lost
  130  stopped by Ctrl-C; what was done so far is saved
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(shown(message))  # it holds what was typed


class Commands:
    """The parser, to which one command after the other is added."""

    def __init__(self) -> None:
        """Begin with no command."""
        self.top = _Parser(
            prog="photolala",
            usage="photolala [DIR]\n       photolala [options] COMMAND ...",
            description="Walk your folders, star the keepers, keep every star safe in an S3 bucket.",
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.top.add_argument("--version", action="version", version=f"photolala {__version__}")
        _add_common(self.top)
        self.top.set_defaults(json=False, quiet=False, verbose=False, debug=False, profile=None)
        self._made = self.top.add_subparsers(
            dest="command", metavar="COMMAND", title="commands", prog="photolala"
        )

    def add(
        self, name: str, summary: str, examples: Sequence[tuple[str, str]], *, json: str | None = None
    ) -> argparse.ArgumentParser:
        """Add a command.

        Args:
            name: the word that calls it.
            summary: what it does, in lower case and without a full stop.
            examples: of its use, without `photolala`, each with what it does.
            json: what `--json` prints; None if it knows no such option.
        """
        width = max(len(line) for line, _ in examples)
        told = [f"  photolala {line:{width}}  {what}".rstrip() for line, what in examples]
        if max(map(len, told)) > _COLUMNS:
            told = [f"  photolala {line}\n      {what}".rstrip() for line, what in examples]
        made: argparse.ArgumentParser = self._made.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog="\n".join(
                ["examples:", *told, *(["", fill(f"with --json: {json}", _COLUMNS)] if json else [])]
            ),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if json:
            made.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                              help="print JSON to stdout, and nothing else there")  # fmt: skip
        _add_common(made)
        return made

    def add_app(self) -> None:
        """Add the app, which the list of commands leaves out."""
        app = self._made.add_parser(OPEN, usage="photolala [options] [DIR]")
        app.add_argument("directory", metavar="DIR", nargs="?")
        _add_common(app)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Add what may stand before the command or after it."""
    group = parser.add_argument_group("common options")

    def flag(*names: str, **what: Any) -> None:
        group.add_argument(*names, default=argparse.SUPPRESS, action="store_true", **what)

    flag("-q", "--quiet", help="no progress and no summary; what was asked for and errors are still told")
    flag("-v", "--verbose", help="tell more; progress as lines with the time where there is no terminal")
    flag("--debug", help="with the traceback of a failure")
    group.add_argument("--profile", metavar="NAME", default=argparse.SUPPRESS,
                       help="with the settings under [profiles.NAME] in config.toml")  # fmt: skip


def command_names(top: argparse.ArgumentParser) -> list[str]:
    """Return the words that call a command, as the help lists them."""
    (made,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    return [choice.dest for choice in made._choices_actions]  # noqa: SLF001


def first_word(top: argparse.ArgumentParser, arguments: Sequence[str]) -> int | None:
    """Return where the first argument stands that is neither an option nor the value of one."""
    valued = {name for action in top._actions if action.nargs is None for name in action.option_strings}  # noqa: SLF001
    for place, (before, argument) in enumerate(pairwise(("", *arguments))):
        if not argument.startswith("-") and before not in valued:
            return place
    return None


def day_of(text: str) -> date:
    """Return a day such as 2024-05-31.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text and 1900 < day.year < 9999:
            return day
    raise argparse.ArgumentTypeError(f"{shown(text)} is no day such as 2024-05-31")


def number_of(text: str) -> int:
    """Return a count, from 1 on.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number from 1 on")
    return int(text)


def port_of(text: str) -> int:
    """Return a TCP port, or 0 for any free one.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{shown(text)} is no port from 0 to 65535")
    return int(text)


def bytes_of(text: str) -> int:
    """Return a number of bytes as a person types it: "500M", "20G", "1000".

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    digits = text.rstrip("kKmMgGtT")
    unit = text[len(digits) :].upper()
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= 18 and unit in _UNITS):
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number of bytes like 500M or 20G")
    return int(digits) * _UNITS[unit]
