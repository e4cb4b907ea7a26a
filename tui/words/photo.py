"""One photo in words: what the catalog knows of it, and how it was taken."""

from typing import TYPE_CHECKING

from tui.words.facts import date_of, size_of
from tui.words.shown import shown
from tui.work.rows import Row, Where

if TYPE_CHECKING:
    from catalog.photo_files.shot import Shot

ONLY_REMOTE = "only on the remote: press F to fetch the original"


def facts_of(row: Row) -> list[str]:
    """Return what is known of a photo, on lines that are safe to show: its name, its facts, its troubles."""
    name = shown(row.name)
    if row.md5 is None and not row.error:
        return [name, "not scanned yet" if row.known else ""]
    lines = [name, " · ".join(filter(None, [*details_of(row), "★" if row.starred else ""]))]
    if row.where is Where.REMOTE:
        lines.append(ONLY_REMOTE)
    return [*lines, shown(row.error)] if row.error else lines


def details_of(row: Row) -> list[str]:
    """Return a photo's date, pixels and size, as far as they are known."""
    pixels = f"{row.width}×{row.height}" if row.width and row.height else ""
    return [fact for fact in (date_of(row.moment), pixels, size_of(row.size)) if fact]


def told_shot(shot: "Shot") -> list[str]:
    """Return how a photo was taken, on up to two lines fit for a screen: the camera, and the exposure."""
    exposure = [
        f"{exposed(shot.seconds)} s" if shot.seconds else "",
        f"f/{round(shot.aperture, 1):g}" if shot.aperture else "",
        f"ISO {shot.iso}" if shot.iso else "",
        f"{round(shot.focal_length, 1):g} mm" if shot.focal_length else "",
        shown(shot.lens),
    ]
    return [line for line in (shown(shot.camera), " · ".join(filter(None, exposure))) if line]


def exposed(seconds: float) -> str:
    """Return how long a photo was exposed as cameras show it: "1/250", "0.8", "30"."""
    return f"1/{round(1 / seconds)}" if seconds < 0.3 else f"{round(seconds, 1):g}"
