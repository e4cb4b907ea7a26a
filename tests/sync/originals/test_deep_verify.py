"""A deep verification reads what it can: one original that the remote does not give keeps no other from proof."""

import pytest

from sync.originals.verify import Verify
from sync.stores.objectstore import UnreachableError


@pytest.fixture
def kept(desk, store):
    """A desk with twelve originals on a remote."""
    for number in range(12):
        desk.write(f"{number}.jpg", 100 + number)
    assert desk.back_up(store).uploaded == 12
    return desk


def read(desk, store):
    return Verify(desk.catalog, store, deep=True, backoff=0.001).run()


def reading(request):
    return request.startswith("GET") and "/photos/" in request


@pytest.mark.parametrize("status", [500, 403])
def test_one_that_cannot_be_read_is_told_and_not_noted_as_lost(kept, store, wire, status):
    first = min(kept.md5s, key=lambda name: kept.md5s[name])
    wire.hook = lambda request: status if reading(request) and kept.key(first) in request else None
    report = read(kept, store)
    assert (report.outcome, report.read, report.uploaded, report.error) == ("gaps", 11, 12, None)
    (gap,) = report.gaps
    assert (gap.filename, gap.here, gap.queued) == (first, True, False)
    assert gap.reason.startswith("the original could not be read: 127.0.0.1:")
    assert kept.counts() == {"uploaded": 12}
    wire.hook = lambda request: None
    assert (read(kept, store).outcome, kept.counts()) == ("safe", {"uploaded": 12})


@pytest.mark.parametrize(("status", "outcome"), [(500, "offline"), (403, "failed")])
def test_a_server_that_gives_none_ends_it(kept, store, wire, status, outcome):
    wire.hook = lambda request: status if reading(request) else None
    report = read(kept, store)
    assert (report.outcome, report.read, len(report.gaps)) == (outcome, 0, 4)
    assert kept.counts() == {"uploaded": 12}


def test_a_server_that_is_gone_ends_it_at_once(kept, store, monkeypatch):
    listed = store.stored

    def gone_after(prefix):
        yield from listed(prefix)
        monkeypatch.setattr(store, "read", unreachable)

    def unreachable(*_):
        raise UnreachableError("It cannot be reached.")

    monkeypatch.setattr(store, "stored", gone_after)
    report = read(kept, store)
    assert (report.outcome, report.gaps, report.error) == ("offline", [], "It cannot be reached.")
