"""Step 4 of the Swin page: offsets, index, learned tables, and the network without them."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import controls, positions_answers, relative
from pages._ui import swin_substep as substep
from pages._ui.cached import swin_relative as cached
from pages._ui.tries import Try
from viz_core import attention, breaking, prediction
from viz_core.relative import figures
from viz_core.relative.tables import Kind

if TYPE_CHECKING:
    from viz_core.probe.bias import Run

INDEX, TABLES, WITHOUT = "From offset to index", "The learned tables", "Without it"
NOTICES = {
    INDEX: "Point at any cell: all grids show that pair. Equal offsets share one number.",
    TABLES: "Purple draws attention to that offset, orange keeps it away. Point; click a map.",
    WITHOUT: "Same picture and weights, another bias: what does it say, how far does it look?",
}
KINDS: dict[Kind, str] = {
    "zero": "Zero",
    "shuffled": "Shuffled",
    "mirrored": "Mirrored",
    "turned": "Turned by 180°",
    "own": "Its own",
}
NOTES: dict[Kind, str] = {
    "own": "Nothing is changed.",
    "zero": "Nothing is added to the scores: inside a window, near and far keys look alike.",
    "shuffled": "Every offset gets the numbers of another one, in an order of its own a block.",
    "mirrored": "Left and right change places: what was learned for the left is used right.",
    "turned": "Key minus query instead of query minus key: the mistake that the half turn "
    "of the table invites.",
}
PAPER = """**Trained without, not just run without**

This network was trained with its bias: taking it away shows what it relies on, not how well it
could do without. The paper *trained* Swin-T each way:

| Swin-T | top-1 |
|---|---|
| no position | 80.1\u2009% |
| absolute position | 80.5\u2009% |
| relative bias | 81.3\u2009% |

