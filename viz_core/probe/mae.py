"""What a masked autoencoder makes of one picture under many masks."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int, UInt8
from torch import Tensor, nn

from models.tap import record
from viz_core.mae_macs import MAEShape

HALF = (0.5, 0.5, 0.5)
BATCH = 8  # masks in one pass; larger ones leave the cache and are not faster


@dataclass(frozen=True)
class Guesses:
    """One picture filled in under many masks; read-only arrays.

    Attributes:
        mean: Mean of what each patch was filled in with, over the masks that hid it, in [0, 1];
            NaN where no mask did.
        variance: Variance of that over masks, mean of a patch's pixels and colours, unbiased;
            NaN where fewer than two masks hid the patch.
        count: How many masks hid each patch.
    """

    mean: Float32[np.ndarray, "side side 3"]
    variance: Float[np.ndarray, "rows cols"]
    count: Int[np.ndarray, "rows cols"]


def shape_of(model: nn.Module) -> MAEShape:
    """What the cost of a masked autoencoder depends on."""
    cfg = cast(Any, model).cfg
    return MAEShape(
        side=cfg.image_size, patch=cfg.patch_size, mlp_ratio=cfg.mlp_ratio,
        width=cfg.width, depth=cfg.depth, heads=cfg.heads, decoder_width=cfg.decoder_width,
        decoder_depth=cfg.decoder_depth, decoder_heads=cfg.decoder_heads,
    )  # fmt: skip


def predict(
    model: nn.Module,
    pixels: Float32[np.ndarray, "3 side side"],
    masks: Bool[np.ndarray, "mask rows cols"],
    *,
    mean: Sequence[float] = HALF,
    std: Sequence[float] = HALF,
) -> UInt8[np.ndarray, "mask side side 3"]:
    """The whole picture as the network predicts it under every mask, rounded and clipped.

    Arguments and errors are those of `predict_float`.
    """
    out = predict_float(model, pixels, masks, mean=mean, std=std)
    return (out * 255).round().clip(0, 255).astype(np.uint8)


def predict_float(
    model: nn.Module,
    pixels: Float32[np.ndarray, "3 side side"],
    masks: Bool[np.ndarray, "mask rows cols"],
    *,
    mean: Sequence[float] = HALF,
    std: Sequence[float] = HALF,
) -> Float32[np.ndarray, "mask side side 3"]:
    """The whole picture as the network predicts it under every mask.

    Masks that hide equally many patches share passes. Visible patches are predicted as well, but
    the network was never trained on them; paste them from the picture.

    Args:
        model: A masked autoencoder; left untouched.
        pixels: Normalised picture of the network's size.
        masks: True where a patch is hidden.
        mean: What was subtracted from each colour of the picture, where white is 1.
        std: What each colour was then divided by.

    Returns:
        Colours on the scale where black is 0 and white is 1, not clipped. A network trained with
        norm-pix predicts patches without mean and scale: it is given those of the true patch,
        which leaks the target.

    Raises:
        ValueError: If the picture or a mask does not have the network's size.
    """
    hidden, image = _checked(model, pixels, masks)
    side = image.shape[-1]
    out = torch.empty(len(masks), side, side, 3)
    network = cast(Any, model)
    with torch.inference_mode():
        for rows in _equal(hidden):
            patches = network(image.expand(len(rows), -1, -1, -1), hidden[rows])
            out[rows] = _joined(model, image, patches)
    return (out * torch.tensor(std) + torch.tensor(mean)).numpy()


def variance(
    model: nn.Module,
    pixels: Float32[np.ndarray, "3 side side"],
    masks: Bool[np.ndarray, "mask rows cols"],
    *,
    mean: Sequence[float] = HALF,
    std: Sequence[float] = HALF,
) -> Guesses:
    """How the filling of each patch depends on which other patches happened to be visible.

    The network itself is deterministic: all variance comes from the masks.

    Arguments and errors are those of `predict_float`.
    """
    filled = predict_float(model, pixels, masks, mean=mean, std=std).astype(np.float64)
    rows, cols = masks.shape[1:]
    side = filled.shape[1]
    cut = filled.reshape(len(masks), rows, side // rows, cols, side // cols, 3)
    weight = masks[:, :, None, :, None, None]
    count = masks.sum(axis=0)
    times = count[:, None, :, None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (cut * weight).sum(axis=0) / times
        spread = (((cut - centre) ** 2) * weight).sum(axis=0) / (times - 1)
    # 0 / 0 is NaN by intent; a patch hidden once has 0 / 0, one never hidden 0 / -1.
    spread = np.where(times < 2, np.nan, spread)
    found = Guesses(
        mean=centre.reshape(side, side, 3).astype(np.float32),
        variance=spread.mean(axis=(1, 3, 4)),
        count=count,
    )
    for array in (found.mean, found.variance, found.count):
        array.flags.writeable = False
    return found


def encoder_attention(
    model: nn.Module,
    pixels: Float32[np.ndarray, "3 side side"],
    mask: Bool[np.ndarray, "rows cols"],
) -> Float32[np.ndarray, "layer head query key"]:
    """Softmax weights of the encoder: the class token, then the visible patches row by row.

    Raises:
        ValueError: If the picture or the mask does not have the network's size.
    """
    return _attention(model, pixels, mask, "encoder attention")


def decoder_attention(
    model: nn.Module,
    pixels: Float32[np.ndarray, "3 side side"],
    mask: Bool[np.ndarray, "rows cols"],
) -> Float32[np.ndarray, "layer head query key"]:
    """Softmax weights of the decoder: the class token, then all patches row by row.

    Raises:
        ValueError: If the picture or the mask does not have the network's size.
    """
    return _attention(model, pixels, mask, "decoder attention")


def film(
    model: nn.Module,
    states: Sequence[Mapping[str, Tensor]],
    pixels: Float32[np.ndarray, "3 side side"],
    masks: Bool[np.ndarray, "mask rows cols"],
) -> UInt8[np.ndarray, "frame mask side side 3"]:
    """The prediction with the weights of several moments of a training.

    Args:
        model: A masked autoencoder; left untouched, since other visitors use it: the weights go
            into a copy of it.
        states: Complete state dicts, in order.
        pixels: As in `predict`, normalised by a half.
        masks: As in `predict`.

    Raises:
        ValueError: If there is no state, or sizes do not fit.
        RuntimeError: If a state is not one of this network.
    """
    if not states:
        raise ValueError("a film has at least one frame")
    own = deepcopy(model)
    frames = []
    for state in states:
        own.load_state_dict(dict(state), strict=True)
        frames.append(predict(own, pixels, masks))
    return np.stack(frames)


def _checked(model: nn.Module, pixels: np.ndarray, masks: np.ndarray) -> tuple[Tensor, Tensor]:
    """Masks (mask, patch) and the picture (1, 3, S, S) as tensors."""
    grid: int = cast(Any, model).cfg.grid
    if masks.shape[1:] != (grid, grid):
        raise ValueError(
            f"this network has {grid} x {grid} patches, not {masks.shape[1]} x {masks.shape[2]}"
        )
    # torch.tensor copies: shared arrays are read-only, which torch warns about.
    return torch.tensor(masks.reshape(len(masks), -1)), torch.tensor(pixels)[None]


def _equal(hidden: Tensor) -> list[Tensor]:
    """Indices of masks that hide equally many patches, at most `BATCH` together."""
    counts = hidden.sum(dim=1)
    groups = [(counts == count).nonzero()[:, 0] for count in counts.unique()]
    return [part for group in groups for part in group.split(BATCH)]


def _cut(image: Tensor, side: int) -> Tensor:
    """Pictures as patches, colours last: (b, 3, S, S) -> (b, n, p*p*3), as `models.mae` has it."""
    grid = image.shape[-1] // side
    cut = image.reshape(-1, 3, grid, side, grid, side).permute(0, 2, 4, 3, 5, 1)
    return cut.reshape(len(image), grid**2, -1)


def _joined(model: nn.Module, image: Tensor, patches: Tensor) -> Tensor:
    """Predicted patches (b, n, p*p*3) as pictures (b, S, S, 3), still normalised."""
    cfg = cast(Any, model).cfg
    side: int = cfg.patch_size
    if cfg.norm_pix:
        truth = _cut(image, side)
        scale = (truth.var(dim=-1, keepdim=True) + 1e-6).sqrt()
        patches = patches * scale + truth.mean(dim=-1, keepdim=True)
    grid = cfg.grid
    rows = patches.reshape(-1, grid, grid, side, side, 3).transpose(2, 3)
    return rows.reshape(-1, grid * side, grid * side, 3)


def _attention(
    model: nn.Module, pixels: np.ndarray, mask: np.ndarray, view: str
) -> Float32[np.ndarray, "layer head query key"]:
    hidden, image = _checked(model, pixels, mask[None])
    where = str(cast(Any, model).views[view])
    with torch.inference_mode(), record(model, where) as trace:
        model(image, hidden)
    patterns = torch.cat(list(trace.tensors.values())).numpy()
    patterns.flags.writeable = False
    return patterns
