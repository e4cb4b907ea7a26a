"""Where not a single original is, the address may be wrong: nothing is noted before a person says so."""

import pytest

from sync.originals import verify
from sync.originals.verify import Verify


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three originals are more than a few."""
    monkeypatch.setattr(verify, "_FEW", 2)


@pytest.fixture
def kept(desk, either):
    """A desk with three originals on a remote, proved to be there."""
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        desk.write(name, 100 + len(desk.md5s))
    desk.back_up(either)
    assert check(desk, either).outcome == "safe"
    return desk


def check(desk, store, **options):
    return Verify(desk.catalog, store, backoff=0.001, **options).run()


def empty(store):
    """Remove the originals, and leave the rest: a folder with nothing in it is a disk that is not mounted."""
    store.put("catalog_manifest.json", b"{}", content_type="application/json")
    for found in [*store.list("photos/")]:
        store.delete(found.key)


def last_of(desk):
    return max(desk.md5s, key=lambda name: desk.md5s[name])


@pytest.mark.parametrize("deep", [False, True])
def test_each_gap_is_told_and_none_is_noted(kept, either, deep):
    empty(either)
    kept.write("new.jpg", 7)
    before = either.traffic.requests.copy()
    report = check(kept, either, deep=deep)
    assert (report.outcome, report.starred, report.uploaded, report.verified) == ("nothing-there", 4, 0, 0)
    assert {gap.filename: (gap.here, gap.queued) for gap in report.gaps} == {
        "a.jpg": (True, False), "b.jpg": (True, False), "c.jpg": (True, False), "new.jpg": (True, True),
    }  # fmt: skip
    assert f"Not a single original is at {either.url}, where the catalog says that 3 are." in report.error
    assert (either.traffic.requests - before).total() == 1
    assert kept.counts() == {"uploaded": 3, "queued": 1}


def test_they_are_queued_once_a_person_says_that_they_are_lost(kept, either):
    empty(either)
    report = check(kept, either, accept_losses=True)
    assert (report.outcome, report.error, kept.counts()) == ("gaps", None, {"queued": 3})
    assert kept.back_up(either).uploaded == 3
    assert check(kept, either).outcome == "safe"


@pytest.mark.parametrize("at_a_time", [20_000, 1])
@pytest.mark.parametrize("left", [b"cut", None])
def test_one_that_is_there_proves_the_address(kept, either, left, at_a_time, monkeypatch):
    kept.write("d.jpg", 9)
    kept.back_up(either)
    monkeypatch.setattr(verify, "_AT_A_TIME", at_a_time)
    name = last_of(kept)
    original = (kept.album / name).read_bytes()
    empty(either)
    either.put(kept.key(name), original if left is None else left, content_type="image/jpeg")
    report = check(kept, either)
    assert (report.outcome, report.uploaded, len(report.gaps)) == (
        "gaps",
        int(left is None),
        4 - (left is None),
    )
    assert kept.counts()["queued"] == len(report.gaps)
    assert all(gap.queued for gap in report.gaps)


def test_a_few_are_queued_without_a_question(kept, either):
    kept.catalog.update_star_status(kept.md5s["c.jpg"], is_starred=False)
    empty(either)
    assert check(kept, either).outcome == "gaps"
    assert kept.counts() == {"queued": 2, "uploaded": 1}
