"""The further steps of the MAE page as a script: what the browser is given, and what is said."""

import json
import struct

import numpy as np
import pytest

from models import film, weights
from models.catalog import CATALOG
from pages._ui import (
    mae_cost,
    mae_guesses,
    mae_inside,
    mae_learning,
    mae_records,
    mae_why,
)
from pages._ui.cached import mae_film, mae_more
from pages._ui.cached import mae_records as kept
from tests.test_mae_figures import BASELINES, FINETUNING
from tests.test_pages import said, start
from viz_core import inpaint
from viz_core.canvas import wire

NETWORK = "mae_nano_patch8_112"
FEW = (0.05, 0.25, 0.5, 0.75, 0.95)
MODULES = (mae_why, mae_cost, mae_inside, mae_guesses, mae_learning)


def message(app, name):
    (found,) = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == f"saccade_{name}"
    ]
    return found


def header(app, name):
    sent = message(app, name)
    (length,) = struct.unpack_from("<I", sent)
    return json.loads(sent[4 : 4 + length])


def spoken(app):
    return " ".join(one.value for one in (*app.markdown, *app.caption))


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """A folder with a film and both records, in place of the shipped one."""
    folder = tmp_path_factory.mktemp("weights")
    state = weights.load(NETWORK).state_dict()
    moments = [
        film.Frame(step, share, {k: v.clone() * scale for k, v in state.items()})
        for step, share, scale in ((0, 0.0, 0.2), (65, 1.0, 1.0))
    ]
    film.write(folder / f"{NETWORK}.film.safetensors", moments, [{"mse": 0.1}, {"mse": 0.02}])
    (folder / f"{NETWORK}.json").write_text(json.dumps(BASELINES))
    (folder / "mae_nano_finetune.json").write_text(json.dumps(FINETUNING))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "FOLDER", folder)
        patch.setattr(mae_film, "path", lambda name: folder / f"{name}.film.safetensors")
        patch.setattr(mae_more, "RATIOS", FEW)
        mae_more.why.clear()
        yield folder
    mae_more.why.clear()
    mae_film.film.clear()


@pytest.fixture(scope="module")
def app(records):
    return start("mae", step="Why 75 %")


def test_every_step_says_what_to_notice_and_what_ran():
    for module in MODULES:
        assert 40 < len(module.NOTICE) < 220
        assert module.NOTICE.endswith(".")
        assert module.CODE
        assert all(callable(one) for one in module.CODE)


def test_the_curves_are_those_of_this_picture(app):
    assert said(app) == ""
    sent = header(app, "ratios")
    assert tuple(sent["ratios"]) == FEW
    assert sent["visible"][sent["ratios"].index(0.75)] == 49
    ways = {"network", "leak", *inpaint.BASELINES}
    assert {one["id"] for one in sent["methods"]} == ways
    for metric, rows in sent["scores"].items():
        assert set(rows) == ways
        assert all(len(row) == len(FEW) and np.isfinite(row).all() for row in rows.values()), metric
    # The leak can only help: it replaces two numbers of each guess by those of the truth.
    assert np.mean(sent["scores"]["psnr"]["leak"]) > np.mean(sent["scores"]["psnr"]["network"])
    mse, psnr = (np.array(sent["scores"][metric]["network"]) for metric in ("mse", "psnr"))
    np.testing.assert_allclose(psnr, -10 * np.log10(mse), rtol=1e-9)
    assert set(sent["words"]) == {"psnr", "mse", "ssim"}


def test_many_pictures_and_the_paper_stand_below(app):
    text = spoken(app)
    assert "0.69 ± 0.21\u2009dB ahead of" in text
    assert "Measured with other weights" in text  # the record's digest is of no file
    assert "| random, 75 % | 84.9 | 73.5 |" in text
    assert "arxiv.org/abs/2111.06377" in text
    assert len(app.get("plotly_chart")) == 2


def test_another_mask_gives_other_scores_and_a_suggestion_opens_its_view(app):
    before = header(app, "ratios")
    app.segmented_control(key="mae-why-draw").set_value("2").run()
    assert not app.exception
    assert header(app, "ratios")["scores"] != before["scores"]
    app.session_state[mae_why.ASKED] = {"ratio": 0.2, "leak": True}
    app.run()
    assert header(app, "ratios")["view"] == {"ratio": 0.2, "leak": True, "serial": 1}


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        ([1.0] * 19, "from 5\u2009% to 95\u2009% the network is ahead"),
        ([-1.0] * 19, "from 5\u2009% to 95\u2009% interpolation is ahead"),
        ([0.1] * 9 + [2.0] * 10, "from 5\u2009% to 45\u2009% the two are within 0.2\u2009dB"),
        ([1.0, -1.0] * 9 + [1.0], "changes 18 times"),
    ],
)
def test_the_reading_follows_the_numbers(lead, words, monkeypatch):
    monkeypatch.setattr(mae_more, "RATIOS", mae_more.STOPS[1:])
    scores = {way: [15.0] * 19 for way in mae_more.WAYS}
    scores["network"] = [15.0 + one for one in lead]
    assert words in mae_why.reading(scores, "psnr")
    errors = {way: [10 ** (-one / 10) for one in row] for way, row in scores.items()}
    assert words.split(" the two ")[0] in mae_why.reading(errors, "mse")


