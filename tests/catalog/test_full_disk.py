"""A disk without room for a catalog is called full, whatever SQLite calls it."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from catalog.checkup import Status, run_checks
from catalog.health import CatalogChecks
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """As on a full disk, there is no room for the file that all who use a catalog share."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("free", "says", "advice"),
    [
        (0, "disk that holds {path} is full. Make room", "Make room"),
        (1 << 30, "{path} cannot be opened", "See whether"),
    ],
    ids=["full", "with room"],
)
def test_a_catalog_that_cannot_be_opened_on_a_full_disk(catalog, monkeypatch, free, says, advice):
    catalog.close()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 30, 0, free))
    with no_file_may_grow():
        with pytest.raises(CatalogError) as refused:
            SqlCatalog(catalog.path)
        opened = next(run_checks(CatalogChecks(catalog.path).checks()))
    assert says.format(path=catalog.path) in str(refused.value)
    assert opened.status is Status.FAILED
    assert opened.advice.startswith(advice)
