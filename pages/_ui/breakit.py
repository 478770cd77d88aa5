"""“Break it”: patches swapped, erased, turned or shifted by hand, and what each network says."""

import numpy as np
import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.labels import names as class_names
from pages._ui import controls, frame, mosaic, survival, tries
from pages._ui.cached import breaking as cached
from pages._ui.controls import Picture
from pages._ui.tries import Try
from pages._ui.variants import Variant, variants
from viz_core import breaking
from viz_core.prediction import softmax
from viz_core.probe.breaking import Reaction

BOARD = "breakit"
KNOWS = {
    True: "It knows where each patch ought to be.",
    False: "It has no table of places, but it sees which patches are neighbours.",
}
QUARTERS = [{"kind": "order", "order": [3, 2, 1, 0]}]
WHOLE = "[]"
READERS = {
    False: "of the class token’s attention, last layer, mean of heads",
    True: "of what the head reads: rollout through all windows",
}

TRIES = (
    Try(
        label="Four quarters",
        question="Every piece is whole, only its place is wrong. Which of them minds?",
        state={mosaic.ask_key(BOARD): QUARTERS},
    ),
    Try(
        label="Confetti",
        question="196 patches of a butterfly, anywhere. Who still says butterfly, and why?",
        sample="butterfly",
        state={
            mosaic.ask_key(BOARD): [
                {"kind": "order", "order": np.random.default_rng(3).permutation(196).tolist()}
            ]
        },
    ),
    Try(
        label="Two pixels",
        question="A shift that you can hardly see, but it cuts every patch anew.",
        state={mosaic.ask_key(BOARD): [{"kind": "shift", "down": 0, "right": 2, "edge": "mirror"}]},
    ),
    Try(
        label="Half of it gone",
        question="Every other patch is erased. How much picture does an answer need?",
        state={
            mosaic.ask_key(BOARD): [
                {
                    "kind": "holes",
                    "side": 14,
                    "places": [k for k in range(196) if (k // 14 + k) % 2],
                }
            ]
        },
    ),
)


def show() -> None:
    """The whole section: board and cards, suggestions, and what survives."""
    frame.section(
        "Break it",
        "Drag one patch onto another, or shuffle them all. For you it is another picture; for a "
        "network that knows no positions nothing has happened.",
    )
    _stage()
    tries.show(TRIES, title="")
    survival.show(variants())


@st.fragment
def _stage() -> None:
    picture = controls.picture()
    # A third card finds its place beside the others only if the board makes room.
    left, right = st.columns([1, 1.5] if len(variants()) > 2 else 2, gap="medium")
    with left:
        steps = mosaic.board(
            cached.board_jpeg(DEFAULT, picture.key, picture.raw),
            key=BOARD,
            picture=picture.key,
            title=picture.title,
            mean="#808080",
            opening=QUARTERS,
        )
    with right:
        try:
            told = [_told(variant, picture, steps) for variant in variants()]
        except ValueError:
            st.error("These changes cannot be read: reset the picture.")
            return
        mosaic.cards(told, key=f"{BOARD}-cards", board=BOARD)
    mosaic.proofs(_proofs(variants(), picture, steps), key=f"{BOARD}-proofs")


def _pair(variant: Variant, picture: Picture, steps: str) -> tuple[Reaction, Reaction]:
    """The whole picture and the broken one."""
    asked = variant.name, picture.key, picture.raw, variant.positions
    return cached.reaction(*asked, WHOLE), cached.reaction(*asked, steps)


def _order(variant: Variant, steps: str) -> np.ndarray | None:
    """Where this network's patches went, if whole patches changed places and nothing else."""
    entry = CATALOG[variant.name]
    size, patch = entry.preprocessing.size, getattr(entry.config, "patch_size", None)
    return breaking.patch_order(cached.mosaic(steps, size), size // patch) if patch else None


def _told(variant: Variant, picture: Picture, steps: str) -> dict[str, object]:
    """One card."""
    whole, now = _pair(variant, picture, steps)
    labels = class_names(CATALOG[variant.name].labels or "")
    before, after = softmax(whole.logits), softmax(now.logits)
    first, answer = int(before.argmax()), int(after.argmax())
    ranked = [int(k) for k in np.argsort(-after, kind="stable")]
    shown = ranked[:4] if first in ranked[:4] else [*ranked[:3], first]
    return {
        "id": f"{variant.name}{'' if variant.positions else '-without'}",
        "title": variant.title,
        "note": variant.note,
        "colour": variant.colour,
        "dashed": not variant.positions,
        "answer": labels[answer],
        "share": float(after[answer]),
        "first": labels[first],
        "before": float(before[first]),
        "after": float(after[first]),
        "classes": [
            {"label": labels[k], "before": float(before[k]), "after": float(after[k])}
            for k in shown
        ],
        "moved": breaking.total_variation(before, after),
        "delta": _delta(whole, now),
        "maps": _maps(whole, now, _order(variant, steps)),
        "reader": READERS["window attention" in CATALOG[variant.name].views],
    }


def _delta(whole: Reaction, now: Reaction) -> float:
    return float(np.abs(whole.logits - now.logits).max())


def _maps(whole: Reaction, now: Reaction, order: np.ndarray | None) -> dict[str, object] | None:
    if whole.attention is None or now.attention is None:
        return None
    back = None if order is None else _short(breaking.put_back(now.attention, order))
    return {"broken": _short(now.attention), "whole": _short(whole.attention), "back": back}


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def _proofs(found: list[Variant], picture: Picture, steps: str) -> list[dict[str, str]]:
    """What is exactly true of this breaking, with the numbers that show it."""
    size = CATALOG[DEFAULT].preprocessing.size
    pieces = cached.mosaic(steps, size)
    order = _order(found[0], steps)
    pairs = [(variant, *_pair(variant, picture, steps)) for variant in found]
    if order is None:
        lines = [_line("note", _cut(breaking.displaced(pieces), float(pieces.holes.mean())))]
    elif (moved := int((order != np.arange(len(order))).sum())) == 0:
        lines = [_line("note", "Nothing is broken: every change is 0. Drag a patch.")]
    else:
        lines = [
            _same(moved, len(order), whole, now, order)
            for variant, whole, now in pairs[:2]
            if not variant.positions
        ]
        lines += [
            _other(variant, _delta(whole, now))
            for variant, whole, now in pairs
            if variant.positions
        ]
    caveat = (
        "“Without positions”: every patch of the same trained network gets the average position. "
        "That is an ablation, not a network trained without them."
    )
    return [*lines, _line("note", caveat + _wrong_at_first(pairs))]


def _other(variant: Variant, delta: float) -> dict[str, str]:
    who = f"{variant.title}, {variant.note}"
    if delta == 0:
        return _line("note", f"{who}: nothing changes. The patches that moved look alike.")
    return _line(
        "other",
        f"{who}: the same patches, yet a logit changes by {delta:.3g}. {KNOWS[variant.removable]}",
    )


def _wrong_at_first(pairs: list[tuple[Variant, Reaction, Reaction]]) -> str:
    """Where taking positions away changed the answer before anything was broken: what to watch."""
    first = {
        variant.positions: int(whole.logits.argmax())
        for variant, whole, _ in pairs
        if variant.name == DEFAULT
    }
    if len(first) < 2 or first[True] == first[False]:
        return ""
    label = class_names(CATALOG[DEFAULT].labels or "")[first[False]]
    return (
        f" On this picture that alone makes it say “{label}”: watch whether an answer moves, not "
        "whether it is right."
    )


def _same(
    moved: int, patches: int, whole: Reaction, now: Reaction, order: np.ndarray
) -> dict[str, str]:
    text = (
        f"Without positions: {moved} of {patches} patches stand elsewhere, and no logit changes by "
        f"more than {_plain(_delta(whole, now))}, which is rounding."
    )
    if whole.attention is not None and now.attention is not None:
        apart = np.abs(breaking.put_back(now.attention, order) - whole.attention).max()
        text += f" Its attention moves along: put back, it differs by {_plain(100 * apart)} %."
    return _line("same", text)


def _cut(elsewhere: float, erased: float) -> str:
    parts = [
        f"{100 * share:.3g} % of the pixels {what}"
        for share, what in ((elsewhere, "show another place"), (erased, "are erased"))
        if share
    ]
    return (
        f"{' and '.join(parts)}. Patches themselves changed, so every network may change its "
        "mind; only whole patches in another order leave one without positions as it was."
    )


def _plain(value: float) -> str:
    """A small number without an exponent."""
    if value == 0:
        return "0"
    places = max(0, 1 - int(np.floor(np.log10(value))))
    return f"{value:.{min(places, 9)}f}"


def _line(sign: str, text: str) -> dict[str, str]:
    return {"sign": sign, "text": text}
