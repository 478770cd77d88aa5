"""Step “Match” of the page Compare: which patches of two pictures are alike for a network."""

import streamlit as st

from pages._ui import cached, controls, samples, tries
from pages._ui.cached import compare
from pages._ui.compare_mount import mount
from pages._ui.controls import UPLOAD_TYPES, Picture
from viz_core import images, patch_frames, similarity
from viz_core.probe import similarity as probe

KEY, ASKED = "compare-match", "compare-match-view"
NOTICE = (
    "Point at a patch: in both pictures lights up what is like it for this network. Then move "
    "through the layers."
)
CODE = (probe.tokens, similarity.without_mean, similarity.cosines, similarity.mutual)
OTHER, UPLOAD = "other", "other_upload"
PARTNER, SECOND = "cat-and-dog", "cat"


def show(network: str) -> None:
    """Two pictures under one pointer, and the choice of the second."""
    _stage(network)


@st.fragment
def _stage(network: str) -> None:
    picture = controls.picture()
    place = st.container()
    _choosers(picture)
    second = other()
    try:
        message = compare.matches(network, picture.key, picture.raw, second.key, second.raw)
    except KeyError as problem:
        st.info(f"{problem.args[0].capitalize()}; choose another one in the sidebar.")
        return
    view = {**tries.asked(ASKED), "names": [picture.title, second.title], "other": second.title}
    with place:
        mount(data=patch_frames.with_view(message, view), key=KEY, on_asked_change=_picked)


def _choosers(picture: Picture) -> None:
    names = list(samples.SAMPLES)
    partner = SECOND if picture.title == PARTNER else PARTNER
    with st.popover("Second picture by name, or your own", icon=":material/upload:"):
        st.selectbox(
            "Second picture", names, index=names.index(partner), key=OTHER, bind="query-params",
            help="The thumbnails choose it too. The first picture is the sidebar’s.",
        )  # fmt: skip
        st.file_uploader(
            "Your own second picture", type=UPLOAD_TYPES, key=UPLOAD,
            help="It stays in this server’s memory. Remove it to go back to the sample.",
        )  # fmt: skip
    if (own := _own()) is None:
        return
    try:
        cached.picture(own.key, own.raw)
    except images.ImageError as problem:
        st.error(f"{problem} You still see the sample.")


def _own() -> Picture | None:
    """The visitor's second picture, whether it can be read or not."""
    brought = st.session_state.get(UPLOAD)
    if brought is None:
        return None
    raw = brought.getvalue()
    return Picture(images.digest(raw), raw, brought.name)


def other() -> Picture:
    """The second picture: the visitor's if there is one that can be read, a sample else."""
    if own := _own():
        try:
            cached.picture(own.key, own.raw)
        except images.ImageError:
            pass
        else:
            return own
    name = st.session_state.get(OTHER, PARTNER)
    key, raw = cached.sample(name)
    return Picture(key, raw, name)


def _picked() -> None:
    """A click on a thumbnail of the component chooses the sample."""
    asked = st.session_state.get(KEY, {}).get("asked") or {}
    if asked.get("other") in samples.SAMPLES:
        st.session_state[OTHER] = asked["other"]
