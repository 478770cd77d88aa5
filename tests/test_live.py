"""Live training: it learns, ends on time, rests and goes on, and tells what it does."""

import json
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch

from models.compact import Compact
from models.training import data, live, live_views
from models.training.live_config import SMALL, LiveConfig, title
from models.training.optimise import learning_rate
from tests.training_toys import two_colours

pytestmark = pytest.mark.usefixtures("one_thread")
# The least network of the choice and few pictures: seconds for all of this.
TINY = LiveConfig(variant="vit_lite_2_4_32", minutes=0, epochs=2, batch=16)
PICTURE = ("red", np.full((32, 32, 3), (200, 20, 20), np.uint8))


def toy():
    return data.Dataset(
        "toy", ("red", "blue"), two_colours(64, 1, side=32), two_colours(20, 2, side=32)
    )


class Clock:
    """A second every time that somebody looks."""

    def __init__(self, step=1.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def training(config=TINY, watched=PICTURE, clock=None):
    return live.Training(config, toy, watched, clock=clock or Clock())


@pytest.fixture(scope="module")
def whole():
    """All that a run says, and the network that it leaves."""
    run = training(replace(TINY, epochs=6))
    return list(run.run()), run.trained()


def test_it_learns_to_tell_two_colours_apart(whole):
    told, trained = whole
    first, last = told[0], told[-1]
    assert last.points[-1].loss < 0.5 * last.points[0].loss
    assert last.held_out == 100
    assert last.probes[-1].asked == 20
    assert last.look.probabilities[0] > 0.75
    assert abs(first.look.probabilities[0] - 0.5) < 0.4
    assert trained.progress.held_out == 100


def test_it_counts_what_it_does(whole):
    told, _ = whole
    first, last = told[0], told[-1]
    assert (first.step, first.pictures, first.share, first.left) == (0, 0, 0, None)
    assert (last.step, last.pictures, last.epochs, last.share, last.left) == (24, 384, 6, 1, 0)
    shares = [one.share for one in told]
    assert shares == sorted(shares)
    assert [point.pictures for point in last.points][-1] == 384
    assert told[5].points == last.points[: len(told[5].points)]  # what was told stays


def test_the_film_begins_untrained_and_ends_at_the_end(whole):
    film = whole[0][-1].film
    assert film[0].share == 0
    assert film[-1].share == 1
    assert len(film) <= len(live.MOMENTS)
    assert not np.array_equal(film[0].weights, film[-1].weights)


def test_every_weight_that_is_to_learn_moves(whole):
    config = replace(TINY, variant="cct_2_3x2_32")
    run = training(config)
    list(run.run())
    after = run.trained().model.state_dict()
    torch.manual_seed(config.seed)
    before = config.recipe().build(2).state_dict()
    assert [name for name in before if torch.equal(before[name], after[name])] == []


def test_the_same_seed_gives_the_same_run_however_it_is_cut_into_pieces():
    ends = []
    for clock in (Clock(), Clock(0.0)):  # a step a piece, or all in one piece
        run = training(clock=clock)
        list(run.run())
        ends.append(run.trained().model.state_dict())
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_stopping_and_watching_change_nothing():
    one, other = training(), training(watched=None)
    list(one.run())
    pieces = other.run()
    for _ in range(3):
        next(pieces)
    assert other.trained().progress.step == 2
    other.watch(*PICTURE)
    list(pieces)
    states = [run.trained().model.state_dict() for run in (one, other)]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_budget_of_time_ends_on_time_and_the_rate_falls_to_zero(monkeypatch):
    rates = []
    step = live.Training._step

    def noted(self, *args):
        rates.append(learning_rate(self._recipe, args[-1]))
        return step(self, *args)

    monkeypatch.setattr(live.Training, "_step", noted)
    run = training(LiveConfig(variant=TINY.variant, minutes=2, batch=16), clock=Clock(2.0))
    *_, last = run.run()
    assert last.share == 1
    assert 120 <= last.seconds < 140
    assert rates[0] < 0.5 * max(rates)
    assert rates[-1] < 0.02 * max(rates)


def test_asking_held_out_pictures_takes_a_small_part_of_the_time(monkeypatch):
    clock = Clock(4.0)
    probe = live.Training._probe

    def slow(self, *args):
        clock.now += 12
        probe(self, *args)

    monkeypatch.setattr(live.Training, "_probe", slow)
    run = training(LiveConfig(variant=TINY.variant, minutes=6, batch=16), clock=clock)
    *_, last = run.run()
    assert len(last.probes) <= 4  # at most 36 of 360 s, and the last of all
    assert len(last.probes) > 2


def test_another_picture_begins_another_film():
    run = training()
    pieces = run.run()
    for _ in range(5):
        now = next(pieces)
    assert (now.watched, len(now.film) > 1) == ("red", True)
    run.watch("grey", np.full((32, 32, 3), 128, np.uint8))
    now = next(pieces)
    assert (now.watched, len(now.film)) == ("grey", 1)
    np.testing.assert_array_equal(run.look_at(PICTURE[1]).weights.shape, (8, 8))


def test_nothing_is_there_before_the_first_piece():
    run = training()
    assert run.trained() is None
    assert run.look_at(PICTURE[1]) is None


def test_a_batch_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="more than the 64 training pictures"):
        next(training(replace(TINY, batch=65)).run())


