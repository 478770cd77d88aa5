"""A network's input: timm's evaluation transform, and the crop that a person sees beside it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import noise, quarters
from viz_core.images import prepare

IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


@pytest.fixture(scope="module")
def timm_data():
    # Only here: a torch without torchvision's compiled operators lets timm import all the same.
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            signature = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{name}", signature)
    return pytest.importorskip("timm.data")


@pytest.mark.parametrize(
    ("shape", "size", "crop_share"),
    [
        ((480, 640), 224, 0.9),
        ((501, 333), 224, 0.875),
        ((1000, 231), 224, 0.95),
        ((224, 224), 224, 1.0),
        ((40, 97), 32, 0.96),
        ((300, 1001), 256, 1.0),
    ],
)
def test_the_input_equals_timms_evaluation_transform(timm_data, shape, size, crop_share):
    picture = noise(1, *shape)
    theirs = timm_data.create_transform(
        (3, size, size), interpolation="bicubic", crop_pct=crop_share, **IMAGENET
    )(Image.fromarray(picture))
    ours = prepare(picture, size=size, crop_share=crop_share, **IMAGENET)
    np.testing.assert_allclose(ours.pixels[0], theirs.numpy(), rtol=0, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(16, 400),
    width=st.integers(16, 400),
    size=st.sampled_from([32, 64, 224]),
    crop_share=st.floats(0.5, 1),
)
def test_crop_and_input_show_the_same_square(height, width, size, crop_share):
    y, x = np.mgrid[:height, :width]  # red is the column, green the row
    places = np.stack([x * 255 / (width - 1), y * 255 / (height - 1), 0 * x], axis=-1)
    prepared = prepare(
        places.round().astype(np.uint8),
        size=size,
        crop_share=crop_share,
        mean=(0, 0, 0),
        std=(1, 1, 1),
    )
    side = prepared.crop.shape[0]
    assert prepared.crop.shape == (side, side, 3)
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        shown, seen = prepared.crop[corner].astype(float), prepared.pixels[0, :, *corner] * 255
        # Two pixels of whichever grid is coarser, and what bicubic adds at an edge.
        pixels = 1 + 2 * max(1, side / size)
        assert np.abs(shown - seen)[0] <= 3 + pixels * 255 / (width - 1)
        assert np.abs(shown - seen)[1] <= 3 + pixels * 255 / (height - 1)


def test_the_whole_square_with_its_four_corners_is_shown_where_the_share_is_one():
    picture = quarters(64, 64)
    prepared = prepare(picture, size=64, crop_share=1.0, mean=(0.5,) * 3, std=(0.5, 0.25, 1))
    assert (prepared.crop == picture).all()
    # By hand: (255 / 255 - 0.5) / 0.5 = 1, (0 - 0.5) / 0.25 = -2, (0 - 0.5) / 1 = -0.5.
    assert prepared.pixels[0, :, 0, 0].tolist() == [1, -2, -0.5]
    assert prepared.pixels[0, :, 0, -1].tolist() == [-1, 2, -0.5]


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"crop_share": 0.0}, {"crop_share": 1.1}, {"std": (1, 0, 1)}]
)
def test_prepare_refuses_what_makes_no_input(wrong):
    with pytest.raises(ValueError, match=r"must be|need"):
        prepare(quarters(), **{"size": 32, "crop_share": 0.9, **IMAGENET, **wrong})
