"""Which commands there are, with their options and examples. It loads nothing heavy."""

import argparse

from catalog.protocol import BackupStatus
from tui.commands.parser import Commands, bytes_of, day_of, number_of, port_of


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    commands = Commands()
    commands.add_app()
    _add_catalog(commands)
    _add_sync(commands)
    _add_originals(commands)
    _add_exchange(commands)
    _add_helpers(commands)
    return commands.top


def _add_catalog(commands: Commands) -> None:
    scan = commands.add(
        "scan",
        "read a folder's new and changed photos into the catalog",
        [
            ("scan ~/Photos", "all photos below it; what has not changed is not read again"),
            ("scan --gone /mnt/old", "its photos are somewhere else now, and the disk does not come back"),
        ],
        json="one object: files, photos, new, changed, unchanged, missing, failed, bytes_read, seconds; "
        "moved, damaged, skipped (counts) and problems ([path, reason]) only if there are any",
    )
    scan.add_argument(
        "directory",
        metavar="DIR",
        help="the folder; it is only read. Links to folders in it are not followed: scan what they lead to",
    )
    scan.add_argument(
        "--gone",
        action="store_true",
        help="it is not there any more, for good: what lay in it is missing, and not waited for",
    )
    listing = commands.add(
        "list",
        "list the photos that the catalog knows",
        [
            ("list --starred", "the keepers"),
            ("list ~/Photos/2024 --sort size --reverse", "the largest first"),
            ("list --since 2024-05-01 --name lake --json", "for a script"),
            ("list --duplicates", "photos that lie in several places"),
            ("list --starred --print0 | xargs -0 cp -t ~/Keepers", "the keepers that are here, copied"),
        ],
        json="one object a line: md5, filename, paths, size, photodate, modified, width, height, "
        "starred, backup_status, error; sizes in bytes, times in Unix seconds",
    )
    listing.add_argument("directory", metavar="DIR", nargs="?", help="only what lies here or below")
    listing.add_argument("--starred", action="store_true", help="only photos with a star")
    listing.add_argument(
        "--duplicates",
        action="store_true",
        help="only photos that lie in several places here and now; a link to a file is no further one",
    )
    listing.add_argument(
        "--only-remote", action="store_true", help="only photos safe in the bucket, not here"
    )
    listing.add_argument("--name", metavar="PART", default="", help="only names that hold this")
    listing.add_argument(
        "--since", metavar="DAY", type=day_of, help="taken on this day (YYYY-MM-DD) or later"
    )
    listing.add_argument("--until", metavar="DAY", type=day_of, help="taken on this day or earlier")
    listing.add_argument("--camera", metavar="NAME", help="as the photos' EXIF names it")
    listing.add_argument("--backup", metavar="STATUS", choices=[status.value for status in BackupStatus],
                         help=f"how far their backup has come: {', '.join(BackupStatus)}")  # fmt: skip
    listing.add_argument("--sort", choices=("date", "name", "size", "starred"), help="by md5 if not given")
    listing.add_argument("--reverse", action="store_true", help="from the other end; unknown stays last")
    listing.add_argument("--limit", metavar="N", type=number_of, help="at most so many")
    listing.add_argument(
        "--print0",
        action="store_true",
        help="only paths, one of each photo that is here, each ended by NUL: for xargs -0 and rsync --from0",
    )
    for name, summary in (("star", "star photos"), ("unstar", "take stars away")):
        made = commands.add(
            name,
            summary,
            [
                (f"{name} ~/Photos/2024/IMG_2034.jpg", "a file, scanned or not"),
                (f"{name} 9e107d9d372bb6826bd81d3542a419d6", "a photo by its MD5"),
            ],
            json="one object: changed, unchanged (lists of md5)",
        )
        made.add_argument("photos", metavar="PATH_OR_MD5", nargs="+", help="as `list` has them")
    commands.add(
        "status",
        "say what is known of catalog and remote",
        [("status", "for a person"), ("status --json", "for a script; no request is sent")],
        json="one object: photos, files, starred, pending, open_conflicts, remote, state, seq, "
        "last_success (Unix seconds), last_error, backup (queued, uploading, uploaded, verified, failed)",
    )


