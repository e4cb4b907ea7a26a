"""What stays of an original that did not come whole."""

import os
from contextlib import suppress

import pytest

from catalog.originals import Restorable
from sync.originals.incoming import AHEAD, RANGE, Incoming
from sync.stores.objectstore import UnclearError
from sync.transfer import CancelledError

LARGE, SMALL = 20 * RANGE, 2 * RANGE


@pytest.mark.parametrize(
    ("size", "came", "error", "kept"),
    [
        (LARGE, (AHEAD + 2) * RANGE + 1, CancelledError, 2 * RANGE),
        (LARGE, (AHEAD + 2) * RANGE, UnclearError, 2 * RANGE),
        (LARGE, AHEAD * RANGE, CancelledError, None),
        (LARGE, (AHEAD + 2) * RANGE, OSError, None),
        (SMALL, SMALL, CancelledError, None),
    ],
)
def test_what_is_worth_it_stays_for_the_next_try(tmp_path, size, came, error, kept):
    photo = Restorable("0" * 32, "a.jpg", "2024", size, None)
    place = os.fsencode(tmp_path / "2024" / "a.jpg")
    with suppress(error), Incoming(photo, place) as file:
        file.put(came - 1, b"x")
        raise error("it broke off")
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ([] if kept is None else [f".photolala~{photo.md5}"])
    if kept is not None:
        with Incoming(photo, place) as file:
            assert file.kept == kept
        assert list((tmp_path / "2024").iterdir()) == []


def test_a_thread_that_comes_too_late_writes_nowhere(tmp_path):
    with Incoming(Restorable("0" * 32, "a.jpg", "", 5, None), os.fsencode(tmp_path / "a.jpg")) as file:
        pass
    other = (tmp_path / "b.jpg").open("x+b")
    with other, pytest.raises(ValueError, match="closed"):
        file.put(0, b"late")
    assert (tmp_path / "b.jpg").read_bytes() == b""


def test_what_is_cut_off_meanwhile_is_not_waited_for(tmp_path):
    photo = Restorable("0" * 32, "a.jpg", "", LARGE, None)
    left = tmp_path / f".photolala~{photo.md5}"
    with left.open("wb") as file:
        file.truncate((AHEAD + 2) * RANGE)
    with Incoming(photo, os.fsencode(tmp_path / "a.jpg")) as file:
        os.truncate(left, RANGE)
        file.take_up(lambda: None)
        assert not file.is_proved
