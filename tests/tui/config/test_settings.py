"""Settings come from the environment before the file, and what is wrong with them is told with a way out."""

import textwrap
from pathlib import Path

import pytest
from platformdirs import user_config_path, user_data_path

from tui.config import SettingsError
from tui.config.found import find
from tui.config.settings import Settings, load_settings, settings_from
from tui.config.table import SETTINGS, setting_of

FILE = """
catalog = "/from/file.sqlite"
remote = "s3://file/prefix"
device_name = "file"

[sync]
star_policy = "keep"
single_writer = true
automatic = false
every_minutes = 30
requests_per_second = 2.5
"""
FROM_FILE = {
    "star_policy": "keep", "single_writer": True, "automatic": False, "every_minutes": 30, "requests_per_second": 2.5,
}  # fmt: skip


def settings_of(tmp_path: Path, toml: str, **environment: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(toml, "utf-8")
    return load_settings({"PHOTOLALA_CONFIG": str(path), **environment})


def refusal_of(tmp_path: Path, toml: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, toml, **environment)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_file_is_read(tmp_path: Path) -> None:
    assert settings_of(tmp_path, FILE) == Settings(
        Path("/from/file.sqlite"), "s3://file/prefix", "file", **FROM_FILE
    )


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    environment = {
        "PHOTOLALA_CATALOG": "/from/environment.sqlite",
        "PHOTOLALA_REMOTE": "s3://environment",
        "PHOTOLALA_DEVICE_NAME": "environment",
    }
    assert settings_of(tmp_path, FILE, **environment) == Settings(
        Path("/from/environment.sqlite"),
        "s3://environment",
        "environment",
        **FROM_FILE,
    )


def test_an_empty_remote_in_the_environment_turns_syncing_off(tmp_path: Path) -> None:
    assert settings_of(tmp_path, FILE, PHOTOLALA_REMOTE="").remote is None


def test_without_any_settings_there_are_defaults() -> None:
    settings = load_settings()
    assert settings.catalog == user_data_path("photolala", appauthor=False) / "catalog.sqlite"
    assert settings.catalog.is_relative_to(Path.home())
    assert (settings.remote, settings.star_policy, settings.single_writer) == (None, "merge", False)
    assert (settings.automatic, settings.every_minutes, settings.requests_per_second) == (True, 5, 20)
    assert settings.device_name


@pytest.mark.parametrize("minutes", [0, 1, 1.5, 10080])
def test_the_timer_may_be_turned_off_or_set(tmp_path: Path, minutes: float) -> None:
    assert settings_of(tmp_path, f"[sync]\nevery_minutes = {minutes}").every_minutes == minutes


def test_the_file_lies_where_the_platform_keeps_settings() -> None:
    path = user_config_path("photolala", appauthor=False) / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('device_name = "here"')
    assert load_settings().device_name == "here"


def test_a_catalog_may_be_named_by_home_or_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_of(tmp_path, "catalog = '~/c.sqlite'").catalog == Path.home() / "c.sqlite"
    assert settings_of(tmp_path, "", PHOTOLALA_CATALOG="c.sqlite").catalog == tmp_path / "c.sqlite"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("s3://bucket", "s3://bucket"), ("s3://bucket/", "s3://bucket"), (" s3://b/a/c/ ", "s3://b/a/c"),
        ("file:///mnt/nas/", "file:///mnt/nas"), ("file:///mnt/a#b?c@d", "file:///mnt/a#b?c@d"),
    ],
)  # fmt: skip
def test_an_address_is_kept_in_one_form(tmp_path: Path, address: str, kept: str) -> None:
    assert settings_of(tmp_path, "", PHOTOLALA_REMOTE=address).remote == kept


