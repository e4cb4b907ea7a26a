"""A folder that is scanned before the one above: restored from the bucket, its photos lie in it again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Device

CAT, LISBON = "2024/Home/cat.jpg", "2024/05 Lisbon/IMG_0006.jpg"


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())


@pytest.fixture
def parts(remote: None, device: Callable[[str], Device]) -> Device:
    """A device that has scanned two folders, and then, after a backup, the one above them."""
    desk = device("desk")
    desk("scan", desk.album / "2024" / "Home")
    desk("star", desk.album / CAT, desk.album / LISBON)  # one of a folder that no scan has seen
    assert desk("backup").status == 0
    assert desk("scan", desk.album).status == 0
    return desk


def test_a_restore_on_a_new_machine_puts_each_into_its_folder(
    parts: Device, device: Callable[[str], Device], tmp_path: Path
) -> None:
    assert parts("sync").status == 0
    new = device("new")
    assert "2 originals restored" in new("restore", "--to", tmp_path / "back").out
    found = {str(path.relative_to(tmp_path / "back")) for path in (tmp_path / "back").rglob("*.jpg")}
    assert found == {CAT, LISBON}


def test_two_devices_with_different_roots_come_to_rest(
    parts: Device, device: Callable[[str], Device]
) -> None:
    other = device("other")
    other("scan", other.album / "2024" / "Home")
    devices = [parts, other]
    for each in devices * 2:
        assert each("sync").status == 0
    for each, folder in zip(devices * 3, ["2024/Home", ".", ".", "2024/Home", "2024", "2024"], strict=True):
        assert each("scan", each.album / folder).status == 0
        if folder != ".":
            assert each("sync", "--json").json["pushed_rows"] == 0
        each("sync")
    for each in devices * 2:
        report = each("sync", "--json").json
        assert (report["outcome"], report["open_conflicts"]) == ("up-to-date", 0)
    assert parts("status", "--json").json["photos"] == other("status", "--json").json["photos"] == 13


def test_a_restore_into_the_folder_above_moves_none_of_the_others(parts: Device, tmp_path: Path) -> None:
    (parts.album / CAT).unlink()
    parts("scan", parts.album)
    parts("sync")
    assert "1 original restored" in parts("restore", "--to", parts.album.parent).out
    assert parts("scan", parts.album / "2024").status == 0
    assert parts("status", "--json").json["pending"] == 0
