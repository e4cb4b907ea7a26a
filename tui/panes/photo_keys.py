"""The keys of the panes that show photos: by pages through many, and for the photo under the cursor."""

from textual.binding import Binding

PAGE_KEYS = [
    Binding("pagedown", "page(1)", "A page down", id="page_down"),
    Binding("pageup", "page(-1)", "A page up", id="page_up"),
    Binding("J,ctrl+d", "page(0.5)", "Half a page down", id="half_page_down"),
    Binding("K,ctrl+u", "page(-0.5)", "Half a page up", id="half_page_up"),
    Binding("g,home", "first", "First photo", id="first"),
    Binding("G,end", "last", "Last photo", id="last"),
]
PHOTO_KEYS = [
    Binding("space", "app.star(True)", "Star or unstar, and move on", id="star_next"),
    Binding("s", "app.star(False)", "Star or unstar", id="star"),
    Binding("x", "app.mark", "Mark, and move on", id="mark"),
    Binding("V", "app.range", "Begin or end a range of marks", id="range"),
    Binding("*", "app.star_marked", "Star all marked, or unstar them", id="star_marked"),
]


def rows_of(pages: float, height: int) -> int:
    """Return how many rows so many pages are: at least one, down or, if negative, up."""
    return int(pages * height) or (1 if pages > 0 else -1)
