"""The status bar tells what is known, and nothing better than that."""

import itertools
import re
import time
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from catalog.reader import Summary
from sync.events import Outcome, Phase, Progress
from tests.conftest import HOSTILE_NAMES
from tests.tui.conftest import Host, Person, run_app
from tests.tui.words.test_shown import hidden_in
from tui.panes.status_bar import HintLine, StatusBar, Work

REMOTE = "s3://bucket"
KEYS = {"conflicts": "c", "filters": "f"}
NOW = int(time.time())
SYNCED = Summary(photos=93, files=95, starred=7, seq=3, last_success=NOW, last_outcome="committed")
NEVER = Summary(photos=93, files=95, starred=7, pending=93)


def line_of(show: Callable[[StatusBar], None], *, remote: str | None = REMOTE, width: int = 100) -> str:
    bar = StatusBar(remote, KEYS.__getitem__, now=lambda: NOW)
    lines = []

    async def script(person: Person) -> None:
        show(bar)
        await person.pilot.pause(0)
        lines.append(bar.render().plain)

    run_app(Host(bar), script, size=(width, 1))
    assert cell_len(lines[0]) <= width
    return lines[0]


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (SYNCED, "✓ synced <5 min ago"),
        (NEVER, "↑ 93 pending, never synced"),
        (Summary(), "↑ never synced"),
        (SYNCED._replace(pending=3), "↑ 3 pending, last synced <5 min ago"),
        (SYNCED._replace(open_conflicts=1), r"≠ 1 conflict \(c\), last synced <5 min ago"),
        (SYNCED._replace(open_conflicts=2, pending=1), r"≠ 2 conflicts \(c\), 1 pending, last synced"),
        (
            SYNCED._replace(last_outcome="offline", last_error="nas cannot be reached.", pending=2),
            "○ offline, 2 pending: nas cannot be reached.",
        ),
        (
            SYNCED._replace(last_outcome="refused", last_error="It has gone back."),
            "! error: It has gone back.",
        ),
        (SYNCED._replace(last_outcome="failed", last_error="No."), "! error: No."),
        (SYNCED._replace(photos=1), "✓ synced"),
        (SYNCED._replace(last_success=1_500_000_000), r"✓ synced 2017-07-1\d \d\d:\d\d"),
    ],
)
def test_each_state_has_its_words(summary: Summary, told: str) -> None:
    line = line_of(lambda bar: bar.show_summary(summary))
    assert re.match(f" {told}", line)
    photos = "1 photo" if summary.photos == 1 else f"{summary.photos} photos"
    assert line.endswith(f"  {photos} · ★ {summary.starred} ")


def test_without_a_remote_it_says_where_the_stars_are() -> None:
    line = line_of(lambda bar: bar.show_summary(NEVER), remote=None)
    assert line.startswith(" · no remote: stars are kept on this device")


def test_before_anything_is_known_it_promises_nothing() -> None:
    assert line_of(lambda _: None).strip() == "…"


@pytest.mark.parametrize("width", [20, 40, 100])
def test_synced_is_never_said_while_anything_is_left(width: int) -> None:
    bar = StatusBar(REMOTE, KEYS.__getitem__)

    async def script(person: Person) -> None:
        for pending, open_conflicts, success, outcome in itertools.product(
            (0, 1, 9999), (0, 2), (None, NOW), (None, *Outcome)
        ):
            bar.show_summary(
                Summary(9, 9, 1, pending, open_conflicts, 1, success, outcome, "It is not what it was.")
            )
            await person.pilot.pause(0)
            all_is_well = not pending and not open_conflicts and success is not None
            if "✓" in bar.render().plain or bar.render().plain.startswith(" synced"):
                assert all_is_well
                assert outcome not in (Outcome.OFFLINE, Outcome.REFUSED, Outcome.FAILED)

    run_app(Host(bar), script, size=(width, 2))


@pytest.mark.parametrize(
    ("progress", "told"),
    [
        (Progress(Phase.CHECKING, 0, 0), "⇅ syncing: looking at the remote"),
        (Progress(Phase.DOWNLOADING, 3, 16), "⇅ syncing: 3 of 16 shards down"),
        (Progress(Phase.MERGING, 16, 16), "⇅ syncing: 16 of 16 shards merged"),
        (Progress(Phase.UPLOADING, 0, 2), "⇅ syncing: 0 of 2 shards up"),
        (Progress(Phase.COMMITTING, 0, 1), "⇅ syncing: committing"),
    ],
)
def test_a_sync_under_way_is_told_with_its_counts_and_then_no_more(progress: Progress, told: str) -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_sync(progress)

    line = line_of(show)
    assert line.startswith(f" {told}")
    assert "✓" not in line

    def show_and_end(bar: StatusBar) -> None:
        show(bar)
        bar.show_sync(None)

    assert line_of(show_and_end).startswith(" ✓ synced")


def test_a_scan_is_told_beside_the_state() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_scan(1200)
        bar.show_summary(NEVER)

    assert line_of(show).endswith(" scanning: 1,200 files  93 photos · ★ 7 ")
    assert "scanning: 1 file " in line_of(lambda bar: bar.show_scan(1))


def test_what_a_scan_found_damaged_stays_in_the_line() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_scan(7, 1)

    assert line_of(show).endswith(" scanning: 7 files  ! 1 problem (f w)  93 photos · ★ 7 ")
    assert line_of(lambda bar: (show(bar), bar.show_scan(None, 2))).endswith(
        " ! 2 problems (f w)  93 photos · ★ 7 "
    )
    assert "problem" not in line_of(lambda bar: (show(bar), bar.show_scan(None)))


