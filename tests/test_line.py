"""The line of trainings: one at a time, first come first served; no work outlives its owner."""

import threading
import time

import pytest

from models.training.line import Line, LineFullError, sentence

PATIENCE = 20.0


class Work:
    """Work whose items a test lets through one by one."""

    def __init__(self, items=3, error=None):
        self.items, self.error, self.given = items, error, 0
        self._gate = threading.Semaphore(0)
        self.asked = threading.Event()

    def __iter__(self):
        return self

    def __next__(self):
        self.asked.set()
        assert self._gate.acquire(timeout=PATIENCE)
        if self.given == self.items:
            raise self.error or StopIteration
        self.given += 1
        return self.given

    def let(self, items=1):
        self._gate.release(items)


def until(what):
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def states(*tickets):
    return [ticket.state for ticket in tickets]


def test_work_is_done_one_after_the_other_in_the_order_it_came():
    line, works = Line(), [Work(), Work(), Work()]
    first, second, third = [line.submit(str(i), work) for i, work in enumerate(works)]
    until(lambda: first.state == "running")
    assert states(second, third) == ["waiting", "waiting"]
    assert line.before(third) == (first, second)
    assert line.before(first) == ()
    works[0].let(2)
    until(lambda: first.latest == 2)
    assert works[1].given == works[2].given == 0
    works[0].let(2)
    until(lambda: second.state == "running")
    assert first.state == "done"
    assert first.latest == 3
    assert line.length() == 2
    works[1].let(4)
    works[2].let(4)
    until(lambda: third.state == "done")
    assert line.length() == 0


def test_stopped_work_rests_as_it_is_and_goes_on_at_the_end_of_the_line():
    line, mine, theirs = Line(), Work(), Work()
    first, second = line.submit("me", mine), line.submit("you", theirs)
    mine.let()
    until(lambda: first.latest == 1)
    line.stop(first)
    assert first.state == "stopping"  # the item under way is finished first
    mine.let()
    until(lambda: second.state == "running")
    assert (first.state, first.latest) == ("stopped", 2)
    line.resume(first)
    assert line.before(first) == (second,)
    theirs.let(4)
    mine.let(2)
    until(lambda: first.state == "done")
    assert mine.given == 3


def test_a_change_of_mind_before_the_item_ends_changes_nothing():
    line, mine, theirs = Line(), Work(), Work()
    first, second = line.submit("me", mine), line.submit("you", theirs)
    assert mine.asked.wait(PATIENCE)
    line.stop(first)
    line.resume(first)
    mine.let()
    until(lambda: first.latest == 1)
    assert states(first, second) == ["running", "waiting"]
    for ticket, work in ((first, mine), (second, theirs)):
        line.drop(ticket)
        work.let(9)


def test_who_waits_can_leave_the_line_and_come_back_to_its_end():
    line, works = Line(), [Work(), Work(), Work()]
    first, second, third = [line.submit(str(i), work) for i, work in enumerate(works)]
    until(lambda: first.state == "running")
    line.stop(second)
    assert line.before(third) == (first,)
    line.resume(second)
    assert line.before(second) == (first, third)
    for ticket, work in zip((first, second, third), works, strict=True):
        line.drop(ticket)
        work.let(9)


def test_one_piece_of_work_an_owner_and_no_more_than_the_line_holds():
    line, works = Line(longest=2), [Work(), Work()]
    tickets = [line.submit("me", works[0])]
    with pytest.raises(LineFullError, match="You have a training in line already; stop it first"):
        line.submit("me", Work())
    tickets.append(line.submit("you", works[1]))
    with pytest.raises(LineFullError, match="2 trainings are in line already"):
        line.submit("them", Work())
    for ticket, work in zip(tickets, works, strict=True):
        line.drop(ticket)
        work.let(9)


def test_only_so_much_that_has_ended_is_kept():
    line, tickets = Line(kept=2), []
    for i in range(4):
        work = Work(items=1)
        work.let(2)
        tickets.append(line.submit(str(i), work))
        until(lambda: not tickets[-1].live)
    assert states(*tickets) == ["gone", "gone", "done", "done"]


@pytest.mark.parametrize("held", ["running", "waiting", "stopped"])
def test_whose_owner_is_away_too_long_is_dropped_wherever_it_is(held):
    here = {"me", "you"}
    clock = [0.0]
    line = Line(here.__contains__, grace=60, clock=lambda: clock[0])
    works = [Work(), Work()]
    other = line.submit("you", works[0])
    until(lambda: other.state == "running")
    mine = line.submit("me", works[1])
    if held == "running":
        line.stop(other)
        works[0].let()
        until(lambda: mine.state == "running")
    if held == "stopped":
        line.stop(mine)
    assert mine.state == held
    here.remove("me")
    for _ in range(2):  # a broken connection may come back
        clock[0] += 50
        line.sweep()
        assert mine.state == held
        here.add("me")
        line.sweep()
        here.remove("me")
    clock[0] += 61
    line.sweep()
    assert mine.state == "gone"
    assert other.state != "gone"
    line.drop(other)
    for work in works:
        work.let(9)


def test_what_fails_says_so_in_a_sentence_and_the_next_goes_on(caplog):
    line = Line()
    bad, good = Work(items=1, error=FloatingPointError("the loss is no number")), Work(items=1)
    first, second = line.submit("me", bad), line.submit("you", good)
    bad.let(2)
    good.let(2)
    until(lambda: second.state == "done")
    assert (first.state, first.latest) == ("failed", 1)
    assert first.problem == "The training ended early: the loss is no number."
    assert "work in line failed" in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("not enough memory: you tried to allocate"), "out of memory"),
        (MemoryError(), "out of memory"),
        (KeyError("x"), "an error in Saccade"),
        (ValueError("a batch is too large"), "a batch is too large."),
    ],
)
def test_every_error_becomes_one_sentence(error, words):
    assert words in sentence(error)
    assert sentence(error).endswith(".")
    assert "\n" not in sentence(error)


def test_the_worker_is_prepared_ends_with_the_work_and_starts_again():
    prepared = []
    line = Line(kept=0, prepare=lambda: prepared.append(threading.current_thread().name))
    for _ in range(2):
        work = Work(items=1)
        work.let(2)
        ticket = line.submit("me", work)
        until(lambda ticket=ticket: ticket.state == "gone")
        until(lambda: line._worker is None)
    assert prepared == ["trainer", "trainer"]


def test_a_closed_line_has_no_worker_and_holds_nothing():
    line, works = Line(), [Work(), Work()]
    tickets = [line.submit(str(i), work) for i, work in enumerate(works)]
    until(lambda: tickets[0].state == "running")
    worker = line._worker
    works[0].let()
    line.close()
    assert not worker.is_alive()
    assert states(*tickets) == ["gone", "gone"]
    assert line.length() == 0
