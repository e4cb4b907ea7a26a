"""Runs backups and restores over HTTP in processes that kill themselves; `test_backup_kill.py` writes it orders.

Each line of stdin is one order as JSON; the answers are the child's id, and at its end its wait status. An order
with a `target` is a restore; one whose `step` is null is left to be killed by somebody else. See `killed_sync`.
"""

import json
import os
import signal
import sys
from pathlib import Path

from catalog.originals import Originals
from catalog.store import SqlCatalog
from sync.originals import restore
from sync.originals.backup import Backup
from sync.originals.restore import Restore
from sync.stores.limits import Limits
from sync.stores.s3_originals import S3Originals

STEPS = (
    *((S3Originals, name) for name in ("find", "put_whole", "begin_upload", "put_part", "complete_upload", "read")),
    (Limits, "passing"),  # a piece of a body, in either direction
    (os, "link"),  # a restored file comes to its place
    (restore, "fsync_names"),
    (restore, "store_written"),
)  # fmt: skip


def die_at(order):
    """Make the nth call of a step this process's last, before or after it is done."""
    owner, name = next(step for step in STEPS if step[1] == order["step"])
    call = getattr(owner, name)

    def last(*arguments, **options):
        order["nth"] -= 1
        is_last = order["nth"] == 0
        if is_last and order["when"] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*arguments, **options)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, last)


def main():
    S3Originals("s3://warm/up")  # what boto3 reads from disk is read once, for all children
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            os.environ |= order["environment"]
            store = S3Originals(order["url"])
            catalog = SqlCatalog(Path(order["catalog"]))
            if order["step"]:
                die_at(order)
            if "target" in order:
                job = Restore(catalog, store, os.fsencode(order["target"]), backoff=0.001)
                job.run(job.plan(Originals(catalog, store.url).restorable(starred=True)))
            else:
                Backup(catalog, store, backoff=0.001).run()
            os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
