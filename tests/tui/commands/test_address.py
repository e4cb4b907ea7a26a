"""An address at which nothing is, or another catalog: who has a remote already is asked whether it is right."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.lock import sync_lock
from tests.tui.commands.conftest import Device

CAT = "2024/Home/cat.jpg"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the remotes are folders; the right one is `photos`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / "photos").as_uri())
    return disk


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def kept(disk: Path, desk: Device) -> Device:
    """A device that has synced and backed up."""
    assert desk("star", desk.album / CAT).status == 0
    assert desk("backup").status == 0
    return desk


def test_nothing_is_sent_to_an_address_that_is_mistyped(disk, kept: Device, monkeypatch) -> None:
    right = os.environ["PHOTOLALA_REMOTE"]
    monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / "fotos").as_uri())
    for command in ("sync", "backup"):
        ran = kept(command)
        assert (ran.status, f"{disk}/fotos holds no catalog" in ran.told) == (1, True)
        assert f"has synced with {right}: is the address right?" in ran.err
        assert "`photolala sync --accept-address`" in ran.err
    for command in ("sync", "sync --dry-run"):
        ran = kept(*command.split(), "--json")
        assert (ran.status, ran.json["outcome"], ran.json["reason"]) == (1, "refused", "address")
    assert kept("backup", "--json").json["outcome"] == "failed"
    for command in ("verify", "restore", "prune", "sync --quiet"):
        assert "is the address right?" in kept(*command.split()).err
    assert kept("status", "--json").json["state"] == "error"
    assert names_in(disk) == ["photos"]

    monkeypatch.setenv("PHOTOLALA_REMOTE", right)
    ran = kept("sync")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    status = kept("status", "--json").json
    assert (status["state"], status["backup"]["uploaded"], status["pending"]) == ("synced", 1, 0)


def test_who_means_the_address_says_so_once(disk, kept: Device, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / "new").as_uri())
    ran = kept("sync", "--dry-run", "--accept-address")
    assert (ran.status, names_in(disk)) == (0, ["photos"])
    assert "There: +1 star, +13 photos." in ran.out
    assert kept("sync", "--accept-address").status == 0
    for command in ("sync", "backup", "verify"):
        ran = kept(command)
        assert (ran.status, ran.err) == (0, "")
    assert len(list((disk / "new").glob("photos/*/*"))) == 1
    for remote in ("photos", "new"):  # who goes to and fro is known at both
        monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / remote).as_uri())
        ran = kept("sync")
        assert (ran.status, ran.err) == (0, "")


def test_who_has_no_remote_yet_is_asked_nothing(tmp_path, desk: Device, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "nowhere" / "photos").as_uri())
    assert desk("sync").status == 4
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "photos").as_uri())
    ran = desk("sync")
    assert (ran.status, ran.err) == (0, "")


def test_two_catalogs_are_made_one_only_if_that_is_meant(
    disk, kept: Device, device: Callable[[str], Device], monkeypatch
) -> None:
    attic = device("attic")
    other = (disk / "others").as_uri()
    monkeypatch.setenv("PHOTOLALA_REMOTE", other)
    assert attic("scan", attic.album / "2024/Home").status == 0
    assert attic("sync").status == 0
    ran = kept("sync")
    assert (ran.status, f"{other} holds another catalog than file:///" in ran.told) == (1, True)
    assert len(kept("list", "--json").rows) == 13
    assert attic("sync", "--json").json["outcome"] == "up-to-date"
    assert kept("sync", "--accept-address").status == 0
    assert kept("sync").status == 0
    assert attic("sync", "--json").json["pulled_rows"] > 0
    assert attic.stars == kept.stars != set()


def test_a_remote_that_has_moved_is_the_same_catalog(disk, kept: Device, monkeypatch) -> None:
    shutil.copytree(disk / "photos", disk / "moved")
    monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / "moved").as_uri())
    ran = kept("sync")
    assert (ran.status, ran.err) == (0, "")


def test_a_backup_beside_a_sync_goes_only_where_the_catalog_is(disk, kept: Device, monkeypatch) -> None:
    assert kept("star", kept.album / "2024/05 Lisbon/IMG_0006.jpg").status == 0
    right = os.environ["PHOTOLALA_REMOTE"]
    with sync_lock(kept.catalog):
        monkeypatch.setenv("PHOTOLALA_REMOTE", (disk / "fotos").as_uri())
        assert kept("backup").status == 1
        assert names_in(disk) == ["photos"]
        monkeypatch.setenv("PHOTOLALA_REMOTE", right)
        assert kept("backup", "--json").json["uploaded"] == 1