def _add_sync(commands: Commands) -> None:
    sync = commands.add(
        "sync",
        "sync the catalog with the remote",
        [
            ("sync", "silent in cron when all is well"),
            ("sync --dry-run", "+412 stars, 3 removed, 1 conflict: and nothing is changed"),
        ],
        json="one object: outcome, seq, commit_id, pulled_rows, pushed_rows, new_conflicts, "
        "open_conflicts, requests, bytes_up, bytes_down, seconds, error; reason only if there is one; "
        "with --dry-run also dry_run, here, there, stopped",
    )
    sync.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
    sync.add_argument(
        "--accept-removals",
        action="store_true",
        help="go on even if more than a tenth of the photos or of the stars would go",
    )
    sync.add_argument(
        "--accept-address",
        action="store_true",
        help="begin at a new address, though this catalog has synced with another one",
    )
    conflicts = commands.add(
        "conflicts",
        "list conflicts, or decide one",
        [
            ("conflicts", "those that are open, with both values"),
            ("conflicts use-mine 7", "this device's value; the next sync sends it"),
            ("conflicts dismiss 7", "leave it as it was decided"),
        ],
        json="one object a line: id, md5, filename, field, base, mine, theirs, winner, mine_device, "
        "theirs_device, seq",
    )
    conflicts.add_argument(
        "what",
        nargs="?",
        choices=("list", "use-mine", "dismiss"),
        default="list",
        help="`list` if nothing is said",
    )
    conflicts.add_argument("id", nargs="?", type=number_of, metavar="ID", help="as `conflicts` lists it")
    history = commands.add(
        "history",
        "list the restore points here, and the commits on the remote",
        [("history", ""), ("history --limit 100 --json", "")],
        json='one object a line. "kind" is "restore-point" (id, made_at, url, seq, reason, photos) or '
        '"commit" (seq, commit_id, written_at, device, photos); times are Unix seconds',
    )
    history.add_argument(
        "--limit", type=number_of, default=20, metavar="N", help="commits at most, 20 if not given"
    )
    rollback = commands.add(
        "rollback",
        "put photos back as they were before changes from elsewhere",
        [
            ("rollback", "before the last changes; what you changed since stays"),
            ("rollback --to 12", "a restore point that `history` lists"),
        ],
        json="one object: what was put back, removed and kept, in numbers",
    )
    rollback.add_argument(
        "--to", type=number_of, metavar="POINT", help="a restore point; the newest if not given"
    )


def _add_originals(commands: Commands) -> None:
    backup = commands.add(
        "backup",
        "upload starred originals that are not safe yet",
        [
            ("backup --dry-run", "how much, and at about what price"),
            ("backup", "goes on where it stopped"),
        ],
        json="one object: outcome, queued, uploaded, already_there, failed, not_here, problems, requests, "
        "bytes_up, bytes_down, seconds, error",
    )
    backup.add_argument("--dry-run", action="store_true", help="say how much that is, and what it may cost")
    verify = commands.add(
        "verify",
        "compare the originals on the remote with what the catalog says of them",
        [
            ("verify", "are all there, in their right size?"),
            ("verify --deep --budget 20G", "each month: fetch and hash some, the oldest proof first"),
        ],
        json="one object: outcome, starred, uploaded, verified, gaps and more",
    )
    verify.add_argument("--deep", action="store_true", help="fetch and hash them, the oldest proof first")
    verify.add_argument(
        "--accept-losses", action="store_true", help="note and queue all, though not a single one is there"
    )
    verify.add_argument("--budget", type=bytes_of, metavar="BYTES", help="fetch no more, such as 500M or 20G")
    restore = commands.add(
        "restore",
        "bring originals back under their own names, over nothing",
        [
            ("restore --to ~/back --starred", "all keepers"),
            ("restore --dry-run", "how much is not on this device"),
            ("restore 9e107d9d372bb6826bd81d3542a419d6", "one photo, into this folder"),
        ],
        json="one object: outcome, chosen, restored, already_here, problems and more",
    )
    restore.add_argument("photos", metavar="MD5", nargs="*", help="these; if none, all that is not here")
    restore.add_argument("--to", metavar="DIR", default=".", help="into this folder, here if not given")
    restore.add_argument("--folder", help="those of one folder and below, as the catalog names it")
    restore.add_argument("--starred", action="store_true", help="those with a star")
    restore.add_argument("--missing", action="store_true", help="those of which no file is on this device")
    restore.add_argument("--dry-run", action="store_true", help="say how much that is, and what is archived")
    restore.add_argument("--thaw", action="store_true", help="ask for what is archived, which takes hours")
    prune = commands.add(
        "prune",
        "find originals on the remote that no device stars",
        [("prune", "how many, for how long"), ("prune --remove", "asks for their number first")],
        json="one object: unstarred, bytes, unknown, removed",
    )
    prune.add_argument("--remove", action="store_true", help="remove them, once their number is typed")
    prune.add_argument("--count", type=int, metavar="N", help="their number, for scripts")


