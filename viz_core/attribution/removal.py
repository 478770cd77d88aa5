"""Methods that cover parts of the picture and watch the score fall: captum's, on cells."""

import torch
from torch import Tensor

from viz_core.attribution.baselines import stand_in
from viz_core.attribution.question import Found, Question, batch


def occlusion(question: Question) -> Found:
    """Mean fall of the score over the squares that cover a cell; the square moves by one cell.

    Cells of the border are covered by fewer squares, a corner by one alone.

    Raises:
        ValueError: If the square is larger than the picture.
    """
    from captum.attr import Occlusion

    window, cells = question.settings.window, question.shape.cells
    if window > cells:
        raise ValueError(
            f"A square of {window} cells is larger than the picture, which has {cells}."
        )
    pixels = question.image.shape[-1] // cells
    forward = _First(question)
    found = Occlusion(forward).attribute(
        question.image,
        sliding_window_shapes=(3, window * pixels, window * pixels),
        strides=(3, pixels, pixels),
        baselines=stand_in(question.image, question.settings.baseline),
        perturbations_per_eval=batch(question.image),
    )
    return _on_cells(found, pixels, forward.first)


def ablation(question: Question) -> Found:
    """How far the score falls when one cell is covered, for every cell."""
    from captum.attr import FeatureAblation

    cells = question.shape.cells
    pixels = question.image.shape[-1] // cells
    rows = torch.arange(cells).repeat_interleave(pixels)
    forward = _First(question)
    found = FeatureAblation(forward).attribute(
        question.image,
        feature_mask=(rows[:, None] * cells + rows)[None, None],
        baselines=stand_in(question.image, question.settings.baseline),
        perturbations_per_eval=batch(question.image),
    )
    return _on_cells(found, pixels, forward.first)


def _on_cells(found: Tensor, pixels: int, score: float) -> Found:
    """One value a cell: captum repeats it on all its pixels and channels."""
    return Found(found[0, 0, ::pixels, ::pixels].double().numpy(), score)


class _First:
    """Scores, the first of which is the whole picture's: captum begins with it."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._seen: list[float] = []

    def __call__(self, images: Tensor) -> Tensor:
        found = self._question.score(images)
        self._seen.append(found[0].item())
        return found

    @property
    def first(self) -> float:
        """The target of the whole picture."""
        return self._seen[0]
