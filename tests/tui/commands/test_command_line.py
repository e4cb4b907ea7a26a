"""The command line keeps its word to scripts: keys, exit statuses, one sentence for each failure."""

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catalog.reader import CatalogReader
from tests.conftest import draw_hostile, draw_photo, permissions_that_count, wait_until
from tests.tui.commands.conftest import (
    BACKUP,
    CONFLICTS,
    LIST,
    NOWHERE,
    PROGRAM,
    SCAN,
    STATUS,
    SYNC,
    Device,
    Ran,
    program,
)
from tests.tui.words.test_shown import hidden_in
from tui.main import main

# ---- keys


def test_a_scan_tells_what_it_found(device: Callable[[str], Device]) -> None:
    desk = device("desk")
    first = desk("scan", desk.album, "--json")
    assert first.status == 0
    assert first.json.keys() >= SCAN
    assert {key: first.json[key] for key in SCAN - {"bytes_read", "seconds"}} == {
        "files": 14, "photos": 13, "new": 13, "changed": 14, "unchanged": 0, "missing": 0, "failed": 0,
    }  # fmt: skip
    (problem,) = first.json["problems"]
    assert problem[0].endswith("/damaged/broken.jpg")
    (desk.album / "2024/Home/cat.jpg").unlink()
    again = desk("scan", desk.album, "--json").json
    assert (again["unchanged"], again["missing"], again["changed"], again["bytes_read"]) == (13, 1, 0, 0)


def test_one_of_a_kind_is_told_as_one(device: Callable[[str], Device]) -> None:
    desk = device("desk")
    folder = desk.album / "2024/Home"
    (folder / "notes.txt").touch()
    told = desk("scan", folder).out
    assert told.startswith("3 files, 3 photos, 3 new to the catalog. ")
    assert "0 damaged but kept, 1 other file left alone." in told
    cat = folder / "cat.jpg"
    for path in set(folder.iterdir()) - {cat}:
        path.unlink()
    assert desk("scan", folder).out.startswith("1 file, 1 photo, 0 new to the catalog. ")
    assert desk("star", cat).out == "1 starred.\n"
    assert desk("star", cat).out == "0 starred, 1 was already.\n"
    cat.unlink()
    assert "is empty, but 1 photo was there" in desk("scan", folder).err


def test_a_sync_tells_what_it_did(remote: str, desk: Device) -> None:
    first = desk("sync", "--json")
    assert (first.status, first.err) == (0, "")
    assert first.json.keys() == SYNC
    assert (first.json["outcome"], first.json["pushed_rows"], first.json["seq"]) == ("committed", 13, 1)
    assert first.json["requests"]["PUT"] > 0
    again = desk("sync", "--json").json
    assert (again["outcome"], again["requests"], again["bytes_up"]) == ("up-to-date", {"GET": 1}, 0)


