"""Servers whose listings are out of order, say things twice, never end, or tell of what was not asked for."""

import re
import threading

import pytest

import sync.originals.prune
from sync.originals.prune import find_unstarred, remove
from sync.originals.verify import Verify
from sync.stores.limits import Limits
from sync.stores.objectstore import RemoteError
from sync.transfer import Pause
from tests.sync.wire import Answer

CONTENTS = re.compile(rb"<Contents>.*?</Contents>", re.DOTALL)
OTHER = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def limits():
    return Limits(Pause(threading.Event(), 0.001))


def listed(wire, change):
    """Let a function change the body of each listing; what it is given is that of the first one."""
    first = []

    def after(request, answer):
        if "list-type=2" not in request:
            return answer
        first.append(b"".join(answer.body))
        return Answer("200 OK", [("Content-Type", "application/xml")], [change(first[0])])

    wire.after = after


def objects(change):
    """Let a function change the list of objects in a listing's body."""

    def changed(body):
        parts = CONTENTS.split(body)
        return parts[0] + b"".join(change(CONTENTS.findall(body))) + parts[-1]

    return changed


def strangers(found):
    """What lies beside ours: under another prefix, in the wrong folder, with a name that is no md5."""
    one = found[0]
    key = re.search(rb"<Key>(.*?)</Key>", one)[1]
    for other in (
        b"photos/01/" + OTHER,
        b"else/photos/01/" + OTHER,
        b"library/photos/ff/" + OTHER,
        b"library/photos/01/" + OTHER.upper(),
        b"library/photos/notes.txt",
        b"library/photos/../x",
    ):
        yield one.replace(key, other)


ODD = {
    "backwards": lambda found: found[::-1],
    "twice": lambda found: found * 2,
    "twice, in turn": lambda found: [one for one in found for _ in (1, 2)],
    "with what is not ours": lambda found: [*strangers(found), *found, *strangers(found)],
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("deep", [False, True])
def test_a_verification_counts_each_original_once(kept, store, wire, odd, deep):
    listed(wire, objects(ODD[odd]))
    report = Verify(kept.catalog, store, deep=deep, backoff=0.001).run()
    assert (report.outcome, report.starred, report.uploaded, report.verified) == ("safe", 6, 6, 6)
    assert (report.gaps, report.found, kept.counts()) == ([], 0, {"uploaded": 6})


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("at_once", [2, 500])
def test_a_prune_counts_each_original_once_and_leaves_alone_what_is_not_ours(
    kept, store, wire, limits, monkeypatch, odd, at_once
):
    monkeypatch.setattr(sync.originals.prune, "MIN_AGE", -60.0)
    monkeypatch.setattr(sync.originals.prune, "_AT_ONCE", at_once)
    gone = [kept.md5s[f"{number}.jpg"] for number in range(4)]
    kept.catalog.update_star_statuses(dict.fromkeys(gone, False))
    listed(wire, objects(ODD[odd]))
    queue = kept.queue(store)
    found = find_unstarred(queue, store, limits)
    assert (len(found.originals), found.bytes, found.unknown) == (4, 406, 0)
    wire.requests.clear()
    assert remove(queue, store, limits, found.originals, lambda: True) == 4
    assert len([request for request in wire.requests if request.startswith("DELETE")]) == 4
    wire.forget()
    assert sorted(one.key for one in store.stored("photos/")) == sorted(kept.key(f"{n}.jpg") for n in (4, 5))


TOKEN = re.compile(rb"<NextContinuationToken>.*?</NextContinuationToken>")


@pytest.mark.parametrize(
    "change",
    [lambda body: body, lambda body: TOKEN.sub(b"", body)],
    ids=["the first page again and again", "more, but not where"],
)
def test_a_listing_that_leads_nowhere_ends_in_a_sentence(kept, store, wire, limits, monkeypatch, change):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    listed(wire, change)
    report = Verify(kept.catalog, store, backoff=0.001).run()
    assert (report.outcome, kept.counts()) == ("failed", {"uploaded": 6})
    assert report.error.endswith(" does not list photos/ to the end: it gives no way on.")
    with pytest.raises(RemoteError, match="does not list"):
        find_unstarred(kept.queue(store), store, limits)
    with pytest.raises(RemoteError, match="does not list"):
        list(store.list("photos/"))
