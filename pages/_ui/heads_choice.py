"""Which network the page Heads shows, and which class is asked about."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, ready
from pages._ui.cached import attribution
from pages._ui.cached import heads as cached
from pages._ui.controls import Picture
from viz_core.attribution import Target

VIEWS = ("global attention", "window attention", "compact attention")
NO_HEADS = "is a convolutional network and has no heads"
NO_CLASSES = "names no classes, so nothing can be asked about an answer"


def network(classes: bool) -> str:
    """The network of this run; the shipped ViT in place of one that the step cannot ask.

    Args:
        classes: Whether the step asks about an answer.
    """
    entry = CATALOG[controls.network_name()]
    own = [view for view in VIEWS if view in entry.views]
    if not own:
        found = ready.network_name(view=VIEWS[0], lacks=NO_HEADS)
        if {"block maps"} & entry.views:
            st.page_link(
                "pages/convnext.py", label="What its channels do for the answer is on ConvNeXt",
                icon=":material/layers:", query_params={"step": "Features"},
                help="The step Features sorts channels by what they drive.",
            )  # fmt: skip
        return found
    if classes and entry.labels is None:
        return ready.network_name(view="classes", lacks=NO_CLASSES)
    return ready.network_name(view=own[0])


def asked(key: str) -> Mapping[str, Any]:
    """What a component last asked the server for; empty before it asked."""
    found = st.session_state.get(key, {}).get("asked")
    return found if isinstance(found, Mapping) else {}


def target(name: str, picture: Picture, wanted: Mapping[str, Any]) -> Target:
    """The class that is asked about: the one chosen for this very picture, else the answer.

    Args:
        name: Key of the catalog.
        picture: The picture.
        wanted: What the component asked for.
    """
    if CATALOG[name].labels is None:
        return Target(0)
    given = name, picture.key, picture.raw
    logits = attribution.logits(*given)
    label, against = int(logits.argmax()), None
    if wanted.get("subject") == cached.subject(*given).key:
        label = whole(wanted.get("label"), len(logits), label)
        against = wanted.get("against")
        against = None if against is None else whole(against, len(logits), label)
    return Target(label, None if against == label else against)


def whole(value: object, count: int, otherwise: int) -> int:
    """A number from the browser if it is one of 0 to count - 1."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count:
        return value
    return otherwise


def unchanged() -> None:
    """Streamlit keeps a component's state only where somebody listens to it."""
