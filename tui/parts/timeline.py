"""The timeline in the place of the folder tree, by key."""

from textual import on
from textual.binding import Binding

from catalog.search.timeline import Period
from tui import messages
from tui.config.settings import Settings
from tui.panes.timeline import Timeline
from tui.parts.folders import FoldersApp


class TimelineApp(FoldersApp):
    """An app that shows its photos by date, too."""

    BINDINGS = [Binding("t", "timeline", "Timeline or folders", id="timeline")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is read yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._before_timeline = self._query

    def action_timeline(self) -> None:
        """Show the timeline in the place of the folders, or the folders again."""
        self.screen.toggle_class("-timeline")
        if self._in_timeline:
            self._before_timeline = self._query
            timeline = self.query_one(Timeline)
            timeline.reload()
            timeline.choose(timeline.cursor_node or timeline.root, enter=False)
        else:
            self._list(self._before_timeline)
        self.action_pane("tree")

    @property
    def _in_timeline(self) -> bool:
        return self.screen_stack[0].has_class("-timeline")

    @on(Timeline.ChildrenWanted)
    def _count_periods(self, event: Timeline.ChildrenWanted) -> None:
        self._background.run(f"periods {event.within}", lambda _: self._read_periods(event.within))

    def _read_periods(self, within: Period | None) -> None:
        periods = self._reader.periods(within)
        span = self._reader.span(periods) if within is None else None
        self.post_message(messages.PeriodsRead(within, periods, span))

    @on(messages.PeriodsRead)
    def _fill_timeline(self, event: messages.PeriodsRead) -> None:
        timeline = self.query_one(Timeline)
        timeline.fill(event.within, event.periods)
        if event.span is not None:
            timeline.show_span(event.span)

    @on(messages.PhotosChanged)
    def _count_again(self) -> None:
        if self._in_timeline:
            self.query_one(Timeline).reload()

    @on(Timeline.Chosen)
    def _choose_period(self, event: Timeline.Chosen) -> None:
        if self._in_timeline:
            if event.query != self._query:
                self._list(event.query)
            if event.enter:
                self.action_pane("list")
