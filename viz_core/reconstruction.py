"""How well hidden patches were filled in: pasting, errors, scores, and the leak in some of them.

Errors are on the scale where black is 0 and white is 1.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float64, UInt8

from viz_core import inpaint

C1, C2 = 0.01**2, 0.03**2
SSIM_SIGMA, SSIM_WINDOW = 1.5, (11, 11)
EPSILON = 1e-6


@dataclass(frozen=True)
class Score:
    """Errors over hidden pixels only.

    Attributes:
        mse: Mean squared error of all three colours; 0 is perfect.
        psnr: -10 log10(mse) in dB; infinite for a perfect filling.
        ssim: Mean structural similarity, at most 1, of the picture and the pasted
            reconstruction around hidden pixels.
    """

    mse: float
    psnr: float
    ssim: float


def pasted(
    picture: UInt8[np.ndarray, "height width 3"],
    prediction: UInt8[np.ndarray, "height width 3"],
    mask: Bool[np.ndarray, "rows cols"],
) -> UInt8[np.ndarray, "height width 3"]:
    """Hidden patches from the prediction, visible ones from the picture.

    Raises:
        ValueError: If the picture does not divide into the mask's patches.
    """
    hidden = inpaint.spread(mask, picture.shape[:2])
    return np.where(hidden[..., None], prediction, picture)


def patch_error(
    picture: UInt8[np.ndarray, "height width 3"],
    prediction: UInt8[np.ndarray, "height width 3"],
    grid: tuple[int, int],
) -> Float64[np.ndarray, "rows cols"]:
    """Mean squared error of every patch, visible ones too.

    Args:
        picture: The truth.
        prediction: The network's whole picture, before pasting.
        grid: Rows and columns of patches.

    Raises:
        ValueError: If the picture does not divide into that many patches.
    """
    return ((_patches(picture, grid) - _patches(prediction, grid)) ** 2).mean(axis=-1)


def score(
    picture: UInt8[np.ndarray, "height width 3"],
    prediction: UInt8[np.ndarray, "height width 3"],
    mask: Bool[np.ndarray, "rows cols"],
) -> Score | None:
    """Errors over the hidden patches, or None if nothing is hidden.

    Visible patches never count: copying them is no merit, and a network is not trained on them.

    Raises:
        ValueError: If the picture does not divide into the mask's patches.
    """
    hidden = inpaint.spread(mask, picture.shape[:2])
    if not hidden.any():
        return None
    mse = float(patch_error(picture, prediction, mask.shape)[mask].mean())
    similar = similarity(picture, pasted(picture, prediction, mask))
    return Score(
        mse=mse,
        psnr=-10 * math.log10(mse) if mse else math.inf,
        ssim=float(similar[hidden].mean()),
    )


def similarity(
    one: UInt8[np.ndarray, "height width 3"], other: UInt8[np.ndarray, "height width 3"]
) -> Float[np.ndarray, "height width"]:
    """Structural similarity around every pixel, mean of the three colours; 1 is equal.

    Source:
        Wang et al. 2004, equation 13: Gaussian windows of 11 x 11 pixels with sigma 1.5,
        K1 = 0.01, K2 = 0.03. Computed as scikit-image does with `gaussian_weights=True` and
        `use_sample_covariance=False`; windows are mirrored at the picture's edge.
    """
    x, y = one.astype(np.float64) / 255, other.astype(np.float64) / 255
    mean_x, mean_y = _window(x), _window(y)
    variance_x = _window(x * x) - mean_x**2
    variance_y = _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    structure = (2 * covariance + C2) / (variance_x + variance_y + C2)
    return (light * structure).mean(axis=-1)


def with_own_statistics(
    picture: UInt8[np.ndarray, "height width 3"],
    prediction: UInt8[np.ndarray, "height width 3"],
    grid: tuple[int, int],
) -> UInt8[np.ndarray, "height width 3"]:
    """Give each predicted patch the mean and the standard deviation of the true patch.

    This leaks the target: two numbers of every hidden patch go into its "reconstruction", and
    even a prediction of one grey looks better for it. It is what drawings of networks trained
    with norm-pix show, since those predict patches without mean and scale.

    Raises:
        ValueError: If the picture does not divide into that many patches.

    Source:
        facebookresearch/mae, models_mae.py, `forward_loss`: statistics over all numbers of a
        patch, variance unbiased plus 1e-6.
    """
    truth, guess = _patches(picture, grid), _patches(prediction, grid)
    scales = [np.sqrt(p.var(axis=-1, ddof=1, keepdims=True) + EPSILON) for p in (truth, guess)]
    means = [p.mean(axis=-1, keepdims=True) for p in (truth, guess)]
    moved = (guess - means[1]) / scales[1] * scales[0] + means[0]
    whole = _whole(moved, picture.shape[:2])
    return (whole * 255).round().clip(0, 255).astype(np.uint8)


def _window(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, SSIM_WINDOW, SSIM_SIGMA, borderType=cv2.BORDER_REFLECT)


def _patches(
    picture: np.ndarray, grid: tuple[int, int]
) -> Float64[np.ndarray, "rows cols numbers"]:
    (height, width), (rows, cols) = picture.shape[:2], grid
    inpaint.spread(np.zeros(grid, bool), (height, width))
    cut = picture.reshape(rows, height // rows, cols, width // cols, 3).swapaxes(1, 2)
    return cut.reshape(rows, cols, -1).astype(np.float64) / 255


def _whole(patches: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    rows, cols = patches.shape[:2]
    cut = patches.reshape(rows, cols, size[0] // rows, size[1] // cols, 3)
    return cut.swapaxes(1, 2).reshape(*size, 3)
