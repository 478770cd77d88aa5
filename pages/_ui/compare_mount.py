"""The component of the page Compare, and what its steps share around it."""

from pages._ui import component

mount = component.register("compare")


def unchanged() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""
