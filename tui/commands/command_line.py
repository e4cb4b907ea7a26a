"""The command line: which commands there are, their options, and how failures are told."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from importlib import import_module

from catalog.protocol import BackupStatus, CatalogError
from tui import __version__
from tui.config import SettingsError
from tui.config.settings import Settings, load_settings
from tui.words.shown import shown

FAILED, USAGE = 1, 2
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}  # bytes

_EPILOG = """
`photolala DIR` opens the app on a folder; `photolala` opens it here.

Stars sync with the remote that PHOTOLALA_REMOTE, or `remote` in config.toml, names (s3://bucket/prefix).
Credentials come from AWS's own settings (AWS_PROFILE, AWS_ACCESS_KEY_ID, ...); for a server that is not
AWS set AWS_ENDPOINT_URL_S3. PHOTOLALA_CATALOG names another catalog file.

exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 done and new conflicts recorded,
4 the remote is out of reach (everything is queued, nothing is lost)
"""

_HISTORY = """
With --json, one object a line. "kind" is "restore-point" (id, made_at, url, seq, reason, photos) or "commit"
(seq, commit_id, written_at, device, photos); times are Unix seconds.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="photolala",
        description="Walk your folders, star the keepers, keep every star safe in an S3 bucket.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"photolala {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, summary: str, *, json: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if json:
            made.add_argument(
                "--json", action="store_true", help="print JSON to stdout, and nothing else there"
            )
        return made

    command("scan", "read a folder's new and changed photos into the catalog").add_argument(
        "directory", metavar="DIR"
    )
    listing = command("list", "list the photos that the catalog knows")
    listing.add_argument("directory", metavar="DIR", nargs="?", help="only what lies here or below")
    listing.add_argument("--starred", action="store_true", help="only photos with a star")
    listing.add_argument("--duplicates", action="store_true", help="only photos that lie in several places")
    listing.add_argument(
        "--only-remote", action="store_true", help="only photos safe in the bucket, not here"
    )
    listing.add_argument("--name", metavar="PART", default="", help="only names that hold this")
    listing.add_argument("--since", metavar="DAY", type=_day, help="taken on this day (YYYY-MM-DD) or later")
    listing.add_argument("--until", metavar="DAY", type=_day, help="taken on this day or earlier")
    listing.add_argument("--camera", metavar="NAME", help="as the photos' EXIF names it")
    listing.add_argument("--backup", metavar="STATUS", choices=[status.value for status in BackupStatus],
                         help=f"how far their backup has come: {', '.join(BackupStatus)}")  # fmt: skip
    listing.add_argument("--sort", choices=("date", "name", "size", "starred"), help="by md5 if not given")
    listing.add_argument("--reverse", action="store_true", help="from the other end; unknown stays last")
    listing.add_argument("--limit", metavar="N", type=_number, help="at most so many")
    for name, summary in (("star", "star photos"), ("unstar", "take stars away")):
        command(name, summary).add_argument("photos", metavar="PATH_OR_MD5", nargs="+")
    sync = command("sync", "sync the catalog with the remote")
    sync.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
    sync.add_argument(
        "--accept-removals",
        action="store_true",
        help="go on even if more than a tenth of the photos or of the stars would go",
    )
    command("status", "say what is known of catalog and remote")
    _add_originals(command)
    conflicts = command("conflicts", "list conflicts, or decide one")
    conflicts.add_argument("what", nargs="?", choices=("list", "use-mine", "dismiss"), default="list")
    conflicts.add_argument("id", nargs="?", type=int, metavar="ID")
    history = command("history", "list the restore points here, and the commits on the remote")
    history.epilog = _HISTORY
    history.add_argument(
        "--limit", type=int, default=20, metavar="N", help="commits at most, 20 if not given"
    )
    rollback = command("rollback", "put photos back as they were before changes from elsewhere")
    rollback.add_argument("--to", type=int, metavar="POINT", help="a restore point; the newest if not given")
    command("import", "take over a Photolala catalog: its photos and stars").add_argument(
        "source", metavar="SOURCE", help="the folder of photos that holds .photolala"
    )
    command("export", "write a folder's photos as a Photolala catalog, .photolala").add_argument(
        "directory", metavar="DIR"
    )
    demo = command("demo", "two devices, one bucket, made up on this machine", json=False)
    demo.add_argument("--headless", action="store_true", help="tell the story as text")
    server = command("serve-demo-s3", "serve S3 on this machine, in memory", json=False)
    server.add_argument("--port", type=int, default=0, help="a free one if not given")
    return top


def _day(text: str) -> date:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text and 1900 < day.year < 9999:
            return day
    raise argparse.ArgumentTypeError(f"{shown(text)} is no day such as 2024-05-31")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:18]) == int(text)):
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number from 1 on")
    return int(text)


