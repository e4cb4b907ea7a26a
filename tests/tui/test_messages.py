"""Of messages that come faster than they are painted, the newest counts."""

from sync.events import Phase, Progress
from tui.messages import SyncProgress


def test_a_step_of_a_sync_takes_the_place_of_one_before_it_but_not_of_the_end_of_another_phase() -> None:
    uploading, uploaded = (SyncProgress(Progress(Phase.UPLOADING, done, 3)) for done in (2, 3))
    committing = SyncProgress(Progress(Phase.COMMITTING, 0, 1))
    assert uploaded.can_replace(uploading)
    assert not committing.can_replace(uploaded)
