"""The brake: what would take much away stops before anything is changed, in both directions, and can be let go."""

import pytest

from catalog.rollback import roll_back
from catalog.tally import Removals
from sync.brake import stops
from sync.events import Reason
from sync.manifest import KEY, decode

STARRED = [f"a{number:02}1" for number in range(60)]


@pytest.mark.parametrize(
    ("removals", "stopped"),
    [
        (Removals(), False),
        (Removals(photos=10, deleted=1), False),
        (Removals(photos=9, deleted=1), True),
        (Removals(photos=1000, deleted=100), False),
        (Removals(photos=1000, deleted=101), True),
        (Removals(stars=20, unstarred=20), False),  # few, though all of them
        (Removals(stars=21, unstarred=21), True),
        (Removals(stars=210, unstarred=21), False),
        (Removals(stars=209, unstarred=21), True),
        (Removals(photos=1000, deleted=100, stars=209, unstarred=21), True),
    ],
)
def test_it_stops_past_a_tenth_of_the_photos_or_of_the_stars_and_more_than_twenty(removals, stopped):
    assert stops(removals) is stopped


@pytest.fixture
def starred(device):
    """Two devices that know of 60 stars."""
    laptop, server = device("laptop").add(*STARRED, starred=True), device("server")
    laptop.sync()
    server.sync()
    return laptop, server


def test_many_stars_that_are_taken_here_do_not_go_up_unasked(starred, bucket):
    laptop, _ = starred
    laptop.unstar(*STARRED[:50])
    before, objects = laptop.dump(), dict(bucket.objects)
    report = laptop.sync()
    assert (report.outcome, report.reason) == ("refused", Reason.REMOVALS)
    assert "take away 50 of 60 stars on memory://bucket/library, so it has stopped" in report.error
    assert "sync --dry-run" in report.error
    assert "sync --accept-removals" in report.error
    assert (laptop.dump(), bucket.objects) == (before, objects)
    assert laptop.sync(accepted={Reason.REMOVALS}).pushed_rows == 50
    assert len(laptop.stars()) == 10


def test_many_stars_that_are_taken_elsewhere_do_not_go_here_unasked(starred):
    laptop, server = starred
    laptop.unstar(*STARRED[:50])
    laptop.sync(accepted={Reason.REMOVALS})
    before = server.dump()
    report = server.sync()
    assert (report.outcome, report.reason) == ("refused", Reason.REMOVALS)
    assert "take away 50 of 60 stars here" in report.error
    assert server.dump() == before
    assert server.sync().outcome == "refused"  # until somebody says yes
    assert server.sync(accepted={Reason.REMOVALS}).pulled_rows == 50
    assert len(server.stars()) == 10


@pytest.mark.parametrize(("count", "outcome"), [(20, "committed"), (21, "refused")])
def test_the_threshold_is_that_of_the_stars_on_the_remote(starred, count, outcome):
    laptop, server = starred
    laptop.unstar(*STARRED[:count])
    laptop.add("f1", starred=True)  # new there: it takes nothing away, and is no star that was there
    assert laptop.sync().outcome == outcome
    assert server.sync().outcome == ("pulled" if outcome == "committed" else "up-to-date")


@pytest.mark.parametrize(("deleted", "stopped"), [(2, False), (3, True)])
def test_photos_that_are_deleted_count_in_both_directions(device, bucket, deleted, stopped):
    photos = [f"{x}{n:02}1" for x in "ab" for n in range(10)]
    laptop, server = device("laptop").add(*photos), device("server")
    laptop.sync()
    server.sync()
    for photo in photos[:deleted]:
        laptop.change(photo, deleted=True)
    report = laptop.sync()
    assert report.outcome == ("refused" if stopped else "committed")
    if stopped:
        assert f"remove {deleted} of 20 photos on memory:" in report.error
        assert laptop.sync(accepted={Reason.REMOVALS}).outcome == "committed"
    report = server.sync()
    assert report.outcome == ("refused" if stopped else "pulled")
    if stopped:
        assert f"remove {deleted} of 20 photos here" in report.error
    assert decode(bucket.objects[KEY].data).photo_count == 20 - deleted


def test_a_star_goes_with_its_photo(starred):
    laptop, server = starred
    server.add(*(f"b{number:03}1" for number in range(200)))
    server.sync()
    laptop.sync()
    for photo in STARRED[:21]:  # less than a tenth of the photos, more than one of the stars
        laptop.change(photo, deleted=True)
    laptop.sync(accepted={Reason.REMOVALS})
    assert "remove 21 of 260 photos and take away 21 of 60 stars here" in server.sync().error


def test_stars_that_come_with_the_same_sync_do_not_make_up_for_those_that_go(starred):
    laptop, server = starred
    laptop.unstar(*STARRED[:50])
    laptop.add(*(f"c{number:03}1" for number in range(600)), starred=True)
    laptop.sync(accepted={Reason.REMOVALS})
    assert "50 of 60 stars here" in server.sync().error


def test_a_mass_unstar_is_undone_and_the_stars_come_back_to_those_who_had_taken_them(starred):
    laptop, server = starred
    laptop.unstar(*STARRED[:50])
    laptop.sync(accepted={Reason.REMOVALS})
    assert server.sync().outcome == "refused"
    server.sync(accepted={Reason.REMOVALS})
    assert roll_back(server.catalog).restored == 50
    assert server.sync().pushed_rows == 50
    report = laptop.sync()
    assert (report.outcome, report.pulled_rows, report.new_conflicts) == ("pulled", 50, 0)
    assert laptop.stars() == server.stars() == set(STARRED)
