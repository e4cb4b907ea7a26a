"""One thumbnail and one original of a photo that is only on the remote, as a person asks for them."""

import io
import os
import threading

import pytest
from PIL import Image

from sync.originals.fetch import fetch_original, fetch_thumbnail
from sync.stores.objectstore import RemoteError
from sync.stores.original_store import thumbnail_key
from sync.transfer import CancelledError
from tests.conftest import draw_photo
from tests.sync.originals.desk import MIB


@pytest.fixture
def gone(desk, store):
    """A photo whose original is on the remote, and of which no file is left here."""
    (desk.album / "May").mkdir()
    photo = draw_photo(desk.album / "May" / "a.jpg", 1, size=(600, 400))
    md5 = desk.write("May/a.jpg", photo.read_bytes())
    desk.back_up(store)
    data = photo.read_bytes()
    photo.unlink()
    draw_photo(desk.album / "other.jpg", 2)
    desk.scan()
    assert desk.catalog.find_entry(md5).paths == ()
    return md5, data


def test_a_thumbnail_is_the_one_that_was_uploaded(store, gone):
    jpeg = fetch_thumbnail(store, gone[0])
    assert Image.open(io.BytesIO(jpeg)).size == (256, 171)
    assert fetch_thumbnail(store, "f" * 32) is None


def jpeg(*size):
    made = io.BytesIO()
    Image.new("RGB", size).save(made, "JPEG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html>", "first bytes"),
        (jpeg(64, 64)[:300], "no thumbnail"),
        (jpeg(1025, 1025), "1025 x 1025"),
        (jpeg(64, 64) + bytes(1 << 19), "not read"),
    ],
)
def test_what_is_no_thumbnail_is_refused(store, data, why):
    store.put(thumbnail_key("a" * 32), data, content_type="image/jpeg")
    with pytest.raises(RemoteError, match=why):
        fetch_thumbnail(store, "a" * 32)


def test_an_original_comes_to_its_folder_and_the_catalog_knows_it_at_once(desk, store, gone, tmp_path):
    md5, data = gone
    told = []
    path = fetch_original(desk.catalog, store, md5, os.fsencode(tmp_path / "here"), progress=told.append)
    assert path == os.fsencode(tmp_path / "here" / "May" / "a.jpg")
    assert (tmp_path / "here" / "May" / "a.jpg").read_bytes() == data
    assert desk.catalog.find_entry(md5).paths == (path,)
    assert (told[-1].bytes_done, told[-1].bytes_total) == (len(data), len(data))
    before = store.traffic.bytes_down
    assert fetch_original(desk.catalog, store, md5, os.fsencode(tmp_path / "here")) == path
    assert store.traffic.bytes_down - before < 1000  # a listing


def test_an_original_that_cannot_be_had_says_why(desk, store, gone, tmp_path):
    md5, _ = gone
    root = os.fsencode(tmp_path / "here")
    with pytest.raises(RemoteError, match="no such photo"):
        fetch_original(desk.catalog, store, "f" * 32, root)
    store.put(desk.key("May/a.jpg"), b"damaged", content_type="image/jpeg")
    with pytest.raises(RemoteError, match="damaged"):
        fetch_original(desk.catalog, store, md5, root)
    store.delete(desk.key("May/a.jpg"))
    with pytest.raises(RemoteError, match="not on the remote"):
        fetch_original(desk.catalog, store, md5, root)
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(RemoteError):
        fetch_original(desk.catalog, store, md5, os.fsencode(tmp_path / "file"))


def test_an_archived_original_is_told(desk, store, tmp_path):
    md5 = desk.write("a.jpg", 5)
    desk.back_up(store, storage_class="GLACIER")
    with pytest.raises(RemoteError, match=r"archived as GLACIER.*3 to 5 hours"):
        fetch_original(desk.catalog, store, md5, os.fsencode(tmp_path / "here"))


def test_a_cancel_ends_it_and_leaves_nothing(desk, store, tmp_path):
    md5 = desk.write("a.jpg", 3 * MIB)
    desk.back_up(store)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        fetch_original(desk.catalog, store, md5, os.fsencode(tmp_path / "here"), cancel=cancel)
    assert not (tmp_path / "here").exists()
    with pytest.raises(CancelledError):
        fetch_thumbnail(store, md5, cancel=cancel)
