"""What a sync reads and writes: a batch is of one moment, and a merge is all or nothing."""

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.changes import change_photo
from catalog.conflicts import conflicts
from catalog.exchange import Exchange, OpenBatch
from catalog.pull import LocalPhoto, RemoteSeen
from catalog.reader import CatalogReader
from catalog.row import SHARDS, NewConflict
from catalog.store import SqlCatalog
from tests.catalog.conftest import URL, PendingRow, pending, photo, put_new, put_synced, rows_of

A, F = photo("a"), photo("f")
SEEN = RemoteSeen(URL, 7, '"etag"', '{"seq": 7}')


@pytest.fixture
def exchange(catalog):
    return Exchange(catalog)


def star(catalog, row, is_starred=True):
    catalog.update_star_status(row.md5, is_starred)
    return row._replace(starred=is_starred)


# --- a batch


def test_freezing_counts_what_is_pending_by_shard_and_journals_it(catalog, exchange):
    put_new(catalog, photo("a1"), photo("a2"), photo("0"))
    put_synced(catalog, F)
    assert exchange.freeze("one", URL) == {"a": 2, "0": 1}
    assert exchange.journal() == OpenBatch("one", URL, None, None)


def test_where_nothing_is_pending_nothing_is_journaled(catalog, exchange):
    put_synced(catalog, A)
    assert exchange.freeze("one", URL) == {}
    assert exchange.journal() is None


@pytest.mark.parametrize("etag", ['"old"', None])
def test_the_journal_holds_what_will_be_put_until_its_fate_is_known(catalog, exchange, etag):
    put_new(catalog, A)
    exchange.freeze("one", URL)
    exchange.stage("one", "the manifest", etag)
    assert Exchange(catalog).journal() == OpenBatch("one", URL, "the manifest", etag)
    exchange.freeze("one", URL)  # after a rebase another manifest will be put
    assert exchange.journal() == OpenBatch("one", URL, None, None)
    exchange.finish("one", SEEN)
    assert exchange.journal() is None


def test_a_batch_that_is_abandoned_leaves_no_journal(catalog, exchange):
    put_new(catalog, A)
    exchange.freeze("one", URL)
    exchange.abandon()
    assert exchange.journal() is None
    assert exchange.freeze("two", URL) == {"a": 1}


def test_what_is_sent_does_not_depend_on_what_changes_meanwhile(catalog, exchange):
    a, b, c, d = (photo(f"a{x}") for x in "abcd")
    put_synced(catalog, a, b, c)
    put_new(catalog, d)
    starred = star(catalog, a)
    exchange.freeze("one", URL)
    star(catalog, a, is_starred=False)  # of the batch, taken back
    star(catalog, b)  # not of the batch
    star(catalog, d)  # of the batch, and new
    put_new(catalog, photo("aa5"))  # newer than the batch
    assert exchange.changed_rows("one", "a") == [(a, starred), (None, d)]
    assert exchange.whole_shard("one", "a") == [starred, b, c, d]


def test_a_shard_is_the_photos_whose_md5_begins_with_its_digit(catalog, exchange):
    put_new(catalog, *(photo(x + end) for x in SHARDS for end in ("", "f" * 31)))
    exchange.freeze("one", URL)
    for x in SHARDS:
        shard = [photo(x), photo(x + "f" * 31)]
        assert exchange.whole_shard("one", x) == shard
        assert exchange.changed_rows("one", x) == [(None, row) for row in shard]


PHOTOS = [photo(f"{x}{number}") for x in "af" for number in range(3)]
steps = st.lists(
    st.tuples(
        st.sampled_from(PHOTOS),
        st.sampled_from(
            [{"starred": True}, {"starred": False}, {"filename": "x"}, {"filename": "y"}, {"uploaded": 9}]
        ),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(known=st.sets(st.sampled_from(PHOTOS)), before=steps, after=steps)
def test_a_batch_is_what_it_was_when_frozen_and_what_came_later_stays_pending(
    empty_catalog, known, before, after
):
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqlCatalog(Path(shutil.copy(empty_catalog, folder)))) as catalog,
    ):
        exchange = Exchange(catalog)
        put_synced(catalog, *known)
        bases = rows_of(catalog)
        take(catalog, before)
        frozen = rows_of(catalog)
        exchange.freeze("one", URL)
        take(catalog, after)
        for x in "af":
            shard = [row for md5, row in frozen.items() if md5.startswith(x)]
            changed = [(bases.get(row.md5), row) for row in shard if bases.get(row.md5) != row]
            assert exchange.whole_shard("one", x) == shard
            assert exchange.changed_rows("one", x) == changed
        now = rows_of(catalog)
        exchange.finish("one", SEEN)
        assert rows_of(catalog) == now
        assert pending(catalog) == {
            md5: PendingRow(frozen[md5].line() if md5 in frozen else None, None, None)
            for md5, row in now.items()
            if frozen.get(md5) != row
        }


def take(catalog, these_steps):
    for row, values in these_steps:
        if row.md5 not in rows_of(catalog):
            put_new(catalog, row)
        with catalog.connections.writing() as connection:
            change_photo(connection, row.md5, **values)


# --- a merge


