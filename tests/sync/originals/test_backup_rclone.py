"""A second opinion on uploads: `rclone serve s3`, which ignores conditions and knows parts."""

import filecmp

import pytest

from sync.stores.objectstore import UnclearError
from sync.stores.original_store import thumbnail_key
from sync.stores.s3_originals import S3Originals
from tests.conftest import draw_photo, wait_until
from tests.sync.originals.desk import MIB, md5_at


@pytest.fixture
def originals(rclone_keys, tmp_path):
    return S3Originals(f"s3://bucket/{tmp_path.name}")


def test_originals_of_all_sizes_arrive_and_come_back(desk, originals, tmp_path):
    for size in (0, 1, 16 * MIB, 16 * MIB + 1):
        desk.write(f"{size}.jpg", size)
    desk.write_sparse("large.jpg", 200 * MIB)
    drawn = desk.write("drawn.jpg", draw_photo(desk.album / "drawn.jpg", 3, size=(300, 200)).read_bytes())
    report = desk.back_up(originals)
    assert (report.outcome, report.uploaded) == ("done", 6)
    for name, md5 in desk.md5s.items():
        assert originals.find(desk.key(name)).md5 == md5
    assert originals.find(thumbnail_key(drawn)) is not None
    report = desk.restore(originals, tmp_path / "new")
    assert (report.outcome, report.restored) == ("done", 6)
    for name in desk.md5s:
        assert filecmp.cmp(tmp_path / "new" / name, desk.album / name, shallow=False)


def test_an_upload_that_broke_off_is_gone_on_with(desk, originals, monkeypatch):
    desk.write("a.jpg", 40 * MIB)
    send, sent, arrived = originals.put_part, [], set()

    def bad_line(key, upload_id, number, offset, body):
        if number == 4:
            wait_until(lambda: arrived >= {1, 2, 3})
            raise UnclearError("The line is bad.")
        done = send(key, upload_id, number, offset, body)
        arrived.add(number)
        return done

    monkeypatch.setattr(originals, "put_part", bad_line)
    assert desk.back_up(originals).problems[0].reason == "The line is bad."
    monkeypatch.setattr(originals, "put_part", lambda *part: (sent.append(part[2]), send(*part))[1])
    assert desk.back_up(originals).outcome == "done"
    assert set(sent) - {5} == {4}  # the last one may have been on its way
    assert md5_at(originals, desk.key("a.jpg")) == desk.md5s["a.jpg"]
