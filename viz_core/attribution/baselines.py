"""What stands for "nothing there" in a normalised picture."""

import cv2
import numpy as np
import torch
from torch import Tensor

BLUR = 8  # the side of a picture over the standard deviation of its blur


def stand_in(image: Tensor, kind: str) -> Tensor:
    """A picture of the same size without what it shows: (1, 3, H, W) -> the same.

    Args:
        image: Normalised picture.
        kind: "grey" is 0 everywhere, which normalisation makes of middle grey or of ImageNet's
            mean colour; "mean" the picture's mean colour; "blur" a Gaussian blur whose standard
            deviation is an eighth of the picture, mirrored at its border.
    """
    if kind == "grey":
        return torch.zeros_like(image)
    if kind == "mean":
        return image.mean(dim=(2, 3), keepdim=True).expand_as(image).contiguous()
    pixels = image[0].permute(1, 2, 0).double().numpy()
    blurred = cv2.GaussianBlur(
        np.ascontiguousarray(pixels), (0, 0), image.shape[-1] / BLUR, borderType=cv2.BORDER_REFLECT
    )
    return torch.from_numpy(blurred).permute(2, 0, 1)[None].to(image).contiguous()
