"""A disk that does not come back: its user says so, since nobody else can know."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import permissions_that_count
from tests.tui.commands.conftest import Device

CAT = "2024/Home/cat.jpg"


@pytest.fixture
def moved(desk: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an album with a safe star lies now: on another disk, and scanned there."""
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())
    desk("star", desk.album / CAT)
    assert desk("backup").status == 0
    moved = shutil.copytree(desk.album, tmp_path / "new disk" / "photos")
    shutil.rmtree(desk.album)
    assert desk("scan", moved).status == 0
    return moved


def folders(desk: Device) -> list[str]:
    return [row["found"] for row in desk("doctor", "--json").rows if row["name"] == "folder"]


def test_photos_that_were_moved_to_another_disk_lie_there_alone(desk: Device, moved: Path) -> None:
    assert desk("status", "--json").json["files"] == 28
    assert f"{desk.album} cannot be read: No such file or directory." in folders(desk)
    ran = desk("scan", "--gone", desk.album)
    assert (ran.status, ran.out) == (0, f"14 files that lay in {desk.album} were taken as gone.\n")
    status = desk("status", "--json").json
    assert (status["files"], status["photos"], status["starred"], status["pending"]) == (14, 13, 1, 0)
    assert folders(desk) == [f"{moved} is there, and can be read."]
    (moved / CAT).unlink()
    desk("scan", moved)
    assert "1 original restored" in desk("restore", "--to", moved).out
    assert (moved / CAT).exists()


def test_a_disk_that_comes_back_after_all_is_scanned_and_not_read(desk: Device, tmp_path: Path) -> None:
    before = desk("list", "--json").rows
    away = desk.album.rename(tmp_path / "away")
    gone = desk("scan", "--gone", desk.album, "--json").json
    assert (gone["missing"], gone["files"]) == (14, 0)
    assert desk("status", "--json").json["files"] == 0
    away.rename(desk.album)
    back = desk("scan", desk.album, "--json").json
    assert (back["new"], back["changed"], back["files"]) == (0, 0, 14)
    assert desk("list", "--json").rows == before


def test_a_part_of_a_library_can_be_gone_and_the_library_stays(desk: Device) -> None:
    shutil.rmtree(desk.album / "2024")
    assert desk("scan", "--gone", desk.album / "2024" / "Home", "--json").json["missing"] == 3
    assert folders(desk) == [f"{desk.album} is there, and can be read."]
    assert desk("scan", desk.album, "--json").json["missing"] == 5


@pytest.mark.parametrize("where", ["album", "album/2024/Home", "never/scanned", "."])
def test_what_may_not_be_gone_is_not_taken_so(desk: Device, where: str) -> None:
    before = desk("list", "--json").rows
    (desk.album / "2024").chmod(0)
    try:
        with permissions_that_count():
            ran = desk("scan", "--gone", desk.album.parent / where)
    finally:
        (desk.album / "2024").chmod(0o755)
    assert ran.status == 1
    assert ran.told.endswith("Nothing was changed.\n")
    assert desk("list", "--json").rows == before


def test_a_mount_point_that_is_left_empty_may_be_gone(desk: Device) -> None:
    shutil.rmtree(desk.album)
    desk.album.mkdir()
    assert desk("scan", desk.album).status == 1
    assert desk("scan", "--gone", desk.album).status == 0
    assert desk("scan", desk.album).status == 0
