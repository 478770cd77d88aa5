"""How far a map's numbers can be trusted: do they add up, do they predict, do they hold still?

Completeness: a method that promises to share out a score must hand out all of it. Infidelity: what
a map says about a square should be what erasing that square costs. Sensitivity: a change of the
picture that nobody can see should not change the map.

Sources: Sundararajan et al. 2017 (arXiv:1703.01365), Yeh et al. 2019 (arXiv:1901.09392).
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from viz_core.attribution import Attribution, Settings, Target, curves
from viz_core.attribution.methods import Method, Shape
from viz_core.attribution.run import Progress, attribute, scores

DRAWS = 128
# Of each value of the input: 0.02 standard deviations of the training pictures, captum's default.
# Where those are half of the range of a colour, it is 2.5 of 255 steps: invisible.
RADIUS = 0.02
NOISES = 10
# A score that differs from its baseline by less has nothing to share out.
NEGLIGIBLE_LOGITS = 1e-3


@dataclass(frozen=True)
class Completeness:
    """What a method that promises completeness hands out, against what there is.

    Attributes:
        sum: Of the map, in logits.
        due: Score of the picture less that of the baseline, in logits.
        gap: sum - due, in logits.
        relative: |gap| / |due|; None where there is next to nothing to hand out.
    """

    sum: float
    due: float
    gap: float
    relative: float | None


@dataclass(frozen=True)
class Erasures:
    """What erasing some squares costs, the same for every map; read-only arrays.

    Attributes:
        gone: Whether a cell is erased.
        drops: By how much the target falls, in logits.
    """

    gone: Bool[np.ndarray, "draw cell"]
    drops: Float32[np.ndarray, " draw"]


@dataclass(frozen=True)
class Infidelity:
    """How far a map's sums over squares are from what erasing the squares costs.

    Attributes:
        raw: Mean squared difference in squared logits; means something only where the map is
            counted in logits.
        scaled: The same after the map is multiplied by what suits it best: the only one that
            compares maps of different units.
        scale: What it is multiplied by. Below 0: the map is better upside down.
        unexplained: `scaled` as a share of the mean squared drop, in [0, 1]: 0 where the map knows
            every drop, 1 where a map of zeros does as well. NaN if nothing ever drops.
    """

    raw: float
    scaled: float
    scale: float
    unexplained: float


def completeness(found: Attribution) -> Completeness | None:
    """Whether a map adds up to what its method promises; None where it promises nothing."""
    gap = found.gap
    if gap is None or found.baseline is None:
        return None
    due = found.score - found.baseline
    relative = abs(gap / due) if abs(due) >= NEGLIGIBLE_LOGITS else None
    return Completeness(sum=due + gap, due=due, gap=gap, relative=relative)


def squares(cells: int, draws: int, seed: int) -> Bool[np.ndarray, "draw cell"]:
    """Random squares of cells: sides from 1 to half of the grid, anywhere inside it.

    Raises:
        ValueError: If there is nothing to draw.

    Source:
        "Square removal" of Yeh et al. 2019, with squares of several sizes.
    """
    if cells < 1 or draws < 1:
        raise ValueError(f"need at least one cell and one draw, got {cells} and {draws}")
    rng = np.random.default_rng(seed)
    gone = np.zeros((draws, cells, cells), bool)
    for one in gone:
        side = rng.integers(1, max(1, cells // 2), endpoint=True)
        row, column = rng.integers(0, cells - side, size=2, endpoint=True)
        one[row : row + side, column : column + side] = True
    return gone.reshape(draws, -1)


def erasures(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    target: Target,
    cells: int,
    filling: Float[np.ndarray, "1 3 height width"],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Erasures:
    """What erasing random squares costs: draws + 1 passes, needed once for all maps of a target.

    Args:
        model: Any network with classes; left untouched.
        image: Normalised picture.
        target: What falls.
        cells: Side of the grid.
        filling: What comes in place of what is erased; see `curves.filling`.
        draws: How many squares.
        seed: Of the squares.
        progress: As in `curves.curve`.
    """
    gone = squares(cells, draws, seed)
    whole = np.zeros((1, cells**2), bool)
    images = curves.switched(image, np.concatenate([whole, gone]), cells, filling)
    found = scores(model, images, target, progress=progress)
    drops = (found[0] - found[1:]).astype(np.float32)
    for one in (gone, drops):
        one.flags.writeable = False
    return Erasures(gone, drops)


def infidelity(cell_values: Float[np.ndarray, "row column"], known: Erasures) -> Infidelity:
    """How well a map predicts what erasing squares costs.

    A map counts as amounts on cells (`grid.on_cells` adds up finer ones and shares coarser ones
    out evenly): what it predicts for a square is its sum over it.

    Returns:
        What captum.metrics.infidelity says of a network whose inputs are the switches of the
        cells, without and with `normalize`.

    Raises:
        ValueError: If the map has not one value a cell, or values that are not finite.

    Source:
        Yeh et al. 2019, definition 2.1; the scale as in their code, says captum of its `normalize`.
    """
    if cell_values.size != known.gone.shape[1]:
        raise ValueError(f"{cell_values.size} values for {known.gone.shape[1]} cells")
    if not np.isfinite(cell_values).all():
        raise ValueError("a map with values that are not finite predicts nothing")
    drops = known.drops.astype(np.float64)
    predicted = known.gone.astype(np.float64) @ cell_values.ravel().astype(np.float64)
    size, fall = (predicted**2).mean(), (drops**2).mean()
    scale = (predicted * drops).mean() / size if size else 0.0
    scaled = ((scale * predicted - drops) ** 2).mean()
    return Infidelity(
        raw=float(((predicted - drops) ** 2).mean()),
        scaled=float(scaled),
        scale=float(scale),
        unexplained=float(scaled / fall) if fall else float("nan"),
    )


def sensitivity_passes(
    method: Method, shape: Shape, settings: Settings, noises: int = NOISES
) -> float:
    """Cost of `sensitivity` in forward passes of one picture: a map of every noisy picture."""
    return (noises + 1) * method.passes(shape, settings)


def sensitivity(
    name: str,
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    target: Target,
    settings: Settings | None = None,
    *,
    radius: float = RADIUS,
    noises: int = NOISES,
    seed: int = 0,
    progress: Progress | None = None,
) -> float:
    """By how much a map changes at most, as a share of its size, when the picture hardly does.

    Length of the difference over length of the map (both as long vectors), the largest of
    several random noises. A method that draws at random draws the same each time.

    Args:
        name: Key of `viz_core.attribution.methods.METHODS`.
        model: Any network with classes that the method suits; left untouched.
        image: Normalised picture.
        target: What is explained.
        settings: What some methods let one choose.
        radius: Most that a value of the input changes; each changes by a uniform random amount.
        noises: How many noisy pictures.
        seed: Of the noise.
        progress: Called before every map with how many are done and how many there are; what it
            raises stops the computation and is passed on.

    Returns:
        0 where the map stays as it is; NaN where it is zero everywhere.

    Source:
        Yeh et al. 2019, section 3 (max-sensitivity), by captum.metrics.sensitivity_max.
    """
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(seed)
    done, sizes = 0, list[float]()

    def explain(inputs: Tensor | tuple[Tensor]) -> tuple[Tensor]:
        nonlocal done
        if progress:
            progress(done, noises + 1)
        (picture,) = inputs if isinstance(inputs, tuple) else (inputs,)
        found = attribute(name, model, picture.numpy(), target, settings)
        done += 1
        sizes.append(float(np.linalg.norm(found.values)))
        # A tuple: of a bare tensor captum takes every row of the map for a map of its own.
        return (torch.from_numpy(found.values.copy())[None],)

    def perturb(inputs: Tensor) -> Tensor:
        noise = torch.rand(inputs.shape, generator=generator) * 2 - 1
        return inputs + radius * noise

    largest = sensitivity_max(
        explain,
        torch.from_numpy(image.copy()),
        perturb_func=perturb,
        n_perturb_samples=noises,
        max_examples_per_batch=1,
    )
    return float(largest[0]) if sizes[0] else float("nan")
