"""What is pending: from the first change of a photo to the commit that carries it away."""

import pytest

from catalog.changes import change_photo
from catalog.exchange import Exchange
from catalog.pull import RemoteSeen
from tests.catalog.conftest import URL, PendingRow, pending, photo, put_new, put_synced, rows_of

A = photo("a")
STARRED = A._replace(starred=True)
RENAMED = A._replace(filename="renamed.jpg")
SEEN = RemoteSeen(URL, 1, '"etag"', "{}")


@pytest.fixture
def exchange(catalog):
    return Exchange(catalog)


@pytest.fixture
def become(catalog):
    """Give a photo that is known other values; tells whether that changed anything."""

    def change(row):
        md5, *values = row
        with catalog.connections.writing() as connection:
            return change_photo(connection, md5, **dict(zip(row._fields[1:], values, strict=True)))

    return change


def test_a_photo_from_the_remote_is_not_pending(catalog):
    put_synced(catalog, A)
    assert pending(catalog) == {}


def test_a_photo_found_here_is_pending_without_a_base(catalog):
    put_new(catalog, A, photo("b"))
    assert pending(catalog) == dict.fromkeys((A.md5, photo("b").md5), PendingRow(None, None, None))


def test_adding_nothing_is_nothing(catalog):
    put_new(catalog)
    assert pending(catalog) == {}


def test_the_first_change_records_what_the_remote_has(catalog, become):
    put_synced(catalog, A, photo("b"))
    assert become(STARRED)
    assert pending(catalog) == {A.md5: PendingRow(A.line(), None, None)}
    assert rows_of(catalog)[A.md5] == STARRED


def test_further_changes_keep_the_first_base(catalog, become):
    put_synced(catalog, A)
    assert become(STARRED)
    assert become(STARRED._replace(filename="x", uploaded=7))
    assert pending(catalog) == {A.md5: PendingRow(A.line(), None, None)}


def test_changing_back_leaves_nothing_to_tell(catalog, become):
    put_synced(catalog, A)
    for row in (STARRED, STARRED._replace(filename="x"), STARRED, A):
        assert become(row)
    assert pending(catalog) == {}


def test_a_new_photo_stays_pending_whatever_is_done_to_it(catalog, become):
    put_new(catalog, A)
    for row in (STARRED, A):
        assert become(row)
        assert pending(catalog) == {A.md5: PendingRow(None, None, None)}


def test_what_changes_nothing_is_no_change(catalog, become):
    put_synced(catalog, A)
    assert not become(A)
    assert pending(catalog) == {}


def test_a_photo_that_nobody_knows_cannot_change(catalog, become):
    assert not become(A)
    assert rows_of(catalog) == pending(catalog) == {}


@pytest.mark.parametrize("put", [put_synced, put_new])
def test_a_batch_that_is_committed_leaves_nothing_pending(catalog, exchange, become, put):
    put(catalog, A)
    become(STARRED)
    exchange.freeze("one", URL)
    assert pending(catalog)[A.md5].batch == "one"
    exchange.finish("one", SEEN)
    assert pending(catalog) == {}
    assert rows_of(catalog) == {A.md5: STARRED}


@pytest.mark.parametrize("later", [[RENAMED], [A], [RENAMED, A], [STARRED._replace(width=1), RENAMED]])
def test_a_change_while_a_batch_is_under_way_waits_for_the_next(catalog, exchange, become, later):
    put_synced(catalog, A)
    become(STARRED)
    exchange.freeze("one", URL)
    for row in later:
        become(row)
    assert pending(catalog) == {A.md5: PendingRow(A.line(), "one", STARRED.line())}
    exchange.finish("one", SEEN)
    assert pending(catalog) == {A.md5: PendingRow(STARRED.line(), None, None)}
    assert rows_of(catalog) == {A.md5: later[-1]}


def test_what_changed_and_changed_back_while_a_batch_was_under_way_is_not_pending(catalog, exchange, become):
    put_new(catalog, A)
    exchange.freeze("one", URL)
    become(STARRED)
    become(A)
    exchange.finish("one", SEEN)
    assert pending(catalog) == {}


def test_what_is_first_changed_while_a_batch_is_under_way_is_the_next_batchs(catalog, exchange, become):
    b = photo("b")
    put_synced(catalog, A, b)
    become(STARRED)
    exchange.freeze("one", URL)
    become(b._replace(starred=True))
    put_new(catalog, photo("c"))
    exchange.finish("one", SEEN)
    assert pending(catalog) == {
        b.md5: PendingRow(b.line(), None, None),
        photo("c").md5: PendingRow(None, None, None),
    }


def test_a_batch_that_is_abandoned_is_pending_as_before(catalog, exchange, become):
    put_synced(catalog, A)
    put_new(catalog, photo("b"))
    become(STARRED)
    before = pending(catalog)
    exchange.freeze("one", URL)
    become(STARRED._replace(filename="x"))
    exchange.abandon()
    assert pending(catalog) == before


def test_a_batch_that_is_frozen_again_takes_what_has_changed_since(catalog, exchange, become):
    put_synced(catalog, A)
    become(STARRED)
    exchange.freeze("one", URL)
    become(RENAMED)
    exchange.freeze("one", URL)
    assert pending(catalog) == {A.md5: PendingRow(A.line(), "one", None)}
    exchange.finish("one", SEEN)
    assert pending(catalog) == {}
