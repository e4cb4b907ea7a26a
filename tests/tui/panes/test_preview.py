"""The preview: right colours, any size, and one sentence where there is no picture."""

import os
from pathlib import Path

import pytest
from PIL import Image
from textual.strip import Strip

from catalog.photo_files import pixels
from catalog.reader import FolderPhoto
from tests.conftest import HOSTILE_NAMES, draw_photo, permissions_that_count
from tests.tui.conftest import Host, Person, run_app
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.preview import Preview, half_blocks

Colour = tuple[int, ...]
RED, GREEN, BLUE, WHITE, GREY, BLACK = (
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (9, 9, 9), (0, 0, 0),
)  # fmt: skip
FACTS = FolderPhoto("0" * 32, 2_500_000, 1_600_000_000, 0, 4000, 3000, starred=True, error=None)


def cells(strip: Strip) -> list[tuple[Colour, Colour]]:
    """The colours of the upper and the lower half of each half block of a line."""
    found = []
    for segment in strip:
        assert segment.style is not None
        upper, lower = segment.style.color, segment.style.bgcolor
        found += [
            (tuple(upper.triplet), tuple(lower.triplet))  # type: ignore[union-attr]
            for character in segment.text
            if character == "▀"
        ]
    return found


def picture(*rows: list[tuple[int, int, int]]) -> Image.Image:
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([colour for row in rows for colour in row])
    return image


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


def host() -> tuple[Host, Preview]:
    preview = Preview()
    return Host(preview), preview


def test_each_cell_shows_two_pixels() -> None:
    upper, lower = half_blocks(picture([RED, GREEN], [BLUE, WHITE], [GREY, BLACK], [RED, RED]))
    assert cells(upper) == [(RED, BLUE), (GREEN, WHITE)]
    assert cells(lower) == [(GREY, RED), (BLACK, RED)]
    assert (upper.cell_length, upper.text) == (2, "▀▀")


def test_an_odd_line_at_the_bottom_is_shown_too() -> None:
    lines = half_blocks(picture([RED, GREEN], [BLUE, WHITE], [GREY, RED]))
    assert list(map(cells, lines)) == [[(RED, BLUE), (GREEN, WHITE)], [(GREY, GREY), (RED, RED)]]
    assert cells(half_blocks(picture([RED]))[0]) == [(RED, RED)]


def test_runs_of_one_colour_cost_one_segment() -> None:
    (line,) = half_blocks(picture([RED] * 50 + [GREEN] * 30, [RED] * 60 + [BLUE] * 20))
    assert len(list(line)) == 3
    assert cells(line) == [(RED, RED)] * 50 + [(GREEN, RED)] * 10 + [(GREEN, BLUE)] * 20


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
        preview.show(bytes(tmp_path), b"turned.png", FACTS)
        await person.until(lambda: on_screen(person))
        lines = on_screen(person)
        assert (len(lines), {len(line) for line in lines}) == (13, {7})  # 26 pixels high, a quarter as wide
        assert {line for line in person.screen if "▀" in line} == {"▀▀▀▀▀▀▀".center(41)}

    run_app(app, script, size=(41, 17))


def test_photos_passed_by_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    real = pixels.thumbnail

    def counting(path: bytes, *box: int) -> Image.Image:
        decoded.append(os.path.basename(path))  # noqa: PTH119 (a raw path)
        return real(path, *box)

    monkeypatch.setattr(pixels, "thumbnail", counting)
    for number in range(20):
        draw_photo(tmp_path / f"{number}.jpg", number)
    app, preview = host()

    async def script(person: Person) -> None:
        for number in range(20):
            preview.show(bytes(tmp_path), b"%d.jpg" % number, None)
        await person.until(lambda: on_screen(person))
        assert decoded == [b"19.jpg"]
        preview.show(bytes(tmp_path), b"19.jpg", FACTS)  # the same, now scanned: only the facts change
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
        preview.show(bytes(tmp_path), b"x.jpg", None)
        await person.sees(f"{reason}(.|\n)*x.jpg(.|\n)*not scanned yet")
        await person.until(lambda: preview._note)
        assert on_screen(person) == []

    with permissions_that_count():
        run_app(app, script)


def test_a_reason_does_not_stay_when_the_cursor_moves_on(tmp_path: Path) -> None:
    broken(tmp_path / "broken.jpg")
    draw_photo(tmp_path / "sound.jpg", 1)
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(bytes(tmp_path), b"broken.jpg", FACTS)
        await person.until(lambda: preview._note)
        preview.show(bytes(tmp_path), b"sound.jpg", FACTS)
        await person.until(lambda: on_screen(person))
        preview.show(bytes(tmp_path), None, None)
        await person.until(lambda: not "".join(person.screen).strip())

    run_app(app, script)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (3, 6), (10, 4), (12, 20), (60, 8)])
def test_any_size_will_do(tmp_path: Path, size: tuple[int, int]) -> None:
    draw_photo(tmp_path / "a.jpg", 1, size=(64, 48))
    app, preview = host()

    async def script(person: Person) -> None:
        preview.show(bytes(tmp_path), b"a.jpg", FACTS)
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
            preview.show(bytes(tmp_path), name, FACTS._replace(error=error))
            preview.post_message(Preview.Ready([], f"{os.fsdecode(name)} cannot be shown"))
            await person.until(lambda: "cannot be shown" in " ".join(person.screen))
            assert not any(map(hidden_in, person.screen))
        await person.sees("4000×3000")

    run_app(app, script)
