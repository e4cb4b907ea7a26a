"""What the screen is told of a folder's photos, out of whichever service has them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from catalog.protocol import CatalogError
from catalog.provider import DirectoryPhotoProvider, Service, Serving
from catalog.reader import CatalogReader
from catalog.search.query import Query
from tui.config.settings import Settings

if TYPE_CHECKING:
    from catalog.protocol import CatalogEntry, CatalogService
    from catalog.store import SqlCatalog


_PART = 500


class ServedFolders:
    """The folders' photos: the store's, or those of the Photolala catalog that lies in a folder.

    A file that such a catalog does not know is told of as the store knows it.
    """

    def __init__(self, settings: Settings) -> None:
        """Set it up; nothing is opened.

        Args:
            settings: the catalog, and which service is for which folder.
        """
        self._settings = settings
        self._reader = CatalogReader(settings.catalog)

    def count_below(self, folder: bytes) -> int:
        """Return how many photos the store knows in a folder and below it."""
        return self._reader.count(Query(folder=folder))

    def serving(self, folder: bytes) -> Serving:
        """Tell which service has a folder's photos; costs a few looks at the disk."""
        return self._provider(_no_store).serving(folder)

    def facts(self, folder: bytes, names: Sequence[bytes]) -> "dict[bytes, CatalogEntry]":
        """Return what is known of some files of one folder, by name.

        Args:
            folder: an absolute raw path.
            names: at most some hundreds.

        Raises:
            CatalogError: the Photolala catalog there cannot be read.
        """
        known: dict[bytes, CatalogEntry] = {**self._reader.folder(folder, names)}
        provider = self._provider(_no_store)
        if provider.serving(folder).service is Service.CSV:
            for entry in provider.photos(folder):
                for name in (path.rpartition(b"/")[2] for path in entry.paths):
                    if name in names:
                        known[name] = entry
        return known

    def star(
        self, catalog: "SqlCatalog", photos: Mapping[str, bytes | None], *, is_starred: bool
    ) -> list[str]:
        """Give or take stars where the folders' photos are kept; those of the store all at once.

        Args:
            catalog: the store.
            photos: md5 -> the absolute raw path of the folder that it was seen in; None is the store's own.
            is_starred: whether they shall be starred.

        Returns:
            The md5s that changed.

        Raises:
            CatalogError: it cannot be done; the text says why.
        """
        services = {folder: self.service(catalog, folder) for folder in set(photos.values())}
        own = [md5 for md5, folder in photos.items() if services[folder] is catalog]
        changed = catalog.update_star_statuses(dict.fromkeys(own, is_starred))
        for md5, folder in photos.items():
            service = services[folder]
            if service is catalog:
                continue
            if service.find_entry(md5) is None:
                raise CatalogError(
                    "The Photolala catalog in this folder does not know it. Press I to import that catalog; "
                    "from then on your own has the stars."
                )
            if service.update_star_status(md5, is_starred):
                changed.append(md5)
        return changed

    def starred(self, catalog: "SqlCatalog", photos: Mapping[str, bytes | None]) -> set[str]:
        """Return which photos have a star where the folders' photos are kept; see `star`."""
        services = {folder: self.service(catalog, folder) for folder in set(photos.values())}
        own = [md5 for md5, folder in photos.items() if services[folder] is catalog]
        found: list[CatalogEntry | None] = []
        for begin in range(0, len(own), _PART):
            found += self._reader.rows(own[begin : begin + _PART])
        for md5, folder in photos.items():
            if services[folder] is not catalog:
                found.append(services[folder].find_entry(md5))
        return {entry.md5 for entry in found if entry is not None and entry.md5 and entry.starred}

    def service(self, catalog: "SqlCatalog", folder: bytes | None) -> "CatalogService":
        """Return the service that has a folder's photos; the store where no folder is named."""
        return catalog if folder is None else self._provider(lambda: catalog).service(folder)

    def _provider(self, store: "Callable[[], CatalogService]") -> DirectoryPhotoProvider:
        return DirectoryPhotoProvider(self._settings.catalog, self._settings.service, store)


def _no_store() -> "CatalogService":
    raise AssertionError("the store's photos are read without the ORM")
