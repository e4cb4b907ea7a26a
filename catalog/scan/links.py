"""Libraries that the catalog knows by way of a link: they are given their real paths before a scan.

Such a library was scanned when its path was no link yet, before its photos were moved to another disk, or by
a version that took paths as they were written. Its files would be known twice, as each other's copies. A
path in another case, on a disk to which that is the same, is such a link, too.
"""

from catalog.patience import Beat, Crew
from catalog.real_path import RealPaths
from catalog.scan.known import folders_under
from catalog.scan.libraries import drop_library, library_folder, library_root, roots_of, tell_anew
from catalog.search.filters import is_within
from catalog.store import SqlCatalog

_PATIENCE = 2.0  # seconds: what does not answer is left for another scan
_LOOK_SECONDS = 0.05
_MOST = 4  # asked at once; if so many do not answer, the others are left for another scan, too

_DROP_KNOWN = "DELETE FROM file WHERE folder = :old AND name IN (SELECT name FROM file WHERE folder = :new)"
_MOVE = "UPDATE file SET folder = :new WHERE folder = :old"
_IMPORTED = "SELECT folder FROM imported WHERE "
_MOVE_IMPORTED = "UPDATE OR REPLACE imported SET folder = :new WHERE folder = :old"


def follow_links(catalog: SqlCatalog, directory: bytes) -> None:
    """Give the libraries that are known by way of links their real paths, with all that lies in them.

    Args:
        catalog: the store.
        directory: the raw path of a folder that is about to be scanned, as it shall be known.
    """
    with catalog.connections.reading() as connection:
        roots = roots_of(connection) - {directory}
    for root, real in sorted(_real_paths(roots).items(), reverse=True):  # the innermost first
        if real != root:
            _move(catalog, root, real)


def _real_paths(roots: set[bytes]) -> dict[bytes, bytes]:
    """Return the real paths of those that answer."""

    def ask(root: bytes, beat: Beat) -> tuple[bytes, bytes]:
        del beat
        return root, RealPaths().folder(root)

    found: dict[bytes, bytes] = {}
    silent = 0
    crew = Crew(ask, size=_MOST, patience=_PATIENCE)
    try:
        for root in roots:
            crew.give([root])
        while len(found) + silent < len(roots) and silent < _MOST:
            found |= dict(crew.take(_LOOK_SECONDS))
            silent += len(crew.stuck())
    finally:
        crew.dismiss()
    return found


def _move(catalog: SqlCatalog, link: bytes, real: bytes) -> None:
    """Have a library lie elsewhere; what a kill leaves undone, the next scan does."""
    root = library_root(catalog, real)

    def moved(folder: bytes) -> bytes:
        return real + folder[len(link) :]

    for folder in folders_under(catalog, link):
        tell_anew(catalog, folder, library_folder(folder, link), library_folder(moved(folder), root))
        places = {"old": folder, "new": moved(folder)}
        with catalog.connections.writing(found_again=True) as connection:
            connection.execute(_DROP_KNOWN, places)
            connection.execute(_MOVE, places)
    within, values = is_within(link, recursive=True)
    with catalog.connections.writing(found_again=True) as connection:
        for (folder,) in connection.execute(_IMPORTED + within, values).fetchall():
            connection.execute(_MOVE_IMPORTED, {"old": folder, "new": moved(folder)})
        drop_library(connection, link)
