"""sync/FORMAT.md holds: another program, written from that page alone, shares a remote with ours."""

import pytest

from sync.stores.directory import DirectoryStore
from tests.sync.conftest import md5_of
from tests.sync.second_implementation import Remote

HARD_NAMES = ('comma, "quote".jpg', "line\nbreak.jpg", "\u202egpj.exe", "[b]markup[/b].jpg", "plain.jpg")


@pytest.fixture
def shared(tmp_path, device):
    """A device of ours that has committed names that are hard to write, and the other program."""
    store = DirectoryStore((tmp_path / "remote").as_uri())
    laptop = device("laptop")
    for number, name in enumerate(HARD_NAMES):
        laptop.add(f"{number}a", filename=name, size=number, photodate=-number)
    assert laptop.sync(store).outcome == "committed"
    laptop.star("0a")  # a delta on top of a shard
    assert laptop.sync(store).outcome == "committed"
    return laptop, store, Remote(tmp_path / "remote", "5ec0d0" * 4)


def test_the_other_program_reads_what_ours_has_written(shared):
    laptop, _, other = shared
    rows = other.rows()
    assert {md5: row["filename"] for md5, row in rows.items()} == {
        md5: row.filename for md5, row in laptop.rows().items()
    }
    assert [md5 for md5, row in rows.items() if row["starred"] == "1"] == [md5_of("0a")]
    assert rows[md5_of("3a")]["photodate"] == "-3"
    assert other.manifest()["photo_count"] == len(HARD_NAMES)


def test_ours_reads_what_the_other_program_has_written(shared):
    laptop, store, other = shared
    rows = other.rows()
    new = {**rows[md5_of("4a")], "md5": md5_of("f9"), "filename": "from elsewhere.jpg"}
    other.commit([{**rows[md5_of("0a")], "starred": "0"}, {**rows[md5_of("1a")], "starred": "1"}, new])
    report = laptop.sync(store)
    assert (report.outcome, report.pulled_rows, report.new_conflicts) == ("pulled", 3, 0)
    assert laptop.stars() == {"1a"}
    assert laptop.names()["f9"] == "from elsewhere.jpg"


def test_both_go_on_from_each_other(shared):
    laptop, store, other = shared
    for number in range(25):  # past the 20 deltas at which ours folds
        row = other.rows()[md5_of("2a")]
        other.commit([{**row, "starred": "10"[number % 2]}])
        laptop.star("3a") if number % 2 else laptop.unstar("3a")
        assert laptop.sync(store).error is None
    rows = other.rows()
    assert {md5.rstrip("0") for md5, row in rows.items() if row["starred"] == "1"} == laptop.stars()
    assert other.manifest()["seq"] == 2 + 25 + 24
