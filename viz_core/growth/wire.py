"""What the component `growth` gets: all moments of a training on one picture, in one message.

Parts, little endian, moment by moment, in the envelope of `viz_core.patch_frames`:

    picture   JPEG
    chances   float32 (moment, class): probabilities
    reading   float32 (moment, place)
    scale     float32 (moment, layer, head, token), and
    levels    uint8   (moment, layer, head, token, token): as in `viz_core.canvas.envelope`
    cosines   int16   (moment, place, place): times 32767; empty if there are no positions
    kernels   int8    (moment, kernel, row, column, 3): 127 is the header's `limit`
    reach     float32 (kernel): the answer that 127 stands for, and
    answers   int8    (moment, kernel, down, across)
    tiles     int8    (moment, component, row, column, 3): 127 is its own largest entry, and
    spread    float32 (moment, component): the principal components of the kernels, and the
              share of their variance that each holds
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from viz_core import growth_reading, patch_frames, patches
from viz_core.canvas.envelope import quantised
from viz_core.growth_reading import Growth

ONE, LEVELS = 32767, 127
WITHIN = 0.995  # of weights and similarities keep a colour of their own
COMPONENTS = 25
MOST_BYTES = 4 * 2**20


def pack(
    grown: Growth,
    facts: Mapping[str, Any],
    moments: Sequence[Mapping[str, float]],
    *,
    picture_jpeg: bytes,
) -> bytes:
    """One message with everything that the page shows of one run and one picture.

    Args:
        grown: What formed.
        facts: Anything else the component shows: names, other runs.
        moments: `step`, `share` and scores of each moment, in order.
        picture_jpeg: The picture as the network sees it, square.

    Raises:
        ValueError: If there is not one growing step a moment, the grid does not fit the tokens,
            or the message gets larger than 4 MiB.
    """
    steps = [moment["step"] for moment in moments]
    if len(steps) != len(grown.logits) or steps != sorted(set(steps)):
        raise ValueError(f"{len(grown.logits)} moments need as many growing steps, not {steps}")
    tokens, places = grown.patterns.shape[-1], grown.reading.shape[1]
    if places != grown.grid[0] * grown.grid[1] or not 0 <= tokens - places <= 1:
        raise ValueError(f"{tokens} tokens do not fit {places} places on the grid {grown.grid}")
    scale, levels = quantised(grown.patterns)
    painted, limit = patch_frames.levels(grown.kernels, WITHIN)
    reach = np.abs(grown.answers).max(axis=(0, 2, 3)).astype("<f4")
    shares = grown.answers / np.where(reach > 0, reach, 1)[:, None, None]
    tiles, spread = _components(grown.kernels)
    whole = np.zeros(0) if grown.cosines is None else np.rint(grown.cosines * ONE)
    message = patch_frames.pack(
        {
            **facts,
            **_told(grown, moments),
            "limit": limit,
            "components": spread.shape[1],
            "tokens": tokens,
            "prefix": tokens - places,
        },
        picture=picture_jpeg,
        chances=grown.chances.astype("<f4").tobytes(),
        reading=grown.reading.astype("<f4").tobytes(),
        scale=scale.tobytes(),
        levels=levels.tobytes(),
        cosines=whole.astype("<i2").tobytes(),
        kernels=painted.tobytes(),
        reach=reach.tobytes(),
        answers=np.rint(LEVELS * shares).astype(np.int8).tobytes(),
        tiles=tiles.tobytes(),
        spread=spread.astype("<f4").tobytes(),
    )
    if len(message) > MOST_BYTES:
        raise ValueError(f"this run takes {len(message):,} bytes, more than {MOST_BYTES:,}")
    return message


def _told(grown: Growth, moments: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Sizes, and what Python has already read out of the arrays."""
    _, layers, heads, _, _ = grown.patterns.shape
    _, count, side, _, _ = grown.kernels.shape
    made = growth_reading.ways(grown)
    near = [] if grown.cosines is None else [_near(one, grown.grid) for one in grown.cosines]
    return {
        "moments": [dict(one) for one in moments],
        "layers": layers,
        "heads": heads,
        "grid": list(grown.grid),
        "kernels": count,
        "side": side,
        "map": list(grown.answers.shape[2:]),
        "ways": {name: [round(float(k), 4) for k in way] for name, way in made.items()},
        "order": growth_reading.order(made, [one["share"] for one in moments]),
        "turns": growth_reading.turns(grown.chances),
        "near": near,
        "span": 1.0 if grown.cosines is None else _span(grown.cosines),
    }


def _components(kernels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels and variance shares of the strongest components of every moment's kernels."""
    found = [patches.components(one.transpose(0, 3, 1, 2), COMPONENTS) for one in kernels]
    count = min(len(one.shares) for one in found)
    tiles = np.stack([one.tiles[:count] for one in found]).transpose(0, 1, 3, 4, 2)
    largest = np.abs(tiles).max(axis=(2, 3, 4), keepdims=True)
    levels = np.rint(LEVELS * tiles / largest).astype(np.int8)
    return np.ascontiguousarray(levels), np.stack([one.shares[:count] for one in found])


def _near(cosines: np.ndarray, grid: tuple[int, int]) -> list[float]:
    return [round(mean, 4) for mean in growth_reading.neighbours(cosines, grid)]


def _span(cosines: np.ndarray) -> float:
    """What the colours of similarity reach to: nearly all that two different places had."""
    others = ~np.eye(cosines.shape[-1], dtype=bool)
    return float(np.quantile(np.abs(cosines[:, others]), WITHIN))
