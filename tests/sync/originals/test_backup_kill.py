"""SIGKILL at each step of a backup or a restore over HTTP: the next one finishes it, and nothing is half done."""

import pytest

from sync.originals.backup import settle
from sync.stores.original_store import thumbnail_key
from tests.conftest import draw_photo
from tests.sync.originals.desk import MIB, md5_at

STEPS = {
    "before it looks": ("find", 1, "before"),
    "before it begins an upload": ("begin_upload", 1, "before"),
    "after it has begun one": ("begin_upload", 1, "after"),
    "in the first part": ("put_part", 1, "before"),
    "in mid-part": ("passing", 70, "before"),  # of 64 pieces that a part has
    "in the middle of the parts": ("put_part", 2, "after"),
    "before it completes": ("complete_upload", 1, "before"),
    "in mid-complete": ("complete_upload", 1, "after"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_large_original_is_gone_on_with_after_a_kill(desk, store, wire, kill, step):
    md5 = desk.write("a.jpg", 24 * MIB)
    kill(store, *STEPS[step])
    upload = desk.queue(store).open_upload(md5)
    whole = store.find(desk.key("a.jpg")) is not None
    there = store.parts(desk.key("a.jpg"), upload.upload_id) if upload and not whole else {}
    arrived = {
        number for number, part in there.items() if part.size == 8 * MIB
    }  # of others a server kept half
    if STEPS[step][0] == "put_part":
        assert len(arrived) >= STEPS[step][1] - 1
    settle(desk.catalog)
    assert desk.counts() == {"queued": 1}
    wire.forget()
    report = desk.back_up(store)
    assert (report.outcome, desk.counts()) == ("done", {"uploaded": 1})
    assert md5_at(store, desk.key("a.jpg")) == md5
    if whole:
        assert (report.already_there, wire.parts()) == (1, [])
    else:
        assert wire.parts() == sorted({1, 2, 3} - arrived)
    begun = step == "after it has begun one"  # its id died with the process; it is dropped after a week
    assert len(list(store.uploads())) == 0 or begun


def test_a_kill_between_an_original_and_its_thumbnail_loses_neither(desk, store, kill):
    md5 = desk.write("a.jpg", draw_photo(desk.album / "a.jpg", 1, size=(600, 400)).read_bytes())
    kill(store, "put_whole", 2, "before")
    assert store.find(thumbnail_key(md5)) is None
    assert desk.back_up(store).already_there == 1
    assert store.find(thumbnail_key(md5)).size > 100


RESTORE_STEPS = {
    "before the first byte": ("read", 1, "after"),
    "in the large one": ("read", 7, "after"),
    "in the middle of a range": ("passing", 20, "after"),
    "before a file comes to its place": ("link", 2, "before"),
    "while it has two names": ("link", 2, "after"),
    "before the names are settled": ("fsync_names", 1, "before"),
    "before the catalog knows of them": ("store_written", 1, "before"),
    "after it does": ("store_written", 1, "after"),
}


@pytest.mark.parametrize("step", RESTORE_STEPS)
def test_a_restore_is_gone_on_with_after_a_kill(desk, store, kill, tmp_path, step):
    (desk.album / "May").mkdir()
    for number in range(4):
        desk.write(f"May/{number}.jpg", 100_000 + number)
    desk.write("panorama.jpg", 40 * MIB)
    new = tmp_path / "new"
    desk.back_up(store)
    kill(store, *RESTORE_STEPS[step], target=str(new))
    files = [path for path in new.rglob("*.jpg") if path.is_file()]
    assert all(path.read_bytes() == (desk.album / path.relative_to(new)).read_bytes() for path in files)
    report = desk.restore(store, new)
    assert (report.outcome, report.already_here, report.restored) == ("done", len(files), 5 - len(files))
    assert {str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()} == {*desk.md5s}
    assert (new / "panorama.jpg").read_bytes() == (desk.album / "panorama.jpg").read_bytes()
    assert all(len(desk.catalog.find_entry(md5).paths) == 2 for md5 in desk.md5s.values())


def test_a_large_original_is_not_fetched_from_its_beginning_after_a_kill(desk, store, kill, tmp_path):
    desk.write("panorama.jpg", 80 * MIB)
    desk.back_up(store)
    new = tmp_path / "new"
    kill(store, "passing", 312, "before", target=str(new))  # of 320 pieces
    report = desk.restore(store, new)
    assert (report.outcome, report.restored) == ("done", 1)
    assert report.bytes_down <= 64 * MIB
    assert [path.read_bytes() for path in new.iterdir()] == [(desk.album / "panorama.jpg").read_bytes()]