def _add_originals(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    backup = command("backup", "upload starred originals that are not safe yet")
    backup.add_argument("--dry-run", action="store_true", help="say how much that is, and what it may cost")
    verify = command("verify", "compare the originals on the remote with what the catalog says of them")
    verify.add_argument("--deep", action="store_true", help="fetch and hash them, the oldest proof first")
    verify.add_argument("--budget", type=bytes_of, metavar="BYTES", help="fetch no more, such as 500M or 20G")
    restore = command("restore", "bring originals back under their own names, over nothing")
    restore.add_argument("photos", metavar="MD5", nargs="*", help="these; if none, all that is not here")
    restore.add_argument("--to", metavar="DIR", default=".", help="into this folder, here if not given")
    restore.add_argument("--folder", help="those of one folder and below, as the catalog names it")
    restore.add_argument("--starred", action="store_true", help="those with a star")
    restore.add_argument("--missing", action="store_true", help="those of which no file is on this device")
    restore.add_argument("--dry-run", action="store_true", help="say how much that is, and what is archived")
    restore.add_argument("--thaw", action="store_true", help="ask for what is archived, which takes hours")
    prune = command("prune", "find originals on the remote that no device stars")
    prune.add_argument("--remove", action="store_true", help="remove them, once their number is typed")
    prune.add_argument("--count", type=int, metavar="N", help="their number, for scripts")


_MODULES = {
    **dict.fromkeys(("scan", "list", "star", "unstar", "status", "conflicts"), "photos"),
    **dict.fromkeys(("history", "rollback"), "history"),
    **dict.fromkeys(("backup", "prune"), "backup"),
    **dict.fromkeys(("verify", "restore"), "restore"),
    **dict.fromkeys(("import", "export"), "exchange"),
    "sync": "sync",
}
COMMANDS = frozenset({*_MODULES, "demo", "serve-demo-s3"})


def run(arguments: Sequence[str]) -> int:
    """Run one command, or open the app.

    Args:
        arguments: without the program's name.

    Returns:
        The exit status.
    """
    opens_app = not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-"))
    try:
        if opens_app:
            from tui.main import open_app

            if len(arguments) > 1:
                parser().error(f"there is no command {shown(arguments[0])}")
            return open_app(arguments[0] if arguments else ".")
        options = parser().parse_args(arguments)
        return _command(options)
    except SettingsError as error:
        return fail(str(error), USAGE)
    except CatalogError as error:
        return fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.strerror or error}{': ' + str(error.filename) if error.filename else ''}")
    except Exception as error:
        from tui.work.catalog_thread import sentence

        return fail(sentence(error, load_settings().catalog))


def _command(options: argparse.Namespace) -> int:
    if options.command == "demo":
        from tui.demo.story import run_demo

        return run_demo(headless=options.headless)
    if options.command == "serve-demo-s3":
        from tui.demo.server import serve

        return serve(options.port)
    settings = load_settings()
    commands = import_module(
        f"tui.commands.{_MODULES[options.command]}"
    )  # most load the ORM, and take a second
    handler: Callable[[argparse.Namespace, Settings], int] = getattr(commands, f"run_{options.command}")
    return handler(options, settings)


def bytes_of(text: str) -> int:
    """Return a number of bytes as a person types it: "500M", "20G", "1000".

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    digits = text.rstrip("kKmMgGtT")
    unit = text[len(digits) :].upper()
    if not (digits.isdecimal() and digits.isascii() and unit in _UNITS):
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number of bytes like 500M or 20G")
    return int(digits) * _UNITS[unit]


def fail(sentence: str, status: int = FAILED) -> int:
    """Say on stderr what went wrong, and return the exit status."""
    print(f"photolala: {shown(sentence)}", file=sys.stderr)
    return status
