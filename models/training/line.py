"""One worker for all visitors: work is done one piece after the other, first come first served.

A piece of work is an iterator. The worker asks it for the next item again and again, and the
latest item is what a page shows. Between two items work can be stopped, which keeps the iterator
as it is and lets the next in line go first, and continued, which puts it at the end of the line.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Literal

State = Literal["waiting", "running", "stopping", "stopped", "done", "failed", "gone"]
NICENESS = 10  # of 19: whoever computes a view comes first
LOOK_SECONDS = 5.0
CLOSING_SECONDS = 10.0
log = logging.getLogger(__name__)


class LineFullError(RuntimeError):
    """Why work was not taken: one sentence for the person who asked."""


class Ticket:
    """One piece of work in line. Its attributes change under the owner of the line's lock.

    Attributes:
        owner: Whose work it is.
        state: What happens to it.
        latest: The last item that it gave; None before the first.
        problem: Why it failed, in one sentence; empty if it did not.
    """

    def __init__(self, owner: str, work: Iterator[Any]) -> None:
        self.owner = owner
        self.state: State = "waiting"
        self.latest: Any = None
        self.problem = ""
        self._work: Iterator[Any] | None = work

    @property
    def live(self) -> bool:
        """Whether it waits or runs, if only to the end of the item under way."""
        return self.state in ("waiting", "running", "stopping")

    def _end(self, state: State) -> None:
        self.state, self._work = state, None


class Line:
    """The line and its one worker, a thread that is started with the first work.

    Args:
        here: Whether an owner is still there; who is away for `grace` seconds loses all work.
        grace: Seconds that an owner may be away, for a broken connection.
        longest: Pieces of work that may wait or run at once.
        kept: Pieces of work that may be stopped or ended, over all owners; the oldest go first.
        clock: Seconds that only grow.
        prepare: Called by the worker before its first work.
    """

    def __init__(
        self,
        here: Callable[[str], bool] = lambda _: True,
        *,
        prepare: Callable[[], None] = lambda: None,
        grace: float = 60.0,
        longest: int = 8,
        kept: int = 16,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._here, self._grace, self._longest, self._kept = here, grace, longest, kept
        self._clock, self._prepare = clock, prepare
        self._lock = threading.Condition(threading.RLock())
        self._waiting: list[Ticket] = []
        self._running: Ticket | None = None
        self._aside: list[Ticket] = []  # stopped or ended, oldest first
        self._seen: dict[str, float] = {}
        self._worker: threading.Thread | None = None

    def submit(self, owner: str, work: Iterator[Any]) -> Ticket:
        """Put work at the end of the line.

        Raises:
            LineFullError: If the line is full or the owner has work in it already.
        """
        with self._lock:
            self._room(owner)
            ticket = Ticket(owner, work)
            self._enter(ticket)
            return ticket

    def stop(self, ticket: Ticket) -> None:
        """Let work rest as it is, after the item under way; the next in line goes on."""
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                self._rest(ticket)
            elif ticket.state == "running":
                ticket.state = "stopping"

    def resume(self, ticket: Ticket) -> None:
        """Put stopped work at the end of the line.

        Raises:
            LineFullError: If the line is full or the owner has other work in it.
        """
        with self._lock:
            if ticket.state == "stopping":
                ticket.state = "running"
            if ticket.state != "stopped":
                return
            self._room(ticket.owner)
            self._aside.remove(ticket)
            self._enter(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Forget work and all that it holds."""
        with self._lock:
            for place in (self._waiting, self._aside):
                if ticket in place:
                    place.remove(ticket)
            ticket._end("gone")

    def before(self, ticket: Ticket) -> tuple[Ticket, ...]:
        """What comes before this work, next first; nothing once it runs or has left the line."""
        with self._lock:
            if ticket not in self._waiting:
                return ()
            running = [self._running] if self._running else []
            return (*running, *self._waiting[: self._waiting.index(ticket)])

    def length(self) -> int:
        """Pieces of work that wait or run."""
        with self._lock:
            return len(self._waiting) + (self._running is not None)

    def close(self) -> None:
        """Drop everything and wait for the worker: one that computes must not outlive Python."""
        with self._lock:
            running = [self._running] if self._running else []
            for ticket in [*self._waiting, *self._aside, *running]:
                self.drop(ticket)
            worker = self._worker
            self._lock.notify_all()
        if worker:
            worker.join(CLOSING_SECONDS)

    def sweep(self) -> None:
        """Drop all work of owners who have been away too long."""
        with self._lock:
            now = self._clock()
            tickets = [*self._waiting, *self._aside, *filter(None, [self._running])]
            owners = {ticket.owner for ticket in tickets}
            for owner in owners:
                if self._here(owner):
                    self._seen[owner] = now
            away = {o for o in owners if now - self._seen.setdefault(o, now) > self._grace}
            for ticket in tickets:
                if ticket.owner in away:
                    self.drop(ticket)
            self._seen = {o: at for o, at in self._seen.items() if o in owners - away}

    def _room(self, owner: str) -> None:
        if any(t.owner == owner and t.live for t in [*self._waiting, self._running] if t):
            raise LineFullError("You have a training in line already; stop it first.")
        if self.length() >= self._longest:
            raise LineFullError(
                f"{self.length()} trainings are in line already; try again in a few minutes."
            )

    def _enter(self, ticket: Ticket) -> None:
        self._seen[ticket.owner] = self._clock()
        ticket.state = "waiting"
        self._waiting.append(ticket)
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._serve, name="trainer", daemon=True)
            self._worker.start()
        self._lock.notify_all()

    def _rest(self, ticket: Ticket) -> None:
        ticket.state = "stopped"
        self._put_aside(ticket)

    def _put_aside(self, ticket: Ticket) -> None:
        self._aside.append(ticket)
        while len(self._aside) > self._kept:
            self.drop(self._aside[0])

    def _serve(self) -> None:
        """The worker: an item at a time, so that everything else comes in between."""
        give_way()
        self._prepare()
        looked = self._clock()
        while True:
            with self._lock:
                while not self._running and not self._waiting:
                    if not self._aside:
                        self._worker = None
                        return
                    self._lock.wait(LOOK_SECONDS)
                    self.sweep()
                if self._running is None:
                    self._running = self._waiting.pop(0)
                    self._running.state = "running"
                ticket, work = self._running, self._running._work
            self._advance(ticket, work)
            if self._clock() - looked > LOOK_SECONDS:
                self.sweep()
                looked = self._clock()
            with self._lock:
                if ticket.state == "stopping":
                    self._rest(ticket)
                if ticket.state != "running":
                    self._running = None

    def _advance(self, ticket: Ticket, work: Iterator[Any] | None) -> None:
        """Ask for one item; the lock is not held, because that takes as long as it takes."""
        try:
            item = next(work) if work is not None else None
        except StopIteration:
            self._finish(ticket, "done")
        except Exception as error:
            log.exception("work in line failed")
            self._finish(ticket, "failed", sentence(error))
        else:
            with self._lock:
                if ticket.state != "gone":
                    ticket.latest = item

    def _finish(self, ticket: Ticket, state: State, problem: str = "") -> None:
        with self._lock:
            if ticket.state == "gone":
                return
            ticket.problem = problem
            ticket._end(state)
            self._put_aside(ticket)


def sentence(error: Exception) -> str:
    """Why work failed, for the person whose work it was; ours to explain are these two kinds."""
    if isinstance(error, ValueError | FloatingPointError) and str(error):
        return f"The training ended early: {error}."
    if isinstance(error, MemoryError) or "not enough memory" in str(error):
        return "The training ended early: this machine ran out of memory; take a smaller batch."
    return "The training ended early because of an error in Saccade; its log says more."


def give_way() -> None:
    """Lower this thread's priority, and that of the threads that it starts; Linux only."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
