"""Names whose ü is a u and a mark, as Macs write them, are found by the ü of a keyboard, and the other way."""

from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest

from tests.conftest import draw_photo
from tests.tui.commands.conftest import Device

FORMS = ["NFC", "NFD"]


@pytest.mark.parametrize("on_disk", FORMS)
@pytest.mark.parametrize("typed", FORMS)
def test_photos_are_found_and_restored(
    device: Callable[[str], Device], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: str, typed: str
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())
    desk = device("desk")
    bridge = draw_photo(desk.album / normalize(on_disk, "Zürich/März/Brücke.jpg"), 20)
    desk("scan", desk.album)
    desk("star", bridge)
    assert desk("backup").status == 0
    (row,) = desk("list", "--name", normalize(typed, "brü"), "--json").rows
    assert row["paths"] == [str(bridge)]
    for folder in ("Zürich", "Zürich/März"):
        to = tmp_path / normalize("NFC", folder)
        assert "1 original restored" in desk("restore", "--folder", normalize(typed, folder), "--to", to).out
        assert (to / bridge.relative_to(desk.album)).exists()


def test_a_restore_makes_no_second_folder_that_looks_like_the_one_that_is_there(
    device: Callable[[str], Device], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "remote").as_uri())
    desk = device("desk")
    bridge = draw_photo(desk.album / normalize("NFD", "Zürich/März/Brücke.jpg"), 20)
    desk("scan", desk.album)
    desk("star", bridge)
    assert desk("backup").status == 0
    there = tmp_path / "back" / normalize("NFC", "Zürich")
    there.mkdir(parents=True)
    assert "1 original restored" in desk("restore", "--starred", "--to", tmp_path / "back").out
    assert [path.name for path in (tmp_path / "back").iterdir()] == [there.name]
    assert (there / normalize("NFD", "März/Brücke.jpg")).exists()
