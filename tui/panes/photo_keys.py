"""The keys that act on the photo under the cursor, in every pane that shows photos."""

from textual.binding import Binding

PHOTO_KEYS = [
    Binding("space", "app.star(True)", "Star or unstar, and move on", id="star_next"),
    Binding("s", "app.star(False)", "Star or unstar", id="star"),
    Binding("x", "app.mark", "Mark, and move on", id="mark"),
    Binding("V", "app.range", "Begin or end a range of marks", id="range"),
    Binding("*", "app.star_marked", "Star all marked, or unstar them", id="star_marked"),
]
