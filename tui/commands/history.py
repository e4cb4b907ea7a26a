"""The commands that look back and go back: restore points here, commits on the remote."""

import argparse
from typing import TYPE_CHECKING

from catalog.restore_points import restore_points
from catalog.rollback import roll_back
from catalog.store import SqlCatalog
from tui.commands.telling import DONE, FAILED, complain, print_json
from tui.config.settings import Settings
from tui.words.shown import shown
from tui.words.sync_details import told_commit, told_point, told_rollback

if TYPE_CHECKING:
    from sync.history import Commit


def run_history(options: argparse.Namespace, settings: Settings) -> int:
    """`history [--limit N]`: what can be gone back to, which needs no remote, and what the remote tells."""
    catalog = SqlCatalog(settings.catalog)
    with catalog.reading() as connection:
        points = restore_points(connection)
    if not options.json:
        print("Restore points on this device" + (":" if points else ": none yet."))
    for point in points:
        if options.json:
            print_json({"kind": "restore-point", **point._asdict()})
        else:
            print(told_point(point).plain)
    if settings.remote is None:
        return DONE
    return _show_commits(options, settings)


def _show_commits(options: argparse.Namespace, settings: Settings) -> int:
    from sync.history import commits
    from sync.manifest import ManifestError
    from sync.stores.objectstore import MAY_PASS, RemoteError
    from tui.work.remote import open_remote

    if not options.json:
        print(f"Commits on {shown(settings.remote or '')}:")
    try:
        for commit in commits(open_remote(settings), options.limit):
            _show_commit(commit, json_wanted=options.json)
    except MAY_PASS as error:
        complain(f"{error} Its commits are not shown.")
    except (RemoteError, ManifestError) as error:
        complain(str(error))
        return FAILED
    return DONE


def _show_commit(commit: "Commit", *, json_wanted: bool) -> None:
    if json_wanted:
        print_json({"kind": "commit", **commit._asdict()})
    else:
        print(told_commit(commit).plain)


def run_rollback(options: argparse.Namespace, settings: Settings) -> int:
    """`rollback [--to POINT]`."""
    done = roll_back(SqlCatalog(settings.catalog), options.to)
    if options.json:
        print_json(done._asdict())
        return DONE
    print(told_rollback(done))
    if done.point is not None:
        sent = "The next sync sends it; " if settings.remote is not None else ""
        print(f"{sent}`photolala rollback --to {done.point}` undoes it.")
    return DONE
