"""`list` with its filters and orders, as a script calls it."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from catalog.store import SqlCatalog
from tests.conftest import draw_photo
from tests.tui.commands.conftest import Device
from tui.main import main

List = Callable[..., list[str]]
DAYS = {"may 30.jpg": (2024, 5, 30, 23, 59, 59), "may 31.jpg": (2024, 5, 31), "june 1.jpg": (2024, 6, 1)}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three photos of three days, the middle one starred, the last one twice; all times are Lisbon's."""
    home = tmp_path_factory.mktemp("list")
    with pytest.MonkeyPatch.context() as machine:
        machine.setenv("TZ", "Europe/Lisbon")
        time.tzset()
        machine.setenv("PHOTOLALA_CATALOG", str(home / "catalog.sqlite"))
        album = home / "album"
        for number, (name, day) in enumerate(DAYS.items()):
            path = draw_photo(album / name, number, size=(16 * (3 - number), 12))
            taken = datetime(*day).timestamp()  # noqa: DTZ001 (local, as a camera's clock)
            os.utime(path, (taken, taken))
        (album / "copies").mkdir()
        (album / "copies" / "june 1.jpg").write_bytes((album / "june 1.jpg").read_bytes())
        assert main(["scan", str(album)]) == 0
        assert main(["star", str(album / "may 31.jpg")]) == 0
        yield album
    time.tzset()


@pytest.fixture
def album(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(scanned.parent / "catalog.sqlite"))
    return scanned


@pytest.fixture
def listed(album: Path, capsys: pytest.CaptureFixture[str]) -> List:
    def listed(*arguments: str) -> list[str]:
        capsys.readouterr()
        assert main(["list", "--json", *arguments]) == 0
        return [json.loads(line)["filename"] for line in capsys.readouterr().out.splitlines()]

    return listed


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("--sort date", ["may 30.jpg", "may 31.jpg", "june 1.jpg"]),
        ("--sort date --reverse", ["june 1.jpg", "may 31.jpg", "may 30.jpg"]),
        ("--sort name", ["june 1.jpg", "may 30.jpg", "may 31.jpg"]),
        ("--sort starred", ["may 31.jpg", "may 30.jpg", "june 1.jpg"]),
        ("--sort name --limit 2", ["june 1.jpg", "may 30.jpg"]),
        ("--name MAY --sort name", ["may 30.jpg", "may 31.jpg"]),
        ("--since 2024-05-31 --sort date", ["may 31.jpg", "june 1.jpg"]),
        ("--until 2024-05-31 --sort date", ["may 30.jpg", "may 31.jpg"]),
        ("--since 2024-05-31 --until 2024-05-31", ["may 31.jpg"]),
        ("--duplicates", ["june 1.jpg"]),
        ("--backup queued", ["may 31.jpg"]),
        ("--backup none --sort name", ["june 1.jpg", "may 30.jpg"]),
        ("--only-remote", []),
        ("--camera Nikon", []),
    ],
)
def test_a_list_is_narrowed_and_sorted(listed: List, arguments: str, found: list[str]) -> None:
    assert listed(*arguments.split()) == found


def test_a_list_is_sorted_by_size(album: Path, listed: List) -> None:
    sizes = {path.name: path.stat().st_size for path in album.glob("*.jpg")}
    assert listed("--sort", "size") == sorted(sizes, key=lambda name: sizes[name])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--since yesterday", "argument --since: yesterday is no day such as 2024-05-31"),
        ("--since 0001-01-01", "0001-01-01 is no day"),
        ("--until 20240531", "20240531 is no day"),
        ("--until 2024-02-30", "argument --until: 2024-02-30 is no day such as 2024-05-31"),
        ("--limit 0", "argument --limit: 0 is no number from 1 on"),
        ("--limit \u0663", "argument --limit: \u0663 is no number from 1 on"),
        ("--limit " + "9" * 30, "is no number from 1 on"),
        ("--sort colour", "argument --sort: invalid choice: 'colour'"),
        ("--backup lost", "argument --backup: invalid choice: 'lost'"),
        (
            "--since 2024-06-01 --until 2024-05-31",
            "--since 2024-06-01 is after --until 2024-05-31: no day is both.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_told_in_one_sentence(
    album: Path, capsys: pytest.CaptureFixture[str], arguments: str, sentence: str
) -> None:
    capsys.readouterr()
    try:
        status = main(["list", *arguments.split()])
    except SystemExit as end:  # argparse
        status = end.code
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert sentence in told.err.splitlines()[-1]


