"""Pictures changed by a dose of one thing: moved, zoomed, turned, cut up, blurred, recoloured.

Every change takes a square picture of bytes and gives one of the same size. Where something
comes in from outside, it is the picture's own mean colour: mirrored or wrapped pixels would
bring a second copy of what a network should recognise. A dose that changes nothing returns
every byte as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Shaped, UInt8

from viz_core import damage

# Noise is drawn in squares of this many along a side: finer grain would vanish in small inputs.
GRAINS = 56


@dataclass(frozen=True, kw_only=True)
class Transform:
    """One way to change a picture, and the doses that are measured.

    Attributes:
        name: Key in `TRANSFORMS` and in links.
        title: What people call it.
        doses: From least to most; between the first and the last any dose may be given.
        neutral: The dose that changes nothing.
        unit: What a dose is counted in, for people.
        scale: What a dose is multiplied by for people.
        rule: What happens at the border or how it is computed, in one sentence.
        after: How a sentence says that a picture was changed so.
        change: Picture, dose and seed to picture; the dose is not neutral.
        random: Whether the seed matters.
        period: After which dose everything is as before; None if it never is.
    """

    name: str
    title: str
    doses: tuple[float, ...]
    neutral: float
    unit: str
    scale: float
    rule: str
    after: str
    change: Callable[[np.ndarray, float, int], np.ndarray]
    random: bool = False
    period: float | None = None

    def idle(self, dose: float) -> bool:
        """Whether a dose changes nothing: the neutral one, and whole turns away from it."""
        away = dose - self.neutral
        return not (away % self.period if self.period else away)

    @property
    def still(self) -> tuple[int, ...]:
        """Indices of the doses that change nothing."""
        return tuple(k for k, dose in enumerate(self.doses) if self.idle(dose))

    @property
    def start(self) -> int:
        """Index of the neutral dose."""
        return self.doses.index(self.neutral)


def apply(
    name: str, picture: Shaped[np.ndarray, "*shape"], dose: float, seed: int = 0
) -> UInt8[np.ndarray, "side side 3"]:
    """A picture changed by a dose of one transform.

    Args:
        name: Key of `TRANSFORMS`.
        picture: RGB, square.
        dose: In the transform's own unit.
        seed: Of what is random: the shuffle and the noise.

    Raises:
        KeyError: If there is no such transform.
        ValueError: If the picture is not square or not of bytes, the dose is outside what the
            transform allows, or pieces do not divide the picture.
    """
    transform = TRANSFORMS[name]
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.shape[0] != picture.shape[1]:
        raise ValueError(f"a square picture of three colours is needed, got {picture.shape}")
    if picture.dtype != np.uint8 or not picture.size:
        raise ValueError(f"a picture needs pixels of bytes, got {picture.dtype} {picture.shape}")
    low, high = transform.doses[0], transform.doses[-1]
    if not low <= dose <= high:
        raise ValueError(f"{transform.title} takes a dose from {low:g} to {high:g}, got {dose:g}")
    if transform.idle(dose):
        return picture.copy()
    return transform.change(np.ascontiguousarray(picture), dose, seed)


def _mean(picture: np.ndarray) -> tuple[float, ...]:
    return tuple(float(round(value)) for value in picture.reshape(-1, 3).mean(axis=0))


def _shift(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """To the right by a share of the side, in whole pixels."""
    side = len(picture)
    by = round(dose * side)
    moved = np.empty_like(picture)
    moved[:, :by] = _mean(picture)
    moved[:, by:] = picture[:, : side - by]
    return moved


def _scale(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Enlarged about the middle by 2 ** dose; made smaller by averaging, so nothing flickers."""
    side = len(picture)
    factor = 2.0**dose
    if factor < 1:
        small = max(1, round(side * factor))
        shrunk = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
        out = np.empty_like(picture)
        out[:] = _mean(picture)
        start = (side - small) // 2
        out[start : start + small, start : start + small] = shrunk
        return out
    middle = (side - 1) / 2
    matrix = np.array([[factor, 0, middle * (1 - factor)], [0, factor, middle * (1 - factor)]])
    return _warped(picture, matrix)