def test_a_loss_that_is_no_number_ends_the_run(monkeypatch):
    monkeypatch.setattr(live.F, "cross_entropy", lambda *_, **__: torch.tensor(float("nan")))
    monkeypatch.setattr(torch.Tensor, "backward", lambda _: None)
    pieces = training().run()
    next(pieces)
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        next(pieces)


@pytest.mark.parametrize(
    "wrong",
    [
        {"variant": "cct_14_7x2_224"},
        {"minutes": 5, "epochs": 5},
        {"minutes": 0},
        {"batch": 0},
        {"shift": -1},
        {"learning_rate": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"none of|either|must be"):
        LiveConfig(**wrong)


def test_names_are_the_papers():
    assert [title(name) for name in SMALL] == [
        "ViT-Lite-2/4", "ViT-Lite-4/4", "CVT-2/4", "CVT-4/4", "CCT-2/3×2", "CCT-4/3×2",
    ]  # fmt: skip


def test_the_file_holds_the_weights_and_says_what_they_are(whole):
    trained = whole[1]
    raw = trained.weights()
    model = TINY.recipe().build(2)
    model.load_state_dict(safetensors.torch.load(raw), strict=True)
    length = int.from_bytes(raw[:8], "little")
    about = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["saccade"])
    assert about["classes"] == ["red", "blue"]
    assert about["variant"] == TINY.variant
    assert trained.title == "ViT-Lite-2/4 on toy"


# --- views ---


@pytest.mark.parametrize("name", [name for name in SMALL if "_2_" in name])
def test_a_look_is_what_the_head_reads(name):
    torch.manual_seed(0)
    model = LiveConfig(variant=name).recipe().build(3).eval()
    assert isinstance(model, Compact)
    seen = live_views.look(model, PICTURE[1], 0.25)
    assert seen.weights.shape == (8, 8)
    assert seen.share == 0.25
    assert seen.probabilities.sum() == pytest.approx(1, abs=1e-6)
    if model.cfg.seq_pool:
        assert seen.weights.sum() == pytest.approx(1, abs=1e-5)
    else:
        assert 0.5 < seen.weights.sum() < 1  # the class token keeps some for itself


def counted(side=6):
    """Pictures whose pixels say where they were."""
    return torch.arange(3 * side * side, dtype=torch.uint8).reshape(1, 3, side, side)


def test_without_variation_a_picture_stays_as_it_is():
    how = replace(TINY, mirror=False, shift=0)
    g = torch.Generator().manual_seed(0)
    assert torch.equal(live_views.varied(counted(), how, g), counted())


def test_variation_moves_mirrors_and_erases():
    images = counted().expand(256, -1, -1, -1)
    g = torch.Generator().manual_seed(0)
    moved = live_views.varied(images, replace(TINY, mirror=False, shift=2), g)
    padded = torch.nn.functional.pad(counted().float(), (2,) * 4, mode="reflect").to(torch.uint8)
    windows = {
        padded[0, :, y : y + 6, x : x + 6].numpy().tobytes() for y in range(5) for x in range(5)
    }
    assert {one.contiguous().numpy().tobytes() for one in moved} == windows
    mirrored = live_views.varied(images, replace(TINY, mirror=True, shift=0), g)
    flipped = (mirrored == counted().flip(-1)).flatten(1).all(dim=1)
    assert 64 < int(flipped.sum()) < 192
    assert torch.equal(mirrored[~flipped], images[~flipped])
    big = torch.zeros(64, 3, 16, 16, dtype=torch.uint8)
    erased = live_views.varied(big, replace(TINY, shift=0, erase=True), g)
    holes = (erased[:, 0] == 128).flatten(1).sum(dim=1)
    assert set(holes.tolist()) == {0, 16}