ImageNet-1k; [arXiv:2103.14030](https://arxiv.org/abs/2103.14030), table 4
"""
QUIET = (
    "Among the keys of one query, this network’s biases differ by {:.2g} and its scores by {:.2g} "
    "(standard deviations): the bias only whispers beside what the patches show, so "
    "little depends on it."
)
LOUD = (
    "Among the keys of one query, this network’s biases differ by {:.2g} and its scores by {:.2g} "
    "(standard deviations): where a key lies counts beside what it shows."
)
ONLY = (
    "In this picture all patches are alike, and so are their scores: only the bias tells keys "
    "apart. It makes no difference, because all of them have the same to say."
)
WHISPER = 0.15  # of the scores' spread
ALIKE = 1e-4  # a smaller spread of the scores is rounding
ALL = "All blocks"
TRIES = (
    Try(
        label="The article’s 2 × 2",
        question="Walk from the offset (1, −1) to row 6 of the table. Why × 3, and why rows only?",
        state={
            "swin-relative-show": INDEX,
            relative.ASKED: {"part": "index", "window": 2, "step": 1},
        },
    ),
    Try(
        label="The half turn",
        question="Stored, every table is upside down. Turn it: which heads look above, below?",
        state={
            "swin-relative-show": TABLES,
            relative.ASKED: {"part": "tables", "stored": True},
        },
    ),
    Try(
        label="Without position",
        question="Take every bias away: does the answer survive, and do heads look further?",
        state={
            "swin-relative-show": WITHOUT,
            "swin-relative-kind": "zero",
            "swin-relative-where": ALL,
        },
    ),
)


@st.fragment
def show(name: str) -> None:
    """One of three views; what can be pointed at answers in the browser.

    Args:
        name: Key of the catalog.
    """
    with substep.row():
        part = st.segmented_control(
            "Show",
            [INDEX, TABLES, WITHOUT],
            default=INDEX,
            required=True,
            key="swin-relative-show",
            wrap=True,
            persist_state="session",
            label_visibility="collapsed",
            help="How a bias finds its number, what the numbers are, and what they are worth.",
        )
        substep.notice(NOTICES[part])
    if part == INDEX:
        default = {"window": 3, "step": 5, "query": (1, 0), "key": (0, 1)}
        relative.mount(
            cached.index_frame(name, relative.view("index", default)), key="swin-relative-index"
        )
    elif part == TABLES:
        picture = controls.picture()
        view = relative.view("tables", {"offset": (2, -1), "stored": False, "common": True})
        frame = cached.tables_frame(name, picture.key, picture.raw, view)
        relative.mount(frame, key="swin-relative-tables")
        _origin(name)
    else:
        _without(name)


def values(name: str) -> dict[str, str]:
    """The numbers of this network’s first table for the text of the page."""
    first = cached.tables(name)[0]
    return {
        "relative_window": str(first.window),
        "relative_side": str(2 * first.window - 1),
        "relative_rows": str(len(first.values)),
        "relative_pairs": str(first.window**4),
        "relative_learned": str(sum(table.values.size for table in cached.tables(name))),
    }


def chosen(name: str) -> tuple[Kind, int | None, int]:
    """What stood in place of the bias in the last run, in which block, in which order."""
    state = st.session_state
    where = state.get("swin-relative-where") or ALL
    blocks = [f"Stage {t.stage + 1}, block {t.block + 1}" for t in cached.tables(name)]
    kind: Kind = state.get("swin-relative-kind") or "zero"
    return (
        kind,
        blocks.index(where) if where in blocks else None,
        state.get("swin-relative-seed", 0),
    )


def _origin(name: str) -> None:
    if cached.tables(name)[0].computed:
        st.caption(
            "Swin V2 stores no table: a small network computes it from log-spaced offsets, and "
            "16 · sigmoid keeps it between 0 and 16. Colours show the difference from the "
            "head’s mean, because a softmax does not notice what all keys get alike."
        )
    else:
        st.caption(
            "Swin learns these numbers one by one. Swin V2 lets a small network compute them "
            "from log-spaced offsets: choose Swin V2-T in the sidebar to see its tables here."
        )


def _without(name: str) -> None:
    picture = controls.picture()
    kind, block, seed = _options(name)
    before = cached.run(name, picture.key, picture.raw, "own", None, 0)
    after = before
    if kind != "own":
        after = cached.run(name, picture.key, picture.raw, kind, block, seed)
    names = ("its own bias", f"bias {KINDS[kind].lower()}")
    scores, bias = np.mean(before.spread, axis=0)
    weight = (QUIET if bias < WHISPER * scores else LOUD).format(bias, scores)
    if scores < ALIKE:
        weight = ONLY
    st.caption(f"{NOTES[kind]} {weight}")
    _numbers(name, before, after)
    left, middle, right = st.columns([1.1, 1.1, 1], gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**What it answers**, before and after")
        outputs = {names[0]: before.logits, names[1]: after.logits}
        if kind == "own":
            outputs.pop(names[1])
        positions_answers.show(name, outputs, "swin-relative-answers")
    with middle, st.container(border=True, height="stretch"):
        st.markdown("**How far its heads look.** Each dot is a head.")
        st.plotly_chart(
            figures.distances(
                [f"{table.stage + 1}·{table.block + 1}" for table in cached.tables(name)],
                before.distance,
                after.distance,
                even=_even(name),
                names=names,
            ),
            key="swin-relative-far",
            config={"displayModeBar": False},
        )
    with right, st.container(border=True, height="stretch"):
        st.markdown(PAPER)


def _options(name: str) -> tuple[Kind, int | None, int]:
    """What stands in place of the bias, in which block, in which order."""
    blocks = [f"Stage {t.stage + 1}, block {t.block + 1}" for t in cached.tables(name)]
    choice, place, order = st.columns([3, 1.4, 1.2], gap="medium", vertical_alignment="bottom")
    with choice:
        kind: Kind = st.pills(
            "Bias instead of its own", list(KINDS), default="zero", required=True,
            format_func=KINDS.__getitem__, key="swin-relative-kind", persist_state="session",
            help="The picture and all weights stay as they are; only the bias changes.",
        )  # fmt: skip
    with place:
        where = st.selectbox(
            "Where", [ALL, *blocks], key="swin-relative-where", persist_state="session",
            help="Whether all blocks get another bias, or only one of them.",
        )  # fmt: skip
    with order:
        seed = st.slider(
            "Order", 0, 20, 0, key="swin-relative-seed", disabled=kind != "shuffled",
            persist_state="session",
            help="Each order is another shuffling; it counts for Shuffled only.",
        )  # fmt: skip
    return kind, None if where == ALL else blocks.index(where), seed


def _numbers(name: str, before: "Run", after: "Run") -> None:
    """What changed, and how much the bias had to say in the first place."""
    change = after.logits - before.logits
    most = int(np.abs(change).argmax())
    labels = CATALOG[name].labels
    far = [float(np.mean([head.mean() for head in one.distance])) for one in (before, after)]
    scores, bias = np.mean(before.spread, axis=0)
    columns = st.columns(4, gap="small")
    if labels:
        shares = [prediction.softmax(one.logits) for one in (before, after)]
        moved = breaking.total_variation(*shares)
        columns[0].metric(
            "Answer that moved", f"{_shown(100 * moved, '.3g')}\u2009%",
            border=True, height="stretch",
            help="Total variation: half the sum of all changes of the softmax shares.",
        )  # fmt: skip
    columns[1].metric(
        "Largest change", _shown(change[most], "+.3g"), border=True, height="stretch",
        help=f"Of a logit: {class_names(labels)[most]}." if labels else "Of a feature.",
    )  # fmt: skip
    columns[2].metric(
        "Attention distance", f"{far[0]:.3g} → {far[1]:.3g}", border=True, height="stretch",
        help="Mean over all heads of all blocks, in tokens of each block’s own map.",
    )  # fmt: skip
    ratio = f"{bias / scores:.2f}\u2009×" if scores >= ALIKE else "—"
    columns[3].metric(
        "Bias beside the scores", ratio, border=True, height="stretch",
        help="How far apart its own biases of a query’s keys are, divided by the same of the "
        "scores. The smaller, the less the bias has to say.",
    )  # fmt: skip


def _shown(value: float, how: str) -> str:
    """A number in few digits; what is only rounding is 0."""
    return f"{value:{how}}".replace("-", "−") if abs(value) >= ALIKE else "0"


def _even(name: str) -> float:
    """Distance of a head that looks at its whole window alike; the largest window counts."""
    side = max(table.window for table in cached.tables(name))
    return attention.even_distance((side, side))
