"""`photolala doctor`: what it prints for people and scripts, and its exit status for each kind of trouble."""

import os
import re
import sqlite3
from contextlib import closing

import pytest

from tests.terminal import Terminal
from tests.tui.commands.conftest import NOWHERE, PROGRAM
from tests.tui.words.test_shown import hidden_in

KEYS = {"name", "status", "found", "advice", "seconds"}


def statuses(ran):
    assert all(row.keys() == KEYS for row in ran.rows)
    assert ran.err == ""
    return {row["name"]: row["status"] for row in ran.rows}


def failed(ran):
    return {name for name, status in statuses(ran).items() if status == "failed"}


def test_all_is_well(remote, desk):
    assert desk("sync").status == 0
    ran = desk("doctor")
    assert ran.status == 0
    assert not any(map(hidden_in, ran.out.splitlines()))
    assert re.search(r"^connection   ✓ ok      127\.0\.0\.1:\d+ answers", ran.out, re.MULTILINE)
    assert ran.out.endswith(". Nothing failed.\n")
    assert max(map(len, ran.out.splitlines())) <= 80
    rows = {row["name"]: row for row in desk("doctor", "--json").rows}
    assert "remote is s3://bucket/library (PHOTOLALA_REMOTE)" in rows["settings"]["found"]
    assert rows["manifest"]["found"] == "Commit 1, photos: 13, written by desk."
    assert {row["status"] for row in rows.values()} == {"ok"}


def test_what_a_setting_is_and_where_it_comes_from(desk, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text('[sync]\nevery_minutes = 9\nstar_policy = "keep"\n')
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(config))
    told = next(row["found"] for row in desk("doctor", "--json").rows if row["name"] == "settings")
    assert "sync.every_minutes is 9 (config.toml, line 2)" in told
    assert "device_name is desk (PHOTOLALA_DEVICE_NAME)" in told


def test_a_wrong_setting_is_told_with_its_line_and_status_2(desk, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text("\nremot = 3\n")
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(config))
    ran = desk("doctor", "--json")
    assert (ran.status, failed(ran)) == (2, {"settings"})
    assert "line 2" in ran.rows[0]["found"]


def test_no_remote_is_no_failure(desk):
    ran = desk("doctor", "--json")
    assert (ran.status, statuses(ran)["remote"]) == (0, "skipped")


def test_a_remote_out_of_reach_is_status_4(remote, desk, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    ran = desk("doctor", "--json")
    assert (ran.status, failed(ran)) == (4, {"connection"})
    assert "1 FAILED: connection." in desk("doctor").out


def test_other_failures_are_status_1(remote, desk, monkeypatch):
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://no-such-bucket/library")
    ran = desk("doctor", "--json")
    assert (ran.status, failed(ran)) == (1, {"access"})
    with closing(sqlite3.connect(desk.catalog)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setenv("PHOTOLALA_REMOTE", "")
    ran = desk("doctor", "--json")
    assert (ran.status, failed(ran)) == (1, {"catalog"})


def test_quiet_tells_only_what_is_not_well(remote, desk):
    assert desk("doctor", "--quiet") == (0, "", "")
    desk.catalog.chmod(0o640)
    ran = desk("doctor", "--quiet")
    assert ran.status == 0
    assert re.fullmatch(r"file mode    ! warning Others may open[^✓✗]*", ran.out)


@pytest.mark.parametrize(("colour", "there"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(desk, colour, there):
    with Terminal([*PROGRAM, "doctor"], env={**os.environ, **colour}) as terminal:
        assert terminal.wait_exit() == 0
        assert (b"\x1b[32m" in terminal.output) is there
