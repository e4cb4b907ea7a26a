"""The pictures on a contact sheet: those of what is seen are held, others are asked for before they are."""

from collections.abc import Callable, Collection, Iterable

from tui.pictures.loader import Loader
from tui.pictures.sources import source_of
from tui.pictures.wanted import Form, Loaded, Source, Want
from tui.work.rows import Row

Tell = Callable[[bytes, Want, Loaded], object]
"""Called with a photo's key, what was wanted of it, and what came, on a thread of the pool."""


class SheetPictures:
    """Pictures by the keys of their photos."""

    def __init__(self, loader: Loader, form: Form | None) -> None:
        """Hold none yet.

        Args:
            loader: makes the pictures.
            form: how they are drawn, None not at all.
        """
        self._loader, self._form = loader, form
        self._held: dict[bytes, tuple[Source, Loaded]] = {}

    def get(self, key: bytes) -> Loaded | None:
        """Return the picture of a photo, None if there is none yet."""
        return self._held[key][1] if key in self._held else None

    def put(self, key: bytes, want: Want, loaded: Loaded) -> None:
        """Hold a picture."""
        self._held[key] = (want.source, loaded)

    def keep(self, keys: Collection[bytes]) -> None:
        """Let go of all pictures but some."""
        self._held = {key: held for key, held in self._held.items() if key in keys}

    def ask(self, seen: Iterable[Row], near: Iterable[Row], box: tuple[int, int], tell: Tell) -> set[bytes]:
        """Ask for pictures, in place of those that were asked for before.

        Args:
            seen: photos on the screen, the most urgent first.
            near: photos that may come next.
            box: cells across and down.
            tell: told of those that had to be made.

        Returns:
            The keys of the photos on the screen whose pictures were there, and are held now.
        """
        wanted: dict[Want, bytes] = {}
        there: set[bytes] = set()
        if self._form is None:
            return there
        for row, is_seen in [*((row, True) for row in seen), *((row, False) for row in near)]:
            source = source_of(row)
            if source is None or (row.key in self._held and source.is_same(self._held[row.key][0])):
                continue
            want = Want(source, *box, self._form)
            loaded = self._loader.found(want) if is_seen else None
            if loaded is not None:
                self.put(row.key, want, loaded)
                there.add(row.key)
            else:
                wanted[want] = row.key
        self._loader.want(self, list(wanted), lambda want, loaded: tell(wanted[want], want, loaded))
        return there

    def ask_nothing(self) -> None:
        """Ask for no picture any more."""
        self._loader.want(self, (), lambda *_: None)
