"""A second opinion on the S3 store: `rclone serve s3`, which ignores conditions, so one device writes."""

import pytest

from sync.stores.objectstore import DeniedError, NotThereError
from sync.stores.s3 import S3Store

URL = "s3://bucket/library"


@pytest.fixture
def store(rclone_keys):
    return S3Store(URL)


def test_it_keeps_lists_and_deletes_objects(store):
    kind = {"content_type": "text/plain"}
    etag = store.put("objects/b/é +%.bin", b"\0\xff" * 9, **kind)
    store.put("objects/a", b"1", **kind)
    assert store.get("objects/b/é +%.bin", limit=18) == (b"\0\xff" * 9, etag)
    for _ in range(3):  # it sends a body with its 304, which must not spoil the connection
        assert store.get("objects/a", limit=9, unless_etag=store.get("objects/a", limit=9).etag) is None
    assert [(found.key, found.size) for found in store.list("objects/")] == [
        ("objects/a", 1),
        ("objects/b/é +%.bin", 18),
    ]
    assert store.head("objects/a").size == 1
    store.delete("objects/a")
    for ask in (lambda: store.get("objects/a", limit=9), lambda: store.head("objects/a")):
        with pytest.raises(NotThereError):
            ask()


def test_a_wrong_key_is_denied(store, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the right one")
    with pytest.raises(DeniedError, match="refuses access"):
        S3Store(URL).get("objects/a", limit=9)


def test_one_device_writes_and_another_one_reads(store, device):
    laptop, server = device("laptop"), device("server")
    laptop.add("a1", "b1", "f1").add("a2", starred=True, filename='"a,\n.jpg')
    alone = {"probed": True, "single_writer": True}
    assert laptop.sync(store, **alone).outcome == "committed"
    assert server.sync(S3Store(URL), probed=True).outcome == "pulled"
    assert server.rows() == laptop.rows()
    laptop.star("a1")
    assert laptop.sync(S3Store(URL), **alone).requests == {"GET": 1, "PUT": 3}
    server.sync(S3Store(URL), probed=True)
    assert server.stars() == {"a1", "a2"}
    for one in (laptop, server):
        report = one.sync(S3Store(URL), probed=True)
        assert (report.outcome, report.requests) == ("up-to-date", {"GET": 1})


def test_it_is_found_out_and_only_read(store, device):
    server = device("server").add("e1")
    report = server.sync(store, probed=True)
    assert (report.outcome, server.pending()) == ("refused", {"e1"})
    assert "does not honour conditional writes" in report.error
