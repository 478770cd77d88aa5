"""Colour maps from Matplotlib's tables, the same 256 colours in Python and in the browser.

The tables stand in `colour_maps.json`: for each name the sRGB bytes as hexadecimal text,
256 colours for a map, 8 for the categorical set. The canvas gets the same file, so a map
drawn by the server and one drawn under the pointer agree to the bit.
"""

import json
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

Sequential = Literal["magma", "viridis", "inferno"]
TABLES = Path(__file__).with_name("colour_maps.json")
DIVERGING = "PuOr"
CATEGORICAL = "okabe_ito"
CLEAREST_SHARE = 0.28


@cache
def _tables() -> dict[str, str]:
    return json.loads(TABLES.read_text(encoding="utf-8"))


def table(name: str) -> UInt8[np.ndarray, "colour channel"]:
    """Colours of one table, from its lowest to its highest value.

    Args:
        name: "magma", "viridis", "inferno", "PuOr" (diverging) or "okabe_ito" (categorical).

    Returns:
        sRGB bytes; 256 rows for a map, 8 for the categorical set.

    Raises:
        ValueError: If there is no table of this name.

    Source:
        Matplotlib 3.11, `matplotlib.colormaps` and `color_sequences["okabe_ito"]`
        (Okabe & Ito 2008, Color Universal Design).
    """
    if name not in _tables():
        raise ValueError(f"no colour map {name!r}; there are {sorted(_tables())}")
    return np.frombuffer(bytes.fromhex(_tables()[name]), np.uint8).reshape(-1, 3).copy()


def overlay(
    shares: Float[np.ndarray, "row column"], name: Sequential = "magma", opacity: float = 0.85
) -> UInt8[np.ndarray, "row column 4"]:
    """Colours to lay over a picture: alpha follows the value, so the picture stays visible.

    Args:
        shares: Values, not negative. They are divided by the largest of them.
        name: Sequential colour map.
        opacity: Alpha of the largest value, in [0, 1].

    Returns:
        RGBA bytes, alpha not premultiplied; byte for byte what `canvas/js/colour.js` draws.

    Raises:
        ValueError: If a value is negative or not finite, or `opacity` is outside [0, 1].
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity must be in [0, 1], got {opacity}")
    if not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError("an overlay needs finite values that are not negative")
    largest = float(shares.max(initial=0.0))
    level = np.floor(shares / largest * 255 + 0.5) if largest > 0 else np.zeros_like(shares)
    alpha = np.floor(255 * opacity * (CLEAREST_SHARE + (1 - CLEAREST_SHARE) * level / 255) + 0.5)
    rgb = table(name)[level.astype(np.uint8)]
    return np.concatenate([rgb, alpha.astype(np.uint8)[..., None]], axis=-1)
