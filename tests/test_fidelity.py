"""What a masked autoencoder's card says: scores of painted patches, and pictures left out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mae import MAE
from models.training import copies, data, export, fidelity, reconstruct
from models.training.card_reconstruct import RATIOS
from tests.test_pretraining import CFG, PRE, Grey, pictures
from tests.training_toys import train
from viz_core import inpaint, reconstruction

pytestmark = pytest.mark.usefixtures("one_thread")

SEEDS = st.integers(0, 2**31)


def coloured(seed, count=3, side=16):
    g = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, 3, side, side), generator=g, dtype=torch.uint8)


def as_array(picture):
    return picture.permute(1, 2, 0).contiguous().numpy()


@given(seed=SEEDS, hide=st.integers(1, 16))
@settings(max_examples=15, deadline=None)
def test_scores_are_those_of_the_page(seed, hide):
    truth, guess = coloured(seed), coloured(seed + 1)
    guess[1] = truth[1]
    mask = np.random.default_rng(seed).permutation(16).reshape(4, 4) < hide
    hidden = torch.from_numpy(inpaint.spread(mask, (16, 16)))[None, None].expand(3, 1, -1, -1)
    found = fidelity.compare(truth, guess, hidden)
    for scores, one, other in zip(found, truth, guess, strict=True):
        theirs = reconstruction.score(as_array(one), as_array(other), mask)
        assert scores.tolist() == pytest.approx([theirs.mse, theirs.ssim], abs=1e-5)
    leak = fidelity.with_own_statistics(truth, guess, 4)
    for ours, one, other in zip(leak, truth, guess, strict=True):
        theirs = reconstruction.with_own_statistics(as_array(one), as_array(other), (4, 4))
        assert np.abs(as_array(ours).astype(int) - theirs).max() <= 1  # where halves are rounded


def test_a_perfect_guess_is_equal_and_the_opposite_is_not():
    truth = coloured(0)
    hidden = torch.ones(3, 1, 16, 16, dtype=torch.bool)
    torch.testing.assert_close(
        fidelity.compare(truth, truth, hidden)[:, 0], torch.zeros(3).double()
    )
    assert (fidelity.compare(truth, truth, hidden)[:, 1] > 0.9999).all()
    assert (fidelity.compare(truth, 255 - truth, hidden)[:, 1] < 0).all()


def test_the_mean_ratio_and_the_ratio_of_the_mean_differ_as_by_hand():
    found = fidelity.summary(torch.tensor([[0.1, 0.5], [0.001, 1.0]]).double())
    assert found.mse == pytest.approx(0.0505)
    assert found.psnr_of_mean == pytest.approx(12.967, abs=1e-3)
    assert found.psnr == pytest.approx(20)
    assert found.ssim == pytest.approx(0.75)


def test_measured_errors_equal_those_of_the_training_up_to_rounding():
    model, split = MAE(CFG), pictures().val
    split = data.Split(split.images[..., :16, :16], split.labels)
    torch.nn.init.normal_(model.decoder_pred.weight, std=0.02)  # nothing is clipped
    found = fidelity.measure(model, split, 16, 0.75)
    expected = reconstruct.evaluate(model, split, 16, 0.75)
    assert found["raw"].mse == pytest.approx(expected["mse"], abs=2e-3)


def test_a_guess_of_one_grey_with_the_patchs_own_mean_leaks():
    found = fidelity.measure(Grey(CFG), pictures().val, 16, 0.5)
    assert found["own statistics"].mse < 0.5 * found["raw"].mse


def test_a_network_of_normalised_patches_is_refused():
    model = MAE(replace(CFG, norm_pix=True))
    with pytest.raises(ValueError, match="paints no raw picture"):
        fidelity.painted(model, coloured(0), torch.ones(3, 16, dtype=torch.bool))


# --- Pictures that two sets share


def test_near_copies_are_found_and_strangers_are_not():
    g = torch.Generator().manual_seed(0)
    smooth = torch.nn.functional.interpolate(
        torch.rand(12, 3, 4, 4, generator=g), size=64, mode="bicubic"
    )
    images = (smooth.clamp(0, 1) * 255).to(torch.uint8)
    blurred = torch.nn.functional.avg_pool2d(images[2:4].float(), 3, 1, 1)
    darker = (blurred * 0.9 + 5).to(torch.uint8)
    flat = torch.full((1, 3, 64, 64), 77, dtype=torch.uint8)
    found = copies.copies(torch.cat([images[:6], flat]), torch.cat([darker, images[6:], flat]))
    assert found.tolist() == [False, False, True, True, False, False, False]
    assert not copies.copies(images, images[:0]).any()


def test_only_unlabelled_pictures_count_as_seen():
    one = pictures(8, 4)
    both = data.joined(one, [replace(one, train=data.Split(one.val.images[:1], torch.zeros(1)))])
    assert copies.seen(both).tolist()[0]
    assert len(copies.unseen(both).labels) < 4
    assert len(copies.unseen(one).labels) == 4


# --- The card


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    both = data.joined(pictures(), [replace(pictures(6, 2), name="other")])
    train(folder, PRE, both)
    target = folder / "tiny.safetensors"
    found = export.export("tiny", PRE, both, folder, target)
    return folder, found, target.with_name(target.name + ".md").read_text()


def test_the_card_tells_every_ratio_twice_and_what_leaks(exported):
    _, found, text = exported
    for percent in RATIOS:
        assert text.count(f"\n| {percent} % |") == 2
    assert f"| 75 % | {found['mse']:.5f} | {found['psnr']:.2f} dB |" in text
    for part in (
        "# tiny on toy + other",
        "**This leaks the target**",
        "Labels were not looked at.",
        "| muon | 0.01 |",
        "32 pictures for training, 10 for validation, those of toy",
        "--data toy other --out",
        "pictures of the validation split of toy",
        "in the folders `toy` and `other`",
    ):
        assert part in text
    for absent in ("smoothing", "mixup", "top-1", "classes", "snapshots"):
        assert absent not in text
    for line in text.splitlines():
        assert line.count("|") in {0, 3, 4, 6, 7}, "a table row that is broken"


def test_what_is_measured_is_the_file(exported):
    folder, found, _ = exported
    model = export.unpacked((folder / "tiny.safetensors").read_bytes(), MAE(CFG))
    val = copies.unseen(data.joined(pictures(), [replace(pictures(6, 2), name="other")]))
    raw = fidelity.measure(model, val, 16, 0.75)["raw"]
    assert found == {"mse": raw.mse, "psnr": raw.psnr_of_mean, "ssim": raw.ssim}
