"""Progress of long work, and turns for others in between."""

import time
from collections.abc import Callable

import numpy as np

from pages._ui import cached

Progress = Callable[[int, int], None]
# Long enough for a waiting thread to wake up and take its turn.
TURN_SECONDS = 0.001


def polite(progress: Progress | None) -> Progress:
    """Progress between two passes, which lets others have a pass in between.

    For work that holds `cached.FORWARD`.
    """

    def turn(done: int, total: int) -> None:
        cached.FORWARD.release()
        try:
            if progress:
                progress(done, total)
            time.sleep(TURN_SECONDS)
        finally:
            cached.FORWARD.acquire()

    return turn


def shares(progress: Progress | None, count: int) -> list[Progress]:
    """Progress of each of several works as equal parts of one, in thousandths of a work."""

    def part(which: int) -> Progress:
        def report(done: int, total: int) -> None:
            if progress:
                progress(1000 * which + 1000 * done // max(total, 1), 1000 * count)

        return report

    return [part(which) for which in range(count)]


def freeze(*arrays: np.ndarray) -> None:
    """Arrays that are shared are read-only."""
    for one in arrays:
        one.flags.writeable = False