def test_a_merge_sees_each_photo_with_what_the_remote_last_had_of_it(catalog, exchange):
    clean, changed, new = photo("a1"), photo("a2"), photo("a3")
    put_synced(catalog, clean, changed, F)
    put_new(catalog, new)
    starred = star(catalog, changed)
    whole = {
        clean.md5: LocalPhoto(clean, pending=False, base=clean),
        changed.md5: LocalPhoto(starred, pending=True, base=changed),
        new.md5: LocalPhoto(new, pending=True, base=None),
    }
    with exchange.pull() as pull:
        assert pull.photos(None, "a") == whole
        assert pull.photos([clean.md5, "a" * 32], "a") == {clean.md5: whole[clean.md5]}
        assert pull.photos([], "a") == {}
        assert pull.photos(None, "f") == {F.md5: LocalPhoto(F, pending=False, base=F)}


def test_what_a_merge_writes_leaves_alone_what_only_this_device_knows(catalog, exchange, library):
    put_synced(catalog, A)
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE photo SET camera = 'Leica', backup_status = 'queued'")
    theirs = A._replace(filename="x", starred=True, photodate=-5)
    with exchange.pull() as pull:
        pull.write([theirs, F])
    assert rows_of(catalog) == {A.md5: theirs, F.md5: F}
    with catalog.reading() as connection:
        local = connection.exec_driver_sql("SELECT camera, backup_status FROM photo ORDER BY md5").all()
    assert local == [("Leica", "queued"), (None, "none")]


def test_a_merge_says_what_equals_the_remote_and_what_differs_from_it(catalog, exchange):
    a, b, c = (photo(f"a{x}") for x in "abc")
    put_new(catalog, a, b)
    put_synced(catalog, c)
    with exchange.pull() as pull:
        pull.settle(clean=[a.md5], pending=[(b.md5, b._replace(width=1)), (c.md5, None)])
    assert pending(catalog) == {
        b.md5: PendingRow(b._replace(width=1).line(), None, None),
        c.md5: PendingRow(None, None, None),
    }


def test_a_merge_takes_more_photos_than_one_statement_can(catalog, exchange):
    rows = [photo(f"a{number:04}") for number in range(1100)]
    put_new(catalog, *rows)
    with exchange.pull() as pull:
        assert len(pull.photos([row.md5 for row in rows], "a")) == 1100
        pull.settle(clean=[row.md5 for row in rows], pending=[])
    assert pending(catalog) == {}


def test_a_merge_that_fails_leaves_all_as_it_was(catalog, exchange):
    put_synced(catalog, A)
    star(catalog, A)
    exchange.freeze("one", URL)
    before = rows_of(catalog), pending(catalog), exchange.journal()

    def merge_and_fail():
        with exchange.pull() as pull:
            pull.forget_bases()
            pull.write([A._replace(filename="theirs"), F])
            pull.settle(clean=[A.md5], pending=[(F.md5, None)])
            pull.record(
                [NewConflict(A.md5, "filename", "", "", "", "theirs")], mine="me", theirs="you", seq=1
            )
            pull.remember(SEEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        merge_and_fail()
    assert (rows_of(catalog), pending(catalog), exchange.journal()) == before
    assert exchange.remote(URL) is None
    assert conflicts(catalog) == []


# --- the remote


def test_the_remote_is_remembered_as_merged(exchange):
    with exchange.pull() as pull:
        pull.remember(SEEN)
    assert exchange.remote(URL) == SEEN


def test_a_commit_is_remembered_as_the_remote(catalog, exchange):
    put_new(catalog, A)
    exchange.freeze("one", URL)
    exchange.finish("one", SEEN)
    newer = SEEN._replace(seq=8, etag=None)
    exchange.finish("two", newer)
    assert exchange.remote(URL) == newer


def test_a_remote_at_another_address_was_never_met(exchange):
    other = SEEN._replace(url="file:///disk")
    with exchange.pull() as pull:
        pull.remember(SEEN)
    assert exchange.remote(other.url) is None
    with exchange.pull() as pull:
        pull.remember(other)
    assert (exchange.remote(other.url), exchange.remote(URL)) == (other, None)


def test_with_a_remote_never_seen_each_photo_is_pending_without_a_base(catalog, exchange):
    put_synced(catalog, A, F)
    star(catalog, A)
    exchange.freeze("one", URL)
    with exchange.pull() as pull:
        pull.remember(SEEN)
        pull.forget_bases()
    assert pending(catalog) == dict.fromkeys((A.md5, F.md5), PendingRow(None, None, None))
    assert (exchange.journal(), exchange.remote(URL)) == (None, None)
    assert rows_of(catalog)[A.md5].starred


def test_how_the_last_sync_ended_is_kept_beside_the_remote_as_merged(catalog, exchange):
    def told():
        return CatalogReader(catalog.path).summary(URL)[5:]

    exchange.note_outcome(URL, "offline", "No route to host.", success=False)
    assert told() == (None, None, "offline", "No route to host.")
    assert exchange.remote(URL) is None  # nothing was merged yet
    with exchange.pull() as pull:
        pull.remember(SEEN)
    exchange.note_outcome(URL, "pulled", None, success=True)
    seq, success, *rest = told()
    assert (seq, *rest) == (7, "pulled", None)
    assert success > 1_700_000_000
    exchange.note_outcome(URL, "offline", "Time out.", success=False)
    assert told() == (7, success, "offline", "Time out.")
    assert exchange.remote(URL) == SEEN


def test_a_device_keeps_its_id(catalog, exchange, tmp_path, empty_catalog):
    first = exchange.device_id()
    reopened = SqlCatalog(catalog.path)
    other = SqlCatalog(Path(shutil.copy(empty_catalog, tmp_path / "other.sqlite")))
    assert len(first) == 32
    assert exchange.device_id() == Exchange(reopened).device_id() == first
    assert Exchange(other).device_id() != first
    reopened.close()
    other.close()
