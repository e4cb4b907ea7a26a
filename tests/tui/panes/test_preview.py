"""The preview: right colours, any size, and one sentence where there is no picture."""

import os
from pathlib import Path

import pytest
from PIL import Image

from catalog.entry import Entry
from catalog.photo_files import thumbnails
from catalog.protocol import BackupStatus
from tests.conftest import HOSTILE_NAMES, draw_photo, permissions_that_count
from tests.tui.conftest import Person, StyledHost, run_app
from tests.tui.pictures.test_characters import Colour, cells
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.preview import Preview
from tui.pictures.characters import HalfBlocks
from tui.pictures.loader import Loader
from tui.pictures.loading import picture_load
from tui.pictures.picture import Picture
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.pictures.wanted import Loaded, Source, Want
from tui.work.rows import Row, file_row

RED = (255, 0, 0)
FACTS = Entry(
    "0" * 32, "x.jpg", (), 2_500_000, 1_600_000_000, 0, 4000, 3000,
    starred=True, backup_status=BackupStatus.NONE, error=None,
)  # fmt: skip


def row(folder: Path, name: bytes, photo: Entry | None) -> Row:
    return file_row(bytes(folder), name, photo)


def on_screen(person: Person) -> list[list[tuple[Colour, Colour]]]:
    """The colours of the picture that the screen shows."""
    found = map(cells, person.app.screen._compositor.render_strips())
    return [line for line in found if line]


def looks_like(person: Person, colour: tuple[int, int, int]) -> bool:
    """Whether the picture on the screen has about one colour."""
    shades = {upper for line in on_screen(person) for upper, _ in line}
    return bool(shades) and all(
        abs(a - b) < 4 for shade in shades for a, b in zip(shade, colour, strict=True)
    )


def host() -> tuple[StyledHost, Preview]:
    loader = Loader(picture_load(ThumbnailCache(), None))
    preview = Preview(loader, HalfBlocks())
    preview.styles.width, preview.styles.border = "100%", ("none", "black")
    return StyledHost(preview), preview


def test_the_photo_under_the_cursor_is_shown_with_its_facts(small_album: Path, settings: Settings) -> None:
    draw_photo(small_album / "2023 Dolomites" / "IMG_0002.jpg", 2, size=(40, 30))

    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.sees("IMG_0001.jpg.*", person.preview)
        await person.until(lambda: on_screen(person))
        assert looks_like(person, (37, 101, 0))
        await person.press("j", "s")
        await person.sees(r"40×30 · .* · ★", person.preview)
        await person.sees("IMG_0002", person.preview)
        await person.until(lambda: looks_like(person, (74, 202, 0)))

    run_app(PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), settings), script, size=(140, 40))


def test_a_picture_is_upright_in_proportion_and_in_the_middle(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.new("RGB", (80, 20), RED).save(tmp_path / "turned.png", exif=exif)
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(row(tmp_path, b"turned.png", FACTS))
        await person.until(lambda: on_screen(person))
        lines = on_screen(person)
        assert (len(lines), {len(line) for line in lines}) == (11, {6})  # 22 pixels high, a quarter as wide
        assert {line for line in person.screen if "▀" in line} == {f"{'▀▀▀▀▀▀':>23}".ljust(41)}

    run_app(app, script, size=(41, 17))


def test_photos_passed_by_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    real = thumbnails.thumbnail

    def counting(path: bytes, *box: int) -> Image.Image:
        decoded.append(os.path.basename(path))  # noqa: PTH119 (a raw path)
        return real(path, *box)

    monkeypatch.setattr(thumbnails, "thumbnail", counting)
    for number in range(20):
        draw_photo(tmp_path / f"{number}.jpg", number)
    app, preview = host()

    async def script(person: Person) -> None:
        for number in range(20):
            preview.show(row(tmp_path, b"%d.jpg" % number, None))
        await person.until(lambda: on_screen(person))
        assert decoded == [b"19.jpg"]
        preview.show(row(tmp_path, b"19.jpg", FACTS))  # the same, now scanned: only the facts change
        await person.sees("★")
        assert decoded == [b"19.jpg"]

    run_app(app, script)


def broken(path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff\xe0 no picture")


def denied(path: Path) -> None:
    draw_photo(path, 1).chmod(0)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (broken, "."),
        (lambda path: path.write_bytes(b""), "."),
        (lambda path: path.write_bytes(b"just words"), "."),
        (lambda path: path.mkdir(), "not a file"),
        (os.mkfifo, "not a file"),
        (lambda path: path.symlink_to("nowhere"), "No such file"),
        (lambda _: None, "No such file"),
        (denied, "Permission denied"),
    ],
    ids=["broken", "empty", "words", "folder", "pipe", "dangling link", "gone", "denied"],
)
def test_where_there_is_no_picture_a_sentence_says_why(tmp_path: Path, make: object, reason: str) -> None:
    make(tmp_path / "x.jpg")  # type: ignore[operator]
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(row(tmp_path, b"x.jpg", None))
        await person.sees(f"{reason}(.|\n)*x.jpg(.|\n)*not scanned yet")
        await person.until(lambda: preview.query_one(Picture)._note)
        assert on_screen(person) == []

    with permissions_that_count():
        run_app(app, script)


def test_a_reason_does_not_stay_when_the_cursor_moves_on(tmp_path: Path) -> None:
    broken(tmp_path / "broken.jpg")
    draw_photo(tmp_path / "sound.jpg", 1)
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(row(tmp_path, b"broken.jpg", FACTS))
        await person.until(lambda: preview.query_one(Picture)._note)
        preview.show(row(tmp_path, b"sound.jpg", FACTS))
        await person.until(lambda: on_screen(person))
        preview.show(None)
        await person.until(lambda: not "".join(person.screen).strip())

    run_app(app, script)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (3, 6), (10, 4), (12, 20), (60, 8)])
def test_any_size_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    draw_photo(tmp_path / "a.jpg", 1, size=(64, 48))
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(row(tmp_path, b"a.jpg", FACTS))
        await person.pilot.pause()
        await person.pilot.resize_terminal(80, 24)
        await person.until(lambda: len(on_screen(person)) > 5)
        await person.pilot.resize_terminal(*size)
        await person.until(lambda: {len(line) for line in person.screen} == {size[0]})

    run_app(app, script, size=size)


@pytest.mark.parametrize("error", ["", "\x1b[2J\u202e[/b] bad"])
def test_hostile_facts_are_shown_harmless(tmp_path: Path, error: str) -> None:
    app, preview = host()

    async def script(person: Person) -> None:
        for name in HOSTILE_NAMES:
            preview.show(row(tmp_path, name, FACTS._replace(error=error)))
            source = Source(os.path.join(bytes(tmp_path), name), FACTS.md5)  # noqa: PTH118 (a raw path)
            picture = preview.query_one(Picture)
            want = Want(source, *picture.size, HalfBlocks())
            picture.post_message(Picture.Ready(want, Loaded(problem=f"{os.fsdecode(name)} cannot be shown")))
            await person.until(lambda: "cannot be shown" in " ".join(person.screen))
            assert not any(map(hidden_in, person.screen))
        await person.sees("4000×3000")

    run_app(app, script)
