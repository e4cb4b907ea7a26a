"""Folders, photos, preview: which of them has the keys, and which keys work there."""

from textual.binding import Binding

from tui.keys import KeyedApp
from tui.panes.timeline import Timeline

_PANES = ("tree", "list", "preview")


class PanesApp(KeyedApp):
    """An app with three panes."""

    BINDINGS = [
        Binding("1", "pane('tree')", "Folders", id="folders"),
        Binding("2", "pane('list')", "Photos", id="photos"),
        Binding("3", "pane('preview')", "Preview", id="preview"),
        # before the screen's own, which pass by a pane that a narrow terminal hides
        Binding("tab", "next_pane(1)", "Next pane", priority=True, id="next_pane"),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", priority=True, id="previous_pane"),
    ]

    def action_pane(self, pane: str) -> None:
        """Give the keys to a pane."""
        if pane == "preview":
            self.screen.remove_class("-sheet")  # it takes the preview's place, too
        self.screen.set_class(pane == "preview", "-preview")
        if pane == "list" and self.screen.has_class("-sheet"):
            pane = "sheet"
        elif pane == "tree" and self.screen.has_class("-timeline"):
            pane = "timeline"
        self.query_one(f"#{pane}").focus()

    def action_next_pane(self, by: int) -> None:
        """Give the keys to the next pane."""
        panes = _PANES[:2] if self.screen.has_class("-sheet") else _PANES
        here = self.focused.id if self.focused is not None and self.focused.id in panes else "list"
        if isinstance(self.focused, Timeline):
            here = "tree"
        self.action_pane(panes[(panes.index(here) + by) % len(panes)])

    def on_descendant_focus(self) -> None:
        """Say which keys work here."""
        self.show_hints()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave tab to what lies over the panes."""
        if action == "next_pane":
            return len(self.screen_stack) == 1
        return super().check_action(action, parameters)
