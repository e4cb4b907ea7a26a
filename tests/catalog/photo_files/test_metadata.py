"""What one read of a photo file tells: over 93 real photos, and over files made to lie."""

import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from catalog.photo_files.metadata import FileChanged, ReadCancelled, is_photo_name, read_facts
from catalog.photo_files.pillow import has_heif

PHOTOS = Path(__file__).parents[3].parent / "shared" / "photos"
REAL = sorted(path for path in PHOTOS.rglob("*") if is_photo_name(path.name))
real_photos = pytest.mark.skipif(not REAL, reason="the real photos are not here")
# Pillow warns of damaged TIFFs; outside of pytest, where warnings are no errors, nobody sees it
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

# in the folders of good photos, yet not to be decoded by anybody
BAD_AMONG_GOOD = {
    "beach.jpg",  # 0 pixels high
    "c-9032e447e32e09aef5b7de2fab42494d.png",  # its last chunk is a second IHDR
    "c-m2-272ae9468b7883e5cf61873a17271fb4.png",  # chunks of unknown kinds, and no IEND
    "m8-42c19f8e79e582bef107f372f18a074b.tif",  # 1,761,607,681 values for one tag
}
# header and end are in order; only decoding all pixels, hundreds of times the work, shows the damage
ONLY_DECODING_SHOWS = {
    "8546907dbe574744d7fea6ca9de1de6b.jpg",  # a second frame begins amid the compressed pixels
    "adcb34b94f4c839bdd29037419a0ee53.jpg",  # sampling factors that libjpeg does not take
    "NullPointerException.HeifPictureHandler.processBox.heif",  # the compressed pixels are elsewhere
}


def facts(path, **options):
    return read_facts(os.fsencode(path), **options)


def picture(path, kind="JPEG", size=(40, 30)):
    Image.effect_noise(size, 50).save(path, kind)
    return path


@real_photos
def test_every_real_file_yields_facts():
    assert len(REAL) == 93
    for path in REAL:
        found = facts(path)
        data = path.read_bytes()
        assert found.md5 == hashlib.md5(data).hexdigest()
        assert found.size == len(data)
        assert found.modified == path.stat().st_mtime_ns // 10**9
        assert (found.date_source == "modified") <= (found.photodate == found.modified)


@real_photos
def test_no_error_is_told_of_a_good_photo():
    good = [path for path in REAL if path.parent.name != "damaged"]
    told = {path.name: error for path in good if (error := facts(path).error)}
    assert told.keys() == BAD_AMONG_GOOD
    assert all(
        found.width and found.height for path in good if path.name not in told for found in [facts(path)]
    )


@real_photos
def test_of_each_damaged_file_it_is_told_what_is_wrong():
    assert has_heif()
    silent = set()
    for path in REAL:
        if path.parent.name == "damaged" and facts(path).error is None:
            try:
                Image.open(io.BytesIO(path.read_bytes())).load()
            except Exception:
                silent.add(path.name)
    assert silent == ONLY_DECODING_SHOWS


KNOWN = {
    "cameras/Apple iPhone 4.jpg": (1296, 968, "Apple iPhone 4", "2011-01-13 14:33:39", "original"),
    "cameras/Canon EOS 7D.jpg": (600, 900, "Canon EOS 7D", "2010-12-12 12:41:35", "original"),
    "cameras/Nikon D100.jpg": (3008, 2000, "NIKON D100", "2004-01-02 14:26:41", "original"),
    "cameras/Sony Ericsson U10i.jpg": (3264, 1836, "Sony Ericsson U10i", "2009-11-21 10:19:41", "original"),
    "cameras/HP PhotoSmart 735.jpg": (640, 480, "Hewlett-Packard hp photosmart 735", "2004-10-19 06:10:01", "original"),
    "cameras/Pentax Optio S4i.jpg": (60, 60, "PENTAX Optio S4i", "2004-08-30 17:33:34", "original"),
    "cameras/Sony D700.jpg": (672, 512, "SONY DSC-D700", "1998-12-01 14:22:36", "original"),
    "cameras/Issue 609.jpg": (250, 250, "OLYMPUS OPTICAL CO.,LTD C750UZ", "2023-04-05 09:06:56", "datetime"),
    "cameras/issue 121.jpg": (164, 144, None, "2011-08-17 19:57:05", "datetime"),
    "cameras/Olympus C4040Z.jpg": (132, 99, "OLYMPUS OPTICAL CO.,LTD C4040Z", None, "modified"),
    "phone/IMG_1034.heic": (4032, 3024, "Apple iPhone 8", "2018-02-05 15:11:44", "original"),
    "phone/IMG_2927.HEIC": (3024, 4032, "Apple iPhone 11 Pro", "2020-05-04 22:39:11", "original"),  # taken at -04:00
    "scans/Classic.tif": (64, 64, None, None, "modified"),
    "web/webpvp8.webp": (1600, 900, None, None, "modified"),
    "web/f88b6907ee086c4c8ac4b8c395748c49.gif": (79, 68, None, None, "modified"),
}  # fmt: skip


