"""What scripts rely on, command by command: the keys of `--json`, the exit status, and a help that tells them."""

import signal
from collections.abc import Callable

import pytest

from tests.tui.commands.conftest import BACKUP, CONFLICTS, LIST, NOWHERE, SCAN, STATUS, SYNC, Device, Ran
from tui.commands.parser import command_names
from tui.commands.usage import parser
from tui.main import main

HISTORY = {
    "restore-point": {"kind", "id", "made_at", "url", "seq", "reason", "photos"},
    "commit": {"kind", "seq", "commit_id", "written_at", "device", "photos"},
}
BACKED_UP = {
    "outcome", "queued", "uploaded", "already_there", "failed", "not_here", "problems", "requests", "bytes_up", "bytes_down",
    "seconds", "error",
}  # fmt: skip
TOLD = {"scan": SCAN, "list": LIST, "sync": SYNC, "status": STATUS | BACKUP, "conflicts": CONFLICTS}


def test_every_command_tells_scripts_what_it_has_promised(
    conflict: tuple[Device, Device, Ran],
) -> None:
    _, attic, synced = conflict

    def told(*arguments: object, status: int = 0) -> dict[str, object]:
        ran = attic(*arguments, "--json")
        assert (ran.status, ran.err) == (status, "")
        return ran.json

    assert (synced.status, synced.json.keys()) == (3, SYNC)
    folder = attic.album / "2023 Dolomites"
    photo = folder / "IMG_0003.jpg"
    assert told("scan", folder).keys() == SCAN
    assert told("scan", attic.album).keys() == SCAN  # what is damaged is known, and not read again
    assert all(row.keys() == LIST for row in attic("list", "--json").rows)
    for command in ("star", "unstar", "star"):
        assert told(command, photo).keys() == {"changed", "unchanged"}
    status = told("status")
    assert (status.keys(), status["backup"].keys()) == (STATUS, BACKUP)
    (row,) = attic("conflicts", "list", "--json").rows
    assert row.keys() == CONFLICTS
    assert told("conflicts", "use-mine", row["id"]) == {"id": row["id"], "done": "use-mine"}
    assert told("sync", "--dry-run").keys() == SYNC | {"dry_run", "here", "there", "stopped"}
    assert told("backup").keys() == BACKED_UP
    assert told("sync").keys() == SYNC
    assert {"outcome", "starred", "uploaded", "verified", "gaps"} <= told("verify").keys()
    assert {"outcome", "chosen", "restored", "problems"} <= told("restore", "--to", attic.album.parent).keys()
    for entry in attic("history", "--json").rows:
        assert entry.keys() == HISTORY[entry["kind"]]
    assert {"restored", "removed", "kept_changes"} <= told("rollback").keys()
    assert told("export", folder)["written"] is True
    assert told("import", folder)["read"] == 5


def test_the_rest_of_a_scan_is_told_only_if_there_is_any(device: Callable[[str], Device]) -> None:
    attic = device("attic")
    assert attic("scan", attic.album, "--json").json.keys() == SCAN | {"damaged", "problems"}


@pytest.mark.parametrize("command", ["sync", "backup", "verify", "restore"])
def test_what_needs_the_remote_ends_with_4_out_of_its_reach_and_with_2_without_one(
    remote: str,
    desk: Device,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk("star", desk.album / "2024/Home/cat.jpg")
    assert desk("backup").status == 0
    desk("star", desk.album / "2023 Dolomites/IMG_0001.jpg")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    ran = desk(command, *(["--starred", "--to", desk.album.parent] if command == "restore" else []), "--json")
    assert ran.status == 4
    assert command == "restore" or ran.json["outcome"] == "offline"
    monkeypatch.delenv("PHOTOLALA_REMOTE")
    assert desk(command, "--json").status == 2


def test_a_sync_is_silent_in_cron_when_all_is_well(remote: str, desk: Device) -> None:
    assert desk("sync") == Ran(0, "", "")
    assert desk("sync") == Ran(0, "", "")
    assert desk("sync", "--verbose").out == "Nothing to do: here and there are the same.\n"


def test_a_new_conflict_is_told_to_cron_as_well(
    remote: str,
    device: Callable[[str], Device],
) -> None:
    one, other = device("desk"), device("attic")
    for each in (one, other):
        each("scan", each.album)
        assert each("sync").status == 0
    one.rename("2024/Home/cat.jpg", "from the desk.jpg")
    other.rename("2024/Home/cat.jpg", "from the attic.jpg")
    assert one("sync").status == 0
    ran = other("sync")
    assert (ran.status, ran.err) == (3, "")
    assert "1 new conflict" in ran.out
    assert other("sync", "--quiet") == Ran(0, "", ""), "an old one is no news"


def test_quiet_silences_what_a_command_says_of_itself_and_not_what_it_was_asked(desk: Device) -> None:
    photo = desk.album / "2024/Home/cat.jpg"
    assert desk("scan", desk.album, "--quiet") == Ran(0, "", "")
    assert desk("--quiet", "star", photo) == Ran(0, "", "")
    assert "cat.jpg" in desk("-q", "list", "--starred").out
    assert desk("star", "-q", photo, "--json").json["unchanged"]
    assert desk("star", "-q", "not there").told


@pytest.mark.parametrize("name", command_names(parser()))
def test_each_help_has_examples_and_names_the_keys(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main([name, "--help"])
    told = capsys.readouterr().out
    usage, _, examples = told.partition("\nexamples:\n")
    assert usage.startswith(f"usage: photolala {name} [-h]")
    assert f"  photolala {name}" in examples
    assert all(key in examples for key in TOLD.get(name, ()))
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    ("typed", "near"),
    [(["stauts"], "status"), (["scna", "x", "--json"], "scan"), (["--debug", "synk"], "sync")],
)
def test_an_unknown_command_gets_the_nearest_one(
    typed: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(typed)
    assert f"Did you mean `photolala {near}`?" in capsys.readouterr().err


def test_a_traceback_is_for_those_who_ask(desk: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.store.SqlCatalog.stats", lambda _: {}["gone"])
    ran = desk("status")
    assert (ran.status, ran.told) == (1, "photolala: KeyError: 'gone'\n")
    for typed in (["--debug", "status"], ["status", "--debug"]):
        ran = desk(*typed)
        assert ran.err.startswith("Traceback ")
        assert ran.err.endswith("\nphotolala: KeyError: 'gone'\n")


def test_a_command_leaves_ctrl_c_as_it_was(desk: Device) -> None:
    before = signal.getsignal(signal.SIGINT)
    desk("status")
    assert signal.getsignal(signal.SIGINT) is before
