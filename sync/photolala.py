"""The Mac app's own catalogs on a remote: read from there, and taken over where no manifest is yet."""

import os

from catalog.photolala.importing import import_catalog
from catalog.photolala.source import V4, V5, SourceError
from catalog.store import SqlCatalog
from sync.pull import RefusedError
from sync.stores.objectstore import NotThereError, ObjectStore, TooLargeError
from sync.transfer import Pause


class StoreSource:
    """A catalog under a prefix such as `s3://bucket/catalogs/USER`; it is only read."""

    def __init__(self, store: ObjectStore, pause: Pause) -> None:
        """Name the place; no request is sent.

        Args:
            store: its prefix is what holds `.photolala/` or, of version 4, `.photolala`.
            pause: patience and cancel.
        """
        self._store = store
        self._pause = pause
        self.address = os.fsencode(store.url)

    def get(self, name: str, limit: int) -> bytes | None:
        """Fetch an object; see `catalog.photolala.source.CatalogSource`.

        Raises:
            SourceError: it is larger than the limit.
            RemoteError: the remote refused, or could not be reached.
        """
        self._pause.check()
        try:
            fetched = self._pause.patiently(lambda: self._store.get(name, limit=limit))
        except NotThereError:
            return None
        except TooLargeError as error:
            raise SourceError(str(error)) from error
        assert fetched is not None  # no ETag was given that it could be equal to
        return fetched.data

    def is_there(self) -> bool:
        """Look, by one listing, whether the place holds such a catalog."""
        manifests = (V4.manifest, V5.manifest)
        found = self._pause.patiently(lambda: [listed.key for listed in self._store.list(".photolala")])
        return any(key in manifests or key.startswith((V4.prefix, V5.prefix)) for key in found)


def adopt(catalog: SqlCatalog, store: ObjectStore, pause: Pause) -> int:
    """Take the Mac app's catalog over from a remote that has no manifest yet; it is left untouched.

    Args:
        catalog: this device's; what is new in it goes up with its first commit.
        store: the remote.
        pause: patience and cancel.

    Returns:
        How many photos are new or different here; 0 also if there is no such catalog.

    Raises:
        RefusedError: not all of it can be read.
        CatalogError: it cannot be understood.
        RemoteError: the remote refused, or could not be reached.
    """
    source = StoreSource(store, pause)
    if not source.is_there():
        return 0
    report = import_catalog(catalog, source)
    if not report.complete:
        raise RefusedError(
            f"Not all of the Photolala catalog at {store.url} can be read: {report.problems[0].why}. What "
            "can be read is in the catalog here; nothing was sent. Mend or remove it, and sync again."
        )
    return report.imported + report.changed
