"""The similarity tiles as a Streamlit component: what is pointed at never leaves the browser."""

from collections.abc import Mapping
from typing import Any

from pages._ui import component
from viz_core.tiles import wire

_tiles = component.register("tiles")


def board(frame: bytes, *, key: str, view: Mapping[str, Any]) -> int | None:
    """Show a board and return the patch that is pinned on it, row by row from 0.

    Args:
        frame: From `wire.pack_board`.
        key: Key of the component.
        view: What to open with: `kind`, `centred`, `place` (row and column in shares of the
            grid) and anything that makes it differ from the last one, which shows it anew.
    """
    result = _tiles(data=wire.with_view(frame, view), key=key, on_tiles_change=_nothing)
    pin = (result.tiles or {}).get("pin", -1)
    return None if pin < 0 else pin


def gallery(frame: bytes, *, key: str) -> None:
    """Show maps side by side; `frame` is from `wire.pack_maps`."""
    _tiles(data=frame, key=key)


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""