@pytest.mark.parametrize(
    ("rate", "told"), [(0, "3 of 16 shards down "), (1_234_567, "3 of 16 shards down, 1.2 MB/s ")]
)
def test_progress_has_a_rate_where_there_is_one(rate: float, told: str) -> None:
    assert told in line_of(lambda bar: bar.show_sync(Progress(Phase.DOWNLOADING, 3, 16), rate))


def test_work_pushes_the_photos_aside_and_the_first_kind_that_runs_is_told() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_work(Work.IMPORT, "importing: 500 photos")
        bar.show_work(
            Work.BACKUP, "uploading: 3 of 200, 12.0 MB of 1.0 GB, 1.2 MB/s, 13 min left, IMG_1234.jpg"
        )

    told = " ⇅ uploading: 3 of 200, 12.0 MB of 1.0 GB, 1.2 MB/s, 13 min left,"
    assert line_of(show, width=80) == f"{told} IMG_1234… ★ 7 "
    assert line_of(show, width=140).startswith(f"{told} IMG_1234.jpg  ")
    assert line_of(show, width=140).endswith("93 photos · ★ 7 ")

    def show_the_other(bar: StatusBar) -> None:
        show(bar)
        bar.show_work(Work.BACKUP, "")

    assert line_of(show_the_other).startswith(" ⇅ importing: 500 photos ")


def test_what_waits_for_an_answer_and_what_should_be_looked_at_stand_beside_the_state() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_waiting("B: 300 originals")
        bar.show_warning("No copy \x1b was made.")

    assert line_of(show).startswith(" ✓ synced <5 min ago  ? B: 300 originals  ! No copy \\x1b was made.  ")
    assert "?" not in line_of(lambda bar: (show(bar), bar.show_waiting("")))
    assert line_of(show, width=60).startswith(" ? B: 300 originals  ! No copy \\x1b was made.  ✓")


def test_why_opening_takes_long_is_told_until_the_catalog_is_known() -> None:
    assert line_of(lambda bar: bar.show_opening("It is brought to this version.")).strip().startswith("It is")
    line = line_of(lambda bar: (bar.show_opening("It is brought to this version."), bar.show_summary(SYNCED)))
    assert line.startswith(" ✓ synced")


def test_the_next_sync_is_told_where_there_is_room_and_while_none_runs() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_next(285)

    assert line_of(show).startswith(" ✓ synced <5 min ago  next within 5 min ")
    assert "next" not in line_of(show, width=45)
    assert "next" not in line_of(lambda bar: (show(bar), bar.show_next(None)))
    assert "next" not in line_of(lambda bar: (show(bar), bar.show_sync(Progress(Phase.UPLOADING, 0, 2))))


def test_the_line_is_painted_only_if_it_says_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [float(NOW)]
    bar = StatusBar(REMOTE, KEYS.__getitem__, now=lambda: now[0])
    painted = []

    async def script(person: Person) -> None:
        bar.show_summary(SYNCED)
        bar.show_next(280)
        await person.sees("synced")
        monkeypatch.setattr(bar, "refresh", lambda *_, **__: painted.append(now[0]))
        for later, success in ((100, 0), (280, 279), (500, 279), (560, 560)):  # idle syncs
            now[0] = NOW + later
            bar.show_summary(SYNCED._replace(last_success=NOW + success))
            bar.show_next(285)
            bar.show_scan(None)
            bar.show_sync(None)
        assert not painted
        now[0] = NOW + 560 + 300
        bar._update()  # which its timer does when the words are no longer true
        assert painted == [NOW + 860]

    run_app(Host(bar), script, size=(100, 1))


def test_an_age_is_painted_again_when_it_is_no_longer_true() -> None:
    bar = StatusBar(REMOTE, KEYS.__getitem__, now=lambda: NOW + moved[0])
    moved = [299.95]

    async def script(person: Person) -> None:
        bar.show_summary(SYNCED)
        await person.sees("synced <5 min ago")
        moved[0] = 300.0
        await person.sees("synced 5 min ago")

    run_app(Host(bar), script, size=(100, 1))


def test_a_catalog_that_cannot_be_used_goes_before_all_else() -> None:
    def show(bar: StatusBar) -> None:
        bar.show_summary(SYNCED)
        bar.show_failure("The catalog x is damaged.")

    line = line_of(show)
    assert line.startswith(" ! The catalog x is damaged.")
    assert "synced" not in line


@pytest.mark.parametrize("width", [5, 20, 30, 80])
def test_a_narrow_line_keeps_the_state_and_drops_the_rest(width: int) -> None:
    line = line_of(
        lambda bar: bar.show_summary(SYNCED._replace(last_outcome="failed", last_error="long " * 40)),
        width=width,
    )
    assert line.startswith(" !"[:width])


def test_hostile_reasons_are_shown_harmless() -> None:
    bar = StatusBar(REMOTE, KEYS.__getitem__)

    async def script(person: Person) -> None:
        for name in HOSTILE_NAMES:
            reason = f"{name.decode('utf-8', 'surrogateescape')} [/b]"
            bar.show_summary(SYNCED._replace(last_outcome="failed", last_error=reason))
            await person.pilot.pause(0)
            assert not any(map(hidden_in, person.screen))
        bar.show_failure(reason)
        await person.sees(re.escape("~ [/b]"))

    run_app(Host(bar), script, size=(100, 3))


def test_hints_are_shown_whole_as_many_as_fit() -> None:
    hints = HintLine()

    async def script(person: Person) -> None:
        hints.show([("space", "star, move on"), ("S", "sync"), ("u", "undo")], always=[("?", "help")])
        await person.sees(r"(?m)^ space star, move on  \? help +$")
        await person.pilot.resize_terminal(60, 3)
        await person.sees(r"S sync  u undo  \? help")

    run_app(Host(hints), script, size=(30, 3))
