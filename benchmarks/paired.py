"""Two ways of doing the same, timed in turn, so that a drifting machine slows both alike."""

import statistics
import time
from collections.abc import Callable


def seconds(run: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 30) -> str:
    """Median of the ratio of neighbouring runs, with both medians in milliseconds."""
    for _ in range(3):
        ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    median = statistics.median(a / b for a, b in pairs)
    first, second = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
    return f"{median:.3f} ({first:.2f} ms / {second:.2f} ms, median of {rounds} pairs)"
