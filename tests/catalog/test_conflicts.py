"""Conflicts: both values are kept, and a person may turn one or leave it."""

import pytest

from catalog.conflicts import (
    ConflictEntry,
    ConflictNotFoundError,
    conflicts,
    dismiss,
    record_conflicts,
    typed_value,
    use_mine,
)
from catalog.row import NewConflict
from tests.catalog.conftest import PendingRow, pending, photo, put_synced, rows_of

A = photo("a", filename="theirs.jpg")
RENAMED = NewConflict(A.md5, "filename", "base.jpg", "mine.jpg", "theirs.jpg", "theirs")
UNSTARRED = NewConflict(A.md5, "starred", "1", "1", "0", "theirs")


@pytest.fixture
def recorded(catalog):
    """Two conflicts of one photo; the remote's values are the photo's."""
    put_synced(catalog, A)
    with catalog.engine.begin() as connection:
        count = record_conflicts(
            connection, [RENAMED, UNSTARRED], mine="nas", theirs="laptop", seq=5, now=1000
        )
    assert count == 2
    return catalog


def test_a_conflict_is_listed_with_both_values_and_who_made_them(recorded):
    told = {
        "filename": "theirs.jpg",
        "mine_device": "nas",
        "theirs_device": "laptop",
        "seq": 5,
        "recorded_at": 1000,
    }
    assert conflicts(recorded) == [
        ConflictEntry(id=1, state="open", md5=A.md5, field="filename", base="base.jpg", mine="mine.jpg",
                      theirs="theirs.jpg", winner="theirs", **told),
        ConflictEntry(id=2, state="open", md5=A.md5, field="starred", base="1", mine="1", theirs="0",
                      winner="theirs", **told),
    ]  # fmt: skip
    assert recorded.stats().open_conflicts == 2


def test_recording_nothing_is_nothing(catalog):
    with catalog.engine.begin() as connection:
        assert record_conflicts(connection, iter([]), mine="nas", theirs="laptop", seq=5, now=1000) == 0
    assert conflicts(catalog) == []


def test_using_mine_makes_it_the_photos_as_a_change_to_be_synced(recorded):
    use_mine(recorded, 1)
    use_mine(recorded, 2)
    assert rows_of(recorded) == {A.md5: A._replace(filename="mine.jpg", starred=True)}
    assert pending(recorded) == {A.md5: PendingRow(A.line(), None, None)}


def test_using_mine_where_it_is_the_photos_already_changes_nothing(recorded):
    recorded.update_star_status(A.md5, is_starred=True)
    before = rows_of(recorded), pending(recorded)
    use_mine(recorded, 2)
    assert (rows_of(recorded), pending(recorded)) == before


def test_a_conflict_that_is_dismissed_changes_nothing(recorded):
    dismiss(recorded, 1)
    assert rows_of(recorded) == {A.md5: A}
    assert pending(recorded) == {}


@pytest.mark.parametrize(("close", "state"), [(use_mine, "mine"), (dismiss, "dismissed")])
def test_a_closed_conflict_stays_on_record(recorded, close, state):
    close(recorded, 1)
    assert [found.id for found in conflicts(recorded)] == [2]
    assert [(found.id, found.state) for found in conflicts(recorded, closed=True)] == [
        (1, state),
        (2, "open"),
    ]
    assert recorded.stats().open_conflicts == 1


@pytest.mark.parametrize("close", [use_mine, dismiss])
@pytest.mark.parametrize("number", [99, 1])
def test_only_an_open_conflict_can_be_closed(recorded, close, number):
    dismiss(recorded, 1)
    before = conflicts(recorded, closed=True), rows_of(recorded)
    with pytest.raises(ConflictNotFoundError, match=f"number {number}; `photolala conflicts` lists them"):
        close(recorded, number)
    assert (conflicts(recorded, closed=True), rows_of(recorded)) == before


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("filename", 'a, "b"\n.jpg', 'a, "b"\n.jpg'),
        ("folder", "", ""),
        ("applephotoid", "x/L0/001", "x/L0/001"),
        ("starred", "1", True),
        ("deleted", "0", False),
        *((name, "12", 12) for name in ("size", "width", "height")),
        *((name, "-12", -12) for name in ("photodate", "modified", "uploaded")),
        *((name, "", None) for name in ("size", "photodate", "modified", "width", "height", "uploaded")),
    ],
)
def test_mine_becomes_a_value_of_its_columns_type(recorded, field, text, value):
    found = typed_value(field, text)
    assert (found, type(found)) == (value, type(value))
    with recorded.engine.begin() as connection:
        record_conflicts(
            connection, [NewConflict(A.md5, field, "", text, "", "theirs")], mine="", theirs="", seq=1, now=1
        )
    use_mine(recorded, 3)
    assert getattr(rows_of(recorded)[A.md5], field) == value
