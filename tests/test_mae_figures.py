"""Figures, messages, readings and records of the MAE page's further steps."""

import json
import struct
from hashlib import sha256

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import weights
from viz_core import (
    inpaint,
    mae_attention,
    mae_figures,
    mae_frames,
    mae_paper,
    mae_reading,
    mae_records,
)

MASK = np.array([[True, False], [False, True]])


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return header, {name: body[at : at + n] for name, (at, n) in header["parts"].items()}


def rows(rng, *shape):
    values = rng.random(shape)
    return (values / values.sum(axis=-1, keepdims=True)).astype(np.float32)


# mae_attention


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), side=st.integers(2, 5))
def test_attention_on_the_grid_keeps_its_sums_and_gives_hidden_places_nothing(seed, side):
    rng = np.random.default_rng(seed)
    mask = rng.random((side, side)) < 0.5
    seen = rows(rng, 2, 3, 1 + int((~mask).sum()), 1 + int((~mask).sum()))
    whole = mae_attention.over_grid(seen, mask)
    hidden = np.concatenate([[False], mask.ravel()])
    np.testing.assert_allclose(
        whole.sum(axis=-1), np.broadcast_to(~hidden, whole.shape[:3]), rtol=1e-5
    )
    assert not whole[:, :, :, hidden].any()
    if mask.any():
        found = mae_attention.shares(rows(rng, 2, 3, 1 + mask.size, 1 + mask.size), mask)
        np.testing.assert_allclose(found.visible + found.hidden + found.first, 1, rtol=1e-5)


def test_attention_and_shares_by_hand():
    seen = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    whole = mae_attention.over_grid(seen, MASK)[0, 0]
    assert whole[2, 3] == 5  # the first visible patch is place 2, the second place 3
    assert whole[0].tolist() == [0, 0, 1, 2, 0]
    pattern = np.zeros((1, 1, 5, 5), np.float32)
    pattern[0, 0, 1] = [0.1, 0.2, 0.3, 0.4, 0.0]  # places 1 and 4 are hidden
    pattern[0, 0, 4] = [0.3, 0.1, 0.1, 0.1, 0.4]
    found = mae_attention.shares(pattern, MASK)
    assert [float(x[0, 0]) for x in (found.visible, found.hidden, found.first)] == pytest.approx(
        [0.45, 0.35, 0.2]
    )


def test_attention_of_another_mask_is_refused():
    with pytest.raises(ValueError, match="visible ones"):
        mae_attention.over_grid(np.zeros((1, 1, 4, 4), np.float32), MASK)
    with pytest.raises(ValueError, match="4 patches"):
        mae_attention.shares(np.zeros((1, 1, 4, 4), np.float32), MASK)
    with pytest.raises(ValueError, match="no patch is hidden"):
        mae_attention.shares(np.zeros((1, 1, 5, 5), np.float32), np.zeros((2, 2), bool))


# mae_reading


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), margin=st.floats(0, 0.5))
def test_the_runs_of_a_race_cover_all_ratios_and_neighbours_differ(seed, margin):
    rng = np.random.default_rng(seed)
    ratios = np.arange(1, 9) / 10
    found = mae_reading.race(ratios, rng.random(8), rng.random((3, 8)), margin=margin)
    covered = [r for run in found.runs for r in ratios if run.first <= r <= run.last]
    assert covered == ratios.tolist()
    assert all(a.verdict != b.verdict for a, b in zip(found.runs, found.runs[1:], strict=False))


def test_a_race_by_hand():
    ratios = np.array([0.1, 0.5, 0.9])
    found = mae_reading.race(
        ratios, np.array([1.0, 2.0, 3.0]), np.array([[2.0, 1.9, 0.0], [0.0, 0.0, 1.0]]), margin=0.2
    )
    assert [(run.verdict, run.first, run.last) for run in found.runs] == [
        ("behind", 0.1, 0.1), ("tie", 0.5, 0.5), ("ahead", 0.9, 0.9),
    ]  # fmt: skip
    assert found.best == (0, 0, 1)
    assert found.lead == pytest.approx((-1, 0.1, 2))


@pytest.mark.parametrize(
    ("ratios", "one", "margin", "words"),
    [
        ([0.5, 0.1], [1.0, 1.0], 0.0, "grow"),
        ([0.1, 0.5], [1.0, np.inf], 0.0, "finite"),
        ([0.1, 0.5], [1.0, 1.0], -1.0, "negative"),
    ],
)
def test_a_race_without_order_or_numbers_is_refused(ratios, one, margin, words):
    with pytest.raises(ValueError, match=words):
        mae_reading.race(np.array(ratios), np.array(one), np.ones((1, 2)), margin=margin)


