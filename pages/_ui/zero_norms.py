"""Layer norm or batch norm: on typed sentences and on the network's own activations."""

from typing import Any

import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached, controls, frame, labs
from pages._ui.cached import labs as numbers
from viz_core.labs import norms, payload

SENTENCES = "a cat sleeps\nthe quick brown fox jumps over it\nattention is all you need\nhello"
COMPANIONS = ("elephant", "coffee", "butterfly", "cat")
NOTES = {
    "Sentences": "Each word is a vector of 8 numbers: the sum of a fixed random vector for each of "
    "its letters. Nothing is trained; the norms see numbers, not meaning.",
    "Pictures": "What leaves a layer of the chosen network for your picture and three others. "
    "Scale and shift of both norms are left at 1 and 0.",
}
TRAINING = ("dog", "taxis", "flower", "burger")


@st.fragment
def show(name: str) -> None:
    """The lab; the text and the choice of activations need the server, nothing else.

    Args:
        name: Network whose activations are shown: a key of the catalog.
    """
    frame.section(
        "Layer norm or batch norm?",
        "Make one sentence longer: batch norm moves the numbers of all the others, layer norm "
        "moves none. Point at a number to see what it is normalised with.",
    )
    left, right = st.columns([1, 1.6], gap="medium")
    with left:
        chosen = st.segmented_control(
            "Activations",
            ["Sentences", "Pictures"],
            default="Sentences",
            required=True,
            key="norms_source",
            persist_state="session",
            help="Sentences of different length, or the chosen network's tokens of four pictures.",
        )
        st.caption(NOTES[chosen])
    with right:
        fields = _pictures(name) if chosen == "Pictures" else _sentences()
    labs.mount(payload.encoded("norms", source=chosen.lower(), **fields), key="norms_lab")


def _sentences() -> dict[str, Any]:
    text = st.text_area(
        "Sentences, one a line",
        SENTENCES,
        key="norms_text",
        persist_state="session",
        height=122,
        help="2 to 5 lines of at most 7 words. The slider below appends words to the last one.",
    )
    try:
        return {"sentences": numbers.norms_of_sentences(text)}
    except ValueError as problem:
        st.error(f"{problem} You see the first sentences instead.")
        return {"sentences": numbers.norms_of_sentences(SENTENCES)}


def _pictures(name: str) -> dict[str, Any]:
    picture = controls.picture()
    companions = [
        (title, *cached.sample(title))
        for title in COMPANIONS
        if cached.sample(title)[0] != picture.key
    ][:3]
    batch = [(picture.title, picture.key, picture.raw), *companions]
    found = numbers.norms_of_pictures(
        name,
        tuple(key for _, key, _ in batch),
        [raw for *_, raw in batch],
        [cached.sample(title) for title in TRAINING],
    )
    st.caption(
        f"{CATALOG[name].title}: {len(found['tokens'])} of {found['length']} tokens and "
        f"{norms.SHOWN_CHANNELS} of {found['width']} channels are drawn; means are over all of "
        f"them. The running statistics are of {norms.TRAINING_BATCHES} training batches of "
        f"{len(TRAINING)} other pictures ({', '.join(TRAINING)})."
    )
    scene = cached.scene(name, picture.key, picture.raw)
    return {
        "pictures": found,
        "names": [title for title, *_ in batch],
        "places": [_place(token, scene.grid[1], scene.prefix) for token in found["tokens"]],
        "shownNote": "Stripes are channels that are large in every token: batch norm takes them "
        "away, layer norm keeps them.",
    }


def _place(token: int, columns: int, prefix: tuple[str, ...]) -> str:
    if token < len(prefix):
        return prefix[token]
    row, column = divmod(token - len(prefix), columns)
    return f"patch in row {row + 1}, column {column + 1}"