@pytest.mark.parametrize("day", ["1901-01-01", "9998-12-31"])
def test_the_first_and_the_last_day_that_there_are_do_no_harm(listed: List, day: str) -> None:
    listed("--since", day)
    listed("--until", day)


def test_what_is_only_on_the_remote_is_listed_without_a_place(
    album: Path, listed: List, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = SqlCatalog(album.parent / "catalog.sqlite")
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE photo SET uploaded = 1 WHERE filename = 'may 30.jpg'")
    catalog.close()
    (album / "may 30.jpg").unlink()
    assert main(["scan", str(album)]) == 0
    assert listed("--only-remote") == listed("--backup", "uploaded") == ["may 30.jpg"]


def test_other_programs_get_paths_as_they_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """One path of each photo that is here, whatever its name holds."""
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))
    hostile = os.fsencode(tmp_path) + b"/two\nlines \xff \x1b[2J.jpg"
    draw_photo(tmp_path / "drawn.jpg", 1).rename(os.fsdecode(hostile))
    twice = draw_photo(tmp_path / "2023" / "twice.jpg", 2)
    draw_photo(tmp_path / "2024" / "twice.jpg", 2)
    gone = draw_photo(tmp_path / "gone.jpg", 3)
    draw_photo(tmp_path / "no star.jpg", 4)
    assert main(["scan", str(tmp_path)]) == main(["star", os.fsdecode(hostile), str(twice), str(gone)]) == 0
    gone.unlink()
    assert main(["scan", str(tmp_path)]) == 0
    capfdbinary.readouterr()
    assert main(["list", "--starred", "--print0", "--sort", "name"]) == 0
    listed = capfdbinary.readouterr().out.split(b"\0")
    assert sorted(listed) == sorted([hostile, os.fsencode(twice), b""])
    assert main(["list", "--print0", "--json"]) == 2
    assert b"choose one of the two" in capfdbinary.readouterr().err


def test_a_terminal_gets_a_table_and_a_script_the_md5s(desk: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    home = desk.album / "2024" / "Home"
    desk("star", home / "cat.jpg")
    assert all(re.match("[★! ] [0-9a-f]{32} /", line) for line in desk("list").out.splitlines())
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    lines = desk("list").out.splitlines()
    assert lines[0].split() == ["taken", "size", "pixels", "backup", "where"]
    assert lines[-1] == "13 photos."
    (cat,) = [line for line in lines if line.endswith("/cat.jpg")]
    assert re.match(r"★ [\d-]+ [\d:]+ +\d+ B +16x12 queued +/", cat)
    assert f"= {home}/copy of IMG_0001.jpg" in " ".join(lines)
    assert "! cut off: the JPEG ends" in " ".join(lines)
    assert desk("list", "--name", "nobody").out == "No photo of the catalog is of that kind.\n"


def test_a_status_says_what_to_do_next(
    device: Callable[[str], Device],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attic = device("attic")
    assert "none yet; `photolala scan DIR` reads a folder" in attic("status").out
    assert "`photolala config set remote s3://bucket/prefix`" in attic("status").out
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket/library")
    attic("star", attic.album / "2024" / "Home" / "cat.jpg")
    told = attic("status").out
    assert "1 photo in 1 file, 1 starred" in told
    assert "1 change, sent by the next sync" in told
    assert "never; `photolala sync` does it" in told
