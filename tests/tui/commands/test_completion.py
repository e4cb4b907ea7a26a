"""Completion as a shell does it, and the manual page as man reads it."""

import shutil
import subprocess

import pytest

from tui.commands.manual import manual
from tui.commands.parser import command_names
from tui.commands.usage import parser
from tui.main import main

ASK = """
source <(cat)
ask() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _shtab_photolala
  echo "$*: ${COMPREPLY[*]}"
}
ask photolala st
ask photolala list --st
ask photolala list --sort s
ask photolala --profile nas sy
ask photolala conflicts use
ask photolala scan ''
ask photolala star album/
"""
ANSWERS = """
photolala st: star status
photolala list --st: --starred
photolala list --sort s: size starred
photolala --profile nas sy: sync
photolala conflicts use: use-mine
photolala scan : album
photolala star album/: album/a.jpg
"""


def script(shell: str, capsys) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def test_bash_completes_commands_options_folders_and_files(tmp_path, capsys):
    (tmp_path / "album").mkdir()
    (tmp_path / "album" / "a.jpg").touch()
    (tmp_path / "no folder.txt").touch()
    done = subprocess.run(
        ["bash", "-c", ASK],
        input=script("bash", capsys),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.strip() == ANSWERS.strip()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_can_read_theirs(shell, capsys):
    told = script(shell, capsys)
    assert "restore" in told
    assert "open" not in told.split()
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=told, text=True, check=True)


def test_the_manual_page_tells_all_and_is_the_same_each_time():
    page = manual(parser())
    assert page == manual(parser())
    for name in command_names(parser()):
        assert f".SS photolala {name}\n".replace("-", r"\-") in page
    for told in (
        ".SH EXIT STATUS",
        ".SH EXAMPLES",
        r"\fB\-\-json\fR",
        r"\fB\-\-sort\fR \fIdate|name|size|starred\fR",
    ):
        assert told in page
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", "-Kutf8"], input=page, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
