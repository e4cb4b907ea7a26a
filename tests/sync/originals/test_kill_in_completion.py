"""SIGKILL while a server makes an object of its parts: whoever comes next finds out how that ended.

Three ways, over HTTP: the server has done it and nobody lives to hear of it; it never heard of it; its answer
came, and the catalog was not told.
"""

import contextlib
import os

import pytest

from sync.stores.s3_originals import S3Originals
from tests.sync.originals.desk import MIB, md5_at
from tests.sync.wire import LastWord


@pytest.fixture(params=["remote", "rclone_keys"])
def url(request, tmp_path):
    """An empty remote: moto's, or that of `rclone serve s3`."""
    return request.getfixturevalue(request.param) or f"s3://bucket/{tmp_path.name}"


@pytest.fixture
def mid_completion(kill, monkeypatch):
    """Back up in a process that is killed when it has asked the server to complete an upload."""

    def kill_there(store, *, reaches):
        with (
            contextlib.closing(LastWord(os.environ["AWS_ENDPOINT_URL_S3"], reaches=reaches)) as proxy,
            monkeypatch.context() as patched,
        ):
            patched.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
            kill(store, by=proxy.kill)

    return kill_there


@pytest.mark.parametrize("how", ["the server did it", "the server never heard of it", "the answer came"])
def test_an_original_is_there_once_and_not_sent_again(desk, url, kill, mid_completion, how):
    md5 = desk.write("a.jpg", 24 * MIB)
    store = S3Originals(url)
    if how == "the answer came":
        kill(store, "complete_upload", 1, "after")
    else:
        mid_completion(store, reaches=how == "the server did it")
    is_done = how != "the server never heard of it"
    assert (store.find(desk.key("a.jpg")) is not None, len(list(store.uploads()))) == (is_done, not is_done)
    assert desk.row("a.jpg").uploaded is None
    report = desk.back_up(S3Originals(url))
    assert (report.outcome, report.failed, report.already_there) == ("done", 0, int(is_done))
    assert "PUT" not in report.requests
    assert (report.bytes_up > 0, report.bytes_up < 1000) == (not is_done, True)  # a list of the parts
    assert [found.key for found in store.list("")] == [desk.key("a.jpg")]
    assert md5_at(store, desk.key("a.jpg")) == md5
    assert list(store.uploads()) == []
    assert (desk.counts(), desk.queue(store).open_upload(md5)) == ({"uploaded": 1}, None)
    assert abs(desk.row("a.jpg").uploaded - store.now()) < 60
