"""Each folder is looked at as it was last time, over sessions; a damaged file does no harm."""

import json
import os
from pathlib import Path

import pytest

from catalog.search.query import Order, Query
from tests.tui.conftest import Device, Person, device, run_app
from tui.work.views import Views, read_views, write_views


def test_what_is_remembered_comes_back_and_no_more_than_that(tmp_path: Path) -> None:
    views = Views()
    query = Query(
        folder=b"/a\xff[b]", recursive=False, order=Order.SIZE, reverse=True, starred=True, name="x"
    )
    for number in range(600):
        views.remember(Query(folder=b"/%d" % number, recursive=False), b"")
    views.remember(query, b"\xfe\x00key")
    views.remember(Query(since=1, until=2), b"k" * 16)
    write_views(tmp_path / "deep" / "views", views.dump())
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["views"]
    again = Views()
    again.load(read_views(tmp_path / "deep" / "views"))
    assert again.of_folder(b"/a\xff[b]") == query
    assert again.key_in(query) == b"\xfe\x00key"
    assert len(json.loads(again.dump())) == 499  # the timeline's parts are not kept
    assert again.of_folder(b"/0") == Query(folder=b"/0", recursive=False, order=Order.NAME)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[" * 100_000, b"{}", b"[1, null, [], {}]", b"x" * 2_000_000,
     b'[{"folder": 1, "at": "", "order": "name", "name": ""}]', b'[{"folder": "a", "at": "", "order": "name", "name": ""}]',
     b'[{"folder": "/a", "at": "", "order": "best", "name": ""}]', b'[{"folder": "/a", "at": "", "order": "name", "name": 1}]'],
    ids=range(10),
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "views").write_bytes(data)
    views = Views()
    views.load(read_views(tmp_path / "views"))
    assert views.dump() == b"[]"
    assert read_views(tmp_path) == read_views(tmp_path / "none") == b""
    write_views(tmp_path, b"[]")  # a folder is in its place


def test_order_filters_and_cursor_of_each_folder_are_there_the_next_time(tmp_path: Path) -> None:
    desk: Device = device(tmp_path, "desk")
    desk.star("2023 Dolomites/IMG_0002.jpg", "2023 Dolomites/IMG_0004.jpg")

    async def first(person: Person) -> None:
        await person.sees("IMG_0001", person.photos)
        await person.press("f", "s", "o", "n")
        await person.until(lambda: len(person.app.photos) == 2)
        await person.press("G")
        await person.until(lambda: person.cursor == b"IMG_0002.jpg")

    async def second(person: Person) -> None:
        await person.sees("starred · 2 of 5 · by name ↓", person.photos)
        assert person.cursor == b"IMG_0002.jpg"
        await person.press("1", "j", "l", "l")
        await person.sees("IMG_0006", person.photos)
        assert not person.app._query.starred

    run_app(desk.app("2023 Dolomites"), first)
    assert desk.settings.views.stat().st_mode & 0o777 == 0o600
    app = desk.app("")
    app._walk(os.fsencode(desk.album), os.fsencode(desk.album / "2023 Dolomites"))
    run_app(app, second)