@real_photos
@pytest.mark.parametrize("name", KNOWN)
def test_what_exiftool_says_of_real_photos(name, zone):
    zone("UTC")
    width, height, camera, date, source = KNOWN[name]
    found = facts(PHOTOS / name)
    assert (found.width, found.height, found.camera, found.date_source) == (width, height, camera, source)
    if date:
        assert datetime.fromtimestamp(found.photodate, UTC).strftime("%Y-%m-%d %H:%M:%S") == date


@real_photos
def test_places_of_real_photos():
    found = facts(PHOTOS / "cameras/Apple iPhone 4.jpg")
    assert (found.latitude, found.longitude) == pytest.approx((41.853, 12.4888333))
    found = facts(PHOTOS / "cameras/FujiFilm FinePixS1Pro (1).jpg")
    assert (found.latitude, found.longitude) == pytest.approx((54.9896667, -1.9141667))


@real_photos
def test_threads_and_pillows_switch_change_nothing(monkeypatch):
    alone = [facts(path) for path in REAL]
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(facts, REAL)) == alone


def test_a_large_file_is_read_in_chunks(tmp_path):
    path = picture(tmp_path / "a.jpg", size=(400, 300))
    found = facts(path, chunk=1000)
    assert found == facts(path)
    assert found.md5 == hashlib.md5(path.read_bytes()).hexdigest()


def within_seconds(call):
    """Return what a call that might wait for ever raised."""
    raised = []

    def run():
        try:
            call()
        except OSError as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    assert raised, "it waits"
    return raised[0]


def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    assert "not a file" in within_seconds(lambda: facts(tmp_path / "a.jpg")).strerror
    assert "not a file" in within_seconds(lambda: facts(tmp_path / "b.jpg")).strerror


def test_folders_devices_and_nothing(tmp_path):
    for path in (tmp_path, "/dev/zero"):
        with pytest.raises(OSError, match="not a file"):
            facts(path)
    with pytest.raises(FileNotFoundError):
        facts(tmp_path / "none.jpg")


def test_a_linked_photo_is_read(tmp_path):
    picture(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    assert facts(tmp_path / "b.jpg") == facts(tmp_path / "a.jpg")


def grow(path):
    with path.open("ab") as file:
        file.write(b"more")


CHANGES = {
    "grows": grow,
    "shrinks": lambda path: os.truncate(path, 500),
    "is rewritten": lambda path: os.utime(path, ns=(0, 5)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("chunk", [300, 1 << 20])
def test_a_file_that_changes_while_it_is_read(tmp_path, change, chunk):
    path = picture(tmp_path / "a.jpg")
    asked = []

    def cancelled():  # asked before each chunk
        if not asked:
            CHANGES[change](path)
        asked.append(1)
        return False

    with pytest.raises(FileChanged):
        facts(path, chunk=chunk, cancelled=cancelled)
    assert facts(path)


def test_a_disk_that_gives_less_than_it_promised(tmp_path, monkeypatch):
    path = picture(tmp_path / "a.jpg")
    monkeypatch.setattr("catalog.photo_files.metadata.os.read", lambda descriptor, length: b"")
    with pytest.raises(FileChanged):
        facts(path)


def test_reading_can_be_cancelled_between_chunks(tmp_path):
    path = picture(tmp_path / "a.jpg")
    answers = iter([False, False, True])
    with pytest.raises(ReadCancelled):
        facts(path, chunk=100, cancelled=lambda: next(answers))


def test_no_descriptor_is_left_open(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        facts(tmp_path / "bad.png")
        with pytest.raises(OSError, match="not a file"):
            facts(tmp_path / "pipe")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_file_that_claims_to_be_larger_than_any_photo_is_not_read(tmp_path):
    path = tmp_path / "holes.tif"
    path.touch()
    os.truncate(path, 17 << 30)  # takes no room on the disk
    with pytest.raises(OSError, match="more than 16 GiB"):
        facts(path, cancelled=lambda: pytest.fail("it is being read"))
