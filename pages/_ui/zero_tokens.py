"""Where the stepper's tokens come from: patches of a picture, or typed words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import cached, controls, ready, samples, stepper
from pages._ui.cached import zero
from pages._ui.controls import Picture
from viz_core import stepper_tokens
from viz_core.stepper_tokens import Directions
from viz_core.stepper_wire import Tokens

MOST_WORDS = 6
ALIKE = 1e-6  # of the network's own numbers, which are about 1
SENTENCE, SECOND = "the cat sees the dog", "die Katze sieht den Hund"


@dataclass(frozen=True)
class Sides:
    """Tokens that ask, and in cross-attention those that are looked at.

    Attributes:
        kind: "patches" or "words".
        x: Vectors of `tokens`, before edits.
        y: Vectors of `memory`, before edits.
        positions: What of `x` is position; none where positions are not added.
        notes: What is worth knowing of them.
    """

    kind: str
    tokens: Tokens
    x: np.ndarray
    memory: Tokens | None = None
    y: np.ndarray | None = None
    positions: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def sides(kind: str, cross: bool, said: DeltaGenerator) -> Sides:
    """Tokens as the controls say, which this draws; `said` is where a missing network is told."""
    return _words(cross) if kind == "Words" else _patches(cross, said)


def _patches(cross: bool, said: DeltaGenerator) -> Sides:
    picture = controls.picture()
    with said:
        asked = ready.network_name()
        name = zero.network_with_patches(asked)
        if name != asked:
            st.caption(
                f"{CATALOG[asked].title} does not cut its picture into plain patches: you see "
                f"patches of {CATALOG[name].title} here."
            )
    seen = zero.patches(name, picture.key, picture.raw)
    tokens, x = _handful(name, picture, seen.along)
    note = _origin(seen)
    if not cross:
        return Sides("patches", tokens, x, notes=(note,))
    others = [one for one in samples.SAMPLES if one != picture.title]
    second = st.selectbox(
        "Keys and values from", others, key="zero_second", persist_state="session",
        help="A sample whose patches are looked at, in the first picture's directions.",
    )  # fmt: skip
    key, raw = cached.sample(second)
    memory, y = _handful(name, Picture(key, raw, second), seen.along)
    return Sides("patches", tokens, x, memory, y, notes=(note,))


def _origin(seen: zero.Patches) -> str:
    if np.ptp(seen.vectors, axis=0).max() < ALIKE:
        return (
            "x: all patches of this picture are alike, so all their numbers are 0. Choose another "
            "picture, or type numbers into x."
        )
    return (
        f"x: what the network makes of each patch ({seen.vectors.shape[1]} numbers), in the "
        f"{zero.WIDTH} directions in which this picture's patches differ most: "
        f"{100 * seen.along.share:.3g}\u2009% of their variance."
    )


def _handful(name: str, picture: Picture, along: Directions) -> tuple[Tokens, np.ndarray]:
    seen = zero.patches(name, picture.key, picture.raw)
    identity = f"{name}/{picture.key[:16]}"
    chosen = _chosen(identity, seen.telling, len(seen.vectors))
    tokens = Tokens(
        ids=tuple(f"{identity}/{patch}" for patch in chosen),
        labels=tuple(_place(patch, seen.grid[1]) for patch in chosen),
        patches=tuple(chosen),
        grid=seen.grid,
        picture_jpeg=seen.jpeg,
        title=picture.title,
        key=identity,
    )
    return tokens, stepper_tokens.coordinates(seen.vectors[list(chosen)], along)


def _chosen(identity: str, telling: Sequence[int], patches: int) -> Sequence[int]:
    try:
        chosen = stepper.told().chosen.get(identity, ())
    except (ValueError, TypeError):
        return telling
    fits = len(set(chosen)) == len(telling) and all(0 <= patch < patches for patch in chosen)
    return chosen if fits else telling


def _place(patch: int, columns: int) -> str:
    return f"row {patch // columns + 1}, column {patch % columns + 1}"


def _words(cross: bool) -> Sides:
    tokens, letters = _sentence("Sentence", SENTENCE, "zero_words")
    added = st.toggle(
        "Add positions", key="zero_positions", persist_state="session",
        help="The waves of the 2017 paper. Without them the order of the words does not matter.",
    )  # fmt: skip
    note = "Vectors are drawn at random from the letters, not learned."
    positions = zero.positions(len(letters)) if added else None
    x = letters if positions is None else letters + positions
    if not cross:
        return Sides("words", tokens, x, positions=positions, notes=(note,))
    memory, y = _sentence("Keys and values from", SECOND, "zero_second_words")
    y = y + zero.positions(len(y)) if added else y
    return Sides("words", tokens, x, memory, y, positions, notes=(note,))


def _sentence(label: str, default: str, key: str) -> tuple[Tokens, np.ndarray]:
    text = st.text_input(
        label, default, key=key, persist_state="session", max_chars=120,
        help=f"Up to {MOST_WORDS} words.",
    )  # fmt: skip
    try:
        spelled = stepper_tokens.words(text, MOST_WORDS)
    except ValueError as problem:
        st.caption(f"{problem} You see “{default}”.")
        spelled = stepper_tokens.words(default, MOST_WORDS)
    seen = [f"{word.lower()}#{spelled[:k].count(word)}" for k, word in enumerate(spelled)]
    tokens = Tokens(ids=tuple(seen), labels=tuple(spelled), title=f"“{' '.join(spelled)}”")
    return tokens, stepper_tokens.word_vectors(spelled, zero.WIDTH)
