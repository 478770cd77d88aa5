"""The network at each moment: what the model itself gives, and nothing is left behind in it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models import film, weights
from models.compact import VARIANTS, Compact
from models.tap import record
from tests.growth_toys import ENTRIES, NAMES, states
from viz_core.growth import wire
from viz_core.probe import growth

SHIPPED = {name: weights.FOLDER / f"{name}.film.safetensors" for name in ENTRIES}
pytestmark = pytest.mark.usefixtures("one_thread")


def image(seed=0, side=32):
    return np.random.default_rng(seed).standard_normal((1, 3, side, side)).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_every_moment_is_a_forward_pass_of_its_weights(name):
    model, moments = Compact(VARIANTS[name]).eval(), states(name, 3)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    found = growth.watch(model, moments, image())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    own = Compact(VARIANTS[name]).eval()
    prefix = own.cfg.prefix
    for k, state in enumerate(moments):
        own.load_state_dict(state)
        where = "classifier.blocks.1.self_attn.pattern"
        with torch.inference_mode(), record(own, where) as trace:
            logits = own(torch.from_numpy(image()))[0]
        np.testing.assert_allclose(found.logits[k], logits.numpy(), atol=1e-5)
        pattern = trace[where][0].numpy()
        np.testing.assert_allclose(found.patterns[k, 1], pattern, atol=1e-6)
        kernel = state["tokenizer.conv_layers.0.0.weight"].numpy()
        assert found.kernels[k, 2, 1, 0, 2] == kernel[2, 2, 1, 0]
        if prefix:
            np.testing.assert_allclose(found.reading[k], pattern.mean(0)[0, 1:], atol=1e-6)
        answer = torch.nn.functional.conv2d(
            torch.from_numpy(image()), torch.from_numpy(kernel),
            state.get("tokenizer.conv_layers.0.0.bias"), own.cfg.stride, own.cfg.padding,
        )  # fmt: skip
        np.testing.assert_allclose(found.answers[k], answer[0].numpy(), atol=1e-4)
    assert found.reads_class == bool(prefix)
    assert found.grid == (8, 8)
    np.testing.assert_allclose(found.patterns.sum(axis=-1), 1, atol=1e-5)
    if not prefix:
        np.testing.assert_allclose(found.reading.sum(axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(np.diagonal(found.cosines, axis1=1, axis2=2), 1)
    assert not any(part.flags.writeable for part in (found.logits, found.patterns, found.kernels))


def test_a_network_without_positions_has_no_cosines():
    cfg = replace(VARIANTS[NAMES[0]], positions="none")
    model = Compact(cfg).eval()
    assert growth.watch(model, [model.state_dict()] * 2, image()).cosines is None


def test_what_cannot_be_run_is_refused():
    model = Compact(VARIANTS[NAMES[0]]).eval()
    with pytest.raises(ValueError, match="at least one moment"):
        growth.watch(model, [], image())
    with pytest.raises(ValueError, match="gets 32 pixels, not 64"):
        growth.watch(model, [model.state_dict()], image(side=64))
    with pytest.raises(RuntimeError, match="Missing key"):
        growth.watch(model, [{}], image())


@pytest.mark.parametrize("name", [name for name, path in SHIPPED.items() if path.is_file()])
def test_a_shipped_film_fits_its_network_and_the_message(name):
    rows = film.about(SHIPPED[name])["frames"]
    assert len(rows) >= 6
    assert rows[0]["share"] == 0
    assert rows[0]["top1"] < 20 < rows[-1]["top1"]
    states = [moment.weights for moment in film.frames(SHIPPED[name])]
    grown = growth.watch(Compact(VARIANTS[name]).eval(), states, image())
    assert len(wire.pack(grown, {}, rows, picture_jpeg=bytes(200_000))) < wire.MOST_BYTES
