"""A remote on a disk that is not mounted is out of reach: nothing is taken as gone from it, nothing put beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Device

CAT = "2024/Home/cat.jpg"


@pytest.fixture(params=["library", ""], ids=["a folder on the disk", "the disk itself"])
def disk(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Callable[[], None]]:
    """The remote's disk: to be called, it leaves an empty mount point; what that returns mounts it again."""
    mount = tmp_path / "mnt"
    mount.mkdir()
    monkeypatch.setenv("PHOTOLALA_REMOTE", (mount / request.param).as_uri())

    def unmount() -> Callable[[], None]:
        away = mount.rename(tmp_path / "away")
        mount.mkdir()

        def remount() -> None:
            assert list(mount.iterdir()) == []
            mount.rmdir()
            away.rename(mount)

        return remount

    return unmount


@pytest.fixture
def kept(disk, desk: Device) -> Device:
    """A device with one original on the disk."""
    assert desk("star", desk.album / CAT).status == 0
    assert desk("backup").status == 0
    return desk


def test_a_disk_that_is_not_mounted_has_lost_nothing(disk, kept: Device, tmp_path: Path) -> None:
    assert "1 starred, 1 on the remote" in kept("verify").out
    remount = disk()
    assert kept("unstar", kept.album / "2024/05 Lisbon/IMG_0006.jpg").status == 0
    ran = kept("sync")
    assert (ran.status, "was seen: is its disk mounted?" in ran.told) == (4, True)
    for command in (
        ["verify"],
        ["verify", "--deep"],
        ["backup"],
        ["restore", "--starred", "--to", tmp_path / "new"],
    ):
        ran = kept(*command)
        assert (command, ran.status) == (command, 4)
        assert "Nothing is in file:" in ran.err
    assert kept("prune").status != 0
    assert "its disk is not mounted. Its commits are not shown." in kept("history").err
    doctor = {row["name"]: row for row in kept("doctor", "--json").rows}
    assert "was seen in it" in doctor["connection"]["found"]
    assert kept("status", "--json").json["backup"]["uploaded"] == 1
    remount()
    assert kept("sync").status == 0
    assert "1 starred, 1 on the remote, 1 verified" in kept("verify").out
    (kept.album / CAT).unlink()
    assert "1 original restored" in kept("restore", "--starred", "--to", tmp_path / "new").out
