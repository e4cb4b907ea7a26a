"""The marked photos of a list, and the range that is being marked."""


class Marks:
    """Which photos are marked.

    Attributes:
        keys: of the marked photos.
        anchor: index at which the range begins that the cursor ends; None if none is being marked.
    """

    def __init__(self) -> None:
        self.keys: set[bytes] = set()
        self.anchor: int | None = None

    def toggle(self, key: bytes) -> None:
        """Mark a photo, or take its mark away."""
        self.keys ^= {key}

    def clear(self) -> None:
        """Take all marks away; the range, too."""
        self.keys.clear()
        self.anchor = None

    def in_range(self, cursor: int) -> range:
        """Return the indexes of the range that is being marked; none if there is none."""
        if self.anchor is None:
            return range(0)
        return range(min(self.anchor, cursor), max(self.anchor, cursor) + 1)
