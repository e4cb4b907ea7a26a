"""The merge does what the table in DESIGN says, for every combination, and keeps its promises for any input."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.row import PhotoRow
from sync.merge import merge

MD5 = "a" * 32
NAMES = ("a.jpg", "b.jpg", "c.jpg")
ROWS = [
    PhotoRow(MD5, name, starred=starred, deleted=deleted)
    for name, starred, deleted in product(NAMES, (False, True), (False, True))
]
POLICIES = pytest.mark.parametrize("keep", [False, True], ids=["merge", "keep"])


def by_the_table(base, mine, theirs, keep):
    """DESIGN's table again, line by line: the merged row, and the conflicts as {(field, winner)}.

    Where it says nothing, the nearest line speaks: a change here to a photo that was deleted there loses
    like a deletion here of a photo that was changed there; a star on what was deleted here is no star.
    """
    # | no base (first contact) | any | the remote's fields; starred if starred on either side |
    if base is None:
        survives = mine.starred and not mine.deleted  # "local stars survive"
        starred = mine.starred or theirs.starred
        return theirs._replace(starred=starred, deleted=theirs.deleted and not survives), set()

    starred_since = mine.starred and not base.starred
    deleted_here = mine.deleted and not base.deleted
    deleted_there = theirs.deleted and not base.deleted
    # | deleted | changed | the remote's row stays; conflict recorded |
    if deleted_here and not deleted_there and theirs != base:
        return theirs, {("deleted", "theirs")}
    comes_back = False
    if deleted_there and not deleted_here:
        # | starred since | deleted | comes back, starred; conflict recorded |   (keep: any star here)
        comes_back = starred_since or (keep and mine.starred)
        if not comes_back:
            renamed_here = mine.filename not in (base.filename, theirs.filename)
            return theirs, {("deleted", "theirs")} if renamed_here else set()

    merged, lost = {}, set()
    for field in ("filename", "starred", "deleted"):
        was, here, there = (getattr(row, field) for row in (base, mine, theirs))
        if here == was:  # | unchanged | any | the remote's |
            merged[field] = there
        elif there in (was, here):  # | changed | unchanged, or changed to the same | mine, no conflict |
            merged[field] = here
        elif field == "starred":  # | star changed | star changed differently | starred wins |
            merged[field] = True
        else:  # | other field changed | changed differently | the remote's; conflict recorded |
            merged[field] = there
            lost.add((field, "theirs"))
    if comes_back:
        merged["deleted"] = False
        lost.add(("deleted", "mine"))
    # "keep": a local star is never taken away
    if keep and base.starred and mine.starred and not merged["starred"]:
        merged["starred"] = True
        lost.add(("starred", "mine"))
    return theirs._replace(**merged), lost


@POLICIES
@pytest.mark.parametrize(
    "base", [None, *ROWS], ids=lambda row: "first contact" if row is None else row.line()
)
def test_every_combination_gives_what_the_table_says(base, keep):
    for mine, theirs in product(ROWS, ROWS):
        merged = merge(base, mine, theirs, keep_stars=keep)
        found = merged.row, {(conflict.field, conflict.winner) for conflict in merged.conflicts}
        assert found == by_the_table(base, mine, theirs, keep), (mine, theirs)
        assert len(merged.conflicts) == len(found[1])


def row(**values):
    return PhotoRow(MD5, "a.jpg")._replace(**values)


@pytest.mark.parametrize(
    ("what", "base", "mine", "theirs", "merged"),
    [
        ("a star set here goes up", row(), row(starred=True), row(), row(starred=True)),
        ("a star set there comes down", row(), row(), row(starred=True), row(starred=True)),
        ("an unstar here goes up", row(starred=True), row(), row(starred=True), row()),
        ("an unstar there comes down", row(starred=True), row(starred=True), row(), row()),
        ("first contact keeps a star here", None, row(starred=True), row(), row(starred=True)),
        ("first contact keeps a star there", None, row(), row(starred=True), row(starred=True)),
        ("first contact takes their name", None, row(filename="b"), row(filename="c"), row(filename="c")),
        ("fields merge one by one", row(), row(starred=True), row(width=9), row(starred=True, width=9)),
        ("a width is nobody's conflict", row(width=1), row(width=2), row(width=3), row(width=3)),
        ("both uploaded it: theirs", row(), row(uploaded=5), row(uploaded=4), row(uploaded=4)),
    ],
)
def test_the_everyday_cases_need_no_conflict(what, base, mine, theirs, merged):
    assert merge(base, mine, theirs) == (merged, ()), what


def test_a_conflict_keeps_all_three_values_as_they_stand_in_a_shard():
    (conflict,) = merge(row(photodate=None), row(photodate=7), row(photodate=-9)).conflicts
    assert conflict == (MD5, "photodate", "", "7", "-9", "theirs")


def test_policy_keep_says_that_it_has_overruled_the_remote():
    merged = merge(row(starred=True), row(starred=True), row(), keep_stars=True)
    assert merged.row.starred
    assert merged.conflicts == ((MD5, "starred", "1", "1", "0", "mine"),)


TIMES = st.none() | st.integers(0, 3)
ANY_ROW = st.builds(
    PhotoRow,
    md5=st.just(MD5),
    filename=st.sampled_from(NAMES),
    folder=st.sampled_from(("", "2001")),
    size=st.none() | st.integers(0, 2),
    photodate=TIMES,
    modified=TIMES,
    starred=st.booleans(),
    uploaded=TIMES,
    deleted=st.booleans(),
)
ANYTHING = given(base=st.none() | ANY_ROW, mine=ANY_ROW, theirs=ANY_ROW, keep=st.booleans())


@ANYTHING
def test_merging_the_result_again_changes_nothing(base, mine, theirs, keep):
    once = merge(base, mine, theirs, keep_stars=keep).row
    assert merge(theirs, once, theirs, keep_stars=keep) == (once, ())


@ANYTHING
def test_no_star_set_here_is_lost_in_silence(base, mine, theirs, keep):
    merged = merge(base, mine, theirs, keep_stars=keep)
    set_here = mine.starred and not mine.deleted and (base is None or keep or not base.starred)
    if set_here and not (merged.row.starred and not merged.row.deleted):
        assert merged.conflicts


@ANYTHING
def test_a_conflict_says_that_something_was_lost_that_people_see(base, mine, theirs, keep):
    visible = ("filename", "folder", "photodate", "starred", "deleted")
    merged = merge(base, mine, theirs, keep_stars=keep)
    for conflict in merged.conflicts:
        loser = theirs if conflict.winner == "mine" else mine
        changed = [field for field in visible if getattr(loser, field) != getattr(base, field)]
        assert any(getattr(loser, field) != getattr(merged.row, field) for field in changed)


@ANYTHING
def test_nothing_is_decided_by_a_clock(base, mine, theirs, keep):
    def otherwise(row):  # all times the other way round: what was later is now earlier
        flip = {None: None, 0: 3, 1: 2, 2: 1, 3: 0}
        times = {field: flip[getattr(row, field)] for field in ("photodate", "modified", "uploaded")}
        return row._replace(**times)

    here = merge(base, mine, theirs, keep_stars=keep)
    there = merge(base and otherwise(base), otherwise(mine), otherwise(theirs), keep_stars=keep)
    assert there.row == otherwise(here.row)
    assert [c.field for c in there.conflicts] == [c.field for c in here.conflicts]
