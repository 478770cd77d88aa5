"""The training itself: start, stop and continue it, and watch it, redrawn every second."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from models.training.line import LineFullError
from models.training.live_config import LiveConfig, Look, Progress, title
from pages._ui import component, controls, train_own, workshop
from pages._ui.cached import train as cached
from pages._ui.train_choice import Choice
from pages._ui.workshop import Bench
from viz_core import training_figures
from viz_core.training_figures import Curves
from viz_core.watch import wire

KEY = "train-stage"
SECONDS = 1.0
THIN = "\u2009"
POOLED, CLASS = "the pooled picture", "the class token's attention"

watch = component.register("watch")


def show(choice: Choice) -> None:
    """The buttons, the progress, the picture and the curves."""
    found = workshop.bench()
    live = found is not None and found.ticket.live
    st.fragment(_stage, run_every=SECONDS if live else None)(choice, live)


def _stage(choice: Choice, was_live: bool) -> None:
    found = workshop.bench()
    live = found is not None and found.ticket.live
    if live != was_live:
        st.rerun()  # the rest of the page says what is trained by now
    with st.container(key=KEY):
        _actions(choice, found)
        left, right = st.columns([1.4, 1], gap="medium")
        with left:
            _picture(choice, found)
        with right:
            _curves(choice, found)


def _actions(choice: Choice, found: Bench | None) -> None:
    state = found.ticket.state if found else ""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{KEY}-actions"):
        if found and found.ticket.live:
            st.button(
                "Stop", icon=":material/stop_circle:", key=f"{KEY}-stop", type="primary",
                disabled=state == "stopping", on_click=workshop.stop,
                help="It rests as it is; you can continue later.",
            )  # fmt: skip
        else:
            _offers(choice, state)
        if found is None:
            st.caption(invitation(choice))
        else:
            text, share = told(found)
            st.progress(share, text)
    if found and found.ticket.problem:
        st.error(found.ticket.problem)


def _offers(choice: Choice, state: str) -> None:
    stopped = state == "stopped"
    if stopped and st.button(
        "Continue", icon=":material/play_circle:", key=f"{KEY}-continue", type="primary",
        help="It goes on where it stopped, at the end of the line.",
    ):  # fmt: skip
        _tried(workshop.resume)
    if st.button(
        "Train again" if state else "Train", icon=":material/model_training:",
        key=f"{KEY}-train", type="secondary" if stopped else "primary",
        disabled=not choice.ready,
        help="Starts from random weights, with the choices above.",
    ):  # fmt: skip
        picture = controls.picture()
        read = partial(train_own.dataset, choice.own) if choice.own else cached.shipped
        watched = picture.key, cached.square(picture.key, picture.raw)
        _tried(partial(workshop.start, choice.config, read, choice.classes, watched))


def _tried(what: Callable[[], None]) -> None:
    try:
        what()
    except LineFullError as problem:
        st.error(str(problem))
    else:
        st.rerun()


def invitation(choice: Choice) -> str:
    """What would happen on a click."""
    if not choice.ready:
        return "Choose your pictures first."
    config = choice.config
    budget = f"{config.minutes:g} min" if config.minutes else f"{config.epochs:g} epochs"
    return (
        f"{title(config.variant)} starts with random weights and learns {len(choice.classes)} "
        f"classes for {budget} on this server. You may walk to other pages meanwhile."
    )


def told(found: Bench) -> tuple[str, float]:
    """Where the training stands, in words and as a share of its budget."""
    name, now, state = title(found.config.variant), found.progress, found.ticket.state
    share = now.share if now else 0.0
    if state == "waiting":
        return f"{name} waits: {_ahead(found)}", share
    if now is None:
        return f"{name}: reading the pictures", 0.0
    seen = f"{now.pictures:,} pictures seen ({now.epochs:.1f} passes)"
    ends = {
        "running": f"{_time(now.left)} left" if now.left is not None else "the first steps",
        "stopping": "stopping after this step",
        "stopped": f"stopped at {100 * share:.0f}{THIN}%, {_time(now.left or 0)} to go",
        "done": f"done in {_time(now.seconds)}",
        "failed": "ended early",
    }
    return f"{name}: {ends.get(state, state)} · {seen}", share


def _ahead(found: Bench) -> str:
    before = cached.line().before(found.ticket)
    if not before:
        return "it is next"
    many = "1 training is" if len(before) == 1 else f"{len(before)} trainings are"
    first: Progress | None = before[0].latest
    left = f", {_time(first.left)} left of the first" if first and first.left else ""
    return f"{many} before yours{left}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{THIN}min {rest:02}{THIN}s" if minutes else f"{rest}{THIN}s"


def _picture(choice: Choice, found: Bench | None) -> None:
    picture = controls.picture()
    config = found.config if found else choice.config
    classes = found.classes if found else choice.classes
    moments = _moments(found, picture.key, picture.raw)
    fresh = not moments
    if fresh:
        first = cached.untrained(
            config.variant, len(classes), config.seed, picture.key, picture.raw
        )
        moments = [moment(first, "before training")]
    untrained = fresh or (found is not None and found.progress is not None
                          and not found.progress.step)  # fmt: skip
    watch(
        data=wire.frame(
            cached.square_jpeg(picture.key, picture.raw), moments, classes=classes,
            of=pooled(config), badge="untrained" if untrained else "",
            live=bool(found and found.ticket.live),
        ),
        key=f"{KEY}-watch",
    )  # fmt: skip


def _moments(found: Bench | None, key: str, raw: bytes) -> list[wire.Moment]:
    """The film so far, or only now of a picture that is watched since a moment."""
    now = found.progress if found else None
    if found is None or now is None:
        return []
    if now.watched == key and now.look:
        film = [moment(one, _when(one.share)) for one in now.film if one.share < now.share]
        return [*film, moment(now.look, "now" if found.ticket.live else _when(now.share))]
    square = cached.square(key, raw)
    found.training.watch(key, square)
    seen = found.training.look_at(square)
    return [moment(seen, "now")] if seen else []


def moment(seen: Look, when: str) -> wire.Moment:
    """A look for the component."""
    return wire.Moment(when, seen.weights, seen.probabilities)


def pooled(config: LiveConfig) -> str:
    """What the weights of a network's looks are shares of."""
    return CLASS if config.variant.startswith("vit_lite") else POOLED


