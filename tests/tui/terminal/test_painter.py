"""Whatever happens in the app, the terminal shows what Textual's own compositor would have painted."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from unicodedata import normalize

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._compositor import Compositor
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets._toast import Toast

from tests.terminal import Screen
from tests.tui.conftest import PATIENCE
from tui.terminal.compositor import hold_paint
from tui.terminal.painter import CellPaintedApp, rows_moved

SIZE = (60, 16)
WORDS = ["plain", "日本語", "cafe\u0301", "ゆき", "naïve", "한국", "x", "n\u0303", "a longer name", "🌵"]
STYLES = [Style.parse(words) for words in ("bold red", "on #204060", "dim", "reverse", "underline green", "")]

DOINGS = (
    "scroll", "scroll", "change", "change", "two", "hold", "both", "words", "over", "back", "size", "drawn", "hide",
)  # fmt: skip


class Lines(Widget, can_focus=True):
    """Lines of all sorts, that scroll."""

    top = 0
    changed: dict[int, int] = {}

    def render_line(self, y: int) -> Strip:
        line = self.top + y
        rnd = random.Random(line * 1000 + self.changed.get(line, 0))
        segments = [Segment(f"{rnd.choice(WORDS)} ", rnd.choice(STYLES)) for _ in range(rnd.randrange(7))]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def scroll_lines(self, by: int) -> None:
        self.top += by
        rows_moved(self, by)
        self.refresh()

    def change(self, y: int, to: int) -> None:
        self.changed = {**self.changed, self.top + y: to}
        self.refresh(Region(0, y, self.size.width, 1))


class Over(ModalScreen[None]):
    """A screen that lies over another."""

    CSS = "Over { align: center middle; } Over Lines { width: 31; height: 7; border: round red; }"

    def compose(self) -> ComposeResult:
        yield Lines()


class Painted(CellPaintedApp):
    """Two lists beside each other, and a line below."""

    CSS = "Horizontal { height: 1fr; } Lines { width: 1fr; } #second { border: round blue; } Static { height: 1; }"
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Lines(id="first")
            yield Lines(id="second")
        yield Static("status", id="status", markup=False)


class Terminal:
    """Stands where the driver is, and shows what is written to it."""

    is_headless = is_inline = False

    def __init__(self, driver: object) -> None:
        self.driver = driver
        self.screen = Screen(*SIZE, lambda _: None)
        self.written = 0

    def write(self, data: str) -> None:
        self.written += len(data)
        self.screen.feed(data.encode())

    def __getattr__(self, name: str) -> object:
        return getattr(self.driver, name)


def cells_of(screen: Screen) -> list[list[object]]:
    cells = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    # only the first character: what combines may be cut off from its letter where one screen lies over another
    return [[cell._replace(data=normalize("NFC", cell.data)[:1]) for cell in line] for line in cells]


def as_composed(app: CellPaintedApp) -> list[list[object]]:
    """What the screen would be if all of it were painted anew, by Textual's own rules."""
    screen, system = Screen(*app.size, lambda _: None), app.console._color_system or ColorSystem.TRUECOLOR
    textuals = Compositor()
    vars(textuals).update(vars(app.screen._compositor))
    for y, strip in enumerate(textuals.render_strips()):
        screen.feed(f"\x1b[{y + 1}H".encode())
        for text, style, _ in strip:
            screen.feed(Strip.render_style(style or Style(), text, system).encode())
    return cells_of(screen)


async def do(app: CellPaintedApp, rnd: random.Random) -> str:
    """Do something at random; returns its name."""
    lists = list(app.screen.query(Lines))
    at = rnd.choice(lists)
    what = rnd.choice(DOINGS)
    if what == "scroll":
        at.scroll_lines(rnd.choice([1, 1, 2, -1, -3, 9]))
    elif what == "change":
        at.change(rnd.randrange(1 + at.size.height), rnd.randrange(1000))
    elif what == "two":
        at.change(1, rnd.randrange(1000))
        at.change(at.size.height - 2, rnd.randrange(1000))
    elif what == "hold":
        hold_paint(at, held=True)
        at.change(2, rnd.randrange(1000))
        lists[0].scroll_lines(3)
        hold_paint(at, held=False)
    elif what == "both":
        lists[0].scroll_lines(1)
        lists[-1].scroll_lines(-1)
    elif what == "words":
        app.screen_stack[0].query_one(Static).update(rnd.choice(WORDS) * rnd.randrange(3))
    elif what == "over" and len(app.screen_stack) < 3:
        await app.push_screen(Over())
    elif what == "back" and len(app.screen_stack) > 1:
        await app.pop_screen()
    elif what == "size":
        lists[0].styles.width = rnd.choice([10, 25, 33])
    elif what == "drawn":
        app.forget_cells(Region(3, 2, 7, 3))
        at.refresh()
    elif what == "hide":
        lists[-1].display = not lists[-1].display
    return what


