"""A photo in words: only what is known, safe to show, and as cameras write it."""

import pytest

from catalog.photo_files.shot import Shot
from catalog.protocol import BackupStatus
from tests.conftest import HOSTILE_NAMES
from tests.tui.words.test_shown import hidden_in
from tui.words.photo import ONLY_REMOTE, facts_of, told_shot
from tui.work.rows import Row, Where

ROW = Row(b"a", b"a.jpg", b"/x/a.jpg", "0" * 32, 2_500_000, 1_600_000_000, 0, 4000, 3000, known=True)


def test_only_what_is_known_is_told() -> None:
    assert facts_of(ROW)[0] == "a.jpg"
    assert facts_of(ROW)[1].endswith(" · 4000×3000 · 2.5 MB")
    assert facts_of(ROW._replace(starred=True, width=None))[1].endswith(" · 2.5 MB · ★")
    assert facts_of(Row(b"a", b"a.jpg", b"/x/a.jpg", None, known=True)) == ["a.jpg", "not scanned yet"]
    assert facts_of(Row(b"a", b"a.jpg", b"/x/a.jpg", None)) == ["a.jpg", ""]
    away = ROW._replace(path=None, where=Where.REMOTE, backup=BackupStatus.UPLOADED)
    assert facts_of(away)[2] == ONLY_REMOTE


@pytest.mark.parametrize(
    ("shot", "told"),
    [
        (Shot(), []),
        (Shot("Canon EOS 7D", "EF 50mm", 1 / 250, 2.8, 400, 50.0),
         ["Canon EOS 7D", "1/250 s · f/2.8 · ISO 400 · 50 mm · EF 50mm"]),
        (Shot(seconds=0.5, aperture=11.0), ["0.5 s · f/11"]),
        (Shot(seconds=30.0, focal_length=1200.0), ["30 s · 1200 mm"]),
        (Shot(seconds=1 / 8000, aperture=1.25, focal_length=4.25), ["1/8000 s · f/1.2 · 4.2 mm"]),
    ],
)  # fmt: skip
def test_an_exposure_is_told_as_cameras_write_it(shot: Shot, told: list[str]) -> None:
    assert told_shot(shot) == told


def test_names_and_exif_from_outside_are_made_safe() -> None:
    for name in HOSTILE_NAMES:
        text = name.decode("utf-8", "surrogateescape")
        row = ROW._replace(name=name, error=text)
        assert not any(map(hidden_in, [*facts_of(row), *told_shot(Shot(text, text))]))
