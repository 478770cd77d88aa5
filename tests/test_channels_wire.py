"""What the wall and the row of samples are sent, read back as the browser reads it."""

import json
import struct

import numpy as np
import pytest

from viz_core import clusters
from viz_core.channels import wire
from viz_core.feature_maps import Peaks, Place


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return header, {name: body[at : at + n] for name, (at, n) in header["parts"].items()}


def sent(seed, rows=3, channels=5, tap="output", regions=True):
    maps = np.random.default_rng(seed).normal(size=(rows, rows, channels)).astype(np.float32)
    drives = np.arange(2 * channels, dtype=np.float32).reshape(2, channels)
    groups = clusters.groupings(maps.reshape(-1, channels), 4) if regions else None
    return wire.Sent(Place(0, seed, tap, f"stages.0.blocks.{seed}"), maps, drives, groups)


def packed(*maps, classes=2):
    labels = [{"label": str(k), "share": 0.5} for k in range(classes)]
    return wire.pack(
        maps, title="Net", side=12, picture_jpeg=b"jpeg", classes=labels,
        taps=[{"stage": 0, "block": 0, "names": ["output"]}],
    )  # fmt: skip


def test_every_map_comes_back_with_its_numbers_colours_and_regions():
    first, second = sent(0), sent(1, rows=2, channels=3, tap="norm", regions=False)
    header, parts = opened(packed(first, second))
    assert parts["picture"] == b"jpeg"
    for one, place in zip((first, second), header["places"], strict=True):
        rows, _, channels = one.maps.shape
        assert (place["rows"], place["channels"], place["tap"]) == (rows, channels, one.place.tap)
        assert place["at"] % 4 == place["numbers"] % 4 == 0
        levels = np.frombuffer(parts["maps"], np.uint8, rows * rows * channels, place["at"])
        told = np.frombuffer(parts["numbers"], "<f4", 6 * channels, place["numbers"])
        low, high, strength, contrast, *drives = told.reshape(6, channels)
        back = low[:, None] + levels.reshape(channels, -1) / 255 * (high - low)[:, None]
        np.testing.assert_allclose(
            back.T.reshape(one.maps.shape), one.maps, atol=0.6 / 255 * (high - low).max()
        )
        np.testing.assert_allclose(strength, np.abs(one.maps).mean(axis=(0, 1)), rtol=1e-5)
        np.testing.assert_allclose(contrast, one.maps.std(axis=(0, 1)), rtol=1e-4)
        np.testing.assert_array_equal(drives, one.drives)
        assert 0 < place["held"] <= 1
    regions = header["places"][0]["regions"]
    assert regions["counts"] == [2, 3, 4]
    labels = np.frombuffer(parts["regions"], np.uint8, 3 * 9, regions["at"])
    np.testing.assert_array_equal(labels.reshape(3, 9), first.regions.labels)
    assert "regions" not in header["places"][1]


def test_a_wall_without_maps_or_with_drives_of_other_classes_is_refused():
    with pytest.raises(ValueError, match="at least one map"):
        packed()
    with pytest.raises(ValueError, match="for 3 classes"):
        packed(sent(0), classes=3)


def peaks(channels=3, ranks=2, most=4):
    rng = np.random.default_rng(0)
    return Peaks(
        rng.integers(0, most, (channels, ranks)), rng.integers(0, 49, (channels, ranks)),
        rng.normal(size=(channels, ranks)).astype(np.float32),
    )  # fmt: skip


def gallery(found, names):
    return wire.pack_gallery(
        found, title="Net", strip_jpeg=b"strip", names=names, side=56,
        grids=dict.fromkeys(found, (7, 7)), fields=dict.fromkeys(found, 14),
    )  # fmt: skip


def test_the_gallery_comes_back_channel_by_channel():
    found = {"a": peaks(), "b": peaks(5, 3)}
    header, parts = opened(gallery(found, ["one", "two", "three", "four"]))
    for name, one in found.items():
        place = header["places"][name]
        count = place["channels"] * place["ranks"]
        body = parts["peaks"][place["at"] :]
        np.testing.assert_array_equal(
            np.frombuffer(body, "<f4", count).reshape(one.values.shape), one.values
        )
        np.testing.assert_array_equal(
            np.frombuffer(body, "<u2", count, 4 * count).reshape(one.places.shape), one.places
        )
        np.testing.assert_array_equal(
            np.frombuffer(body, np.uint8, count, 6 * count).reshape(one.places.shape), one.pictures
        )


def test_a_gallery_whose_pictures_have_no_name_is_refused():
    with pytest.raises(ValueError, match="of 1"):
        gallery({"a": peaks(most=4)}, ["one"])
