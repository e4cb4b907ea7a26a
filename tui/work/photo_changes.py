"""What changes of the photos on the screen: told at once to each widget that draws them."""

from collections.abc import Collection
from dataclasses import dataclass

from textual.message import Message


@dataclass
class CursorMoved(Message):
    """The cursor was on the photo at index `before`, and is on that at index `after`."""

    before: int
    after: int


@dataclass
class RowsChanged(Message):
    """Something else is known of some photos, or they are marked now, or not any more; None is all."""

    keys: Collection[bytes] | None


@dataclass
class OrderChanged(Message):
    """Other photos are on the screen, or the same in another order; the cursor may be elsewhere.

    `other_place` if it is another folder, or another part of the catalog.
    """

    other_place: bool
