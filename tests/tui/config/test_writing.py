"""A changed setting changes its own line of config.toml and nothing else, and is there whole or not at all."""

from pathlib import Path
from typing import Any

import pytest

from tui.config import SettingsError
from tui.config.found import Found, find
from tui.config.settings import settings_from
from tui.config.writing import write_settings

FILE = """\
# my settings, of May
remote = "s3://bucket/a"  # the one in Lisbon

# how often
[sync]
every_minutes = 30 # minutes

automatic = false

[profiles.work] # at work
remote = "file:///mnt/work"
"""


def found_in(path: Path, profile: str | None = None) -> Found:
    return find({"PHOTOLALA_CONFIG": str(path)}, profile)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


def changed(path: Path, changes: dict[str, Any], profile: str | None = None) -> list[tuple[str, str]]:
    """Change settings; returns the lines that went and came."""
    before = path.read_text().splitlines()
    write_settings(found_in(path, profile), changes)
    after = path.read_text().splitlines()
    gone = [("-", line) for line in before if line not in after]
    return gone + [("+", line) for line in after if line not in before]


def test_only_the_line_of_the_setting_changes(config: Path) -> None:
    assert changed(config, {"sync.every_minutes": 5}) == [
        ("-", "every_minutes = 30 # minutes"),
        ("+", "every_minutes = 5 # minutes"),
    ]
    assert settings_from(found_in(config)).every_minutes == 5


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (FILE, FILE.replace("Lisbon\n", 'Lisbon\npreview = "off"\n')),
        ("", 'preview = "off"\n'),
        ("# mine\n", '# mine\n\npreview = "off"\n'),
        ("# mine\n\n[sync]\n", '# mine\n\npreview = "off"\n\n[sync]\n'),
        ("# of the sync\n[sync]\n", 'preview = "off"\n\n# of the sync\n[sync]\n'),
        ('catalog = """\\\n [x]"""', 'catalog = """\\\n [x]"""\npreview = "off"\n'),
    ],
)
def test_a_new_key_takes_no_remark_from_a_table(config: Path, text: str, after: str) -> None:
    config.write_text(text)
    write_settings(found_in(config), {"preview": "off"})
    assert config.read_text().replace("\n\n\n", "\n\n") == after
    assert settings_from(found_in(config)).preview == "off"


def test_new_tables_profiles_and_removals_leave_the_rest_as_it_is(config: Path) -> None:
    assert changed(config, {"log.level": "debug"}) == [("+", "[log]"), ("+", 'level = "debug"')]
    assert changed(config, {"theme": "nord"}, "work") == [("+", 'theme = "nord"')]
    assert settings_from(found_in(config)).theme == "textual-dark"
    assert settings_from(found_in(config, "work")).theme == "nord"
    assert changed(config, {"sync.automatic": None}) == [("-", "automatic = false")]
    assert changed(config, {"backup.sse": None}) == []


def test_the_short_form_of_the_catalog_is_kept(config: Path) -> None:
    config.write_text('catalog = "/a" # mine\n')
    assert changed(config, {"catalog.path": "/b"}) == [
        ("-", 'catalog = "/a" # mine'),
        ("+", 'catalog = "/b" # mine'),
    ]
    with pytest.raises(SettingsError, match=r"under \[catalog\] first"):
        write_settings(found_in(config), {"catalog.service": "sql"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sync.every": 5}, "did you mean sync.every_minutes?"),
        ({"sync.every_minutes": -5}, "from 1 to 10080"),
        ({"remote": "s3://key:hunter2@bucket"}, "holds credentials"),
        ({"aws_secret_access_key": "hunter2"}, "there is no setting"),
        ({"mouse": False, "backup.kms_key": "x"}, 'needs backup.sse = "aws:kms"'),
    ],
)
def test_what_cannot_be_is_never_written(config: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        write_settings(found_in(config), changes)
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert config.read_text() == FILE


def test_a_file_that_was_changed_meanwhile_is_left_alone(config: Path) -> None:
    found = found_in(config)
    config.write_text("mouse = false\n")
    with pytest.raises(SettingsError, match="was changed meanwhile"):
        write_settings(found, {"motion": False})
    assert config.read_text() == "mouse = false\n"
    assert list(config.parent.iterdir()) == [config]


def test_mode_and_link_are_kept(config: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "photolala.toml"
    real.parent.mkdir()
    config.rename(real)
    real.chmod(0o640)
    config.symlink_to(real)
    write_settings(found_in(config), {"motion": False})
    assert config.is_symlink()
    assert "motion = false" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_first_setting_makes_file_and_folder() -> None:
    found = find({})
    assert not found.path.exists()
    write_settings(found, {"remote": "file:///mnt/nas"})
    assert settings_from(find({})).remote == "file:///mnt/nas"
    assert found.path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = Found(tmp_path / "file" / "config.toml")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_settings(found, {"mouse": False})
