"""Attention of a masked autoencoder on its grid: where no token was, and who looks at whom."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float


@dataclass(frozen=True)
class Shares:
    """Where the hidden patches look, mean over them, (layer, head); the three add up to 1.

    Attributes:
        visible: Share of their attention on visible patches.
        hidden: On mask tokens, their own included.
        first: On the class token.
    """

    visible: Float[np.ndarray, "layer head"]
    hidden: Float[np.ndarray, "layer head"]
    first: Float[np.ndarray, "layer head"]


def over_grid(
    patterns: Float[np.ndarray, "layer head token token"], mask: Bool[np.ndarray, "rows cols"]
) -> Float[np.ndarray, "layer head place place"]:
    """The encoder's attention with a row and a column for every patch of the picture.

    Args:
        patterns: Softmax weights over the class token and the visible patches, row by row.
        mask: True where a patch is hidden.

    Returns:
        The same weights at the patches' places; zero where a patch was hidden, since the encoder
        has no token for it.

    Raises:
        ValueError: If there is not one token a visible patch, besides the class token.
    """
    tokens = np.concatenate([[0], 1 + np.flatnonzero(~mask)])
    if patterns.shape[-1] != len(tokens):
        raise ValueError(f"{patterns.shape[-1]} tokens are not 1 + {len(tokens) - 1} visible ones")
    places = 1 + mask.size
    whole = np.zeros((*patterns.shape[:2], places, places), patterns.dtype)
    whole[:, :, tokens[:, None], tokens[None, :]] = patterns
    return whole


def shares(
    patterns: Float[np.ndarray, "layer head token token"], mask: Bool[np.ndarray, "rows cols"]
) -> Shares:
    """Where hidden patches look in the decoder: at what was seen, or at other mask tokens.

    Args:
        patterns: Softmax weights over the class token and all patches, row by row.
        mask: True where a patch is hidden.

    Raises:
        ValueError: If there is not one token a patch besides the class token, or nothing is
            hidden.
    """
    hidden = mask.ravel()
    if patterns.shape[-1] != 1 + hidden.size:
        raise ValueError(f"{patterns.shape[-1]} tokens are not 1 + {hidden.size} patches")
    if not hidden.any():
        raise ValueError("no patch is hidden, so none can look anywhere")
    rows = patterns[:, :, 1:][:, :, hidden].astype(np.float64).mean(axis=2)
    return Shares(
        visible=rows[..., 1:][..., ~hidden].sum(axis=-1),
        hidden=rows[..., 1:][..., hidden].sum(axis=-1),
        first=rows[..., 0],
    )
