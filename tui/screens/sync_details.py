"""What syncs and backups have done, what they left, and the way back: sections to read, one at a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.config.settings import Settings
from tui.messages import CatalogChanged, SyncLogged
from tui.screens.foot import foot, key_of
from tui.screens.question import QuestionScreen
from tui.terminal.in_turn import Asking
from tui.words.shown import shown
from tui.work import sync_sections
from tui.work.background import Background
from tui.work.catalog_thread import CatalogThread, Job
from tui.work.sync_log import SyncLog
from tui.work.sync_sections import Line, Section

if TYPE_CHECKING:
    from catalog.rollback import Rollback
    from catalog.store import SqlCatalog

_SECTIONS = list(Section)
_HINTS = {
    Section.SYNCS: ("sync", "sync now"),
    Section.HISTORY: ("ask_remote", "ask the remote"),
    Section.POINTS: ("enter", "roll back to this point"),
    Section.PENDING: ("sync", "sync now"),
    Section.BACKUP: ("backup", "back up now"),
}


class SyncDetailsScreen(ModalScreen[None], Asking):
    """The details. Opening it asks the catalog only; the remote is asked by key."""

    BINDINGS = [
        *(
            Binding(str(n), f"section({n - 1})", name.capitalize(), id=f"section_{n}")
            for n, name in enumerate(_SECTIONS, 1)
        ),
        Binding("tab", "next_section(1)", "Next section", show=False, id="next_pane"),
        Binding("shift+tab", "next_section(-1)", "Previous section", show=False, id="previous_pane"),
        Binding("r", "ask_remote", "Ask the remote for its commits", id="ask_remote"),
        Binding("S", "app.sync", "Sync now", id="sync"),
        Binding("B", "app.backup", "Back up the starred originals now", id="backup"),
        Binding("j", "scroll('cursor_down')", "Down", show=False, id="down"),
        Binding("k", "scroll('cursor_up')", "Up", show=False, id="up"),
        Binding("g", "scroll('first')", "To the top", show=False, id="first"),
        Binding("G", "scroll('last')", "To the end", show=False, id="last"),
        Binding("escape,q,y", "dismiss(None)", "Back", id="back"),
    ]

    @dataclass
    class Read(Message):
        """A section as it is now."""

        section: Section
        lines: list[Line]

    @dataclass
    class RolledBack(Message):
        """Photos were put back as they were. It goes to the app."""

        done: "Rollback"

    @dataclass
    class Failed(Message):
        """Something could not be read or done."""

        reason: str

    def __init__(
        self,
        settings: Settings,
        catalog: CatalogThread,
        background: Background,
        log: SyncLog,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the screen.

        Args:
            settings: the remote.
            catalog: reads the catalog, and rolls back.
            background: asks the remote.
            log: this session's syncs.
            now: Unix seconds.
        """
        super().__init__()
        self._settings = settings
        self._catalog = catalog
        self._background = background
        self._log = log
        self._now = now
        self._section = Section.SYNCS
        self._commits: list[Line] = []
        self._keys: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out the sections' names, one section, and the keys."""
        with Vertical() as box:
            box.border_title = "Sync details"
            yield Static(id="sections")
            yield OptionList(id="lines")
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Show the first section."""
        self._keys = {action: key_of(self, action) for action in ("sync", "backup", "ask_remote")}
        ask = f"Press {self._keys['ask_remote']} to ask the remote for its commits."
        self._commits = [Line(Text(ask, "dim"))]
        self.action_section(0)

    def action_section(self, number: int) -> None:
        """Show a section, from its top."""
        self._section = _SECTIONS[number]
        names = Text()
        for n, section in enumerate(_SECTIONS, 1):
            here = "reverse" if section is self._section else ""
            names.append(key_of(self, f"section_{n}"), "bold").append(" ").append(section, here).append("   ")
        self.query_one("#sections", Static).update(names)
        self._fill([])
        self._read()

    def action_next_section(self, by: int) -> None:
        """Show the next section."""
        self.action_section((_SECTIONS.index(self._section) + by) % len(_SECTIONS))

    def action_scroll(self, action: str) -> None:
        """Move the cursor."""
        getattr(self.query_one(OptionList), f"action_{action}")()

    def on_catalog_changed(self, _: CatalogChanged) -> None:
        """Read the section anew."""
        self._read()

    def on_sync_logged(self, _: SyncLogged) -> None:
        """Show how far the sync has come."""
        if self._section is Section.SYNCS:
            self._read()

    def _read(self) -> None:
        """Have the section read; what is in memory is shown at once."""
        if self._section is Section.SYNCS:
            self._fill(sync_sections.syncs(self._log, self._keys, self._now()))
        elif self._section is Section.HISTORY:
            self._fill(self._commits)
        else:
            section, keys = self._section, self._keys
            url, log, now = self._settings.remote or "", self._log, self._now()
            read: Callable[[SqlCatalog], list[Line]] = {
                Section.POINTS: lambda catalog: sync_sections.points(catalog, keys),
                Section.PENDING: sync_sections.pending,
                Section.BACKUP: lambda catalog: sync_sections.backup(catalog, url, log, keys, now),
            }[section]
            self.asked = 1
            self._do(lambda catalog: self.post_message(self.Read(section, read(catalog))))

    def _do(self, job: Job) -> None:
        self._catalog.ask(job, lambda reason: self.post_message(self.Failed(reason)))

    def on_sync_details_screen_read(self, event: Read) -> None:
        """Show what was read, if it is still wanted."""
        if event.section is Section.HISTORY:
            self._commits = event.lines
        if event.section is self._section:
            self.asked = 0
            self._fill(event.lines)

    def on_sync_details_screen_failed(self, event: Failed) -> None:
        """Say what went wrong."""
        self.asked = 0
        self.notify(shown(event.reason), severity="error", markup=False)

    def _tell_keys(self, lines: list[Line]) -> None:
        points = any(line.point is not None for line in lines)
        has_use = points if self._section is Section.POINTS else self._settings.remote is not None
        hints = [_HINTS[self._section]] if has_use else []
        self.query_one("#keys", Static).update(foot(self, [*hints, ("back", "back")]))

    def _fill(self, lines: list[Line]) -> None:
        self._tell_keys(lines)
        listed = self.query_one(OptionList)
        cursor, scrolled = listed.highlighted, listed.scroll_offset.y
        listed.clear_options()
        points = [number for number, line in enumerate(lines) if line.point is not None]
        for line in lines:
            point = None if line.point is None else str(line.point)
            listed.add_option(Option(line.text, id=point, disabled=bool(points) and point is None))
        if lines:
            first = points[0] if points else 0  # of those that enter does something with
            listed.highlighted = max(first, min(cursor or 0, len(lines) - 1))
            listed.scroll_to(y=scrolled, animate=False)
        listed.focus()

    def action_ask_remote(self) -> None:
        """Ask the remote for its commits."""
        if self._settings.remote is None:
            self.notify("There is no remote to ask: stars are kept on this device.", markup=False)
            return
        self.action_section(_SECTIONS.index(Section.HISTORY))
        self._fill([Line(Text(f"Asking {shown(self._settings.remote)}…", "dim"))])
        self._background.run("history", self._ask_remote)

    def _ask_remote(self, stale: Callable[[], bool]) -> None:
        for lines in sync_sections.commits(self._settings, self._keys):
            if stale():
                return
            self.post_message(self.Read(Section.HISTORY, lines))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask whether to roll back to the point under the cursor."""
        if event.option_id is None:
            return
        point = int(event.option_id)
        question = QuestionScreen(
            f"Roll back to {point}",
            f"Put the photos back as they were at restore point {point}?",
            "That undoes what has come from elsewhere since then; what was changed here stays. The next "
            "sync sends it. It makes a restore point of its own, so it can be undone.",
            {"y": "roll back"},
        )
        self.app.push_screen(question, partial(self._roll_back, point))

    def _roll_back(self, point: int, answer: str | None) -> None:
        app = self.app  # it hears of it even if this screen is left meanwhile

        def job(catalog: "SqlCatalog") -> None:
            from catalog.rollback import roll_back

            app.post_message(self.RolledBack(roll_back(catalog, point)))

        if answer is not None:
            self._do(job)
