"""Formats of stored pictures, and the pixels they had before."""

import io
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from models.training import data, export, pixels
from models.training.data import Split
from tests.test_training_data import write_pack
from tests.training_toys import TINY, toy, train

pytestmark = pytest.mark.usefixtures("one_thread")
CHROMA = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def stored(**how):
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, **how)
    return Image.open(buffer)


@pytest.mark.parametrize("quality", [1, 40, 75, 76, 95, 100])
@pytest.mark.parametrize("chroma", CHROMA)
def test_a_jpeg_says_how_it_was_written(quality, chroma):
    image = stored(format="JPEG", quality=quality, subsampling=CHROMA[chroma])
    assert pixels.described(image) == f"JPEG, quality {quality}, {chroma}"


def test_other_pictures_say_what_they_are():
    assert pixels.described(stored(format="PNG")) == "PNG"
    tables = [[7] * 64, [9] * 64]
    own = pixels.described(stored(format="JPEG", qtables=tables, subsampling=0))
    assert own == "JPEG, quantised in a way of its own, 4:4:4"


def test_original_pixels_find_their_places_in_the_pack(tmp_path):
    for part in ("train", "test"):
        write_pack(tmp_path, part, False)
    pack = tmp_path / "my_train_pack_test.npz"
    assert pixels.exact(pack, 16) is None
    with np.load(pack) as arrays:
        named = dict(arrays) | {
            "names_z": np.frombuffer(zlib.compress(b"a/0\na/1\na/2\na/3"), np.uint8)
        }
    np.savez(pack, **named)
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    np.savez(
        tmp_path / "my_lossless_2.npz",
        x_test=images, y_test=np.array([0, 1], np.uint8),
        jpeg_name_test=np.array(["a/2", "a/1"]),
    )  # fmt: skip
    found = data.load(tmp_path, 16).exact
    assert found.places.tolist() == [2, 1]
    assert (found.labels.tolist(), found.labels.dtype) == ([0, 1], torch.int64)
    assert torch.equal(found.images, torch.from_numpy(images).permute(0, 3, 1, 2))
    assert pixels.exact(pack, 8) is None
    assert data.load(tmp_path, 16, limit=2).exact is None


def test_the_card_compares_original_and_stored_pictures(tmp_path):
    dataset = toy()
    train(tmp_path / "run", dataset=dataset)
    places = torch.tensor([9, 0, 4])
    wrong = 255 - dataset.val.images[places]  # blue turns yellow, red turns cyan
    known = pixels.Exact(wrong, dataset.val.labels[places], places)
    told = replace(dataset, exact=known, about={"Format": "JPEG, quality 75, 4:2:0"})
    export.export("tiny", TINY, told, tmp_path / "run", tmp_path / "f.safetensors")
    text = (tmp_path / "f.safetensors.md").read_text()
    assert "| Stored as | JPEG, quality 75, 4:2:0 (the first picture) |" in text
    assert "Of 3 pictures of the validation split the pixels before" in text
    model = export.unpacked((tmp_path / "f.safetensors").read_bytes(), TINY.build(2))
    for name, images in {"original": wrong, "as stored": dataset.val.images[places]}.items():
        logits = export.predict(model, Split(images, known.labels), TINY.size)
        m = export.scores(logits, known.labels)
        assert f"| {name} | {m['top1']:.2f} % | {m['top5']:.2f} % | {m['nats']:.4f} nats |" in text
