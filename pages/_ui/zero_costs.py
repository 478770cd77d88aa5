"""What RNN, CNN and attention cost, how long their paths are and what must wait."""

from pages._ui import frame, labs
from pages._ui.cached import labs as numbers


def show() -> None:
    """The lab; it never needs the server again."""
    frame.section(
        "RNN, CNN or attention?",
        "Attention joins any two tokens in one step, but its cost grows with n². Left of n = d it "
        "is cheaper than an RNN; windows and axes bend the curve back.",
    )
    labs.mount(numbers.costs(), key="costs_lab")
