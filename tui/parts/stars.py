"""The stars: given and taken by key, undone and done again, one photo or many."""

from collections.abc import Sequence
from functools import partial

from textual import on
from textual.binding import Binding

from tui import messages
from tui.config.settings import Settings
from tui.parts.catalog import CatalogApp
from tui.words.facts import plural
from tui.words.shown import shown
from tui.work import starring
from tui.work.catalog_thread import Job
from tui.work.rows import Ref, is_folder, ref_of
from tui.work.star_step import StarStep


class StarringApp(CatalogApp):
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

    def action_star(self, move_on: bool) -> None:
        """Star the photo under the cursor, or take its star away."""
        self.photos.when_there(partial(self._star_current, move_on=move_on))

    def action_star_clicked(self) -> None:
        """Star the photo that a mouse has just put the cursor on, even if others are on their way."""
        self._star_current(move_on=False)

    def _star_current(self, *, move_on: bool) -> None:
        row = self.photos.current
        if row is None:
            return
        ref = ref_of(self.photos.query, row.key)
        self._star(StarStep([ref], not row.starred, row.name), shown_as=not row.starred)
        if move_on:
            self.photos.move_by(1)

    def _star(self, step: StarStep, *, shown_as: bool) -> None:
        self._done.append(step)
        self._undone.clear()
        job = starring.star(step, post=self.post_message, served=self._served, progress=lambda _: None)
        self._write(step, job, shown_as=shown_as)

    def _write(self, step: StarStep, job: Job, *, shown_as: bool) -> None:
        self.photos.want(step.refs, shown_as)
        failed = partial(messages.StarsWritten, step, shown_as, frozenset(), len(step.refs))
        self._catalog.ask(job, lambda reason: self.post_message(failed(reason)))
        self._ask_summary()

    @on(messages.StarsWritten)
    def _stars_written(self, event: messages.StarsWritten) -> None:
        step = event.step
        self.photos.settle(step.refs, event.md5s, event.is_starred)
        if not event.md5s:
            self._done = [done for done in self._done if done is not step]
            self._undone = [undone for undone in self._undone if undone is not step]
        if event.failed:
            what = shown(step.name) if step.name else plural(event.failed, "photo")
            self._tell(f"{what} was not changed: {event.reason}", "error")

    def action_undo(self) -> None:
        """Take the last star back, or give it back."""
        self._turn(self._done, self._undone, undo=True)

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._turn(self._undone, self._done, undo=False)

    def _turn(self, source: list[StarStep], target: list[StarStep], *, undo: bool) -> None:
        if not source:
            self._tell("There is no star to undo." if undo else "There is nothing to do again.")
            return
        step = source.pop()
        target.append(step)
        is_starred = (step.is_starred is not False) != undo
        job = starring.turn(step, undo=undo, post=self.post_message, served=self._served)
        self._write(step, job, shown_as=is_starred)
        if not self._go_to_one_of(step.refs):
            what = shown(step.name) if step.name else plural(len(step.refs), "photo")
            self._tell(f"{what} is {'starred' if is_starred else 'not starred'} again.")

    def _go_to_one_of(self, refs: Sequence[Ref]) -> bool:
        """Put the cursor on the first of some photos, if it is on the screen."""
        ref, query = refs[0], self.photos.query
        if isinstance(ref, str):
            return not is_folder(query) and self.photos.go_to(bytes.fromhex(ref))
        folder, _, name = ref.rpartition(b"/")
        return is_folder(query) and query.folder == (folder or b"/") and self.photos.go_to(name)
