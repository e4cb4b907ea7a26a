"""The meter counts each photo once, whatever still passes of it."""

from catalog.backup_queue import Waiting
from sync.originals.meter import Meter


def test_parts_that_still_pass_of_a_photo_that_has_failed_do_not_bring_it_back():
    meter = Meter([Waiting("a", "a.jpg", 100, None), Waiting("b", "b.jpg", 10, None)])
    meter.begin("a")
    meter.moved("a", 30)
    assert meter.read()[:4] == (0, 2, 30, 110)
    meter.end("a")
    meter.begin("b")
    meter.moved("a", 20)  # on a thread that was at it
    meter.moved("b", 4)
    told = meter.read()
    assert (told[:4], told.filename, meter.under_way()) == ((1, 2, 104, 110), "b.jpg", {"b"})
