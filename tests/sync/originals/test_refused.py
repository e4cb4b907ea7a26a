"""A remote that refuses is not out of reach: cron shall not wait for it to come back by itself."""

import pytest

from sync.originals.verify import Verify

REFUSALS = [(400, "failed"), (403, "failed"), (501, "failed"), (502, "offline")]


@pytest.mark.parametrize(("status", "outcome"), REFUSALS)
def test_a_verification_that_is_refused_has_failed(kept, store, wire, status, outcome):
    wire.hook = lambda request: status
    assert Verify(kept.catalog, store, backoff=0.001).run().outcome == outcome
    assert kept.counts() == {"uploaded": 6}


@pytest.mark.parametrize(("status", "outcome"), REFUSALS)
def test_a_restore_that_is_refused_has_failed(kept, store, wire, tmp_path, status, outcome):
    (tmp_path / "back").mkdir()
    wire.hook = lambda request: status if "GET" in request and "list-type" not in request else None
    report = kept.restore(store, tmp_path / "back")
    assert (report.outcome, report.restored) == (outcome, 0)


@pytest.mark.parametrize(("status", "outcome"), REFUSALS)
def test_a_backup_that_is_refused_has_failed(kept, store, wire, status, outcome):
    for number in range(6, 18):
        kept.write(f"{number}.jpg", 100 + number)
    wire.hook = lambda request: status if request.startswith("PUT") else None
    assert kept.back_up(store).outcome == outcome
    wire.forget()
    report = kept.back_up(store)  # what was on its way when the first ended may have arrived since
    assert (report.outcome, report.uploaded + report.already_there) == ("done", 12)
    assert kept.counts() == {"uploaded": 18}
