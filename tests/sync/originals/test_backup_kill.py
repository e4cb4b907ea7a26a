"""SIGKILL at each step of a backup or a restore over HTTP: the next one finishes it, and nothing is half done."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from catalog.originals import Originals
from sync.originals.backup import settle
from sync.originals.restore import Restore
from sync.stores.original_store import thumbnail_key
from sync.stores.s3_originals import S3Originals
from tests.conftest import draw_photo
from tests.sync.originals.desk import MIB, Desk, Wire, md5_at
from tui.demo.server import DemoServer

STEPS = {
    "before it looks": ("find", 1, "before"),
    "before it begins an upload": ("begin_upload", 1, "before"),
    "after it has begun one": ("begin_upload", 1, "after"),
    "in the first part": ("put_part", 1, "before"),
    "in the middle of the parts": ("put_part", 2, "after"),
    "before it completes": ("complete_upload", 1, "before"),
    "in mid-complete": ("complete_upload", 1, "after"),
}


@pytest.fixture(scope="module")
def watched():
    wire = Wire()
    with DemoServer(wire) as server:
        server.create_bucket("bucket")
        yield server, wire


@pytest.fixture(scope="module")
def driver(watched):
    command = [sys.executable, "-m", "tests.sync.originals.killed_backup"]
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parents[3],
        env=watched[0].environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.fixture
def url(watched, monkeypatch):
    for name, value in watched[0].environment().items():
        monkeypatch.setenv(name, value)
    return f"s3://bucket/{uuid.uuid4().hex}"


@pytest.fixture
def laptop(tmp_path, empty_catalog):
    laptop = Desk(shutil.copy(empty_catalog, tmp_path / "laptop.db"), tmp_path / "album")
    yield laptop
    laptop.catalog.close()


@pytest.fixture
def kill(driver, laptop, url):
    """Back up in a process of its own, which is killed at a step."""

    def kill(method, nth, when, **more):
        laptop.catalog.close()
        order = {"catalog": str(laptop.catalog.path), "url": url, "method": method, "nth": nth, "when": when}
        order |= more
        driver.stdin.write(json.dumps(order) + "\n")
        driver.stdin.flush()
        assert int(driver.stdout.readline()) == signal.SIGKILL
        with contextlib.closing(sqlite3.connect(laptop.catalog.path)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]

    return kill


@pytest.mark.parametrize("step", STEPS)
def test_a_large_original_is_gone_on_with_after_a_kill(laptop, url, watched, kill, step):
    md5 = laptop.write("a.jpg", 24 * MIB)
    wire = watched[1]
    wire.forget()
    kill(*STEPS[step])
    store = S3Originals(url)
    upload = laptop.queue(store).open_upload(md5)
    whole = store.find(laptop.key("a.jpg")) is not None
    arrived = set(store.parts(laptop.key("a.jpg"), upload.upload_id)) if upload and not whole else set()
    if STEPS[step][0] == "put_part":
        assert len(arrived) >= STEPS[step][1] - 1
    settle(laptop.catalog)
    assert laptop.counts() == {"queued": 1}
    wire.forget()
    report = laptop.back_up(store)
    assert (report.outcome, laptop.counts()) == ("done", {"uploaded": 1})
    assert md5_at(store, laptop.key("a.jpg")) == md5
    if whole:
        assert (report.already_there, wire.parts()) == (1, [])
    else:
        assert wire.parts() == sorted({1, 2, 3} - arrived)
    begun = step == "after it has begun one"  # its id died with the process; it is dropped after a week
    assert len(list(store.uploads())) == 0 or begun


def test_a_kill_between_an_original_and_its_thumbnail_loses_neither(laptop, url, kill):
    md5 = laptop.write("a.jpg", draw_photo(laptop.album / "a.jpg", 1, size=(600, 400)).read_bytes())
    kill("put_whole", 2, "before")
    store = S3Originals(url)
    assert store.find(thumbnail_key(md5)) is None
    assert laptop.back_up(store).already_there == 1
    assert store.find(thumbnail_key(md5)).size > 100


@pytest.mark.parametrize("nth", [1, 4, 7])
def test_a_restore_is_gone_on_with_after_a_kill(laptop, url, kill, tmp_path, nth):
    (laptop.album / "May").mkdir()
    for number in range(4):
        laptop.write(f"May/{number}.jpg", 100_000 + number)
    laptop.write("panorama.jpg", 40 * MIB)
    store, new = S3Originals(url), tmp_path / "new"
    laptop.back_up(store)
    kill("read", nth, "after", target=str(new))
    files = [path for path in new.rglob("*.jpg") if path.is_file()]
    assert all(path.read_bytes() == (laptop.album / path.relative_to(new)).read_bytes() for path in files)
    restore = Restore(laptop.catalog, store, os.fsencode(new), backoff=0.001)
    report = restore.run(restore.plan(Originals(laptop.catalog, store.url).restorable(starred=True)))
    assert (report.outcome, report.already_here, report.restored) == ("done", len(files), 5 - len(files))
    assert {str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()} == {*laptop.md5s}
    assert (new / "panorama.jpg").read_bytes() == (laptop.album / "panorama.jpg").read_bytes()
    assert all(len(laptop.catalog.find_entry(md5).paths) == 2 for md5 in laptop.md5s.values())