def test_the_cost_is_counted_at_every_stop_and_measured_on_request(app, monkeypatch):
    asked = []

    def seconds(network, ratio):
        asked.append(ratio)
        return 2e-3 * (1 - ratio) + 1e-3, 1e-3

    monkeypatch.setattr(mae_more, "seconds", seconds)
    app.segmented_control(key="step").set_value("Cost").run()
    assert not app.exception
    sent = header(app, "asymmetry")
    assert [net["title"] for net in sent["nets"]] == [CATALOG[NETWORK].title, "ViT-B", "ViT-L"]
    large = sent["nets"][-1]
    at = large["encoder"][15] + large["decoder"][15]
    assert sent["visible"][15] == 49
    assert sum(large["carrying"]) / at == pytest.approx(3.3, abs=0.1)  # table 1c of the paper
    assert asked == []
    assert sent["nets"][0]["clock"] is None
    app.session_state["mae-cost-asked"] = True  # what a click on the button leaves
    app.run()
    assert set(asked) == set(mae_more.TIMED)
    clock = header(app, "asymmetry")["nets"][0]["clock"]
    assert [point["decoder"] for point in clock["points"]] == [1.0] * 5
    assert "4\u2009ms with nothing hidden, 2.5\u2009ms with 75\u2009% hidden" in clock["told"]


def test_attention_is_over_all_places_and_hidden_ones_get_none_in_the_encoder(app):
    app.segmented_control(key="step").set_value("Inside").run()
    assert not app.exception
    config = CATALOG[NETWORK].config
    mount, start_ = wire.unpack_header(message(app, "canvas"))
    frame = message(app, "canvas")[start_:]
    sent, _ = wire.unpack_header(frame)
    assert (sent["layers"], sent["tokens"]) == (config.decoder_depth, 197)
    hidden = mae_more.mask_of(NETWORK, "random", 0.75, mae_more.FIRST_SEED).ravel()
    assert hidden[mount["view"]["pins"][0] - 1]
    assert "of a hidden patch's attention in layer 1" in spoken(app)
    app.segmented_control(key="mae-inside-part").set_value("Encoder").run()
    assert not app.exception
    mount, start_ = wire.unpack_header(message(app, "canvas"))
    sent, _ = wire.unpack_header(message(app, "canvas")[start_:])
    assert sent["layers"] == config.depth
    assert not hidden[mount["view"]["pins"][0] - 1]
    _, layers = wire.unpack_attention(message(app, "canvas")[start_:])
    rows = next(iter(layers.values())).sum(axis=-1)[:, 1:]
    np.testing.assert_allclose(rows, np.broadcast_to(~hidden, rows.shape), atol=0.02)


def test_the_patch_in_the_middle_of_a_selection():
    chosen = np.zeros((5, 5), bool)
    assert mae_inside.central(chosen) == 0
    chosen[0, 0] = chosen[3, 2] = True
    assert mae_inside.central(chosen) == 17


def test_the_guesses_are_32_masks_of_the_asked_ratio(app):
    app.segmented_control(key="step").set_value("Guesses").run()
    assert not app.exception
    sent = header(app, "guesses")
    assert (sent["count"], sent["grid"], sent["side"]) == (32, 14, 112)
    masks = message(app, "guesses")[-32 * 196 :]
    counts = np.frombuffer(masks, np.uint8).reshape(32, 196).sum(axis=1)
    assert set(counts) == {147}
    app.select_slider(key="mae-guesses-ratio").set_value(90).run()
    counts = np.frombuffer(message(app, "guesses")[-32 * 196 :], np.uint8).reshape(32, 196)
    assert set(counts.sum(axis=1)) == {177}


def test_the_film_has_every_moment_and_the_records_stand_below(app):
    app.segmented_control(key="step").set_value("Learning").run()
    assert not app.exception
    frames = header(app, "film")["frames"]
    assert [frame["step"] for frame in frames] == [0, 65]
    assert [frame["validation"] for frame in frames] == [0.1, 0.02]
    assert frames[0]["picture"] > frames[1]["picture"]
    text = spoken(app)
    assert "10.0 ± 1.0 points higher" in text
    assert "| class token | 50.0 ± 0.8 | 20.0 ± 0.8 |" in text
    assert "| MAE, fine-tuned | **84.9** |" in text


def test_without_the_files_each_section_says_so_in_one_line(app, monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    monkeypatch.setattr(mae_film, "path", lambda name: tmp_path / "none.safetensors")
    app.run()
    assert not app.exception
    assert said(app) == ""
    text = spoken(app)
    assert "`none.safetensors` is missing" in text
    assert "There is no fine-tuning of" in text
    (tmp_path / f"{NETWORK}.json").write_text("{broken")
    app.segmented_control(key="step").set_value("Why 75 %").run()
    assert "is missing beside its weights, or cannot be read" in spoken(app)


def test_a_margin_within_the_noise_is_called_so():
    from viz_core import mae_records as reader

    changed = json.loads(json.dumps(BASELINES))
    changed["usual"]["margins"]["telea"] |= {"psnr": -0.3, "psnr_se": 0.2}
    words = mae_records.verdict(reader.baselines(json.dumps(changed)))
    assert "0.30 ± 0.20\u2009dB behind" in words
    assert "within the noise" in words
    even = FINETUNING | {"difference": {"points": 1.0, "se": 1.0}}
    words = mae_records.tuned_verdict(reader.finetuning(json.dumps(even)))
    assert words.endswith("1.0 ± 1.0 points higher, within the noise.")
