"""The stars: given and taken by key, one photo or all marked; undone and done again."""

from collections.abc import Sequence
from functools import partial

from textual import on
from textual.binding import Binding

from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar, Work
from tui.parts.backing_up import BackingUpApp
from tui.words.facts import plural, were
from tui.words.shown import shown
from tui.work import starring
from tui.work.catalog_thread import Job
from tui.work.rows import Ref, key_of, ref_of
from tui.work.star_step import StarStep

_NO_PHOTO = "There is no photo here."
_MOST = 100_000  # photos to be marked together: they are looked at on the screen's own thread


class StarringApp(BackingUpApp):
    """An app that stars photos."""

    BINDINGS = [
        Binding("u", "undo", "Undo the last star", id="undo"),
        Binding("U", "redo", "Do again what was undone", id="redo"),
    ]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._done: list[StarStep] = []
        self._undone: list[StarStep] = []
        self._many: list[StarStep] = []  # of many photos each, on their way for the first time

    def action_star(self, move_on: bool) -> None:
        """Star the photo under the cursor, or take its star away."""
        self.photos.when_there(partial(self._star_current, move_on=move_on))

    def action_star_clicked(self) -> None:
        """Star the photo that a mouse has just put the cursor on, even if others are on their way."""
        self._star_current(move_on=False)

    def _star_current(self, *, move_on: bool) -> None:
        row = self.photos.current
        if row is None:
            self._tell(_NO_PHOTO)
            return
        ref = ref_of(self.photos.query, row.key)
        self._star(StarStep([ref], not row.starred, row.name), shown_as=not row.starred)
        if move_on:
            self.photos.move_by(1)

    def action_mark(self) -> None:
        """Mark the photo under the cursor, or take its mark away, and move on; a range is ended by it."""
        self.photos.when_there(self._mark)

    def _mark(self) -> None:
        if why := self.why_not("mark"):
            self._tell(why)
        elif self.photos.marks.anchor is not None:
            self.photos.end_range(keep=True)
        else:
            self.photos.mark()
            self.photos.move_by(1)

    def action_range(self) -> None:
        """Begin a range of marks at the cursor, or end it there."""
        self.photos.when_there(self._range)

    def _range(self) -> None:
        covered = len(self.photos.marks.in_range(self.photos.cursor))
        if why := self.why_not("range"):
            self._tell(why)
        elif covered > _MOST:
            self._tell(f"At most {_MOST:,} photos can be marked together; these are {covered:,}.", "warning")
        elif covered:
            self.photos.end_range(keep=True)
        else:
            self.photos.begin_range()

    def action_star_marked(self) -> None:
        """Star all marked photos; if all have a star, take their stars."""
        self.photos.when_there(self._star_marked)

    def _star_marked(self) -> None:
        if self.photos.marks.anchor is not None:
            self._range()
        keys = self.photos.marked()
        if why := self.why_not("star_marked"):
            self._tell(why)
        elif self.photos.marks.anchor is None:
            query = self.photos.query
            self._star(StarStep([ref_of(query, key) for key in keys], None), shown_as=True)

    def why_not(self, action: str) -> str | None:
        """Return why there is nothing to star, or to undo; see `KeyedApp.why_not`."""
        if action == "star_marked" and not (self.photos.marks.keys or self.photos.marks.anchor is not None):
            return f"No photo is marked: {self._key_of('mark')} marks one, {self._key_of('range')} a range."
        if action in ("star", "star_next", "mark", "range", "full_view") and not self.photos.keys:
            return _NO_PHOTO
        if action == "undo" and not self._done:
            return "There is no star to undo."
        if action == "redo" and not self._undone:
            return "There is nothing to do again."
        return super().why_not(action)

    def action_cancel(self) -> None:
        """Leave the range, or else take the marks away, or else cancel what is under way."""
        running = next((step for step in self._done if step in self._many), None)
        if running is not None:
            running.cancel.set()
        elif self.photos.marks.anchor is not None:
            self.photos.end_range(keep=False)
        elif self.photos.marks.keys:
            self.photos.clear_marks()
        else:
            super().action_cancel()

    def _star(self, step: StarStep, *, shown_as: bool) -> None:
        self._done.append(step)
        self._undone.clear()
        if len(step.refs) > 1:
            self._many.append(step)
        self.show_hints()
        self._write(step, starring.star(step, post=self.post_message, served=self._served), shown_as=shown_as)

    def _write(self, step: StarStep, job: Job, *, shown_as: bool) -> None:
        self.photos.want(step.refs, shown_as)
        failed = partial(messages.StarsWritten, step, shown_as, frozenset(), failed=len(step.refs))
        self._catalog.ask(job, lambda reason: self.post_message(failed(reason=reason)))
        self._ask_summary()

    @on(messages.StarsProgress)
    def _show_progress_of_stars(self, event: messages.StarsProgress) -> None:
        told = f"starring: {event.done:,} of {event.total:,}, {self._key_of('cancel')} cancels"
        self.query_one(StatusBar).show_work(Work.STARS, told)

    @on(messages.StarsWritten)
    def _stars_written(self, event: messages.StarsWritten) -> None:
        step = event.step
        self.photos.settle(step.refs, event.md5s, event.is_starred, event.changed)
        if step in self._many:
            self._many.remove(step)
            self.query_one(StatusBar).show_work(Work.STARS, "")
            self._tell_many(event)
        if not event.md5s:
            self._done = [done for done in self._done if done is not step]
            self._undone = [undone for undone in self._undone if undone is not step]
            self.show_hints()
        if event.failed and event.reason:
            what = shown(step.name) if step.name else plural(event.failed, "photo")
            self._tell(f"{what} {were(event.failed)} not changed: {event.reason}", "error")

    def _tell_many(self, event: messages.StarsWritten) -> None:
        photos = plural(len(event.md5s), "photo")
        if event.step.cancel.is_set() and not event.md5s:
            self._tell("Cancelled: no star was changed.")
        elif event.md5s and event.step in self._done:  # and not undone meanwhile
            are = "starred" if event.is_starred else "not starred any more"
            self._tell(f"{photos} {are}; {self._key_of('undo')} undoes it.")

    def action_undo(self) -> None:
        """Take the last star back, or give it back."""
        self._turn(self._done, self._undone, undo=True)

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._turn(self._undone, self._done, undo=False)

    def _turn(self, source: list[StarStep], target: list[StarStep], *, undo: bool) -> None:
        if why := self.why_not("undo" if undo else "redo"):
            self._tell(why)
            return
        step = source.pop()
        target.append(step)
        self.show_hints()
        self.clear_notifications()  # one tells what is not so any more
        is_starred = (step.given if step.is_starred is None else step.is_starred) != undo
        job = starring.turn(step, undo=undo, post=self.post_message, served=self._served)
        self._write(step, job, shown_as=is_starred)
        if not self._go_to_one_of(step.refs):
            what = shown(step.name) if step.name else plural(len(step.refs), "photo")
            verb = "is" if step.name or len(step.refs) == 1 else "are"
            self._tell(f"{what} {verb} {'starred' if is_starred else 'not starred'} again.")

    def _go_to_one_of(self, refs: Sequence[Ref]) -> bool:
        """Put the cursor on the first of some photos, if it is on the screen."""
        key = key_of(self.photos.query, refs[0])
        return key is not None and self.photos.go_to(key)