# mae_frames


@settings(max_examples=8, deadline=None)
@given(count=st.integers(1, 3), ways=st.integers(1, 3), side=st.sampled_from([16, 32]))
def test_a_sheet_has_every_tile_where_the_browser_looks(count, ways, side):
    flat = np.linspace(20, 230, count * ways).reshape(count, ways, 1, 1, 1)
    tiles = np.broadcast_to(flat, (count, ways, side, side, 3)).astype(np.uint8)
    sheet = cv2.imdecode(np.frombuffer(mae_frames.sheet(tiles), np.uint8), cv2.IMREAD_COLOR)
    assert sheet.shape == (count * side, ways * side, 3)
    for row in range(count):
        for way in range(ways):
            middle = sheet[row * side + side // 2, way * side + side // 2]
            assert abs(int(middle[0]) - int(tiles[row, way, 0, 0, 0])) <= 3


def test_only_hidden_patches_are_hatched_and_enlarging_keeps_whole_factors():
    picture = np.full((8, 8, 3), 200, np.uint8)
    shown = mae_frames.hatched(picture, MASK)
    assert (shown[:4, 4:] == 200).all()
    assert (shown[:4, :4] != 200).all()
    assert mae_frames.enlarged(picture, 30).shape == (24, 24, 3)
    assert mae_frames.enlarged(picture, 3).shape == (8, 8, 3)


def test_messages_by_hand():
    tile = np.full((8, 8, 3), 90, np.uint8)
    header, parts = opened(mae_frames.ratios({"ratios": [0.5]}, tiles=np.stack([tile, tile])[None]))
    assert header["side"] == 8
    assert parts["sheet"][:2] == b"\xff\xd8"
    header, _ = opened(
        mae_frames.asymmetry(
            {}, picture=tile, ranks=np.array([[2, 0], [1, 3]]), outputs=np.stack([tile] * 2)
        )
    )
    assert (header["grid"], header["total"], header["ranks"]) == (2, 4, [2, 0, 1, 3])
    header, parts = opened(
        mae_frames.guesses({"ratio": 0.5}, picture=tile, filled=tile[None] + 1, masks=MASK[None])
    )
    assert header["count"] == 1
    assert set(parts["guesses"]) == {91}
    assert list(parts["masks"]) == [1, 0, 0, 1]
    two = np.stack([tile] * 2)
    moments = [{"step": 0, "picture": 0.2}, {"step": 65, "picture": 0.1}]
    header, _ = opened(mae_frames.film(moments, raw=two, pasted=two, left=tile, picture=tile))
    assert header["frames"] == moments


def test_messages_that_do_not_fit_together_are_refused():
    tile = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match="at least one tile"):
        mae_frames.sheet(np.zeros((0, 1, 8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="rows of pictures"):
        mae_frames.ratios({"ratios": [0.5, 0.6]}, tiles=tile[None, None])
    with pytest.raises(ValueError, match="rank of its own"):
        mae_frames.asymmetry({}, picture=tile, ranks=np.zeros((2, 2), int), outputs=tile[None])
    with pytest.raises(ValueError, match="predictions"):
        mae_frames.guesses({}, picture=tile, filled=tile[None], masks=np.stack([MASK, MASK]))
    moments = [{"step": 5}, {"step": 5}]
    with pytest.raises(ValueError, match="growing steps"):
        mae_frames.film(
            moments, raw=np.stack([tile] * 2), pasted=np.stack([tile] * 2), left=tile, picture=tile
        )
    with pytest.raises(ValueError, match="divide"):
        mae_frames.hatched(tile, np.zeros((3, 3), bool))
    with pytest.raises(ValueError, match="at least one pixel"):
        mae_frames.enlarged(tile, 0)


# mae_figures


def test_the_papers_curve_is_drawn_as_it_stands():
    figure = mae_figures.paper_curve(mae_paper.RATIO_CURVE)
    tuned, linear = figure.data
    assert dict(zip(tuned.x, tuned.y, strict=True))[75] == 84.9
    assert dict(zip(linear.x, linear.y, strict=True))[10] == 54.6
    assert "73.5" in linear.text
    with pytest.raises(ValueError, match="no points"):
        mae_figures.paper_curve(())


def test_attention_bars_are_percent_and_fill_up():
    rng = np.random.default_rng(0)
    found = mae_attention.shares(rows(rng, 3, 2, 5, 5), MASK)
    figure = mae_figures.attention_shares(found, 0.4)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    np.testing.assert_allclose(np.sum([bar.y for bar in bars], axis=0), 100, rtol=1e-6)
    assert set(figure.data[-1].y) == {40}


def test_lines_have_names_and_as_many_places_as_values():
    figure = mae_figures.lines({"a": ([1, 2], [3, 4], "#fff")}, along="x", up="y")
    assert figure.data[0].name == "a"
    with pytest.raises(ValueError, match="2 places but 1 values"):
        mae_figures.lines({"a": ([1, 2], [3], "#fff")}, along="x", up="y")
    assert mae_figures.called("navier_stokes") == "Navier–Stokes"
    assert mae_figures.called("some_way") == "Some way"


# mae_records

SCORES = {"mse": 0.02, "psnr": 17.0, "ssim": 0.5, "psnr_of_mean": 16.9}
BASELINES = {
    "sha256": "ab", "data": "validation pictures", "pictures": 8, "ratios": [0.5, 0.75],
    "methods": {
        "network": {key: [value, value] for key, value in SCORES.items()},
        "telea": {key: [value, value] for key, value in SCORES.items()} | {"radius": 3},
    },
    "usual": {
        "ratio": 0.75, "pictures": 16, "methods": {"network": SCORES, "telea": SCORES},
        "margins": {
            "nearest": {"psnr": 2.0, "psnr_se": 0.2, "won": 99.0},
            "telea": {"psnr": 0.69, "psnr_se": 0.21, "won": 88.0},
        },
    },
}  # fmt: skip
TUNED = {"curve": [{"epoch": 1, "top1": 20.0}, {"epoch": 2, "top1": 40.0}], "top1": 41.0, "se": 0.7}
FINETUNING = {
    "data": "labels", "classes": 10, "pictures": {"train": 90, "val": 30}, "epochs": 2,
    "finetune": {"pretrained": TUNED, "scratch": TUNED | {"top1": 31.0}},
    "difference": {"points": 10.0, "se": 1.0},
    "probe": {
        "pretrained": {"class token": {"top1": 50.0, "se": 0.8}},
        "random": {"class token": {"top1": 20.0, "se": 0.8}},
    },
}  # fmt: skip


def test_records_are_read_as_they_were_written():
    found = mae_records.baselines(json.dumps(BASELINES))
    assert found.curves["psnr"] == {"network": (17, 17), "telea": (17, 17)}
    assert found.usual["telea"] == {"psnr": 17, "mse": 0.02, "ssim": 0.5}
    assert found.best == "telea"
    assert found.margins["telea"] == mae_records.Margin(0.69, 0.21, 88)
    tuned = mae_records.finetuning(json.dumps(FINETUNING))
    assert tuned.starts["scratch"].final == 31
    assert tuned.starts["pretrained"].top1 == (20, 40)
    assert tuned.probes["random"]["class token"] == (20, 0.8)


def test_the_records_that_ship_can_be_read_and_are_of_these_weights():
    folder = weights.FOLDER
    found = mae_records.baselines((folder / "mae_nano_patch8_112.json").read_text())
    shipped = (folder / "mae_nano_patch8_112.safetensors").read_bytes()
    assert found.sha256 == sha256(shipped).hexdigest()
    assert set(found.margins) == set(inpaint.BASELINES)
    assert set(found.curves["psnr"]) == {"network", "leak", *inpaint.BASELINES}
    tuned = mae_records.finetuning((folder / "mae_nano_finetune.json").read_text())
    assert len(tuned.starts["scratch"].epochs) == len(tuned.starts["pretrained"].epochs)
    assert set(tuned.probes) == {"pretrained", "random"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"usual": 3, "ratios": []}'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(ValueError, match="no record"):
        mae_records.baselines(text)
    with pytest.raises(ValueError, match="no record"):
        mae_records.finetuning(text)


def test_records_with_holes_are_refused():
    short = json.loads(json.dumps(BASELINES))
    short["methods"]["telea"]["mse"] = [0.1]
    with pytest.raises(ValueError, match="2 finite numbers"):
        mae_records.baselines(json.dumps(short))
    broken = FINETUNING | {"difference": {"points": float("nan"), "se": 1.0}}
    with pytest.raises(ValueError, match="finite"):
        mae_records.finetuning(json.dumps(broken))
