"""Writes stars, and takes them back, on the catalog's thread: one photo or thousands, in one transaction."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from catalog.raw_path import folder_and_name
from tui.messages import StarsProgress, StarsWritten
from tui.work.catalog_thread import Job, sentence
from tui.work.served import ServedFolders
from tui.work.star_step import StarStep

if TYPE_CHECKING:
    from catalog.store import SqlCatalog

Post = Callable[[Message], object]

_PROGRESS_SECONDS = 0.1


def star(step: StarStep, *, post: Post, served: ServedFolders) -> Job:
    """Return the job that does a step for the first time; a photo not scanned yet is read for it.

    Args:
        step: what is to be done; what it has changed is noted in it.
        post: tells the screen.
        served: where the stars are kept.
    """

    def job(catalog: "SqlCatalog") -> None:
        from catalog.scan.chosen import scan_files

        found: dict[str, bytes | None] = {ref: None for ref in step.refs if isinstance(ref, str)}
        paths = [ref for ref in step.refs if isinstance(ref, bytes)]
        failed, reason, told = 0, "", time.monotonic()
        for number, (path, photo) in enumerate(scan_files(catalog, paths)):
            if step.cancel.is_set():
                break
            if len(paths) > 1 and time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                post(StarsProgress(number, len(paths)))
            if isinstance(photo, str):
                found[photo] = folder_and_name(path)[0]
            elif len(step.refs) == 1:
                raise photo
            else:
                failed, reason = failed + 1, reason or sentence(photo, catalog.path)
        if step.cancel.is_set():
            post(StarsWritten(step, is_starred=True, md5s=frozenset()))
            return
        if step.is_starred is None:
            step.given = len(served.starred(catalog, found)) < len(found)
        else:
            step.given = step.is_starred
        changed = served.star(catalog, found, is_starred=step.given)
        step.changed = {md5: found[md5] for md5 in changed}
        post(StarsWritten(step, step.given, frozenset(found), frozenset(changed), failed, reason))

    return job


def turn(step: StarStep, *, undo: bool, post: Post, served: ServedFolders) -> Job:
    """Return the job that undoes a step, or does it again: only what it has changed is touched."""

    def job(catalog: "SqlCatalog") -> None:
        is_starred = step.given != undo
        changed = served.star(catalog, step.changed, is_starred=is_starred)
        post(StarsWritten(step, is_starred, frozenset(step.changed), frozenset(changed)))

    return job