def _when(share: float) -> str:
    if share in (0, 1):
        return "at the end" if share else "before training"
    return f"after {100 * share:.2g}{THIN}% of the budget"


def _curves(choice: Choice, found: Bench | None) -> None:
    config = found.config if found else choice.config
    classes = found.classes if found else choice.classes
    now = found.progress if found else None
    known = cached.example(config.variant) if classes == cached.shipped_facts()[2] else None
    st.markdown(_numbers(now, len(classes)))
    example, called = known or (None, "")
    figure = training_figures.curves(
        measured(now) if now else None, classes=len(classes), example=example, called=called
    )
    st.plotly_chart(figure, key=f"{KEY}-curves", config={"displayModeBar": False})


def _numbers(now: Progress | None, classes: int) -> str:
    if now is None or now.held_out is None:
        return f"**Held-out pictures right: guessing gets {100 / classes:.3g}{THIN}%.**"
    last = now.probes[-1]
    share = last.accuracy / 100
    error = 100 * (share * (1 - share) / last.asked) ** 0.5
    return (
        f"**{last.accuracy:.1f} ± {error:.1f}{THIN}% of {last.asked:,} held-out pictures right**, "
        f"loss {now.points[-1].loss:.3g}"
    )


def measured(now: Progress) -> Curves:
    """The numbers of a run for the chart."""
    points, probes = now.points, now.probes
    return Curves(
        pictures=np.array([one.pictures for one in points], float),
        loss=np.array([one.loss for one in points], float),
        accuracy=np.array([one.accuracy for one in points], float),
        asked=np.array([one.pictures for one in probes], float),
        held_out=np.array([one.accuracy for one in probes], float),
    )


def values(choice: Choice) -> dict[str, str]:
    """What the formulas of the page are filled in with."""
    classes = len(choice.classes)
    return {"classes": str(classes), "guess": f"{np.log(classes):.3g}"}