async def painted(pilot: Pilot[None], terminal: Terminal, done: object = None) -> None:
    """Wait until the terminal shows what it should."""
    deadline = time.monotonic() + PATIENCE
    await pilot.pause(0.005)
    while (here := cells_of(terminal.screen)) != (there := as_composed(pilot.app)):  # type: ignore[arg-type]
        if time.monotonic() > deadline:
            pairs = [zip(mine, other, strict=True) for mine, other in zip(here, there, strict=True)]
            differing = [
                (y, x, *pair)
                for y, line in enumerate(pairs)
                for x, pair in enumerate(line)
                if pair[0] != pair[1]
            ]
            raise AssertionError(f"{done}: {differing[:3]}")
        await pilot.pause(0.005)


def on_a_terminal(script: Callable[[Painted, Pilot[None], Terminal], Awaitable[None]], **how: bool) -> None:
    """Run the app on a terminal that already shows it, and have something happen there."""

    async def run() -> None:
        app = Painted()
        async with app.run_test(size=SIZE, **how) as pilot:
            app._driver = terminal = Terminal(app._driver)  # type: ignore[assignment]
            app.refresh()
            await painted(pilot, terminal)
            await script(app, pilot, terminal)
            app._driver = terminal.driver  # type: ignore[assignment]

    asyncio.run(run())


@pytest.mark.parametrize("seed", range(3))
def test_the_terminal_shows_what_the_compositor_would(seed: int) -> None:
    async def script(app: Painted, pilot: Pilot[None], terminal: Terminal) -> None:
        rnd, done = random.Random(seed), []
        for _ in range(20):
            done.append(await do(app, rnd))
            await painted(pilot, terminal, done)

    on_a_terminal(script)


def test_what_lay_under_a_notification_is_painted_when_it_has_gone_though_something_hidden_was_refreshed() -> (
    None
):
    async def script(app: Painted, pilot: Pilot[None], terminal: Terminal) -> None:
        app.query_one(Horizontal).display = False
        app.notify("for a moment", timeout=0.3)
        while not app.query(Toast):
            await pilot.pause()
        await painted(pilot, terminal)
        app.query_one("#first").refresh()
        while app.query(Toast):
            await pilot.pause(0.02)
        await painted(pilot, terminal)

    on_a_terminal(script, notifications=True)


def test_a_list_across_the_whole_terminal_scrolls_by_a_few_bytes() -> None:
    async def script(app: Painted, pilot: Pilot[None], terminal: Terminal) -> None:
        app.query_one("#second").display = False
        await painted(pilot, terminal)
        terminal.written = 0
        for _ in range(10):
            app.query_one("#first", Lines).scroll_lines(1)
            await painted(pilot, terminal)
        assert 0 < terminal.written < 10 * (SIZE[0] + 150)

    on_a_terminal(script)


def test_lines_that_have_not_changed_are_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[tuple[str | None, range]] = []
    render_lines = Widget.render_lines

    def note(widget: Widget, crop: Region) -> list[Strip]:
        rendered.append((widget.id, range(crop.y, crop.bottom)))
        return render_lines(widget, crop)

    async def script(app: Painted, *_: object) -> None:
        first, compositor = app.query_one("#first"), app.screen._compositor
        first.refresh(Region(0, 2, 9, 1), Region(0, 3, 9, 1), Region(0, 12, 9, 1))
        compositor.update_widgets({first})
        monkeypatch.setattr(Widget, "render_lines", note)
        compositor.render_update()
        monkeypatch.undo()

    on_a_terminal(script)
    assert rendered == [("first", range(2, 4)), ("first", range(12, 13))]


def test_the_cursor_that_input_methods_go_by_is_where_the_app_says() -> None:
    async def script(app: Painted, pilot: Pilot[None], terminal: Terminal) -> None:
        app.cursor_position = Offset(7, 3)
        app.query_one(Static).update("elsewhere")
        await painted(pilot, terminal)
        assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (7, 3)

    on_a_terminal(script)


def test_what_is_not_known_is_painted_by_textual_and_all_is_written_again() -> None:
    async def script(app: Painted, pilot: Pilot[None], terminal: Terminal) -> None:
        app._display(app.screen, Text("not an update of the compositor"))
        assert "not an update" in "\n".join(terminal.screen.display)
        app.refresh()
        await painted(pilot, terminal)

    on_a_terminal(script)
