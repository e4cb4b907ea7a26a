"""One thing that was done to stars: to one photo or to many, undone and done again as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

from tui.work.rows import Ref


@dataclass(eq=False)
class StarStep:
    """Stars given or taken by one key.

    Attributes:
        refs: the photos.
        is_starred: whether they were to be starred; None stars them all, or takes the stars if all have one.
        name: raw name of the only photo, for what is told of it; empty if there are many.
        changed: md5 -> folder that it was seen in, of the photos whose star it has changed; only
            for the thread that writes the stars.
        given: whether these were given a star; for the same thread.
        cancel: set to end it before it has begun to write: then nothing is changed.
    """

    refs: Sequence[Ref]
    is_starred: bool | None
    name: bytes = b""
    changed: dict[str, bytes | None] = field(default_factory=dict)
    given: bool = True
    cancel: Event = field(default_factory=Event)