def _add_exchange(commands: Commands) -> None:
    commands.add(
        "import",
        "take over a Photolala catalog: its photos and stars",
        [
            ("import ~/Photos/2023", "a folder that holds .photolala"),
            ("import ~/Photos", "or all folders below it that do"),
            ("import s3://bucket/catalogs/USER", "what the Mac app keeps in a bucket"),
        ],
        json="one object a catalog: source, read, imported, known, changed, mended, skipped, stars and more",
    ).add_argument("source", metavar="SOURCE", help="the folder of photos, or the address in the bucket")
    commands.add(
        "export",
        "write a folder's photos as a Photolala catalog, .photolala",
        [("export ~/Photos/2023", "for the Mac app; rows that stand there are kept")],
        json="one object: folder, photos, stars, kept, below, written",
    ).add_argument("directory", metavar="DIR", help="of the photos")


def _add_helpers(commands: Commands) -> None:
    config = commands.add(
        "config",
        "show, explain and change settings",
        [
            ("config", "all of them, and where each value comes from"),
            ("config set sync.every_minutes 10", "changes config.toml, and keeps its comments"),
            ("config unset sync.every_minutes", "back to the default"),
            ("config explain backup.sse", "what it is, and what it can be"),
            ("config get remote", "for a script"),
            ("config keys", "the actions that can have other keys, by their ids"),
            ('config set keymap.star "s, F5"', "other keys for one of them"),
            ("config path", "where config.toml is"),
        ],
        json="one object a line: key, value, default, origin (default, file, profile or environment), where, "
        "explanation, can_be, environment; of `keys`: id, keys, description; of `path`: path, exists, "
        "profile",
    )
    config.add_argument("what", nargs="?", choices=("list", "get", "set", "unset", "explain", "keys", "path"),
                        default="list", help="list if not given")  # fmt: skip
    config.add_argument("key", nargs="?", metavar="KEY", help="as `config` lists it")
    config.add_argument("value", nargs="*", metavar="VALUE", help="for a list any number of them")
    commands.add(
        "doctor",
        "look at settings, catalog, folders and remote, and say what to do",
        [
            ("doctor", "each line ok, warning or FAILED"),
            ("doctor --quiet", "only what is not well, for cron"),
        ],
        json="one object a line, as they come: name, status (ok, warning, failed, skipped), found,\n"
        "advice, seconds. It ends with 0 also after warnings, and puts nothing that it does not take away",
    )
    demo = commands.add(
        "demo",
        "two devices, one bucket, made up on this machine",
        [("demo", "press S, then c"), ("demo --headless", "the same story as text")],
    )
    demo.add_argument("--headless", action="store_true", help="tell the story as text")
    server = commands.add(
        "serve-demo-s3",
        "serve S3 on this machine, in memory",
        [("serve-demo-s3", "and paste the lines that it prints into another shell")],
    )
    server.add_argument("--port", type=port_of, default=0, help="a free one if not given")
    completion = commands.add(
        "completion",
        "print what makes a shell complete commands, options and folders",
        [
            ("completion bash >> ~/.bash_completion", ""),
            ("completion zsh > ~/.zfunc/_photolala", "a folder of your fpath"),
            ("completion fish > ~/.config/fish/completions/photolala.fish", ""),
        ],
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="yours: `echo $SHELL`")