@pytest.mark.parametrize(
    "address",
    ["bucket", "s3:/bucket", "s3://", "s3:///prefix", "http://bucket/x", "s3://key:secret@bucket",
     "s3://my bucket/x", "s3://bücket", "s3://bucket?x=1", "s3://bucket/#x", "s3://[bucket", "file://nas/x", "file:///", "file:x"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example(tmp_path: Path, address: str) -> None:
    assert "s3://bucket/prefix" in refusal_of(tmp_path, "", PHOTOLALA_REMOTE=address)
    assert "s3://bucket/prefix" in refusal_of(tmp_path, f"remote = '{address}'")


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("remoet = 's3://b'", "did you mean remote?"),
        ("catalogue = 'x'", "did you mean catalog?"),
        ("[sync]\nstar_polici = 'keep'", "did you mean sync.star_policy?"),
        ("zzz = 1", "known keys: catalog, remote, device_name, sync"),
        ("remote = 5", "remote must be"),
        ("sync = 'keep'", "sync must be"),
        ("[sync]\nsingle_writer = 'yes'", "sync.single_writer must be"),
        ("[sync]\nstar_policy = 'never'", "merge or keep"),
        ("[sync]\nautomatic = 1", "sync.automatic must be true or false"),
        ("[sync]\nautomatic = 'no'", "sync.automatic must be true or false"),
        ("[sync]\nevery_minutes = '5'", "sync.every_minutes must be a number"),
        ("[sync]\nevery_minutes = true", "sync.every_minutes must be a number"),
        ("[sync]\nevery_minutes = -1", "sync.every_minutes is -1; it can be 0 (never) or from 1 to 10080."),
        ("[sync]\nevery_minutes = 0.5", "0 (never) or from 1"),
        ("[sync]\nevery_minutes = inf", "0 (never) or from 1"),
        ("[sync]\nevery_minutes = nan", "0 (never) or from 1"),
        ("[sync]\nrequests_per_second = 0", "sync.requests_per_second is 0; it can be from 0.1 to 10000."),
        ("[sync]\nrequests_per_second = nan", "from 0.1"),
        ("[sync]\nrequests_per_second = false", "sync.requests_per_second must be a number"),
        ("[sync]\nevery_minute = 5", "did you mean sync.every_minutes?"),
        ("preview = 'iterm'", "preview is 'iterm'; it can be auto or halfblock or kitty or sixel or off."),
        ("every_minutes = 5", "did you mean sync.every_minutes?"),
        ("[snyc]\nautomatic = true", "did you mean sync?"),
        ("catalog.csv_folders = ['a', 5]", "catalog.csv_folders must be a list of texts"),
        ("remote = 'b'\n", "line 1: The remote 'b' is not an address"),
        ("remote = ", "not TOML"),
        ("[[[", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_a_way_out(tmp_path: Path, toml: str, told: str) -> None:
    reason = refusal_of(tmp_path, toml)
    assert told in reason
    assert str(tmp_path / "config.toml") in reason


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("colour = 1", 1),
        ("\n# a remark\n\ncolour = 1", 4),
        ("[sync]\nautomatic = true\nevery_minutes = -1 # minutes\n", 3),
        ("[catalog]\ncsv_folders = [\n  'a',\n  'b',\n]\nsql_folders = 5\n", 6),
        ('device_name = """\nmouse = 1\n"""\nmouse = 1', 4),
        ("[sync]\n[backup]\nsse = 5", 3),
        ("sync.automatic = 1\nmouse = true", 1),
        ("mouse = true\n[log]\nlevels = 5", 3),
        ("[backup]\nkms_key = 'x'", 2),
    ],
)
def test_the_line_of_what_is_wrong_is_told(tmp_path: Path, toml: str, line: int) -> None:
    assert f"config.toml, line {line}: " in refusal_of(tmp_path, toml)


def test_a_wrong_variable_is_told_by_its_name(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, "", PHOTOLALA_REMOTE="b").startswith("PHOTOLALA_REMOTE: ")


PROFILES = """
catalog.path = "/mine.sqlite"
remote = "s3://mine"
mouse = false
[profiles.family]
remote = "file:///mnt/family"
sync.every_minutes = 60
[profiles.work]
catalog = "/work.sqlite"
backup = { quiet_minutes = 1 }
"""


def profile_of(tmp_path: Path, profile: str | None, **environment: str) -> Settings:
    (tmp_path / "config.toml").write_text(PROFILES)
    return load_settings({"PHOTOLALA_CONFIG": str(tmp_path / "config.toml"), **environment}, profile)


def test_a_profile_goes_before_the_rest_of_the_file(tmp_path: Path) -> None:
    family = profile_of(tmp_path, "family")
    assert (family.remote, family.every_minutes, family.mouse) == ("file:///mnt/family", 60, False)
    work = profile_of(tmp_path, "work")
    assert (work.catalog, work.remote, work.backup.quiet_minutes) == (Path("/work.sqlite"), "s3://mine", 1)
    assert profile_of(tmp_path, None).catalog == Path("/mine.sqlite")


def test_a_profile_never_shares_the_catalog_of_the_others(tmp_path: Path) -> None:
    here = user_data_path("photolala", appauthor=False)
    assert profile_of(tmp_path, "family").catalog == here / "catalog-family.sqlite"


def test_a_profile_is_chosen_by_flag_before_variable_and_is_under_the_environment(tmp_path: Path) -> None:
    assert profile_of(tmp_path, None, PHOTOLALA_PROFILE="family").every_minutes == 60
    both = profile_of(tmp_path, "work", PHOTOLALA_PROFILE="family", PHOTOLALA_REMOTE="s3://environment")
    assert (both.catalog, both.remote) == (Path("/work.sqlite"), "s3://environment")


@pytest.mark.parametrize(
    ("toml", "name", "told"),
    [
        (PROFILES, "wrok", "PHOTOLALA_PROFILE: there is no profile wrok in "),
        (PROFILES, "wrok", "did you mean work?"),
        ("", "work", "a table [profiles.work] makes one"),
        ("profiles.work = 5", "work", "profiles must be tables"),
        ("[profiles.'../x']", "../x", "letters, digits"),
        (
            "[profiles.work]\nmuose = true",
            "work",
            "line 2: there is no setting profiles.work.muose; did you mean mouse?",
        ),
    ],
)
def test_a_profile_that_is_none_is_told(tmp_path: Path, toml: str, name: str, told: str) -> None:
    assert told in refusal_of(tmp_path, toml, PHOTOLALA_PROFILE=name)


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ("remote", "config.toml, line 6 (profile family)"), ("catalog.path", "default"), ("mouse", "config.toml, line 4"),
        ("sync.every_minutes", "config.toml, line 7 (profile family)"), ("device_name", "PHOTOLALA_DEVICE_NAME"), ("theme", "default"),
    ],
)  # fmt: skip
def test_each_value_knows_where_it_comes_from(tmp_path: Path, key: str, where: str) -> None:
    (tmp_path / "config.toml").write_text(PROFILES)
    environment = {"PHOTOLALA_CONFIG": str(tmp_path / "config.toml"), "PHOTOLALA_DEVICE_NAME": "desk"}
    assert find(environment, "family").where(key).endswith(where)


