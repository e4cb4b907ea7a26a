"""`history`, `rollback`, and a sync that stops, tells or goes on: what they print, and their exit statuses."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import draw_photo
from tests.tui.commands.conftest import SYNC, Device, program

POINT = {"kind", "id", "made_at", "url", "seq", "reason", "photos"}
COMMIT = {"kind", "seq", "commit_id", "written_at", "device", "photos"}
TALLY = {"added", "deleted", "starred", "unstarred", "changed", "rows"}


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is named to all devices as their remote."""
    folder = tmp_path / "nas" / "library"
    folder.parent.mkdir()
    monkeypatch.setenv("PHOTOLALA_REMOTE", folder.as_uri())
    return folder


@pytest.fixture
def two(remote: Path, device: Callable[[str], Device]) -> tuple[Device, Device]:
    """Two devices with the same photos; what the second one has starred is known to both."""
    desk, attic = device("desk"), device("attic")
    for each in (desk, attic):
        assert each("scan", each.album).status == 0
        assert each("sync").status == 0
    assert attic("star", attic.album / "2024/Home/cat.jpg").status == 0
    assert attic("sync").status == 0
    assert desk("sync").status == 0
    return desk, attic


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def of_kind(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] == kind]


def test_history_tells_restore_points_here_and_commits_there(
    two: tuple[Device, Device], remote: Path
) -> None:
    desk, _ = two
    ran = desk("history", "--json")
    assert (ran.status, ran.err) == (0, "")
    (point,) = of_kind("restore-point", ran.rows)
    newest, first = of_kind("commit", ran.rows)
    assert (point.keys(), newest.keys()) == (POINT, COMMIT)
    assert (point["seq"], point["reason"], point["photos"]) == (2, "commit 2 by attic", 1)
    assert point["url"] == remote.as_uri()
    assert (newest["seq"], newest["device"], newest["photos"]) == (2, "attic", 13)
    assert (first["seq"], first["device"]) == (1, "desk")
    assert len(desk("history", "--json", "--limit", 1).rows) == 2
    told = desk("history").out.splitlines()
    assert told[0] == "Restore points on this device:"
    assert told[1].endswith("before commit 2 by attic: 1 photo")
    assert told[2] == f"Commits on {remote.as_uri()}:"
    assert [line.split("  ")[-1] for line in told[3:]] == ["by attic: 13 photos", "by desk: 13 photos"]


