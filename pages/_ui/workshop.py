"""The training of this session: in line, running, stopped or done, and the networks it gave.

What stands here belongs to one visitor and ends with the session; the line that all visitors
share is `pages._ui.cached.train.line`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages._ui.cached import train as cached

if TYPE_CHECKING:
    from models.training.data import Dataset
    from models.training.line import Ticket
    from models.training.live import Training
    from models.training.live_config import LiveConfig, Progress, Trained

BENCH, KEPT, RUNS = "training-bench", "training-kept", "training-runs"
MOST_KEPT = 4


@dataclass
class Bench:
    """A training that was asked for.

    Attributes:
        training: It.
        ticket: Its place in the line.
        config: What was chosen.
        classes: What is learned.
        serial: How many were started before it in this session, and it.
        kept: Whether its network is among those that are kept.
        copy: Its network as it was when last asked for.
    """

    training: Training
    ticket: Ticket
    config: LiveConfig
    classes: tuple[str, ...]
    serial: int
    kept: bool = False
    copy: Trained | None = None

    def called(self, network: Trained) -> str:
        """Name of its network in the picker."""
        return f"{network.title} (your run {self.serial})"

    @property
    def progress(self) -> Progress | None:
        """Where it stands; None before it has begun."""
        return self.ticket.latest


def session() -> str:
    """Streamlit's name of this session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def bench() -> Bench | None:
    """The training of this session; None if there is none."""
    found: Bench | None = st.session_state.get(BENCH)
    return None if found is None or found.ticket.state == "gone" else found


def start(
    config: LiveConfig,
    read: Callable[[], Dataset],
    classes: tuple[str, ...],
    watched: tuple[str, np.ndarray],
) -> None:
    """Put a new training in line, in place of the one before, whose network is kept.

    Raises:
        LineFullError: If the line is full.
    """
    from models.training.__main__ import multiplies_bf16
    from models.training.live import Training

    before = bench()
    if before:
        _keep(before)
        cached.line().drop(before.ticket)
        del st.session_state[BENCH]
    training = Training(config, read, watched, bf16=multiplies_bf16("cpu"))
    ticket = cached.line().submit(session(), training.run())
    serial = st.session_state.get(RUNS, 0) + 1
    st.session_state[RUNS] = serial
    st.session_state[BENCH] = Bench(training, ticket, config, classes, serial)


def stop() -> None:
    """Let it rest as it is."""
    if found := bench():
        cached.line().stop(found.ticket)


def resume() -> None:
    """Put it at the end of the line.

    Raises:
        LineFullError: If the line is full.
    """
    if found := bench():
        cached.line().resume(found.ticket)


def trained() -> dict[str, Trained]:
    """Networks that were trained in this session by name, newest first, the stopped one too."""
    kept: dict[str, Trained] = st.session_state.get(KEPT, {})
    now = bench()
    if now is None or now.kept or now.ticket.state not in ("stopped", "done", "failed"):
        return dict(kept)
    if now.ticket.state != "stopped":
        _keep(now)
        return dict(st.session_state.get(KEPT, {}))
    network = _network(now)
    return {now.called(network): network, **kept} if network else dict(kept)


def _network(one: Bench) -> Trained | None:
    """What it is by now; copied once for each step that it rests at."""
    step = one.progress.step if one.progress else 0
    if one.copy is None or one.copy.progress.step != step:
        one.copy = one.training.trained()
    return one.copy


def _keep(one: Bench) -> None:
    network = None if one.kept else _network(one)
    one.kept = True
    if network:
        kept = {one.called(network): network, **st.session_state.get(KEPT, {})}
        st.session_state[KEPT] = dict(list(kept.items())[:MOST_KEPT])
