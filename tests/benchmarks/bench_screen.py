"""For how long the screen's thread is held up while 200,000 photos are opened, scrolled, sorted and filtered.

Beside it the same with 1,000. PHOTOLALA_BENCH_PHOTOS says how many the large catalog has.
"""

import os

from tests.tui.parts.test_heartbeat import used

PHOTOS = int(os.environ.get("PHOTOLALA_BENCH_PHOTOS", "200000"))


def test_the_longest_pause(tmp_path, capsys):
    for photos in (1000, PHOTOS):
        heart = used(tmp_path, photos)
        with capsys.disabled():
            told = " ".join(
                f"{what} {seconds * 1000:.0f} ms ({keys})"
                for what, (seconds, keys) in (("held up", heart.held), ("at work", heart.worked))
            )
            print(f"\n{photos:,} photos: {told}")
