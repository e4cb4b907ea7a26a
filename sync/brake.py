"""The brake on mass deletions: a sync that would take much away stops, and asks. A pure rule of counts."""

from catalog.tally import Removals

_STARS = 20


def stops(removals: Removals) -> bool:
    """Return whether changes take so much away that a person shall say yes to them.

    They do if they delete more than 10% of the photos, or take more than 10% of the stars and more than 20.
    """
    return removals.deleted * 10 > removals.photos or (
        removals.unstarred * 10 > removals.stars and removals.unstarred > _STARS
    )


def losses(removals: Removals, where: str) -> str:
    """Return what would be taken away, as "take away 50 of 60 stars here".

    Args:
        removals: how much.
        where: "here", or "on" and the remote's address.
    """
    parts = []
    if removals.deleted:
        photos = "photo" if removals.photos == 1 else "photos"
        parts.append(f"remove {removals.deleted} of {removals.photos} {photos}")
    if removals.unstarred:
        parts.append(f"take away {removals.unstarred} of {removals.stars} stars")
    return f"{' and '.join(parts)} {where}"


def question(removals: Removals, where: str) -> str:
    """Return what a sync that has stopped says; see `losses`."""
    return (
        f"This sync would {losses(removals, where)}, so it has stopped before that. "
        "`photolala sync --dry-run` shows what it would do; `photolala sync --accept-removals` does it."
    )