def test_a_status_tells_the_state(remote: str, desk: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    def state() -> dict[str, Any]:
        ran = desk("status", "--json")
        assert (ran.status, ran.err) == (0, "")
        assert ran.json.keys() == STATUS
        assert ran.json["backup"].keys() == BACKUP
        return ran.json

    assert (state()["state"], state()["photos"], state()["files"]) == ("pending", 13, 14)
    desk("sync")
    assert (state()["state"], state()["pending"], state()["remote"]) == ("synced", 0, remote)
    assert isinstance(state()["last_success"], int)
    desk("star", desk.album / "2024/Home/cat.jpg")
    assert (state()["state"], state()["pending"], state()["starred"]) == ("pending", 1, 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    desk("sync")
    assert state()["state"] == "offline"
    assert "127.0.0.1:9" in state()["last_error"]
    monkeypatch.delenv("PHOTOLALA_REMOTE")
    assert (state()["state"], state()["remote"]) == ("not configured", None)


def test_a_list_tells_one_photo_a_line(desk: Device) -> None:
    ran = desk("list", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert len(ran.rows) == 13
    assert all(row.keys() == LIST for row in ran.rows)
    assert [row["md5"] for row in ran.rows] == sorted(row["md5"] for row in ran.rows)


def test_conflicts_are_told_one_a_line_and_can_be_decided(conflict: tuple[Device, Device, Ran]) -> None:
    desk, attic, synced = conflict
    assert synced.status == 3
    assert (synced.json["new_conflicts"], synced.json["open_conflicts"]) == (1, 1)
    assert attic("status", "--json").json["state"] == "conflicts"
    (row,) = attic("conflicts", "list", "--json").rows
    assert row.keys() == CONFLICTS
    assert {key: row[key] for key in CONFLICTS - {"id", "md5", "seq"}} == {
        "filename": "from the desk.jpg", "field": "filename", "base": "cat.jpg", "mine": "from the attic.jpg",
        "theirs": "from the desk.jpg", "winner": "theirs", "mine_device": "attic", "theirs_device": "desk",
    }  # fmt: skip
    assert attic("sync").status == 0, "an old conflict is not a new one"
    assert attic("conflicts", "use-mine", row["id"]).status == 0
    assert attic("conflicts", "--json").rows == []
    assert attic("sync").status == 0
    assert desk("sync").status == 0
    for each in (desk, attic):
        names = {found["md5"]: found["filename"] for found in each("list", "--json").rows}
        assert names[row["md5"]] == "from the attic.jpg"


def test_a_dismissed_conflict_stays_as_it_was_decided(conflict: tuple[Device, Device, Ran]) -> None:
    _, attic, _ = conflict
    (row,) = attic("conflicts", "--json").rows
    assert "from the desk.jpg" in attic("conflicts").out
    assert attic("conflicts", "dismiss", row["id"], "--json").json["id"] == row["id"]
    assert attic("conflicts").out == "No open conflicts.\n"
    assert attic("status", "--json").json["state"] == "synced"
    assert "number" in attic("conflicts", "dismiss", row["id"]).told


# ---- what is listed


def test_a_list_can_be_of_a_folder_of_stars_of_duplicates(desk: Device) -> None:
    home = desk.album / "2024" / "Home"
    assert len(desk("list", desk.album / "2024", "--json").rows) == 8
    assert desk("list", "--starred", "--json").rows == []
    desk("star", home / "cat.jpg")
    (starred,) = desk("list", desk.album, "--starred", "--json").rows
    assert (starred["filename"], starred["starred"]) == ("cat.jpg", True)
    assert desk("list", desk.album / "2023 Dolomites", "--starred", "--json").rows == []
    (twice,) = desk("list", "--duplicates", "--json").rows
    assert twice["paths"] == [
        str(desk.album / "2023 Dolomites" / "IMG_0001.jpg"), str(home / "copy of IMG_0001.jpg")
    ]  # fmt: skip
    assert "★" in desk("list").out


def test_the_real_photos_are_all_listed(device: Callable[[str], Device], photos: Path) -> None:
    desk = device("desk")
    scan = desk("scan", photos, "--json").json
    rows = desk("list", photos, "--json").rows
    files = {str(path) for path in photos.rglob("*") if path.is_file() and path.name != "README.md"}
    assert len(files) == 93
    named = {path for row in rows for path in row["paths"]}
    assert files - named <= {path for path, _ in scan["problems"]}
    assert scan["files"] == 93
    for row in rows:
        if "/damaged/" in row["paths"][0] and row["md5"] is None:
            assert row["error"]


def test_hostile_names_are_escaped_for_people_and_whole_for_scripts(
    device: Callable[[str], Device], tmp_path: Path
) -> None:
    desk = device("desk")
    folder = tmp_path / "hostile"
    names = draw_hostile(folder)
    (folder / "damaged \x1b]0;\n.jpg").write_bytes(b"damaged")
    for command in (("scan", folder), ("list", folder), ("list",), ("status",)):
        ran = desk(*command)
        assert (ran.status, ran.err) == (0, "")
        assert not any(hidden_in(line) for line in ran.out.split("\n"))
    ran = desk("list", folder, "--json")
    assert ran.out.isascii()
    assert {path for row in ran.rows for path in row["paths"]} > {
        f"{folder}/{name.decode('utf-8', 'backslashreplace')}" for name in names
    }


# ---- stars


@pytest.mark.parametrize("way", ["path", "relative path", "md5", "MD5"])
def test_a_photo_is_starred_by_its_path_or_its_md5(
    desk: Device, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.album / "2024" / "Home" / "cat.jpg"
    md5 = desk.md5(path)
    monkeypatch.chdir(desk.album / "2024")
    named = {"path": path, "relative path": "Home/../Home/cat.jpg", "md5": md5, "MD5": md5.upper()}[way]
    assert desk("star", named, "--json").json == {"changed": [md5], "unchanged": []}
    assert desk.stars == {md5}
    assert desk("star", named, "--json").json == {"changed": [], "unchanged": [md5]}
    assert desk("unstar", named).out == "1 unstarred.\n"
    assert desk.stars == set()


def test_a_photo_that_no_scan_has_seen_can_be_starred(device: Callable[[str], Device]) -> None:
    desk = device("desk")
    assert desk("star", desk.album / "2024/Home/cat.jpg").out == "1 starred.\n"
    assert len(desk.stars) == 1


@pytest.mark.parametrize(
    "wrong", ["/not/there.jpg", "relative.jpg", "0" * 32, "album", "\x1b]0;x\x07\n", "[/b]", ""]
)
def test_one_wrong_name_and_nothing_is_starred(
    desk: Device, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "desk")
    ran = desk("star", desk.album / "2024/Home/cat.jpg", wrong)
    assert ran.status == 1
    assert ran.told
    assert desk.stars == set()


# ---- exit statuses


@pytest.mark.parametrize(
    "arguments",
    [("scan",), ("list", "--wrong"), ("star",), ("conflicts", "eat", "1"), ("conflicts", "use-mine"),
     ("conflicts", "dismiss", "x"), ("scna", "x", "y"), ("--wrong",), ("sync", "now")],
)  # fmt: skip
def test_wrong_usage_ends_with_2(desk: Device, arguments: tuple[str, ...]) -> None:
    ran = desk(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert "photolala" in ran.err


def test_help_and_version_end_with_0(desk: Device) -> None:
    ran = desk("--help")
    assert ran.status == 0
    for word in ("scan", "star", "sync", "conflicts", "demo", "PHOTOLALA_REMOTE", "exit status"):
        assert word in ran.out
    assert desk("--version").out.startswith("photolala ")


def test_a_sync_without_a_remote_ends_with_2_and_says_how_to_set_one(desk: Device) -> None:
    ran = desk("sync", "--json")
    assert ran.status == 2
    assert "PHOTOLALA_REMOTE" in ran.told


def test_a_remote_out_of_reach_ends_with_4_and_everything_stays_queued(
    remote: str, desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    desk("star", desk.album / "2024/Home/cat.jpg")
    ran = desk("sync", "--json")
    assert ran.status == 4
    assert ran.json.keys() == SYNC
    assert ran.json["outcome"] == "offline"
    assert "queued" in ran.json["error"]
    assert "127.0.0.1:9" in desk("sync").told
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    assert desk("sync", "--json").json["pushed_rows"] == 13


def test_a_remote_that_refuses_ends_with_1(
    remote: str, desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://not-a-bucket/library")
    ran = desk("sync")
    assert ran.status == 1
    assert "no bucket not-a-bucket" in ran.told


@pytest.mark.parametrize("remote_address", ["s3://BAD_bucket name!/x", "s3://x"])
def test_a_bucket_that_cannot_be_is_told_in_one_sentence(
    remote: str, desk: Device, remote_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", remote_address)
    ran = desk("sync")
    assert ran.status in (1, 2)
    assert ran.told


def test_missing_credentials_are_told_in_one_sentence(
    remote: str, desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "AWS_PROFILE" in desk("sync").told
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    ran = desk("sync")
    assert (ran.status, "nobody" in ran.told) == (1, True)


def test_no_file_ever_holds_the_secret(remote: str, desk: Device, tmp_path: Path) -> None:
    assert desk("sync").status == 0
    secret = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for place in (tmp_path, Path.home()):
        for path in place.rglob("*"):
            assert path.is_dir() or secret not in path.read_bytes()


# ---- no traceback, whatever is wrong


def catalog_is_a_folder(device: Device) -> None:
    device.catalog.mkdir()


def catalog_is_garbage(device: Device) -> None:
    device.catalog.write_bytes(b"not a database, by far" * 100)


def catalog_is_of_another_program(device: Device) -> None:
    with closing(sqlite3.connect(device.catalog)) as connection:
        connection.execute("CREATE TABLE photo (x)")


def catalog_lies_below_a_file(device: Device) -> None:
    (device.album.parent / "file").touch()
    device.catalog = device.album.parent / "file" / "catalog.sqlite"


@pytest.mark.parametrize(
    "break_it",
    [catalog_is_a_folder, catalog_is_garbage, catalog_is_of_another_program, catalog_lies_below_a_file],
)
@pytest.mark.parametrize("command", ["scan", "list", "star", "status", "sync", "conflicts"])
def test_a_catalog_that_cannot_be_used_is_told(
    device: Callable[[str], Device],
    break_it: Callable[[Device], None],
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket")
    desk = device("desk")
    break_it(desk)
    arguments = {"scan": [desk.album], "star": [desk.album / "2024/Home/cat.jpg"]}
    ran = desk(command, *arguments.get(command, []), "--json")
    assert ran.status == 1
    assert str(desk.catalog) in ran.told


@pytest.mark.parametrize("command", ["scan", "list", "star", "status", "sync", "conflicts"])
def test_a_catalog_in_a_folder_that_cannot_be_written_is_told(
    device: Callable[[str], Device], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket")
    desk = device("desk")
    desk.album.parent.chmod(0o555)
    arguments = {"scan": [desk.album], "star": [desk.album / "2024/Home/cat.jpg"]}
    with permissions_that_count():
        ran = desk(command, *arguments.get(command, []))
    desk.album.parent.chmod(0o755)
    assert ran.status == 1
    assert "PHOTOLALA_CATALOG" in ran.told


def test_a_catalog_that_cannot_be_written_any_more_is_told(desk: Device) -> None:
    desk.catalog.chmod(0o444)
    desk.album.parent.chmod(0o555)
    with permissions_that_count():
        ran = desk("star", desk.album / "2024/Home/cat.jpg")
    desk.album.parent.chmod(0o755)
    assert ran.status == 1
    assert str(desk.catalog) in ran.told


@pytest.mark.parametrize("command", ["scan", "list", "star", "status", "sync"])
def test_broken_settings_end_with_2(desk: Device, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = desk.album.parent / "config.toml"
    config.write_text("remoet = 1")
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(config))
    ran = desk(command, *([desk.album] if command in ("scan", "star") else []))
    assert ran.status == 2
    assert "did you mean remote?" in ran.told


@pytest.mark.parametrize("where", ["not/there", "file", "\x1b]0;x\x07\nnot there"])
def test_a_folder_that_is_none_is_told(desk: Device, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.album.parent)
    Path("file").touch()
    ran = desk("scan", where)
    assert (ran.status, "Its photos stay" in ran.told) == (1, True)
    ran = desk(where)
    assert (ran.status, "is not a folder" in ran.told) == (2, True)


def test_an_empty_folder_where_photos_were_is_taken_as_unmounted(desk: Device) -> None:
    shutil.rmtree(desk.album)
    desk.album.mkdir()
    ran = desk("scan", desk.album)
    assert ran.status == 1
    assert "mounted" in ran.told
    assert desk("status", "--json").json["files"] == 14


# ---- as a program


def test_the_app_without_a_terminal_says_so(small_album: Path) -> None:
    ran = program(small_album)
    assert ran.status == 2
    assert "needs a terminal" in ran.told


def test_the_program_prints_json_and_nothing_else(small_album: Path) -> None:
    ran = program("scan", small_album, "--json")
    assert (ran.status, ran.err, ran.json["files"]) == (0, "", 14)
    assert ran.out.count("\n") == 1


def test_a_terminal_that_knows_no_unicode_gets_no_traceback(small_album: Path) -> None:
    draw_photo(small_album / "日本.jpg", 50)
    assert main(["star", str(small_album / "日本.jpg")]) == 0
    ran = program("list", PYTHONIOENCODING="latin-1")
    assert (ran.status, ran.err) == (0, "")
    assert r"\u65e5\u672c.jpg" in ran.out
    ran = program("list", "--json", PYTHONIOENCODING="ascii")
    assert [row["filename"] for row in ran.rows] == ["日本.jpg"]


@pytest.mark.parametrize(("command", "unbuffered"), [("list", ""), ("list", "1"), ("--help", "")])
def test_a_reader_that_goes_away_gets_no_traceback(small_album: Path, command: str, unbuffered: str) -> None:
    environment = dict(os.environ) | {"PYTHONUNBUFFERED": unbuffered}
    assert main(["star", str(small_album / "2024" / "Home" / "cat.jpg")]) == 0
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [*PROGRAM, command], stdout=nobody, stderr=subprocess.PIPE, env=environment, check=False
        )
    assert done.stderr == b""
    assert done.returncode == 1 or command == "--help"  # argparse itself lets this pass


def test_ctrl_c_ends_a_scan_at_once_with_a_sentence_and_what_was_read_is_kept(tmp_path: Path) -> None:
    album = tmp_path / "many"
    one = draw_photo(album / "0.jpg", 0).read_bytes()
    for number in range(1, 400):
        (album / f"{number}.jpg").write_bytes(one + b"%d" % number)
    for number in range(40):  # many minutes of reading
        with (album / f"large {number}.tif").open("wb") as large:
            large.truncate(1 << 34)
    catalog = tmp_path / "catalog.sqlite"
    environment = dict(os.environ) | {"PHOTOLALA_CATALOG": str(catalog)}
    with subprocess.Popen(
        [*PROGRAM, "scan", album], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as scan:
        try:
            wait_until(lambda: CatalogReader(catalog).summary(None).photos == 400)
            scan.send_signal(signal.SIGINT)
            out, err = scan.communicate(timeout=30)
        finally:
            scan.kill()
    assert (scan.returncode, out) == (130, b"")
    assert err.decode() == "photolala: stopped; what was done so far is saved.\n"
    assert CatalogReader(catalog).summary(None).photos == 400
