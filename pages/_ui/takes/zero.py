"""The take of the page Attention from zero: the stepper with all that was typed into it."""

from collections.abc import Iterator

import streamlit as st

from pages._ui import samples, zero_stage
from pages._ui.take import Take
from pages._ui.zero_stage import Walked
from viz_core.take.script import Value


def view() -> Take:
    """The stepper as it was drawn last."""
    seen: Walked = st.session_state[zero_stage.WALKED]
    switches, sides = seen.switches, seen.sides
    pictured = sides.kind == "patches"
    walk = seen.walk
    told = f"{switches.weights.lower()} weights, {switches.heads} heads"
    return Take(
        name=f"attention-from-zero-{sides.kind}",
        says=f"Attention from zero, {told}" + ("" if pictured else f", {sides.tokens.title}"),
        numbers={
            "x": seen.x, "looked_at": seen.y, "query": walk.query, "key": walk.key,
            "value": walk.value, "scores": walk.scores, "pattern": walk.pattern,
            "mixed": walk.mixed, "output": walk.output,
        },
        script="zero_patches" if pictured else "zero_words",
        values={
            **(_patches(seen) if pictured else _words(seen)),
            "WEIGHTS": zero_stage.PRESETS[switches.weights], "HEADS": switches.heads,
            "SCALE": switches.scale, "CAUSAL": switches.causal, "EDITS": tuple(_edits(seen)),
        },
    )  # fmt: skip


def _patches(seen: Walked) -> dict[str, Value]:
    tokens, memory = seen.sides.tokens, seen.sides.memory
    values: dict[str, Value] = {
        "NETWORK": tokens.key.rpartition("/")[0],
        "PATCHES": tokens.patches,
    }
    if memory:  # always a sample
        path = samples.path(memory.title).relative_to(samples.GALLERY.parents[1])
        values |= {"SECOND": path.as_posix(), "SECOND_PATCHES": memory.patches}
    return values


def _words(seen: Walked) -> dict[str, Value]:
    memory, second = seen.sides.memory, st.session_state.get("zero_positions")
    return {
        "WORDS": seen.sides.tokens.labels,
        "SECOND": memory.labels if memory else None,
        "POSITIONS": bool(second),
    }


def _edits(seen: Walked) -> Iterator[tuple[Value, ...]]:
    """Numbers typed over, with rows by number; those of tokens that are not here rest."""
    sides = {"x": seen.sides.tokens.ids}
    if seen.sides.memory:
        sides["y"] = seen.sides.memory.ids
    for edit in seen.edits:
        if edit.matrix != "x":
            yield edit.matrix, int(edit.row), edit.column, edit.value
        for name, ids in sides.items():
            if edit.matrix == "x" and edit.row in ids:
                yield name, ids.index(edit.row), edit.column, edit.value
