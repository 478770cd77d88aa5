"""The three steps of the page Compare: one at a time, a switch in the header and a walk below."""

from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import compare_match, compare_panels, compare_survive, controls, ready
from pages._ui.cached import compare
from pages._ui.lesson import Lesson, Step

STEPS = {
    "Panels": Step(compare_panels.NOTICE, compare_panels.show, compare_panels.CODE),
    "Survive": Step(compare_survive.NOTICE, compare_survive.show, compare_survive.CODE),
    "Match": Step(compare_match.NOTICE, compare_match.show, compare_match.CODE),
}
LESSON = Lesson("compare", STEPS)
notice, show, code = LESSON.notice, LESSON.show, LESSON.code


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network of the sidebar.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog, of a network whose weights are here.
    """
    LESSON.switch(row, words)
    # Any network will do but one that paints, which takes a mask besides the picture.
    entry = CATALOG[controls.network_name()]
    painter = entry.architecture == "mae"
    return ready.network_name(view="global attention" if painter else min(entry.views))


def values(network: str) -> dict[str, str]:
    """What the text is filled in with."""
    return {"network": CATALOG[network].title, "stage": str(compare.STAGE_PIXELS)}