def test_history_without_its_remote_tells_what_is_here(
    two: tuple[Device, Device], remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = two
    shutil.move(remote.parent, remote.parent.with_name("unmounted"))
    ran = desk("history", "--json")
    assert (ran.status, [row["kind"] for row in ran.rows]) == (0, ["restore-point"])
    assert "is the disk mounted? Its commits are not shown." in ran.err
    assert ran.err.count("\n") == 1
    monkeypatch.delenv("PHOTOLALA_REMOTE")
    assert desk("history").err == ""


def test_history_of_a_damaged_remote_ends_with_1(two: tuple[Device, Device], remote: Path) -> None:
    (remote / "catalog_manifest.json").write_text("{}")
    ran = two[0]("history")
    assert ran.status == 1
    assert "The manifest is damaged" in ran.err


def test_a_new_device_has_no_history(device: Callable[[str], Device]) -> None:
    assert device("desk")("history").out == "Restore points on this device: none yet.\n"


def test_a_rollback_needs_no_remote_and_is_sent_later(two: tuple[Device, Device], remote: Path) -> None:
    desk, attic = two
    away = shutil.move(remote.parent, remote.parent.with_name("unmounted"))
    ran = desk("rollback", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.json == {
        "to": 1, "restored": 1, "removed": 0, "kept_here": 0, "kept_changes": 0, "point": 2
    }  # fmt: skip
    assert desk.stars == set()
    assert desk("sync").status == 4
    shutil.move(away, remote.parent)
    assert desk("sync").status == 0
    assert attic("sync").status == 0
    assert attic.stars == set()


def test_a_rollback_says_what_it_did_and_how_to_undo_it(two: tuple[Device, Device]) -> None:
    desk, _ = two
    assert desk("rollback").out == (
        "1 photo put back.\nThe next sync sends it; `photolala rollback --to 2` undoes it.\n"
    )
    assert desk("rollback", "--to", 2).status == 0
    assert len(desk.stars) == 1
    assert desk("rollback", "--to", 1).status == 0
    assert desk("rollback", "--to", 1).out == "0 photos put back.\n"


def test_photos_that_came_later_stay_where_their_files_are(two: tuple[Device, Device]) -> None:
    desk, attic = two
    for number in (60, 61):
        draw_photo(attic.album / f"{number}.jpg", number)
    attic("scan", attic.album)
    attic("sync")
    desk("sync")
    draw_photo(desk.album / "60.jpg", 60)
    desk("scan", desk.album)
    assert desk("rollback").out.startswith(
        "0 photos put back, 1 that came later taken out, "
        "1 that came later kept, since a file of it lies on this device.\n"
    )


@pytest.mark.parametrize(("arguments", "status"), [(("--to", 99), 1), (("--to", "x"), 2)])
def test_a_rollback_to_nowhere_is_told(
    two: tuple[Device, Device], arguments: tuple[object, ...], status: int
) -> None:
    ran = two[0]("rollback", *arguments)
    assert ran.status == status
    assert status == 2 or "`photolala history` lists them" in ran.told


def test_a_rollback_before_any_sync_is_told(device: Callable[[str], Device]) -> None:
    assert "no restore point yet" in device("desk")("rollback").told


# ---- sync


def test_a_dry_run_tells_and_changes_nothing(two: tuple[Device, Device], remote: Path) -> None:
    desk, attic = two
    attic("unstar", attic.album / "2024/Home/cat.jpg")
    draw_photo(attic.album / "new.jpg", 70)
    attic("star", attic.album / "new.jpg")
    attic("sync")
    desk("star", desk.album / "2023 Dolomites/IMG_0002.jpg")
    before, stars = files(remote), desk.stars
    ran = desk("sync", "--dry-run")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "Here: +1 star, -1 star, +1 photo.\nThere: +1 star.\n"
    ran = desk("sync", "--dry-run", "--json")
    assert ran.status == 0
    assert ran.json.keys() == SYNC | {"dry_run", "here", "there", "stopped"}
    assert ran.json["here"].keys() == ran.json["there"].keys() == TALLY
    assert (ran.json["outcome"], ran.json["dry_run"], ran.json["stopped"]) == ("committed", True, None)
    assert (ran.json["pulled_rows"], ran.json["pushed_rows"]) == (2, 1)
    assert (files(remote), desk.stars) == (before, stars)
    assert desk("sync", "--json").json.keys() == SYNC
    assert desk("sync", "--dry-run").out == "Here: nothing to do.\nThere: nothing to do.\n"


def test_a_conflict_is_foretold_and_not_yet_one(two: tuple[Device, Device]) -> None:
    desk, attic = two
    for each in two:
        each.rename("2024/Home/cat.jpg", f"from the {each.name}.jpg")
    attic("sync")
    ran = desk("sync", "--dry-run")
    assert (ran.status, ran.out) == (0, "Here: 1 changed, 1 conflict.\nThere: nothing to do.\n")
    assert desk("conflicts").out == "No open conflicts.\n"
    assert desk("sync").status == 3


def test_a_dry_run_out_of_reach_ends_with_4(two: tuple[Device, Device], remote: Path) -> None:
    shutil.move(remote.parent, remote.parent.with_name("unmounted"))
    ran = two[0]("sync", "--dry-run")
    assert (ran.status, "is the disk mounted?" in ran.told) == (4, True)


def test_a_sync_that_would_take_much_away_asks_first(remote: Path, device: Callable[[str], Device]) -> None:
    desk, attic = device("desk"), device("attic")
    for each in (desk, attic):
        for number in range(30):
            draw_photo(each.album / "many" / f"{number}.jpg", 100 + number)
        each("scan", each.album / "many")
    many = [desk.album / "many" / name for name in os.listdir(desk.album / "many")]  # noqa: PTH208
    desk("star", *many)
    desk("sync")
    attic("sync")
    desk("unstar", *many[:25])
    ran = desk("sync")
    assert (ran.status, "25 of 30 stars on file:///" in ran.told) == (1, True)
    ran = desk("sync", "--json")
    assert (ran.status, ran.json["outcome"], ran.json["reason"]) == (1, "refused", "removals")
    ran = desk("sync", "--dry-run")
    assert (ran.status, ran.err) == (0, "")
    assert "There: -25 stars.\nA sync would take away 25 of 30 stars on file:///" in ran.out
    assert desk("sync", "--accept-removals").status == 0
    assert "25 of 30 stars here" in attic("sync").told
    assert len(attic.stars) == 30
    assert attic("sync", "--accept-removals").status == 0
    assert len(attic.stars) == 5
    assert attic("rollback").status == 0
    assert attic("sync").status == 0
    assert desk("sync").status == 0
    assert len(desk.stars) == 30


def test_the_program_knows_them(small_album: Path) -> None:
    ran = program("history")
    assert (ran.status, ran.err) == (0, "")
    assert "restore-point" in program("history", "--help").out
    assert "--accept-removals" in program("sync", "--help").out
