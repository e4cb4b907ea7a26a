"""Runs backups and restores over HTTP in processes that kill themselves; `test_backup_kill.py` writes it orders.

Each line of stdin is one order as JSON; the answer is the child's wait status. An order with a `target` is a
restore. See `killed_sync`.
"""

import json
import os
import signal
import sys
from pathlib import Path

from catalog.originals import Originals
from catalog.store import SqlCatalog
from sync.originals.backup import Backup
from sync.originals.restore import Restore
from sync.stores.s3_originals import S3Originals


class Deadly(S3Originals):
    """A way to S3 on which the nth call of a method is this process's last."""

    order: dict = {}

    def _die(self, name, call):
        order = self.order
        if order["method"] == name:
            order["nth"] -= 1
        last = order["method"] == name and order["nth"] == 0
        if last and order["when"] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call()
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


for _name in ("find", "put_whole", "begin_upload", "put_part", "complete_upload", "read"):

    def _method(self, *arguments, _name=_name):
        return self._die(_name, lambda: getattr(S3Originals, _name)(self, *arguments))

    setattr(Deadly, _name, _method)


def main():
    S3Originals("s3://warm/up")  # what boto3 reads from disk is read once, for all children
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            store = Deadly(order["url"])
            store.order = order
            catalog = SqlCatalog(Path(order["catalog"]))
            if "target" in order:
                restore = Restore(catalog, store, os.fsencode(order["target"]), backoff=0.001)
                restore.run(restore.plan(Originals(catalog, store.url).restorable(starred=True)))
            else:
                Backup(catalog, store, backoff=0.001).run()
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
