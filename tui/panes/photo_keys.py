"""The keys that act on the photo under the cursor, in every pane that shows photos."""

from textual.binding import Binding

PHOTO_KEYS = [
    Binding("space", "app.star(True)", "Star or unstar, and move on", id="star_next"),
    Binding("s", "app.star(False)", "Star or unstar", id="star"),
]
