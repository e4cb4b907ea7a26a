"""`photolala config` shows what holds and why, and changes config.toml as a careful person would."""

import json
import re
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Ran
from tui.main import main

FILE = """\
# mine
remote = "s3://bucket/a"

[profiles.work]
sync.every_minutes = 60
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(path))
    return path


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> Ran:
        try:
            status = main(list(arguments))
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Ran(status, *capfd.readouterr())

    return run


def test_all_settings_are_listed_with_where_they_come_from(config, run, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_DEVICE_NAME", "desk")
    listed = run("config", "--profile", "work")
    assert listed.status == 0
    lines = {line.split()[0]: line.split()[1:] for line in listed.out.splitlines()[2:]}
    assert lines["remote"] == ["s3://bucket/a", "config.toml,", "line", "2"]
    assert lines["sync.every_minutes"] == ["60", "config.toml,", "line", "5", "(profile", "work)"]
    assert lines["device_name"] == ["desk", "PHOTOLALA_DEVICE_NAME"]
    assert lines["preview"] == ["auto", "default"]
    rows = {row["key"]: row for row in run("--profile=work", "config", "--json").rows}
    assert rows.keys() == lines.keys()
    assert (rows["sync.every_minutes"]["value"], rows["sync.every_minutes"]["origin"]) == (60, "profile")
    assert rows["catalog.path"]["value"].endswith("/catalog-work.sqlite")
    assert all(row["explanation"] and row["can_be"] for row in rows.values())


def test_a_setting_is_read_changed_and_taken_back(config, run) -> None:
    assert run("config", "set", "sync.every_minutes", "10") == Ran(0, "", "")
    assert run("config", "get", "sync.every_minutes") == Ran(0, "10\n", "")
    assert run("--profile", "work", "config", "set", "mouse", "off").status == 0
    assert run("config", "get", "mouse").out == "true\n"
    assert run("config", "get", "mouse", "--profile", "work").out == "false\n"
    run("config", "set", "catalog.csv_folders", "/a", "/b c")
    assert json.loads(run("config", "get", "catalog.csv_folders", "--json").out)["value"] == ["/a", "/b c"]
    assert run("config", "unset", "sync.every_minutes").status == 0
    assert run("config", "get", "sync.every_minutes").out == "5\n"
    assert config.read_text().startswith("# mine\n")


def test_a_file_that_is_named_and_not_there_yet_is_made(config, run) -> None:
    config.unlink()
    assert run("status").status == 2
    assert run("config", "set", "device_name", "attic").status == 0
    assert run("config", "get", "device_name").out == "attic\n"
    assert run("config", "path").out == f"{config}\n"


def test_a_file_that_must_be_mended_is_found(config, run) -> None:
    config.write_text("remote = 's3://")
    assert run("config").status == 2
    assert run("config", "path") == Ran(0, f"{config}\n", "")
    assert run("config", "path", "--json").json == {"path": str(config), "exists": True, "profile": None}


def test_a_file_that_an_editor_has_marked_as_utf_8_is_read_and_changed(config, run) -> None:
    config.write_text(FILE, "utf-8-sig")
    assert run("config", "get", "remote") == Ran(0, "s3://bucket/a\n", "")
    assert run("config", "set", "remote", "s3://bucket/b") == Ran(0, "", "")
    assert config.read_text("utf-8").startswith("# mine\n")


def test_what_the_environment_holds_down_is_told(config, run, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://other")
    ran = run("config", "set", "remote", "file:///mnt/nas")
    assert (ran.status, ran.out) == (0, "")
    assert "PHOTOLALA_REMOTE goes before the file" in ran.err
    assert "file:///mnt/nas" in config.read_text()
    assert run("config", "get", "remote").out == "s3://other\n"


def test_an_explanation_says_what_a_setting_can_be(config, run) -> None:
    out = run("config", "explain", "sync.every_minutes").out
    for words in ("how often", "0 (never) or from 1 to 10080", "Now: 5 (default)"):
        assert words in out
    assert "PHOTOLALA_REMOTE" in run("config", "explain", "remote").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "sync.every_minuts"), "did you mean sync.every_minutes?"),
        (("set", "previw", "off"), "did you mean preview?"),
        (("set", "preview", "iterm"), "it can be auto or halfblock or kitty or sixel or off"),
        (("set", "mouse", "maybe"), "mouse must be true or false"),
        (("set", "sync.every_minutes", "-5"), "0 (never) or from 1 to 10080"),
        (("set", "sync.every_minutes", "often"), "must be a number"),
        (("set", "theme", "nrod"), "did you mean nord?"),
        (("set", "keymap.strar", "x"), "did you mean star?"),
        (("set", "keymap.star", "u"), "u is both star and undo"),
        (("set", "remote", "s3://key:hunter2@bucket"), "holds credentials"),
        (("set", "mouse"), "`photolala config set mouse VALUE`; it can be true or false"),
        (("get", "mouse", "off"), "`photolala config get mouse`"),
        (("explain",), "needs a key"),
        (("--profile", "wrok"), "did you mean work?"),
    ],
)
def test_a_wrong_key_or_value_ends_with_2_and_the_way_out(config, run, arguments, told) -> None:
    ran = run("config", *arguments)
    assert ran.status == 2
    assert told in ran.told
    assert "hunter2" not in ran.told
    assert config.read_text() == FILE


def test_the_actions_that_can_have_other_keys_are_listed(config, run) -> None:
    assert run("config", "set", "keymap.star", "s, F5").status == 0
    assert re.search(r"^star +s, F5 +Star or unstar$", run("config", "keys").out, re.MULTILINE)
    rows = {row["id"]: row["keys"] for row in run("config", "keys", "--json").rows}
    assert (rows["star"], rows["help"]) == (["s", "F5"], ["?", "F1"])


@pytest.mark.parametrize("arguments", [("--profile", "work", "status"), ("status", "--profile", "work")])
def test_every_command_takes_a_profile_before_its_word_or_after(config, run, arguments, tmp_path) -> None:
    with config.open("a") as file:
        file.write(f'catalog.path = "{tmp_path}/work.sqlite"\nremote = "file:///mnt/work"\n')
    ran = run(*arguments, "--json")
    assert (ran.status, ran.json["remote"]) == (0, "file:///mnt/work")
    assert run("status", "--json").json["remote"] == "s3://bucket/a"
