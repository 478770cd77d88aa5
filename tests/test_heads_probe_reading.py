"""Lens, norms and knockout: what the head reads earlier, how long tokens are, edges taken out."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tap import record
from models.vit import ViT, ViTConfig
from tests.heads_toys import GLOBAL, IMAGE, MAKERS, SIDE, logits, made
from viz_core import attention
from viz_core.probe import fork, gaze, knockout, lens, norms
from viz_core.probe.knockout import Cut

pytestmark = pytest.mark.usefixtures("one_thread")
EXACT = dict(rtol=0, atol=1e-10)
PATCHES = 16


@pytest.fixture(scope="module")
def networks():
    return {name: made(name) for name in MAKERS}


def prefix(model):
    return model.cfg.prefix


@pytest.mark.parametrize("name", MAKERS)
def test_the_lens_of_the_last_layer_is_the_answer(networks, name):
    model = networks[name]
    found = lens.read(model, IMAGE)
    np.testing.assert_allclose(found.reader[-1], logits(model), rtol=0, atol=1e-5)
    depths = len(fork.layers(model)) + 1
    assert len(found.reader) == len(found.places) == depths - found.first
    assert found.first == (3 if "swin" in name else 0)  # the width of the last stage only
    assert not found.places.flags.writeable


def test_earlier_layers_are_read_as_a_shorter_network_would(networks):
    model = networks["representation"]
    found = lens.read(model, IMAGE)
    for depth in range(4):
        with torch.inference_mode():
            x = model.blocks[:depth](model.embed(torch.tensor(IMAGE)))
            each = model.head(model.pre_logits(model.norm(x)))[0].numpy()
        np.testing.assert_allclose(found.reader[depth], each[0], rtol=0, atol=1e-5)
        np.testing.assert_allclose(found.places[depth], each[1:], rtol=0, atol=1e-5)


def test_an_averaging_network_reads_a_patch_as_if_it_were_the_mean(networks):
    model = networks["average"]
    found = lens.read(model, IMAGE)
    with torch.inference_mode():
        x = model.blocks(model.embed(torch.tensor(IMAGE)))
        each = model.head(model.fc_norm(x[:, 1:]))[0].numpy()
    np.testing.assert_allclose(found.places[-1], each, rtol=0, atol=1e-5)
    # The norm comes after the mean, so the answer is not the mean of what is read of the patches.
    assert np.abs(found.places[-1].mean(axis=0) - found.reader[-1]).max() > 1e-2


def test_where_tokens_are_normalised_first_the_answer_is_a_mean_of_the_patches(networks):
    swin = lens.read(networks["swin"], IMAGE)
    np.testing.assert_allclose(swin.places[-1].mean(axis=0), swin.reader[-1], atol=1e-5)
    model = networks["cct"]
    with torch.inference_mode(), record(model, "classifier.pooling") as trace:
        model(torch.tensor(IMAGE))
    weights = trace["classifier.pooling"][0, 0].numpy()
    found = lens.read(model, IMAGE)
    np.testing.assert_allclose(weights @ found.places[-1], found.reader[-1], atol=1e-5)


def test_a_network_without_classes_has_no_lens_but_norms():
    model = ViT(ViTConfig(image_size=SIDE, patch_size=4, width=12, depth=1, heads=3, classes=0))
    image = IMAGE.astype(np.float32)
    with pytest.raises(ValueError, match="without classes"):
        lens.read(model.eval(), image)
    assert len(norms.measure(model.eval(), image)) == 2


def test_attention_received_by_hand():
    even, first = np.full((5, 5), 0.2), np.eye(5)[[0] * 5]
    pattern = np.stack([even, first]).astype(np.float32)  # two heads
    np.testing.assert_allclose(norms.received(pattern), [3, 0.5, 0.5, 0.5, 0.5], rtol=1e-6)


@pytest.mark.parametrize("name", MAKERS)
def test_attention_is_given_away_whole_and_norms_fit_the_stream(networks, name):
    model = networks[name]
    depths = norms.measure(model, IMAGE)
    found = fork.layers(model)
    assert len(depths) == len(found) + 1
    with torch.inference_mode(), record(model, found[-1].after) as trace:
        model(torch.tensor(IMAGE))
    last = trace[found[-1].after][0].flatten(0, -2)
    expected = (last**2).sum(dim=-1).sqrt().numpy()
    np.testing.assert_allclose(depths[-1].norms, expected, rtol=1e-5)
    assert depths[-1].received is None
    for depth, layer in zip(depths, found, strict=False):
        assert (depth.received is None) == bool(layer.merging)
        if depth.received is not None:
            assert depth.received.mean() == pytest.approx(1, abs=1e-5)
            assert len(depth.received) == len(depth.norms)


def test_shifted_windows_give_their_attention_to_the_right_places(networks):
    """Block 2 of Swin is shifted: summed in the rolled map, then rolled back."""
    model = networks["swin"]
    layer = fork.layers(model)[1]
    block = model.layers[0].blocks[1]
    with torch.inference_mode(), record(model, layer.pattern) as trace:
        model(torch.tensor(IMAGE))
    got = trace[layer.pattern][0].mean(dim=(1, 2)) * 16  # (w, n): 4 x 4 windows of 4 x 4
    rolled = got.reshape(4, 4, 4, 4).permute(0, 2, 1, 3).reshape(16, 16)
    expected = rolled.roll((block.shift, block.shift), (0, 1)).flatten().numpy()
    assert block.shift == 2
    np.testing.assert_allclose(norms.measure(model, IMAGE)[1].received, expected, rtol=1e-5)


def test_outliers_by_hand_and_refused():
    found = norms.outliers(np.array([1.0, 1.0, 1.0, 2.0, 1.9]), 2.0)
    np.testing.assert_array_equal(found, [False, False, False, True, False])
    with pytest.raises(ValueError, match="above 1"):
        norms.outliers(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="finite"):
        norms.outliers(np.array([np.nan, 1.0]))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.01, 100), factor=st.floats(1.01, 5))
def test_outliers_do_not_depend_on_the_unit_and_are_fewer_than_half(seed, scale, factor):
    values = np.random.default_rng(seed).gamma(2.0, size=21)
    found = norms.outliers(values, factor)
    assert found.sum() <= 10
    assert found.sum() >= norms.outliers(values, factor + 0.5).sum()
    doubtful = np.isclose(values, factor * np.median(values))
    np.testing.assert_array_equal(
        found[~doubtful], norms.outliers(values * scale, factor)[~doubtful]
    )


@pytest.mark.parametrize("name", GLOBAL)
def test_when_everything_is_closed_a_token_reads_itself_alone(networks, name):
    model = networks[name]
    tokens = tuple(range(prefix(model) + PATCHES))
    found = knockout.cut(model, IMAGE, [Cut(tokens, tokens, 0, 2)])[0]
    eye = torch.eye(len(tokens), dtype=torch.float64)
    patterns = {layer.pattern: lambda x: eye.expand_as(x) for layer in fork.layers(model)}
    with torch.inference_mode(), record(model, edits=patterns):
        expected = model(torch.tensor(IMAGE))[0].numpy()
    np.testing.assert_allclose(found, expected, **EXACT)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["class token", "cct"])
def test_closed_edges_weigh_nothing_and_rows_still_sum_to_one(networks, name):
    model = networks[name]
    first = fork.layers(model)[1]
    change = knockout._closed(fork.layers(model), Cut((3, 5), (0, 3, 7), 1, 1))
    assert set(change) == {first.scores}

    def edit(x):
        return change[first.scores](x.clone())

    with torch.inference_mode(), record(model, first.pattern) as before:
        model(torch.tensor(IMAGE))
    with torch.inference_mode(), record(model, first.pattern, edits={first.scores: edit}) as trace:
        model(torch.tensor(IMAGE))
    was, found = before[first.pattern][0], trace[first.pattern][0]  # (h, n, n)
    closed = torch.zeros(found.shape[-2:], dtype=torch.bool)
    closed[torch.tensor([[0], [3], [7]]), torch.tensor([3, 5])] = True
    closed[3, 3] = False
    assert (found[:, closed] == 0).all()
    open_again = was.masked_fill(closed, 0)
    torch.testing.assert_close(found, open_again / open_again.sum(dim=-1, keepdim=True))


@pytest.mark.parametrize("name", ["class token", "vit lite"])
def test_many_cuts_at_once_equal_single_ones(networks, name):
    model = networks[name]
    cuts = [
        Cut((1, 2), (0,), 0, 2), Cut((4,), (0, 4, 5), 1, 1), Cut((9,), tuple(range(17)), 2, 2),
    ]  # fmt: skip
    together = knockout.cut(model, IMAGE, cuts)
    for one, row in zip(cuts, together, strict=True):
        np.testing.assert_allclose(knockout.cut(model, IMAGE, [one])[0], row, **EXACT)


def test_nothing_closed_changes_nothing(networks):
    model = networks["class token"]
    found = knockout.cut(model, IMAGE, [Cut((), (0,), 0, 2), Cut((3,), (), 0, 2)])
    np.testing.assert_allclose(found, np.stack([logits(model)] * 2), **EXACT)


@pytest.mark.parametrize("name", ["registers", "cct"])
def test_the_map_of_patches_is_one_cut_a_patch(networks, name):
    model, ahead = networks[name], prefix(networks[name])
    everybody = tuple(range(ahead + PATCHES))
    found = knockout.each_patch(model, IMAGE, 1, (0, 7, 15), everybody, ahead)
    for patch, row in zip((0, 7, 15), found, strict=True):
        expected = knockout.cut(model, IMAGE, [Cut((ahead + patch,), everybody, 1, 2)])[0]
        np.testing.assert_allclose(row, expected, **EXACT)


def test_from_the_last_layer_on_only_the_class_token_matters(networks):
    """What patches read in the last layer reaches no head that reads the class token."""
    model = networks["class token"]
    readers = (tuple(range(17)), (0,), tuple(range(1, 17)))
    found = knockout.cut(model, IMAGE, [Cut((3,), some, 2, 2) for some in readers])
    np.testing.assert_allclose(found[0], found[1], **EXACT)
    np.testing.assert_allclose(found[2], logits(model), **EXACT)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), places=st.sets(st.integers(0, 15)), draws=st.integers(1, 20))
def test_elsewhere_is_the_same_shape_shifted_as_a_whole_to_places_of_its_own(seed, places, draws):
    cut = Cut(tuple(sorted(1 + k for k in places)), (0,), 1, 2)
    found = knockout.elsewhere(cut, 4, 1, draws, seed)
    drawn = np.zeros((4, 4), dtype=bool)
    drawn.ravel()[list(places)] = True
    shifted = {
        tuple(1 + np.flatnonzero(np.roll(drawn, (a, b), (0, 1))))
        for a in range(4)
        for b in range(4)
    } - {cut.sources}
    assert len(found) == len({one.sources for one in found}) == min(draws, len(shifted))
    assert {one.sources for one in found} <= shifted
    assert all((one.readers, one.first, one.last) == ((0,), 1, 2) for one in found)
    assert found == knockout.elsewhere(cut, 4, 1, draws, seed)


def test_all_patches_have_no_other_place_and_a_class_token_is_no_patch():
    assert knockout.elsewhere(Cut(tuple(range(1, 17)), (0,), 0, 0), 4, 1, 7) == ()
    for source in (0, 17):
        with pytest.raises(ValueError, match="tokens 1 to 16"):
            knockout.elsewhere(Cut((source,), (0,), 0, 0), 4, 1, 7)


def test_windows_and_missing_layers_are_refused(networks):
    with pytest.raises(ValueError, match="global attention only"):
        knockout.cut(networks["swin"], IMAGE, [Cut((0,), (0,), 0, 0)])
    with pytest.raises(ValueError, match="layers are 0 to 2"):
        knockout.cut(networks["class token"], IMAGE, [Cut((0,), (0,), 1, 3)])


@pytest.mark.parametrize("name", GLOBAL)
def test_a_gaze_is_the_mean_row_of_the_patches_and_the_class_tokens(networks, name):
    model = networks[name]
    found = fork.layers(model)
    with torch.inference_mode(), record(model, *(layer.pattern for layer in found)) as trace:
        model(torch.tensor(IMAGE))
    ahead, reads_class = prefix(model), getattr(model.cfg, "pool", "class") == "class"
    reads_class = reads_class and ahead > 0
    for layer, got in zip(found, gaze.look(model, IMAGE), strict=True):
        pattern = trace[layer.pattern][0].numpy()
        rows = pattern[:, ahead:, ahead:].mean(axis=1)
        np.testing.assert_allclose(got.shares, rows, atol=1e-6)
        assert (got.read is not None) == reads_class
        if got.read is not None:
            np.testing.assert_allclose(got.read, pattern[:, 0, ahead:], atol=1e-6)
        np.testing.assert_allclose(got.entropy, attention.entropy(pattern).mean(axis=-1), atol=1e-5)
        expected = attention.distance(pattern, (4, 4), ahead)
        np.testing.assert_allclose(got.distance, expected, atol=1e-5)


def test_in_windows_a_gaze_is_what_places_receive(networks):
    model = networks["swin"]
    looks, depths = gaze.look(model, IMAGE), norms.measure(model, IMAGE)
    assert [one.grid for one in looks] == [(16, 16), (16, 16), (8, 8), (8, 8)]
    # Mean over the heads, times the keys of a window, is what norms calls received.
    np.testing.assert_allclose(looks[1].shares.mean(axis=0) * 16, depths[1].received, rtol=1e-5)
    assert all((one.distance < 4 * 2**0.5).all() for one in looks)
