"""Progress: lines with the time in a log that asked for them, and no word to anybody else."""

import re
from argparse import Namespace

import pytest

from tests.tui.commands.conftest import program
from tui.commands import progress as module
from tui.commands.progress import Step, progress


def told(capsys, *steps: Step, **options: bool) -> list[str]:
    with progress(Namespace(**{"quiet": False, "json": False, "verbose": False} | options)) as tell:
        for step in steps:
            tell(step)
    out, err = capsys.readouterr()
    assert out == ""
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in err.splitlines()]


def test_a_log_gets_a_line_for_each_step_and_then_now_and_then(capsys, monkeypatch):
    steps = [
        Step("syncing", name="with s3://bucket"),
        Step("uploading", 0, 2000, 0, 3_000_000, "a\x1b[2J.jpg"),
        Step("uploading", 1, 2000, 1_500_000, 3_000_000, "b.jpg"),
        Step("scanning", 5, 0, 7000),
    ]
    lines = [
        "syncing, with s3://bucket",
        r"uploading, 0 of 2,000, 0 B of 3.0 MB, a\x1b[2J.jpg",
        "scanning, 5, 7.0 kB",
    ]
    assert told(capsys, *steps, verbose=True) == lines
    monkeypatch.setattr(module, "_EACH", 0)
    lines.insert(2, "uploading, 1 of 2,000, 1.5 MB of 3.0 MB, b.jpg")
    assert told(capsys, *steps, verbose=True) == lines


@pytest.mark.parametrize("options", [{}, {"json": True}, {"quiet": True, "verbose": True}])
def test_who_does_not_look_is_told_nothing(capsys, options):
    assert told(capsys, Step("uploading", 0, 12), **options) == []


def test_a_scan_in_a_log(small_album):
    ran = program("scan", small_album, "--verbose", "--json")
    assert ran.json["files"] == 14
    assert re.match(r"\d\d:\d\d:\d\d scanning", ran.err)
