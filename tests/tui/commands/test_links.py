"""A folder is one folder, whatever links lead to it: each photo in it is one file."""

import os
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from catalog.patience import patiently
from catalog.reader import CatalogReader
from catalog.scan.scanner import Scan
from catalog.search.query import Query
from catalog.store import SqlCatalog
from tests.conftest import draw_photo
from tests.terminal import Terminal
from tests.tui.commands.conftest import PROGRAM, Device

CAT = "2024/Home/cat.jpg"


@pytest.fixture
def link(desk: Device, tmp_path: Path) -> Path:
    """A link to the album, which was scanned under its real path."""
    link = tmp_path / "pics"
    link.symlink_to(desk.album)
    return link


@pytest.mark.parametrize("typed", ["{link}", "{link}/", "{link}/2024/..", "/{link}", "pics", "{link}/2024"])
def test_what_was_scanned_is_known_by_all_its_names(
    desk: Device, link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = desk("status", "--json").json
    again = desk("scan", typed.format(link=link), "--json").json
    assert (again["new"], again["changed"], again["missing"]) == (0, 0, 0)
    assert desk("status", "--json").json == before
    assert len(desk("list", typed.format(link=link), "--json").rows) == again["photos"]


def test_what_lies_above_a_link_is_above_what_it_leads_to(desk: Device, tmp_path: Path) -> None:
    (tmp_path / "lisbon").symlink_to(desk.album / "2024" / "05 Lisbon")
    assert len(desk("list", tmp_path / "lisbon" / "..", "--json").rows) == 8
    assert desk("star", tmp_path / "lisbon" / ".." / "Home" / "cat.jpg").status == 0
    assert desk.stars == {desk.md5(desk.album / CAT)}


def test_a_star_by_way_of_a_link_makes_no_second_file(desk: Device, link: Path) -> None:
    files = desk("status", "--json").json["files"]
    assert desk("star", link / CAT).status == 0
    assert desk.stars == {desk.md5(desk.album / CAT)}
    assert desk("status", "--json").json["files"] == files


def test_a_link_to_a_photo_is_a_file_of_the_folder_that_it_lies_in(desk: Device) -> None:
    best = desk.album / "best"
    best.mkdir()
    (best / "the cat.jpg").symlink_to(desk.album / CAT)
    assert desk("star", best / "the cat.jpg").status == 0
    (row,) = desk("list", best, "--json").rows
    assert row["paths"] == [str(desk.album / CAT), str(best / "the cat.jpg")]
    assert desk("scan", desk.album, "--json").json["changed"] == 0


def test_what_is_restored_by_way_of_a_link_is_a_file_of_the_folder(
    desk: Device, link: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())
    files = desk("status", "--json").json["files"]
    desk("star", desk.album / CAT)
    assert desk("backup").status == 0
    (desk.album / CAT).unlink()
    assert desk("scan", desk.album).status == 0
    assert "1 original restored" in desk("restore", "--to", link).out
    assert desk("scan", desk.album, "--json").json["missing"] == 0
    assert desk("status", "--json").json["files"] == files


def test_what_is_restored_into_a_linked_folder_is_not_gone_with_the_next_scan(
    desk: Device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())
    home, disk = desk.album / "2024" / "Home", tmp_path / "disk"
    desk("star", desk.album / CAT)
    assert desk("backup").status == 0
    shutil.rmtree(home)
    disk.mkdir()
    home.symlink_to(disk)
    assert desk("scan", desk.album).status == 0
    assert "1 original restored" in desk("restore", "--to", desk.album).out
    assert desk("scan", desk.album, "--json").json["missing"] == 0
    (row,) = desk("list", "--starred", "--json").rows
    assert row["paths"] == [str(disk / "cat.jpg")]
    assert "Nothing to restore" in desk("restore", "--to", desk.album).out


def test_a_mac_catalog_that_was_imported_by_way_of_a_link_is_imported(desk: Device, link: Path) -> None:
    assert desk("export", link / "2024" / "Home").status == 0
    (desk.album / "2024" / "Home" / ".photolala" / "stars.csv").unlink(missing_ok=True)
    told = desk("import", desk.album / "2024" / "Home", "--json").json
    assert told["source"] == str(desk.album / "2024" / "Home")
    assert desk("import", link / "2024" / "Home", "--json").json["unchanged"]


def test_the_app_opens_what_a_link_leads_to(desk: Device, link: Path) -> None:
    before = desk("status", "--json").json
    with Terminal([*PROGRAM, f"{link}/2024/Home"]) as terminal:
        terminal.wait_for("cat.jpg")
        terminal.wait_for("q quit")
        terminal.press("j", "q")
        assert terminal.wait_exit() == 0
    assert desk("status", "--json").json == before
    roots = [row["found"] for row in desk("doctor", "--json").rows if row["name"] == "folder"]
    assert roots == [f"{desk.album} is there, and can be read."]


def test_the_folder_of_the_first_run_may_be_a_link(tmp_path: Path) -> None:
    draw_photo(tmp_path / "volume" / "cat.jpg", 1)
    home = tmp_path / "home"
    home.mkdir()
    (home / "Pictures").symlink_to(tmp_path / "volume")
    environment = {"HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[3])}
    environment["PHOTOLALA_CATALOG"] = ""
    with Terminal(PROGRAM, env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("Your photos are in the folder")
        terminal.press("enter", "enter")
        terminal.wait_for("1 photo")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    (config,) = home.rglob("config.toml")
    assert f'folder = "{home}/Pictures"' in config.read_text()  # as it was said: the link may lead elsewhere
    (catalog,) = home.rglob("catalog.sqlite")
    (entry,) = CatalogReader(catalog).page(Query()).entries
    assert entry.paths == (os.fsencode(tmp_path / "volume" / "cat.jpg"),)


def test_a_list_of_a_folder_that_does_not_answer_is_told_from_the_catalog(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, ask = threading.Event(), os.lstat

    def lstat(path, **named):
        if os.fsencode(path) == os.fsencode(desk.album):
            hung.wait()
        return ask(path, **named)

    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr("catalog.real_path._SOON", 0.2)
    rows = desk("list", desk.album / "2024", "--json").rows
    hung.set()
    assert len(rows) == 8


# ---- copies


def test_a_link_to_a_photo_is_no_copy_of_it(desk: Device) -> None:
    before = desk("list", "--duplicates", "--json").rows
    (desk.album / "a link.jpg").symlink_to(desk.album / CAT)
    (desk.album / "a second name.jpg").hardlink_to(desk.album / "2024/05 Lisbon/IMG_0006.jpg")
    (desk.album / "a linked copy.jpg").symlink_to(desk.album / "2023 Dolomites/IMG_0001.jpg")
    assert desk("scan", desk.album, "--json").json["files"] == 17
    assert desk("list", "--duplicates", "--json").rows == before  # the files themselves, and no link
    assert desk("list", "--duplicates", "--limit", "1", "--json").rows == before
    assert "a linked copy.jpg" in desk("list").out


def test_a_folder_scanned_as_two_holds_no_copies(desk: Device, link: Path) -> None:
    before = desk("list", "--duplicates", "--json").rows
    with closing(SqlCatalog(desk.catalog)) as catalog:
        Scan(catalog, os.fsencode(link)).run()
    assert desk("status", "--json").json["files"] == 28
    assert desk("list", "--duplicates", "--json").rows == before


def test_a_copy_that_is_not_there_now_is_none_to_count_on(desk: Device, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    shutil.copy(desk.album / CAT, disk)
    desk("scan", disk)
    assert len(desk("list", "--duplicates", "--json").rows) == 2
    disk.rename(tmp_path / "away")
    assert len(desk("list", "--duplicates", "--json").rows) == 1


def test_a_copy_that_does_not_answer_is_told(desk: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = desk.album / "2024" / "Home" / "copy of IMG_0001.jpg"
    hung, ask = threading.Event(), os.stat

    def stat(path, **named):
        if path == os.fsencode(copy):
            hung.wait()
        return ask(path, **named)

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setitem(patiently.__kwdefaults__, "patience", 0.2)
    ran = desk("list", "--duplicates")
    hung.set()
    assert (ran.status, ran.told) == (1, f"photolala: No answer for 0.2 s: {copy}\n")
