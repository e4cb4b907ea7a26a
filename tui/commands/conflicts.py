"""`photolala conflicts`: what two devices changed differently, and who shall have it."""

import argparse

from catalog.conflicts import conflicts, dismiss, use_mine
from catalog.store import SqlCatalog
from tui.commands.telling import DONE, USAGE, complain, print_json
from tui.config.settings import Settings
from tui.words.shown import shown


def run_conflicts(options: argparse.Namespace, settings: Settings) -> int:
    """`conflicts [list|use-mine ID|dismiss ID]`."""
    catalog = SqlCatalog(settings.catalog)
    if options.what != "list":
        if options.id is None:
            complain(f"conflicts {options.what} needs the number of a conflict.")
            return USAGE
        (use_mine if options.what == "use-mine" else dismiss)(catalog, options.id)
        done = "yours is used, and goes up with the next sync" if options.what == "use-mine" else "dismissed"
        if options.json:
            print_json({"id": options.id, "done": options.what})
        else:
            print(f"{options.id}: {done}.")
        return DONE
    entries = conflicts(catalog)
    for entry in entries:
        if options.json:
            values = entry._asdict()
            print_json({key: values[key] for key in values if key not in ("recorded_at", "state")})
        else:
            print(
                f"{entry.id:>4}  {shown(entry.filename)}: {entry.field} was "
                f"{shown(entry.base) or '(empty)'}, "
                f"{shown(entry.mine)} here, {shown(entry.theirs)} on {shown(entry.theirs_device)}; "
                f"{'yours' if entry.winner == 'mine' else 'theirs'} won"
            )
    if not entries and not options.json:
        print("No open conflicts.")
    return DONE