def test_no_colour_is_set_by_the_variable_that_all_programs_know(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "colour = 'auto'", NO_COLOR="1").colour == "none"
    assert settings_of(tmp_path, "", NO_COLOR="").colour == "auto"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"remote = '\xff'")
    with pytest.raises(SettingsError, match="not TOML"):
        load_settings({"PHOTOLALA_CONFIG": str(path)})


def test_a_named_file_must_be_there_and_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml, named by PHOTOLALA_CONFIG, is not there"):
        load_settings({"PHOTOLALA_CONFIG": str(tmp_path / "missing.toml")})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({"PHOTOLALA_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("key", ["aws_secret_access_key", "secret", "access_key", "password"])
def test_there_is_no_setting_for_a_secret(tmp_path: Path, key: str) -> None:
    reason = refusal_of(tmp_path, f"{key} = 'hunter2'")
    assert "there is no setting" in reason
    assert "hunter2" not in reason


def test_a_secret_in_the_address_is_not_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in refusal_of(tmp_path, "", PHOTOLALA_REMOTE="s3://key:hunter2@bucket")


def test_the_readme_names_every_setting_and_none_that_is_not(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    block = readme.partition("    folder = ")[2].partition("\n\nThe environment goes")[0]
    toml = textwrap.dedent(f"    folder = {block}")
    path = tmp_path / "config.toml"
    path.write_text(toml)
    found = find({"PHOTOLALA_CONFIG": str(path)}, "work")
    settings_from(found)
    given = {setting_of(key) for key in find({"PHOTOLALA_CONFIG": str(path)}).values}
    assert {setting.key for setting in SETTINGS} == {setting.key for setting in given if setting}
    for setting in SETTINGS:
        assert not setting.environment.startswith("PHOTOLALA_") or f"`{setting.environment}`" in readme
