"""Takes the pictures in this folder from the running app: the demo, in a real terminal, by its keys.

Run by `make screenshots`; needs an installed monospace font (Debian: fonts-dejavu-core). Look at them.
"""

import re
import sys
import tempfile
from pathlib import Path

from picture import save_png, save_svg

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.terminal import Terminal  # noqa: E402 (the repository's root is needed for it)
from tui.demo.server import DemoServer  # noqa: E402

PHOTOLALA = str(Path(sys.executable).with_name("photolala"))


def take(terminal: Terminal, name: str) -> None:
    """Save what the terminal shows as NAME.svg and NAME.png."""
    terminal.settle()
    save_svg(terminal.screen, HERE / f"{name}.svg")
    save_png(terminal.screen, HERE / f"{name}.png")
    print(f"screenshots/{name}.svg, .png")


def wide(home: str) -> None:
    """The story of the demo at 120x36."""
    with Terminal([PHOTOLALA, "demo"], columns=120, rows=36, env={"HOME": home}) as terminal:
        terminal.wait_for("Press S", timeout=120)
        terminal.wait_gone(re.compile("scanning|…"))
        terminal.wait_for("▀")  # the preview
        take(terminal, "before-sync")
        terminal.press("S")
        terminal.wait_for("Synced: ")
        terminal.press(*"jjjjjjjj")
        terminal.wait_gone("Synced: ")  # the toast has had its time
        take(terminal, "photos")
        terminal.press("y")
        terminal.wait_for("Sync details")
        take(terminal, "sync-details")
        terminal.press("esc")
        terminal.wait_gone("Sync details")
        terminal.press("t")
        terminal.wait_for("All photos")
        terminal.press("j")
        terminal.settle(1)
        take(terminal, "timeline")
        terminal.press("t", "2")
        terminal.wait_gone("All photos")
        terminal.press("v")
        terminal.wait_for("Contact sheet")
        terminal.settle(1)
        take(terminal, "contact-sheet")
        terminal.press("enter")
        terminal.settle(1)
        take(terminal, "full-view")
        terminal.press("esc", "v", "c")
        terminal.wait_for("first light.jpg")
        take(terminal, "conflicts")
        terminal.press("esc", "?")
        terminal.wait_for("In the photo list")
        take(terminal, "help")
        terminal.press("esc", "q")
        terminal.wait_exit(20)


def narrow(home: str) -> None:
    """80x24, as on any console."""
    with Terminal([PHOTOLALA, "demo"], columns=80, rows=24, env={"HOME": home}) as terminal:
        terminal.wait_for("Press S", timeout=120)
        terminal.press("S")
        terminal.wait_for("Synced: ")
        terminal.press("j", "space", "space")
        terminal.wait_gone("Synced: ", timeout=30)
        take(terminal, "80x24")
        terminal.press("3")
        take(terminal, "80x24-preview")
        terminal.press("2", "v")
        terminal.wait_for("Contact sheet")
        terminal.settle(1)
        take(terminal, "80x24-contact-sheet")
        terminal.press("v", "c")
        terminal.wait_for("first light.jpg")
        take(terminal, "80x24-conflicts")
        terminal.press("esc", "q")
        terminal.wait_exit(20)


def settings(home: str) -> None:
    """What a person sees first, and where settings are changed."""
    with Terminal([PHOTOLALA], columns=100, rows=32, env={"HOME": home}, cwd=home) as terminal:
        terminal.wait_for("Your photos are in the folder")
        take(terminal, "first-run")
        terminal.press("esc")
        terminal.wait_for("No photos in this folder")
        terminal.press(",")
        terminal.wait_for("catalog.service")
        take(terminal, "preferences")
        terminal.press("esc")
        terminal.wait_gone("catalog.service")
        terminal.press("q")
        terminal.wait_exit(20)


def connection(home: str) -> None:
    """The test of a remote, check by check."""
    with DemoServer() as server:
        server.create_bucket("photos")
        env = {"HOME": home, "PHOTOLALA_REMOTE": "s3://photos/library", **server.environment()}
        with Terminal([PHOTOLALA, home], columns=100, rows=32, env=env) as terminal:
            terminal.wait_for("No photos in this folder")
            terminal.press(",")
            terminal.wait_for("catalog.service")
            terminal.press("t")
            terminal.wait_for(re.compile("can(not)? be used"))
            take(terminal, "connection")
            terminal.press("esc", "esc")
            terminal.wait_gone("catalog.service")
            terminal.press("q")
            terminal.wait_exit(20)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        wide(home)
        narrow(home)
    with tempfile.TemporaryDirectory(prefix="photos-") as home:
        settings(home)
        connection(home)
