"""What a screen wants to see of a photo, and what it gets."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from textual.strip import Strip

from tui.pictures.part import Part

if TYPE_CHECKING:
    from PIL import Image

    from catalog.photo_files.shot import Shot


class Source(NamedTuple):
    """Where a picture of a photo can be had; one of the two is known.

    Attributes:
        path: raw absolute path of its file here; None if it is only on the remote.
        md5: lowercase hex, None as long as the file has not been scanned.
    """

    path: bytes | None
    md5: str | None

    def is_same(self, other: "Source | None") -> bool:
        """Tell whether this is the same photo, as far as is known: a scan tells the MD5 only later."""
        if other is None or self.path != other.path:
            return False
        return self.md5 == other.md5 or (self.path is not None and None in (self.md5, other.md5))


@dataclass(frozen=True)
class Drawn:
    """A picture as a terminal takes it.

    Attributes:
        lines: the cells, one strip a line, all of one length.
        before: sent to the terminal before the cells are painted.
        over: sent where the cells' upper left corner is, after they were painted.
        after: sent when the cells no longer show the picture.
        cost: bytes of memory, about.
    """

    lines: list[Strip]
    before: str = ""
    over: str = ""
    after: str = ""
    cost: int = 0


class Form(Protocol):
    """A way to draw pictures on a terminal; hashable, and any thread may use it."""

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        """Return into how many pixels (width, height) a picture must fit that is drawn on so many cells."""

    def draw(self, image: "Image.Image", columns: int, lines: int) -> Drawn:
        """Draw an RGB picture so that it fits on so many cells; it may be shrunk in place."""


class Want(NamedTuple):
    """A photo to be shown.

    Attributes:
        source: where its picture comes from.
        columns: cells at most.
        lines: cells at most.
        form: how it is drawn.
        with_shot: whether to read how it was taken, too.
        part: what is seen of it.
    """

    source: Source
    columns: int
    lines: int
    form: Form
    with_shot: bool = False
    part: Part = Part()


@dataclass(frozen=True)
class Loaded:
    """A picture, or one sentence on why there is none.

    Attributes:
        drawn: the picture.
        problem: the sentence, not made showable yet; empty if there is a picture.
        shot: how the photo was taken, if that was asked for and is known.
        passing: whether the problem may be gone the next time: a remote out of reach.
    """

    drawn: Drawn | None = None
    problem: str = ""
    shot: "Shot | None" = field(default=None)
    passing: bool = False
