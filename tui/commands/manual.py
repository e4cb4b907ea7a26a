"""The manual page photolala(1), made out of the parser: it cannot differ from what `--help` says.

The wheel's build imports this, so it needs the standard library alone.
"""

import argparse
import re
from collections.abc import Collection, Iterator

from tui import __version__

_FILES = """
  config.toml
      In the configuration folder: settings. `photolala config` shows them all.
  catalog.sqlite
      In the data folder, or where PHOTOLALA_CATALOG says: the catalog.
  photolala.log
      In the log folder: what was done, and what went wrong. No secret is in it.
"""


def manual(top: argparse.ArgumentParser) -> str:
    """Return the page in roff's man macros; the same text for the same parser."""
    lines = [
        f'.TH PHOTOLALA 1 "" "photolala {__version__}" "User Commands"',
        ".SH NAME",
        r"photolala \- walk photo folders in a terminal, star the keepers, keep them safe in S3",
        ".SH SYNOPSIS",
        r".B photolala\fR [\fIoptions\fR] [\fIDIR\fR]",
        ".br",
        r".B photolala\fR [\fIoptions\fR] \fICOMMAND\fR ...",
        ".SH DESCRIPTION",
        _escaped(top.description or ""),
        *_told(top.epilog or "", ".SH"),
        ".SH OPTIONS",
        *_options(top),
        ".SH COMMANDS",
        "The options above, except for \\fB\\-\\-version\\fR, may stand after the command as well.",
    ]
    (commands,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    known = {name for action in top._actions for name in action.option_strings}  # noqa: SLF001
    for choice in commands._choices_actions:  # noqa: SLF001
        command = commands.choices[choice.dest]
        lines += [f".SS photolala {_escaped(choice.dest)}", _escaped(command.description or "")]
        lines += [*_options(command, known), *_told(command.epilog or "", ".PP")]
    return "\n".join([*lines, ".SH FILES", *_told(_FILES, ".PP")]) + "\n"


def _options(parser: argparse.ArgumentParser, known: Collection[str] = ()) -> Iterator[str]:
    """Yield what a command takes, except for the options that are known from elsewhere."""
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction) or {*known} & {*action.option_strings}:  # noqa: SLF001
            continue
        value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
        value = f"\\fI{_escaped(str(value or (action.dest if action.nargs is None else '')))}\\fR"
        names = [f"\\fB{_escaped(name)}\\fR" for name in action.option_strings]
        takes = action.nargs != 0
        yield ".TP"
        yield " ".join(filter(None, [", ".join(names), value if takes else ""]))
        yield _escaped((action.help or "").replace("%(default)s", str(action.default))) or r"\&"


def _told(epilog: str, heading: str) -> Iterator[str]:
    """Yield an epilog: lines that are indented are terms with what they mean, the others are prose."""
    begins = True
    for line in epilog.strip("\n").split("\n"):
        if line.startswith("      "):
            yield _escaped(line.strip())
        elif line.startswith("  "):
            term, *meaning = re.split(r"\s{2,}", line.strip(), maxsplit=1)
            yield from (".TP", f"\\fB{_escaped(term)}\\fR", *map(_escaped, meaning))
        elif re.fullmatch(r"[a-z ]+:", line):
            yield f"{heading} {line[:-1].upper()}" if heading == ".SH" else f"{heading}\n\\fI{line[:-1]}\\fR"
        elif line:
            yield from ([".PP"] if begins else [])
            yield _escaped(line)
        begins = not line


def _escaped(text: str) -> str:
    """Return a text that roff takes for a text."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text
