"""Files that somebody has chosen: each is told for itself, and only what is not known is read."""

import os
import threading

import pytest

from catalog.scan import chosen
from catalog.scan.chosen import scan_files
from tests.catalog.conftest import md5_at, raw, scan
from tests.conftest import draw_photo


@pytest.fixture
def read(monkeypatch):
    """The paths of files that are read, as they are."""
    paths, real = [], chosen.read_facts

    def reading(path, **options):
        paths.append(path)
        return real(path, **options)

    monkeypatch.setattr(chosen, "read_facts", reading)
    return paths


def test_only_new_and_changed_files_are_read_and_known_from_then_on(catalog, library, read):
    scan(catalog, library)
    draw_photo(library / "2024" / "new.jpg", 8)
    draw_photo(library / "b.jpg", 9)
    wanted = [raw(path) for path in sorted(library.rglob("*.jpg"))]
    for expected in ([raw(library / "2024" / "new.jpg"), raw(library / "b.jpg")], []):
        del read[:]
        found = dict(scan_files(catalog, wanted))
        assert read == expected
        assert found == {path: md5_at(catalog, path) for path in wanted}
        assert None not in found.values()


def test_what_cannot_be_read_is_told_for_itself(catalog, library):
    (library / "a.jpg").unlink()
    os.mkfifo(library / "pipe.jpg")
    wanted = [raw(library / name) for name in ("a.jpg", "b.jpg", "pipe.jpg", "2023/c.jpg")]
    gone, b, pipe, c = (told for _, told in scan_files(catalog, wanted))
    assert isinstance(gone, FileNotFoundError)
    assert isinstance(pipe, OSError)
    assert (b, c) == (md5_at(catalog, wanted[1]), md5_at(catalog, wanted[3]))


def test_more_than_one_part_is_told_in_the_order_asked_for(catalog, library, monkeypatch):
    monkeypatch.setattr(chosen, "_PART", 2)
    wanted = [raw(path) for path in library.rglob("*.jpg")]
    assert [path for path, _ in scan_files(catalog, wanted + wanted)] == wanted


@pytest.mark.parametrize("silent", [1, 4])
def test_a_file_that_does_not_answer_costs_its_own_row_and_a_dead_disk_is_not_asked_for_long(
    catalog, library, monkeypatch, silent
):
    scan(catalog, library)
    wanted = [raw(path) for path in sorted(library.rglob("*.jpg"))]
    go, real, asked = threading.Event(), os.stat, []

    def stat(path, *arguments, **options):
        if path in wanted:
            asked.append(path)
            if path in wanted[:silent]:
                go.wait()
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", stat)
    told = [photo for _, photo in scan_files(catalog, wanted, patience=0.2)]
    go.set()
    assert [isinstance(photo, TimeoutError) for photo in told] == [True] * silent + [False] * (4 - silent)
    assert len(asked) <= (3 if silent == 4 else 4)
