"""Conflicts: both values are kept, and a person may turn one or leave it."""

import pytest

from catalog.changes import change_photo
from catalog.conflicts import (
    ConflictEntry,
    ConflictNotFoundError,
    Side,
    conflicts,
    decide,
    dismiss,
    record_conflicts,
    typed_value,
    undo,
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


def test_deciding_many_is_one_step_that_can_be_taken_back_whole(recorded):
    made = decide(recorded, [1, 2, 99], Side.MINE)
    assert rows_of(recorded) == {A.md5: A._replace(filename="mine.jpg", starred=True)}
    assert {found.state for found in conflicts(recorded, closed=True)} == {"mine"}
    assert decide(recorded, [1, 2], Side.THEIRS) == []
    undo(recorded, made)
    assert rows_of(recorded) == {A.md5: A}
    assert pending(recorded) == {}
    assert [found.id for found in conflicts(recorded)] == [1, 2]


def test_theirs_can_be_used_where_mine_has_won(recorded):
    comes_back = NewConflict(A.md5, "deleted", "0", "0", "1", "mine")
    with recorded.engine.begin() as connection:
        record_conflicts(connection, [comes_back], mine="nas", theirs="laptop", seq=5, now=1000)
    decide(recorded, [3], Side.THEIRS)
    assert rows_of(recorded)[A.md5].deleted
    assert [found.state for found in conflicts(recorded, closed=True)] == ["open", "open", "theirs"]


def test_what_was_changed_since_a_decision_outlives_its_undoing(recorded):
    made = decide(recorded, [2], Side.MINE)
    recorded.update_star_status(A.md5, is_starred=False)
    recorded.update_star_status(A.md5, is_starred=True)
    undo(recorded, made)
    assert not rows_of(recorded)[A.md5].starred
    made = decide(recorded, [2], Side.MINE)
    recorded.update_star_status(A.md5, is_starred=False)
    with recorded.connections.writing() as connection:
        change_photo(connection, A.md5, filename="mine, later.jpg")
    made += decide(recorded, [1], Side.THEIRS)
    undo(recorded, made)
    assert rows_of(recorded)[A.md5].filename == "mine, later.jpg"
