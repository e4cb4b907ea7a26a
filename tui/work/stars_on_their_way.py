"""The stars that were asked for and are not in the catalog yet: the screen shows them all the same."""

from collections.abc import Iterable

from tui.work.rows import Ref


class StarsOnTheirWay:
    """What was asked for of each photo, oldest first, as the catalog's thread does it in that order."""

    def __init__(self) -> None:
        self._wanted: dict[Ref, list[bool]] = {}

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def want(self, refs: Iterable[Ref], is_starred: bool) -> None:
        """Stars are on their way for some photos, or away from them."""
        for ref in refs:
            self._wanted.setdefault(ref, []).append(is_starred)

    def of(self, ref: Ref) -> bool | None:
        """Return whether a photo will have a star once all is written; None if none is on its way."""
        wanted = self._wanted.get(ref)
        return wanted[-1] if wanted else None

    def settle(self, refs: Iterable[Ref]) -> None:
        """The oldest that was asked for of some photos is written, or could not be."""
        for ref in refs:
            waiting = self._wanted.get(ref, [])
            del waiting[:1]
            if not waiting:
                self._wanted.pop(ref, None)
