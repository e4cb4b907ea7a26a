"""The lower border of a pane that shows photos: where the cursor is, and what is to be known of the rest."""

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from tui.work.photos import Photos


def tell_position(pane: Widget, photos: Photos) -> None:
    """Tell the cursor's place, how many are marked, and how many have left the filter or the order since.

    Args:
        pane: it has a border.
        photos: what it shows.
    """
    told = [f"{len(photos.changed):,} changed, r lists anew"] if photos.changed else []
    if photos.marks.anchor is not None:
        told.append(f"range of {len(photos.marks.in_range(photos.cursor)):,}, V ends it")
    if photos.marks.keys:
        told.append(f"{len(photos.marks.keys):,} marked")
    if photos.keys:
        told.append(f"{photos.cursor + 1}/{len(photos)}")
    subtitle = " · ".join(told)
    if subtitle != str(pane._border_subtitle or ""):  # noqa: SLF001
        # to set the subtitle itself would paint the whole pane anew: 20 ms for each key
        pane._border_subtitle = Content(subtitle)  # noqa: SLF001
        pane.refresh(Region(0, pane.size.height, pane.size.width, 1))
