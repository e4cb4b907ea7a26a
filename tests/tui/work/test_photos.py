"""The photos on the screen, without a screen: order, cursor, marks, stars on their way, rows read by window."""

import queue
import threading
from collections.abc import Sequence

import pytest
from textual.message import Message

from catalog.search.query import Md5s, Order, Query
from tui.work.background import Background
from tui.work.photo_changes import CursorMoved, OrderChanged, RowsChanged
from tui.work.photos import Photos
from tui.work.row_window import RowsRead
from tui.work.rows import PackedKeys, Row, Where, ref_of, unknown_row

PATIENCE = 10
FOLDER = Query(folder=b"/a", recursive=False, order=Order.NAME)
NAMES = [b"IMG_%05d.jpg" % number for number in range(100_000)]


class Desk:
    """A `Photos` whose rows are read on real threads, and that notes what it tells."""

    def __init__(self) -> None:
        self.reads: list[list[bytes]] = []
        self.stars: set[bytes] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.posted: queue.Queue[Message] = queue.Queue()
        self.told: list[Message] = []
        self.photos = Photos(self.read, Background(), self.posted.put)
        self.photos.listen(self.told.append)

    def read(self, query: Query, keys: Sequence[bytes]) -> list[Row]:
        self.reads.append(list(keys))
        stars = set(self.stars)  # as it was when the read began
        assert self.gate.wait(PATIENCE)
        if b"unreadable" in keys:
            raise OSError("the disk is gone")
        return [
            unknown_row(query, key)._replace(known=True, starred=key in stars, md5=key.hex())
            for key in keys
            if key != b"gone"
        ]

    def settle(self) -> None:
        """Give it one read."""
        message = self.posted.get(timeout=PATIENCE)
        assert isinstance(message, RowsRead)
        self.photos.take(message)

    def heard(self) -> list[Message]:
        told, self.told[:] = list(self.told), []
        return told


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_rows_are_read_by_window_and_only_once(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES)
    assert photos.row(50_000) == Row(NAMES[50_000], NAMES[50_000], b"/a/" + NAMES[50_000], None)
    photos.look(50_000, 40)
    desk.settle()
    assert desk.reads == [NAMES[49_960:50_080]]
    assert photos.row(50_000).known
    assert desk.heard()[-1].keys == set(NAMES[49_960:50_080])
    for first in range(50_000, 50_020):  # still in what was read
        photos.look(first, 40)
    assert len(desk.reads) == 1
    photos.look(50_030, 40)
    desk.settle()
    assert desk.reads[1] == NAMES[50_080:50_110]


def test_while_one_read_goes_on_only_the_newest_window_is_remembered(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES)
    desk.gate.clear()
    for first in range(0, 90_000, 1000):
        photos.look(first, 10)
    desk.gate.set()
    desk.settle()
    desk.settle()
    assert [read[0] for read in desk.reads] == [NAMES[0], NAMES[89_000 - 10]]
    assert photos.row(89_000).known
    assert not photos.row(45_000).known


def test_few_rows_are_kept_of_many(desk: Desk) -> None:
    desk.photos.show(FOLDER, NAMES)
    for first in range(0, 20_000, 100):
        desk.photos.look(first, 100)
        desk.settle()
    assert desk.photos.row(19_950).known
    assert sum(desk.photos.row(index).known for index in range(20_000)) <= 3000


def test_what_is_gone_or_cannot_be_read_is_not_asked_for_again(desk: Desk) -> None:
    for names in ([b"a", b"gone"], [b"unreadable"]):
        desk.photos.show(FOLDER, names)
        desk.photos.look(0, 5)
        desk.settle()
        desk.photos.look(0, 5)
        assert all(desk.photos.row(index).known for index in range(len(names)))
    assert len(desk.reads) == 2


def test_what_was_read_before_a_star_never_hides_it(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES[:3])
    desk.gate.clear()
    photos.look(0, 3)  # reads while there is no star
    ref = ref_of(FOLDER, NAMES[1])
    photos.want([ref], is_starred=True)
    assert (photos.row(1).starred, photos.row(1).waiting) == (True, True)
    while not desk.reads:
        pass
    desk.stars.add(NAMES[1])
    photos.settle([ref], {NAMES[1].hex()}, is_starred=True)
    desk.gate.set()
    desk.settle()  # thrown away, and read again
    assert not photos.row(1).known
    desk.settle()
    assert (photos.row(1).starred, photos.row(1).waiting) == (True, False)


def test_a_star_waits_until_all_that_were_asked_for_are_written(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES[:3])
    photos.look(0, 3)
    desk.settle()
    ref = ref_of(FOLDER, NAMES[0])
    photos.want([ref], is_starred=True)
    photos.want([ref], is_starred=False)
    photos.settle([ref], {NAMES[0].hex()}, is_starred=True)
    assert (photos.row(0).starred, photos.row(0).waiting) == (False, True)
    photos.settle([ref], {NAMES[0].hex()}, is_starred=False)
    assert (photos.row(0).starred, photos.row(0).waiting) == (False, False)
    photos.want([ref], is_starred=True)
    photos.settle([ref], (), is_starred=True)  # could not be written
    assert (photos.row(0).starred, photos.row(0).waiting) == (False, False)


