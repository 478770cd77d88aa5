"""Packs and folders of pictures."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from models.training import data
from tests.training_toys import (
    write_folder,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def jpeg(colour, side=16):
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


COLOURS = [(200, 0, 0), (0, 0, 200), (200, 60, 0), (0, 60, 200)]


def shared_start(one, two):
    return one[: next(i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b)]


def write_pack(path, split, headers, classes=("red", "blue"), labels=(0, 1, 0, 1)):
    """Four flat JPEGs back to back, the headers of the first and last two split off if asked."""
    files = [jpeg(c, side) for c, side in zip(COLOURS, (16, 16, 24, 24), strict=True)]
    arrays = {}
    if headers:
        common = [shared_start(*files[:2]), shared_start(*files[2:])]
        arrays = {
            "header": np.frombuffer(common[0], np.uint8),
            "header1": np.frombuffer(common[1], np.uint8),
            "header_id": np.array([0, 0, 1, 1], np.uint8),
        }
        files = [file[len(common[i // 2]) :] for i, file in enumerate(files)]
    np.savez(
        path / f"my_train_pack_{split}.npz",
        data=np.frombuffer(b"".join(files), np.uint8),
        offsets=np.cumsum([0] + [len(file) for file in files]),
        labels=np.array(labels, np.int16),
        classes=np.array(classes),
        **arrays,
    )


@pytest.mark.parametrize("headers", [False, True])
def test_a_pack_gives_its_pictures_and_labels(tmp_path, headers):
    for split in ("train", "val"):
        write_pack(tmp_path, split, headers)
    found = data.load(tmp_path, 16)
    assert found.classes == ("red", "blue")
    assert found.name == tmp_path.name
    for split in (found.train, found.val):
        assert (split.images.shape, split.images.dtype) == ((4, 3, 16, 16), torch.uint8)
        assert (split.labels.tolist(), split.labels.dtype) == ([0, 1, 0, 1], torch.int64)
        colours = split.images.float().mean(dim=(2, 3))
        torch.testing.assert_close(colours, torch.tensor(COLOURS).float(), atol=4, rtol=0)


def test_a_pack_named_test_validates_where_there_is_none_named_val(tmp_path):
    write_pack(tmp_path, "train", False)
    write_pack(tmp_path, "test", False)
    assert len(data.load(tmp_path, 16).val.labels) == 4
    write_pack(tmp_path, "val", False, classes=("red", "green"))
    with pytest.raises(ValueError, match="green"):
        data.load(tmp_path, 16)


def test_a_folder_gives_its_pictures_squashed_and_what_its_readme_says(tmp_path):
    split = write_folder(tmp_path)
    found = data.load(tmp_path, 16)
    assert found.classes == ("a_red", "b_blue")
    assert found.about == {"Source": "made here", "Licence": "CC0-1.0", "Format": "PNG"}
    by_class = torch.cat([split.images[split.labels == c] for c in (0, 1)])
    assert torch.equal(found.train.images, by_class)
    assert found.val.labels.tolist() == [0] * 4 + [1] * 4
    Image.new("L", (40, 10), 77).save(tmp_path / "val" / "a_red" / "0.png")
    assert data.load(tmp_path, 8).val.images[0].unique().tolist() == [77]


def test_a_limit_is_spread_over_the_classes(tmp_path):
    write_folder(tmp_path)
    found = data.load(tmp_path, 16, limit=4)
    assert found.train.labels.tolist() == [0, 0, 1, 1]
    assert len(data.load(tmp_path, 16, limit=100).train.labels) == 8


def test_unusable_data_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"holds neither \*_train.npz"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "train", False)
    with pytest.raises(ValueError, match=r"_val.npz is missing"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "val", False, classes=("red", "green"))
    with pytest.raises(ValueError, match=r"differ: \['blue', 'green'\]"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "val", False, classes=("blue", "red"))
    with pytest.raises(ValueError, match="differ: their order"):
        data.load(tmp_path, 16)
    np.savez(tmp_path / "other_train.npz")
    with pytest.raises(ValueError, match="several packs"):
        data.load(tmp_path, 16)


def test_a_class_without_validation_and_an_empty_split_are_refused(tmp_path):
    for part in ("train", "val"):
        (tmp_path / part / "cat").mkdir(parents=True)
    with pytest.raises(ValueError, match="holds no pictures"):
        data.load(tmp_path, 16)
    (tmp_path / "train" / "dog").mkdir()
    with pytest.raises(ValueError, match="dog"):
        data.load(tmp_path, 16)
