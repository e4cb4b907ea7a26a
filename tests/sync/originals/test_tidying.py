"""Uploads that nobody goes on with are dropped, at one listing a week; what will be gone on with never is."""

import time

import pytest

from sync.originals import tidying
from sync.stores.original_store import About, original_key
from sync.stores.s3_originals import S3Originals
from tests.sync.originals.desk import MIB

LEFT = original_key("f" * 32)


@pytest.fixture
def begin(store):
    """Begin an upload as somebody would who is never heard of again; moto tells 2010 of all uploads."""
    return lambda key=LEFT: store.begin_upload(key, About("image/jpeg", {}))


@pytest.fixture
def listing_each_time(monkeypatch):
    monkeypatch.setattr(tidying, "_EVERY", 0.0)


def keys(store):
    return {found.key for found in store.uploads()}


def asked(desk, remote):
    report = desk.back_up(S3Originals(remote))
    assert (report.outcome, report.error) == ("nothing-to-do", None)
    return report.requests


@pytest.mark.usefixtures("listing_each_time")
def test_uploads_that_nobody_ended_are_dropped_but_not_ours(desk, store, wire, begin, monkeypatch):
    desk.write("a.jpg", 17 * MIB)
    desk.write("b.jpg", 5)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    for key in (LEFT, "photos/ab/cd"):
        begin(key)
    store._client.create_multipart_upload(Bucket=store._bucket, Key="elsewhere")
    monkeypatch.setattr(tidying, "_ABANDONED", 1e10)  # seconds
    desk.back_up(store)
    assert keys(store) == {desk.key("a.jpg"), LEFT, "photos/ab/cd"}
    monkeypatch.setattr(tidying, "_ABANDONED", 7 * 86400.0)
    desk.back_up(store)
    assert keys(store) == {desk.key("a.jpg"), "photos/ab/cd"}


def test_a_backup_with_nothing_to_upload_looks_once_a_week(desk, store, begin, remote, monkeypatch):
    begin()
    assert asked(desk, remote) == {"GET": 1, "DELETE": 1}
    assert keys(store) == set()
    begin()
    assert asked(desk, remote) == {}
    now = time.time()
    monkeypatch.setattr(tidying.time, "time", lambda: now + 7 * 86400)
    assert asked(desk, remote) == {"GET": 1, "DELETE": 1}
    monkeypatch.setattr(tidying.time, "time", lambda: now)  # put back, it would be right in a week only
    assert asked(desk, remote) == {"GET": 1}
    assert asked(desk, remote) == {}


def test_another_remote_is_looked_through_at_its_own_time(desk, remote):
    assert asked(desk, remote) == {"GET": 1}
    assert asked(desk, f"{remote}/elsewhere") == {"GET": 1}
    assert asked(desk, remote) == {}


def test_what_was_begun_for_a_photo_that_is_unstarred_goes_with_the_next_backup(desk, store, wire, remote):
    md5 = desk.write("a.jpg", 17 * MIB)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    assert desk.back_up(store).failed == 1
    assert asked_nothing_yet(desk, store)
    desk.catalog.update_star_status(md5, is_starred=False)
    assert asked(desk, remote) == {"DELETE": 1}
    assert (keys(store), desk.queue(store).open_upload(md5)) == (set(), None)
    assert asked(desk, remote) == {}


def asked_nothing_yet(desk, store):
    return not tidying.is_due(desk.queue(store)) and keys(store) == {desk.key("a.jpg")}


@pytest.mark.usefixtures("listing_each_time")
def test_what_this_device_cannot_go_on_with_is_dropped_after_a_week(desk, store, wire, monkeypatch):
    md5 = desk.write("a.jpg", 17 * MIB)
    desk.write("b.jpg", 5)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    assert desk.back_up(store).failed == 1
    (desk.album / "a.jpg").unlink()
    desk.scan()
    monkeypatch.setattr(tidying, "_ABANDONED", 1e10)  # seconds
    desk.back_up(store)
    assert keys(store) == {desk.key("a.jpg")}
    monkeypatch.setattr(tidying, "_ABANDONED", 7 * 86400.0)
    desk.back_up(store)
    assert (keys(store), desk.queue(store).open_upload(md5)) == (set(), None)


@pytest.mark.parametrize(("status", "again"), [(403, {}), (501, {}), (500, {"GET": 5})])
def test_a_server_that_does_not_list_uploads_fails_no_backup(desk, store, wire, remote, status, again):
    desk.write("a.jpg", 5)
    wire.hook = lambda request: status if request.endswith("uploads") or "uploads&" in request else None
    assert desk.back_up(store).outcome == "done"
    assert asked(desk, remote) == again


def test_what_cannot_be_dropped_keeps_nothing_else_from_being_uploaded(desk, store, wire):
    md5 = desk.write("a.jpg", 17 * MIB)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    desk.back_up(store)
    desk.catalog.update_star_status(md5, is_starred=False)
    desk.write("b.jpg", 5)
    wire.hook = lambda request: 403 if request.startswith("DELETE") else None
    assert (desk.back_up(store).outcome, keys(store)) == ("done", {desk.key("a.jpg")})
    wire.hook = lambda request: None
    desk.back_up(store)
    assert keys(store) == set()


def test_a_folder_has_no_uploads_and_is_not_written_to_for_that(desk, either):
    assert desk.back_up(either).outcome == "nothing-to-do"
    assert "PUT" not in either.traffic.requests
