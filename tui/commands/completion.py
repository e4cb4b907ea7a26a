"""The command `completion`: what a shell needs to complete commands, options, folders and files."""

import argparse

import shtab

from tui.commands.usage import parser

_PATHS = {"DIR": shtab.DIRECTORY, "SOURCE": shtab.FILE, "PATH_OR_MD5": shtab.FILE}  # by metavar


def print_completion(shell: str) -> int:
    """`completion SHELL`."""
    top = parser()
    _mark_paths(top)
    print(shtab.complete(top, shell=shell))
    return 0


def _mark_paths(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                _mark_paths(command)
        elif action.metavar in _PATHS:
            action.complete = _PATHS[action.metavar]  # type: ignore[attr-defined]
