"""Two ways to do one thing, measured in turn in one run: the ratio is what counts, not the seconds."""

import statistics
import time
from collections.abc import Callable


def timed(do: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def in_turn(ours: Callable[[], float], theirs: Callable[[], float], rounds: int = 7) -> str:
    """Measure both in turn.

    Args:
        ours: does it our way, and returns the seconds that it took.
        theirs: does it the other way.
        rounds: how often.

    Returns:
        The medians in milliseconds and the median ratio, with its spread.
    """
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    mine, other = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    ratios = sorted(a / b for a, b in pairs)
    middle = statistics.median(ratios)
    return f"{mine:8.2f} ms / {other:8.2f} ms = {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
