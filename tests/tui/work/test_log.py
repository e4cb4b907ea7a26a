"""The log file: what it tells later, whom it lets read, and that no secret gets there."""

import re
import stat
from pathlib import Path

import pytest

from tests.conftest import permissions_that_count
from tests.tui.commands.conftest import Device, desk, device, remote  # noqa: F401 (fixtures)
from tests.tui.conftest import run_app
from tui.config.settings import Settings
from tui.work import log as logs
from tui.work.log import log, log_fault, log_path, start_log, stop_log, without_secrets

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # AWS's own example
KEY = "AKIAIOSFODNN7EXAMPLE"
TOKEN = "FwoGZXIvYXdzEXAMPLEtoken=="
SIGNATURE = "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024"


@pytest.fixture
def settings(tmp_path: Path):
    settings = Settings(tmp_path / "catalog.sqlite", None, "desk", log_path=tmp_path / "logs" / "it.log")
    start_log(settings)
    yield settings
    stop_log()


def written(settings: Settings) -> str:
    return log_path(settings).read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://bucket.s3.amazonaws.com/x?X-Amz-Credential={KEY}%2F2026&X-Amz-Signature={SIGNATURE}&x=1",
        f"{{'Authorization': 'AWS4-HMAC-SHA256 Credential={KEY}/2026/us-east-1, Signature={SIGNATURE}'}}",
        f"authorization: Bearer {TOKEN}",
        f"aws_secret_access_key = {SECRET}",
        f"the key {KEY} with {SECRET} is wrong",
        f"x-amz-security-token: {TOKEN}",
        f"http://{KEY}:{SECRET}@nas:9000/bucket",
        f'{{"SecretAccessKey": "{SECRET}", "SessionToken": "{TOKEN}"}}',
        f"https://nas/?AWSAccessKeyId={KEY}&Signature={SIGNATURE[:28]}%3D&password={TOKEN}",
    ],
)
def test_what_is_secret_by_its_place_or_its_shape_is_hidden(settings, text):
    log.warning("before %s", text)
    log_fault("a fault", ValueError(text))
    for secret in (SECRET, KEY, TOKEN, SIGNATURE, SIGNATURE[:28]):
        assert secret not in written(settings)
    assert "before" in written(settings)


def test_what_is_no_secret_stays(settings):
    told = f"sync committed: {SIGNATURE} of /Photos/2024/Lisbon/IMG_2034.jpg at https://nas:9000/bucket?x=1"
    assert without_secrets(told) == told


def test_a_run_with_credentials_leaves_none_in_its_log(remote, desk, monkeypatch):  # noqa: F811
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "short")
    photo = desk.album / "2024" / "Home" / "cat.jpg"
    assert [desk(*typed).status for typed in (["star", photo], ["sync"], ["backup"])] == [0, 0, 0]
    monkeypatch.setattr("catalog.store.SqlCatalog.stats", lambda _: {}[f"short {SECRET} {KEY}"])
    assert desk("status", "--verbose").status == 1
    assert desk("sync", "--wrong", SECRET).status == 2
    assert desk("star", f"{KEY}/{SECRET}").status == 1
    (path,) = Path.home().rglob("photolala.log")
    text = path.read_text("utf-8")
    for told in ("photolala 0", ": star ", "sync committed, seq 1", "backup done: 1 uploaded", "Traceback",
                 "KeyError", "sync ended with 0 after"):  # fmt: skip
        assert told in text, told
    for secret in (SECRET, KEY, "short"):
        assert secret not in text


def test_a_name_cannot_forge_a_line_and_a_traceback_keeps_its_lines(settings):
    log.warning("%s", "a\n2026-01-01 00:00:00 INFO forged\x1b[2J\u202e")
    try:
        raise ValueError("\x1b]0;x")  # noqa: TRY301
    except ValueError as error:
        log_fault("a fault", error)
    lines = written(settings).splitlines()
    assert lines[1] == r"    2026-01-01 00:00:00 INFO forged\x1b[2J\u202e"
    assert "    Traceback (most recent call last):" in lines
    assert all(re.match(r"\d{4}-\d\d-\d\d [\d:,]+ (WARNING|ERROR) |    ", line) for line in lines)


def test_it_is_for_its_owner_alone_and_its_size_is_bounded(settings, monkeypatch):
    stop_log()
    monkeypatch.setattr(logs, "_MOST_BYTES", 2000)
    start_log(settings)
    for _ in range(300):
        log.info("x" * 50)
    files = sorted(log_path(settings).parent.iterdir())
    assert [file.name for file in files] == ["it.log", "it.log.1", "it.log.2", "it.log.3"]
    assert all(file.stat().st_size <= 2000 for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_is_set_or_verbose_decides_how_much_is_told(tmp_path):
    settings = Settings(tmp_path / "c", None, "desk", log_level="error", log_path=tmp_path / "it.log")
    start_log(settings)
    log.warning("too little")
    assert not log_path(settings).exists()
    start_log(settings, verbose=True)
    log.debug("all")
    assert "DEBUG" in written(settings)
    stop_log()


@pytest.mark.parametrize("broken", ["no folder", "read-only", "full"])
def test_a_log_that_cannot_be_written_hurts_nobody(desk, tmp_path, monkeypatch, broken):  # noqa: F811
    config = tmp_path / "config.toml"
    place = tmp_path / "logs"
    place.mkdir()
    path = {
        "no folder": tmp_path / "config.toml" / "it.log",
        "read-only": place / "it.log",
        "full": "/dev/full",
    }
    config.write_text(f'[log]\npath = "{path[broken]}"')
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(config))
    place.chmod(0o500)
    with permissions_that_count():
        ran = desk("star", desk.album / "2024/Home/cat.jpg")
    place.chmod(0o700)
    assert (ran.status, ran.err) == (0, "")
    assert list(place.iterdir()) == []


def test_a_fault_of_the_app_is_one_sentence_on_the_terminal_and_a_traceback_in_the_log(
    app, settings, monkeypatch, capsys
):
    monkeypatch.setattr(app, "action_conflicts", lambda: {}["gone"])

    async def press(person):
        await person.press("c")

    with pytest.raises(KeyError):
        run_app(app, press)
    told = capsys.readouterr().err
    assert "a fault of the app itself has ended it; all stars are saved. KeyError('gone')" in " ".join(
        told.split()
    )
    assert "Traceback" not in told
    assert "the app ends: 'gone'\n    Traceback" in written(settings)
