"""Small networks, pictures and runs for the tests of the training."""

import torch
from PIL import Image

from models.training import data, loop, mimetic
from models.training.augment import Augment
from models.training.recipe import Phase, Recipe
from models.vit import ViT, ViTConfig

OFF = Augment(smallest_crop=1, colour=0)
ALL = Augment(smallest_crop=0.3, rotation=20, shear=0.2, colour=0.4, erasing=0.5, mixup=0.8)


def build(classes):
    return ViT(ViTConfig(image_size=16, patch_size=4, width=16, depth=2, heads=2, classes=classes))


TINY = Recipe(
    build=build,
    phases=(Phase(epochs=1, size=8, keep=0.5), Phase(epochs=2, size=16, keep=0.75)),
    stored=16,
    batch=8,
    augment=ALL,
    prepare=mimetic.prepare,
)


def noise(count, side, seed=0):
    return torch.rand(count, 3, side, side, generator=loop.generator("cpu", seed)) * 2 - 1


def two_colours(count, seed, side=16):
    """Reddish pictures are class 0, bluish ones class 1, both under noise."""
    labels = torch.arange(count) % 2
    images = torch.rand(count, 3, side, side, generator=loop.generator("cpu", seed)) * 120
    images[labels == 0, 0] += 100
    images[labels == 1, 2] += 100
    return data.Split(images.to(torch.uint8), labels)


def toy(train=26, val=10):
    return data.Dataset("toy", ("red", "blue"), two_colours(train, 1), two_colours(val, 2))


def write_folder(path, per_class=4, side=16):
    """`train/` and `val/` with pictures of two colours."""
    split = two_colours(2 * per_class, 5, side)
    for part in ("train", "val"):
        for i, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            folder = path / part / ("a_red", "b_blue")[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(folder / f"{i}.png")
    (path / "train" / "a_red" / "notes.txt").write_text("no picture")
    (path / "README.md").write_text("# Toy\n\n- Source: made here\n- Licence: CC0-1.0\n")
    return split


def train(folder, recipe=TINY, dataset=None, **how):
    folder.mkdir(exist_ok=True)
    return list(loop.train(recipe, dataset or toy(), folder, device="cpu", **how))


def read(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


def without_time(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def assert_same(one, two):
    for part in ("model", "ema"):
        for name, value in one[part].items():
            assert torch.equal(value, two[part][name]), f"{part} {name}"
    for index, moments in one["optimizer"]["state"].items():
        for name, value in moments.items():
            assert torch.equal(value, two["optimizer"]["state"][index][name])
    assert one["step"] == two["step"]
