"""A smaller pack holds the same bytes, as many of each class, and is read as the large one is."""

import io

import numpy as np
import pytest
from PIL import Image

from models.training import data, subset


def write(path, per_class=6, classes=("a", "b")):
    """A pack with a shared header, sorted by class."""
    raws = []
    for i in range(per_class * len(classes)):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), (i * 9, 90, 255 - i * 9)).save(buffer, "JPEG")
        raws.append(buffer.getvalue())
    start = 20  # of the bytes that all share
    header, bodies = raws[0][:start], [raw[start:] for raw in raws]
    assert all(raw[:start] == header for raw in raws)
    np.savez(
        path,
        data=np.frombuffer(b"".join(bodies), np.uint8),
        offsets=np.cumsum([0, *map(len, bodies)]),
        labels=np.repeat(np.arange(len(classes)), per_class).astype(np.int16),
        classes=np.array(classes),
        header=np.frombuffer(header, np.uint8),
        names_z=np.zeros(4, np.uint8),
    )


def test_a_subset_is_every_so_many_th_picture(tmp_path):
    for part in data.PARTS:
        write(tmp_path / f"toy_{part}.npz")
    whole = data.load(tmp_path, 8)
    small = tmp_path / "small"
    for part in data.PARTS:
        size = subset.subset(tmp_path / f"toy_{part}.npz", small / f"toy_{part}.npz", 4)
        assert size < (tmp_path / f"toy_{part}.npz").stat().st_size
    read = data.load(small, 8)
    assert read.classes == ("a", "b")
    assert read.train.labels.tolist() == [0, 0, 1, 1]
    assert (read.train.images == whole.train.images[[0, 3, 6, 9]]).all()


@pytest.mark.parametrize("count", [0, 13])
def test_more_than_there_are_is_refused(tmp_path, count):
    write(tmp_path / "toy_train.npz")
    with pytest.raises(ValueError, match="holds 12 pictures"):
        subset.subset(tmp_path / "toy_train.npz", tmp_path / "small.npz", count)


def test_the_command_says_what_it_wrote(tmp_path, capsys):
    write(tmp_path / "toy_train.npz")
    target = tmp_path / "small.npz"
    subset.main([str(tmp_path / "toy_train.npz"), str(target), "--count", "2"])
    assert f"{target.stat().st_size:,} bytes" in capsys.readouterr().out


def test_what_ships_is_balanced_and_says_where_it_comes_from():
    from pages._ui.cached import train

    learned, held, classes = train.shipped_facts()
    assert (held, len(classes)) == (2000, 10)
    for part, count in (("train", learned), ("val", held)):
        with np.load(train.PICTURES / f"cifar10_{part}.npz") as pack:
            assert (np.bincount(pack["labels"]) == count // 10).all()
    told = (train.PICTURES / "README.md").read_text(encoding="utf-8")
    assert f"{learned:,} of the 50,000" in told
    assert "none stated" in told
