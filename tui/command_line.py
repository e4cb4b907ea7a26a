"""The command line: which commands there are, their options, and how failures are told."""

import argparse
import sys
from collections.abc import Callable, Sequence

from catalog.protocol import CatalogError
from tui import __version__
from tui.settings import Settings, SettingsError, load_settings
from tui.shown import shown

FAILED, USAGE = 1, 2

_EPILOG = """
`photolala DIR` opens the app on a folder; `photolala` opens it here.

Stars sync with the remote that PHOTOLALA_REMOTE, or `remote` in config.toml, names (s3://bucket/prefix).
Credentials come from AWS's own settings (AWS_PROFILE, AWS_ACCESS_KEY_ID, ...); for a server that is not
AWS set AWS_ENDPOINT_URL_S3. PHOTOLALA_CATALOG names another catalog file.

exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 done and new conflicts recorded,
4 the remote is out of reach (everything is queued, nothing is lost)
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
    for name, summary in (("star", "star photos"), ("unstar", "take stars away")):
        command(name, summary).add_argument("photos", metavar="PATH_OR_MD5", nargs="+")
    command("sync", "sync the catalog with the remote")
    command("status", "say what is known of catalog and remote")
    conflicts = command("conflicts", "list conflicts, or decide one")
    conflicts.add_argument("what", nargs="?", choices=("list", "use-mine", "dismiss"), default="list")
    conflicts.add_argument("id", nargs="?", type=int, metavar="ID")
    demo = command("demo", "two devices, one bucket, made up on this machine", json=False)
    demo.add_argument("--headless", action="store_true", help="tell the story as text")
    server = command("serve-demo-s3", "serve S3 on this machine, in memory", json=False)
    server.add_argument("--port", type=int, default=0, help="a free one if not given")
    return top


COMMANDS = frozenset(
    {"scan", "list", "star", "unstar", "sync", "status", "conflicts", "demo", "serve-demo-s3"}
)


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
        from tui.catalog_thread import sentence

        return fail(sentence(error, load_settings().catalog))


def _command(options: argparse.Namespace) -> int:
    if options.command == "demo":
        from tui.demo.story import run_demo

        return run_demo(headless=options.headless)
    if options.command == "serve-demo-s3":
        from tui.demo.server import serve

        return serve(options.port)
    settings = load_settings()
    from tui import commands

    handler: Callable[[argparse.Namespace, Settings], int] = getattr(commands, f"run_{options.command}")
    return handler(options, settings)


def fail(sentence: str, status: int = FAILED) -> int:
    """Say on stderr what went wrong, and return the exit status."""
    print(f"photolala: {shown(sentence)}", file=sys.stderr)
    return status