def test_the_cursor_stays_on_its_photo_and_its_moves_are_told(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES[:100])
    assert [type(told) for told in desk.heard()] == [OrderChanged]
    photos.move_by(-1)
    photos.move_to(40)
    photos.move_by(1000)
    assert desk.heard() == [CursorMoved(0, 40), CursorMoved(40, 99)]
    photos.move_to(40)
    photos.show(Query(folder=b"/a", recursive=False, order=Order.DATE), NAMES[:100][::-1])
    assert photos.current is not None
    assert photos.current.name == NAMES[40]
    assert photos.cursor == 59
    photos.show(FOLDER, NAMES[:100])
    photos.show(FOLDER, [NAMES[3], *NAMES[50:60]])  # it is gone: on to the next that is there
    assert photos.current.name == NAMES[50]
    photos.show(FOLDER, NAMES[:40])
    assert photos.cursor == 1  # none is
    photos.show(Query(folder=b"/b", recursive=False), NAMES[:100], at=NAMES[7])
    assert photos.cursor == 7
    assert photos.go_to(NAMES[50])
    assert not photos.go_to(b"elsewhere")
    assert photos.cursor == 50
    photos.show(Query(folder=b"/c", recursive=False), [])
    assert (photos.cursor, photos.current) == (0, None)


def test_the_cursor_finds_its_photo_among_all_below(desk: Desk) -> None:
    photos = desk.photos
    md5s = [f"{number:032x}" for number in range(50)]
    photos.show(FOLDER, NAMES[:50])
    photos.learn(
        Row(name, name, b"/a/" + name, md5, known=True) for name, md5 in zip(NAMES, md5s, strict=False)
    )
    photos.move_to(20)
    photos.show(Query(folder=b"/a", order=Order.DATE), PackedKeys(Md5s(reversed(md5s))))
    assert photos.cursor == 29
    assert photos.current is not None
    assert (photos.current.md5, photos.current.where) == (md5s[20], Where.HERE)


def test_marks_and_the_range_belong_to_a_place(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES[:20])
    photos.marks.toggle(NAMES[2])
    photos.marks.anchor = 5
    photos.move_to(8)
    assert [index for index in range(20) if photos.is_marked(index)] == [2, 5, 6, 7, 8]
    photos.show(Query(folder=b"/a", recursive=False, order=Order.NAME, name="IMG"), NAMES[:10])
    assert [index for index in range(10) if photos.is_marked(index)] == [2]
    photos.show(Query(folder=b"/b", recursive=False), NAMES[:20])
    assert not any(photos.is_marked(index) for index in range(20))


def test_what_is_typed_is_meant_for_the_photos_that_come(desk: Desk) -> None:
    photos, done = desk.photos, []
    photos.when_there(lambda: done.append("before the first"))
    photos.expect(FOLDER)
    photos.show(FOLDER, NAMES[:3])
    assert done == ["before the first"]
    slow, other = Query(folder=b"/slow", recursive=False), Query(folder=b"/other", recursive=False)
    photos.expect(slow)
    photos.when_there(lambda: done.append("slow"))
    photos.expect(other)
    photos.when_there(lambda: done.append("other"))
    photos.show(slow, NAMES[:3])
    assert done == ["before the first"]
    photos.show(other, NAMES[:3])
    assert done == ["before the first", "other"]
    photos.when_there(lambda: done.append("now"))
    photos.expect(slow)
    photos.when_there(lambda: done.append("never"))
    photos.expect(other)  # back, before it came
    assert done == ["before the first", "other", "now"]
    assert photos.ready


def test_packed_keys_are_found_where_they_are_and_nowhere_else() -> None:
    keys = PackedKeys(Md5s(f"{number:032x}" for number in range(1000)))
    assert [keys.index(keys[number]) for number in (0, 1, 500, 999)] == [0, 1, 500, 999]
    assert keys[10:12] == [bytes(15) + b"\x0a", bytes(15) + b"\x0b"]
    for missing in (b"\x01" + bytes(15), b"", bytes(8)):
        with pytest.raises(ValueError, match="no such"):
            keys.index(missing)


def test_news_that_are_none_are_not_told(desk: Desk) -> None:
    photos = desk.photos
    photos.show(FOLDER, NAMES[:3])
    photos.look(0, 3)
    desk.settle()
    desk.heard()
    photos.doubt()
    desk.settle()
    photos.show(FOLDER, list(NAMES[:3]))
    photos.learn([photos.row(0)])
    assert desk.heard() == []
    photos.learn([photos.row(0)._replace(size=7)])
    assert desk.heard() == [RowsChanged({NAMES[0]})]
