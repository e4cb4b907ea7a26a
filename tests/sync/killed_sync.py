"""Runs syncs over HTTP in processes that kill themselves: `test_kill.py` starts it and writes it orders.

Each line of stdin is one order as JSON; the answer is the child's wait status. A fork for each order: what
dies is a process of its own, and the second of imports is paid once.
"""

import json
import os
import signal
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from sqlalchemy import event

from catalog.store import SqlCatalog
from sync.engine import Sync
from sync.stores.s3 import S3Store


class Deadly:
    """A way to S3 on which the nth call that matches is this process's last.

    Two more kinds of steps count like calls: "COMMIT", just before a transaction is durable, and "PHASE", by
    its name, as the sync tells how far it is.
    """

    def __init__(self, store: S3Store, order: dict):
        self._store = store
        self._order = order
        self.url = store.url
        self.traffic = store.traffic

    def get(self, key, **how):
        return self._call("GET", key, lambda: self._store.get(key, **how))

    def put(self, key, data, **how):
        return self._call("PUT", key, lambda: self._store.put(key, data, **how))

    def delete(self, key):
        return self._call("DELETE", key, lambda: self._store.delete(key))

    def list(self, prefix):
        return self._store.list(prefix)

    def dies_before(self, method, key=""):
        """Die if this step is the last."""
        if self._is_last(method, key):
            os.kill(os.getpid(), signal.SIGKILL)

    def _call(self, method, key, do):
        last = self._is_last(method, key)
        if last and self._order["when"] == "after":
            do()
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return do()

    def _is_last(self, method, key):
        order = self._order
        if method != order["method"] or not fnmatchcase(key, order["key"]):
            return False
        order["nth"] -= 1
        return order["nth"] == 0


def main():
    S3Store("s3://warm/up")  # what boto3 reads from disk is read once, for all children
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            store = Deadly(S3Store(order["url"]), order)
            catalog = SqlCatalog(Path(order["catalog"]))
            event.listen(catalog.engine, "commit", lambda _, store=store: store.dies_before("COMMIT"))
            Sync(
                catalog,
                store,
                order["name"],
                backoff=0.001,
                progress=lambda told, store=store: store.dies_before("PHASE", told.phase),
            ).run()
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
