"""The component that draws the labs: every slider in it answers without the server."""

from pages._ui import component

_labs = component.register("labs")


def mount(data: bytes, key: str) -> None:
    """Show a lab.

    Args:
        data: From `viz_core.labs.payload`.
        key: Key of the component; under the same key what a person set stays.
    """
    _labs(data=data, key=key)
