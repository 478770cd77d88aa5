"""The film of a training: small, faithful, and refused where it is none."""

from dataclasses import replace

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import film
from models.training import __main__ as command
from models.training import film as maker
from models.training import journal
from models.training.recipes import RECIPES
from tests.test_pretraining import PRE, frames, pictures, pretrain
from tests.training_toys import (
    TINY,
    toy,
    train,
    write_folder,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def moments(seed=0, count=3, scale=1.0):
    g = torch.Generator().manual_seed(seed)
    still = torch.rand(1, 5, 8, generator=g).half()
    return [
        film.Frame(
            10 * i, i / (count - 1),
            {
                "blocks.0.weight": scale * torch.randn(6, 7, generator=g),
                "conv.weight": scale * torch.randn(4, 3, 2, 2, generator=g),
                "bias": torch.randn(6, generator=g).half(),
                "token": torch.randn(1, 1, 7, generator=g).half(),
                "positions": still,
            },
        )
        for i in range(count)
    ]  # fmt: skip


@given(seed=st.integers(0, 2**31), scale=st.floats(1e-6, 1e3))
@settings(max_examples=20, deadline=None)
def test_a_round_trip_keeps_every_weight_within_half_a_level_of_its_row(seed, scale):
    before = moments(seed, scale=scale)
    rows = [{"step": m.step, "share": m.share} for m in before]
    after = film.unpacked(film.packed(before), rows)
    for one, two in zip(before, after, strict=True):
        assert (one.step, one.share) == (two.step, two.share)
        assert one.weights.keys() == two.weights.keys()
        for name, value in one.weights.items():
            found = two.weights[name]
            assert (found.shape, found.dtype) == (value.shape, torch.float32)
            if value.dtype == torch.float16:
                assert torch.equal(found, value.float())
            else:
                level = value.flatten(1).abs().amax(dim=1) / 127
                error = (found - value).flatten(1).abs().amax(dim=1)
                assert (error <= level * 0.5001).all()


def test_whole_numbers_by_hand():
    weights = {"w": torch.tensor([[1.27, -0.64], [0.0, 0.0]]), "b": torch.tensor([0.5, 2.0])}
    stored = film.packed([film.Frame(3, 1.0, weights)])
    assert stored.keys() == {"3.w", "3.w.scale", "3.b"}
    assert stored["3.w"].tolist() == [[127, -64], [0, 0]]
    assert stored["3.w"].dtype == torch.int8
    torch.testing.assert_close(stored["3.w.scale"], torch.tensor([0.01, 0.0]))


def test_what_never_changes_is_stored_once(tmp_path):
    stored = film.packed(moments())
    assert [name for name in stored if "positions" in name] == ["always.positions"]
    content = film.write(tmp_path / "a", moments(), [{"mse": 0.5}] * 3)
    assert film.write(tmp_path / "b", moments(), [{"mse": 0.5}] * 3) == content
    found = film.frames(tmp_path / "a")
    assert [(m.step, m.share) for m in found] == [(0, 0.0), (10, 0.5), (20, 1.0)]
    assert torch.equal(found[1].weights["positions"], moments()[1].weights["positions"].float())
    assert film.about(tmp_path / "a")["frames"][2] == {"step": 20, "share": 1.0, "mse": 0.5}


def test_what_is_no_film_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="a film has 1 to 12 moments, got 0"):
        film.packed([])
    first, second, _ = moments()
    del second.weights["bias"]
    with pytest.raises(ValueError, match="of one network, and these differ"):
        film.packed([first, second])
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"^0\.w holds a number"):
            film.packed([film.Frame(0, 0.0, {"w": torch.tensor([[value, 1], [1, 1]])})])
        with pytest.raises(ValueError, match=r"^0\.b holds a number"):
            film.packed([film.Frame(0, 0.0, {"b": torch.tensor([value])})])
    plain = tmp_path / "plain.safetensors"
    safetensors.torch.save_file({"w": torch.ones(2)}, plain)
    text = tmp_path / "text"
    text.write_text("no film")
    for path in (plain, text, tmp_path / "nowhere"):
        for reader in (film.frames, film.about):
            with pytest.raises(ValueError, match="is not a film of a training"):
                reader(path)


# --- From a run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    pretrain(folder)
    return folder


def test_a_runs_film_fits_its_network_and_says_what_rounding_did(run, tmp_path):
    target = tmp_path / "tiny.film.safetensors"
    maker.make("tiny", PRE, pictures(), run, target)
    found = film.frames(target)
    assert [m.step for m in found] == sorted(frames(run))
    assert [m.share for m in found] == pytest.approx([0, 1 / 9, 4 / 9, 1], abs=1e-6)
    notes = film.about(target)["frames"]
    for moment, note in zip(found, notes, strict=True):
        maker.loaded(moment.weights, PRE, 2)
        assert abs(note["mse"] - note["mse_before"]) < 0.01 * note["mse"]
        assert 0 < note["moved"] < 0.01
    last = journal.rows(run)[-1]["mse"]
    assert notes[-1]["mse_before"] == pytest.approx(last, rel=1e-3)
    text = target.with_name(target.name + ".md").read_text()
    assert text.count("| 100.0 % |") == 1
    sums = target.with_name("SHA256SUMS").read_text()
    assert sums.endswith("  tiny.film.safetensors\n")


def test_a_classifiers_film_has_its_accuracy(tmp_path):
    recipe = replace(TINY, snapshots=(0.0, 1.0))
    rows = train(tmp_path / "run", recipe)
    maker.make("tiny", recipe, toy(), tmp_path / "run", tmp_path / "f.safetensors")
    notes = film.about(tmp_path / "f.safetensors")["frames"]
    assert notes[-1]["nats_before"] == pytest.approx(rows[-1]["nats"], abs=0.01)
    assert "moved" not in notes[0]


def test_a_film_that_cannot_be_made_is_refused(run, tmp_path):
    with pytest.raises(ValueError, match="holds no snapshots"):
        maker.recorded(tmp_path, PRE)
    with pytest.raises(ValueError, match="another network than the recipe's"):
        maker.loaded(moments()[0].weights, PRE, 2)
    with pytest.raises(ValueError, match="begun with batch 8, not 4"):
        maker.make("tiny", replace(PRE, batch=4), pictures(), run, tmp_path / "f")


def test_the_command_makes_a_film(tmp_path, monkeypatch, capsys):
    recipe = replace(PRE, snapshots=(1.0,))
    monkeypatch.setitem(RECIPES, "mae_tiny", recipe)
    write_folder(tmp_path / "data", per_class=8, side=20)
    where = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]
    target = ["--target", str(tmp_path / "f.safetensors")]
    with pytest.raises(SystemExit):
        maker.main(["mae_tiny", *where, *target])
    assert "holds no snapshots" in capsys.readouterr().err
    command.main(["mae_tiny", *where, "--epochs", "1"])
    maker.main(["mae_tiny", *where, *target, "--epochs", "1"])
    (moment,) = film.frames(tmp_path / "f.safetensors")
    assert (moment.step, moment.share) == (2, 1.0)