def _rotation(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Clockwise about the middle, in degrees."""
    middle = (len(picture) - 1) / 2
    return _warped(picture, cv2.getRotationMatrix2D((middle, middle), -dose, 1.0))


def _warped(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT, borderValue=_mean(picture),
    )  # fmt: skip


def _shuffle(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Cut into dose x dose pieces, each of which goes elsewhere."""
    side, pieces = len(picture), round(dose)
    if pieces != dose or side % pieces:
        raise ValueError(f"{side} pixels do not divide into {dose:g} pieces")
    source = damage.damaged("shuffle", 1.0, size=side, grid=pieces, seed=seed).source
    return picture.reshape(-1, 3)[source]


def _blur(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Gaussian; the dose is its standard deviation as a share of the side."""
    sigma = dose * len(picture)
    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def _noise(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Gaussian, for each colour by itself; the dose is its deviation as a share of white."""
    drawn = np.random.default_rng(seed).normal(0, 255 * dose, (GRAINS, GRAINS, 3))
    side = len(picture)
    grain = cv2.resize(drawn.astype(np.float32), (side, side), interpolation=cv2.INTER_NEAREST)
    return _bytes(picture + grain)


def _hue(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Every hue turned by so many degrees on the wheel of HSV."""
    hsv = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = np.mod(hsv[..., 0] + dose, 360)
    return _bytes(255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def _saturation(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Distance of every colour from its own grey, times the dose."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return _bytes(grey + np.float32(dose) * (picture - grey))


def _brightness(picture: np.ndarray, dose: float, seed: int) -> np.ndarray:
    """Every value times the dose."""
    return _bytes(picture * np.float32(dose))


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


_FILLED = "What comes in is the picture’s mean colour."
_ALL = (
    Transform(
        name="rotation", title="Rotation", doses=tuple(float(d) for d in range(0, 361, 15)),
        neutral=0, unit="°", scale=1, after="turned", change=_rotation, period=360,
        rule=f"Clockwise about the middle, cubic interpolation. {_FILLED}",
    ),
    Transform(
        name="shift", title="Shift", doses=tuple(k / 56 for k in range(0, 29, 2)),
        neutral=0, unit="% of the side", scale=100, after="shifted", change=_shift,
        rule=f"To the right, by whole pixels. {_FILLED}",
    ),
    Transform(
        name="scale", title="Scale", doses=tuple(k / 4 for k in range(-8, 9)),
        neutral=0, unit="×", scale=1, after="zoomed", change=_scale,
        rule=f"About the middle; smaller by averaging, larger by cubic interpolation. {_FILLED}",
    ),
    Transform(
        name="shuffle", title="Patch shuffle", doses=(1, 2, 4, 7, 8, 14, 28),
        neutral=1, unit="pieces a side", scale=1, after="shuffled", change=_shuffle, random=True,
        rule="Cut into equal squares, and each of them goes elsewhere.",
    ),
    Transform(
        name="blur", title="Blur",
        doses=(0, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1),
        neutral=0, unit="% of the side", scale=100, after="blurred", change=_blur,
        rule="Gaussian; the number is its standard deviation. The border is mirrored.",
    ),
    Transform(
        name="noise", title="Noise", doses=tuple(k / 20 for k in range(13)),
        neutral=0, unit="% of white", scale=100, after="made noisy", change=_noise, random=True,
        rule=f"Gaussian, in grains of 1/{GRAINS} of the side; the number is its deviation.",
    ),
    Transform(
        name="hue", title="Hue", doses=tuple(float(d) for d in range(0, 361, 30)),
        neutral=0, unit="°", scale=1, after="recoloured", change=_hue, period=360,
        rule="Every hue turned on the wheel of HSV.",
    ),
    Transform(
        name="saturation", title="Saturation",
        doses=(0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3),
        neutral=1, unit="×", scale=1, after="paled or coloured", change=_saturation,
        rule="Distance of each colour from its own grey (ITU-R 601), then cut to 0 to 255.",
    ),
    Transform(
        name="brightness", title="Brightness",
        doses=(0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3),
        neutral=1, unit="×", scale=1, after="darkened or lit", change=_brightness,
        rule="Every value times the number, then cut to 0 to 255.",
    ),
)  # fmt: skip

TRANSFORMS: dict[str, Transform] = {transform.name: transform for transform in _ALL}
