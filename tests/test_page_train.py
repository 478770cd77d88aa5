"""The page Train as a script: a run from start to file, the line, own pictures, the picker."""

import io
import time
import zipfile

import numpy as np
import pytest
import safetensors.torch
from PIL import Image

from models.training import data, line
from models.training.live_config import LiveConfig
from pages._ui import train_choice, train_stage, train_tries, workshop
from pages._ui.cached import train as cached
from tests.pictures import file_of
from tests.test_pages import said, start
from tests.training_toys import two_colours
from viz_core import squeeze
from viz_core.class_folders import FEWEST_PICTURES

pytestmark = pytest.mark.usefixtures("one_thread", "fresh")
PATIENCE = 120.0
QUICK = {train_choice.FAMILY: "ViT-Lite", train_choice.BUDGET: "1 epoch", train_choice.BATCH: 32}


@pytest.fixture
def fresh(monkeypatch):
    """A line of its own, and few pictures that come with Saccade."""
    monkeypatch.setattr(line, "NICENESS", 0)  # other tests' work must not keep it waiting
    classes = cached.shipped_facts()[2]
    train, val = two_colours(96, 1, side=32), two_colours(20, 2, side=32)
    monkeypatch.setattr(cached, "shipped", lambda: data.Dataset("CIFAR-10", classes, train, val))
    yield
    cached.line().close()
    cached.line.clear()


def button(app, label):
    (found,) = [one for one in app.button if one.label == label]
    return found


def labels(app):
    return [one.label for one in app.button]


def told(app):
    """What the progress bar says."""
    return " ".join(one.proto.text for one in app.get("progress"))


def quick(app):
    for key, value in QUICK.items():
        app.session_state[key] = value
    return app.run()


def until(app, what):
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, f"it never happened: {told(app)}"
        time.sleep(0.05)
        app.run()
        assert not app.exception


def test_a_run_from_the_button_to_a_network_in_the_picker():
    app = quick(start("train"))
    assert "ViT-Lite-2/4 starts with random weights and learns 10 classes for 1 epochs" in " ".join(
        one.value for one in app.caption
    )
    button(app, "Train").click().run()
    assert not app.exception
    until(app, lambda: "done in" in told(app))
    assert "96 pictures seen (1.0 passes)" in told(app)
    assert "Train again" in labels(app)
    name = "ViT-Lite-2/4 on CIFAR-10 (your run 1)"
    assert app.selectbox(key="train-kept").options == [name]
    assert any("\u2009% of 20 held-out pictures right" in one.value for one in app.markdown)
    app.run()  # the sidebar comes first
    app.selectbox(key="model").select(name).run()
    assert not app.exception
    app.switch_page("pages/attention.py").run()
    assert not app.exception
    assert any(f"{name} is shown on the page Train" in one.value for one in app.caption)
    assert said(app) == ""
    (network,) = app.session_state[workshop.KEPT].values()
    model = LiveConfig(variant="vit_lite_2_4_32").recipe().build(10)
    model.load_state_dict(safetensors.torch.load(network.weights()), strict=True)


def test_it_stops_goes_on_and_survives_another_page():
    app = quick(start("train"))
    app.select_slider(key=train_choice.BUDGET).set_value("30 min").run()
    button(app, "Train").click().run()
    until(app, lambda: "pictures seen" in told(app) and "0 pictures" not in told(app))
    ticket = app.session_state[workshop.BENCH].ticket
    app.switch_page("pages/attention.py").run()
    before = ticket.latest.step
    end = time.monotonic() + PATIENCE
    while ticket.latest.step <= before + 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    app.switch_page("pages/train.py").run()
    button(app, "Stop").click().run()
    until(app, lambda: "stopped at" in told(app))
    rests = ticket.latest.step
    assert {"Continue", "Train again"} <= set(labels(app))
    assert app.selectbox(key="train-kept").options == ["ViT-Lite-2/4 on CIFAR-10 (your run 1)"]
    app.selectbox(key="sample").select("dog").run()  # another picture, while it rests
    assert not app.exception
    assert ticket.latest.step == rests
    button(app, "Continue").click().run()
    until(app, lambda: ticket.latest.step > rests)
    cached.line().drop(ticket)


def test_who_comes_second_is_told_how_long_the_line_is():
    app = quick(start("train"))
    blocker = cached.line().submit("somebody else", _slow())
    button(app, "Train").click().run()
    assert "ViT-Lite-2/4 waits: 1 training is before yours" in told(app)
    assert labels(app).count("Stop") == 1
    button(app, "Stop").click().run()
    assert "Continue" in labels(app)
    cached.line().drop(blocker)


def _slow():
    while True:
        time.sleep(0.02)
        yield None


def test_a_full_line_is_said_in_a_sentence(monkeypatch):
    app = quick(start("train"))
    monkeypatch.setattr(cached.line(), "_longest", 0)
    button(app, "Train").click().run()
    assert not app.exception
    assert "trainings are in line already; try again" in said(app)


def test_an_error_in_a_training_is_said_in_a_sentence(monkeypatch):
    def broken():
        raise ValueError("the pictures are gone")

    monkeypatch.setattr(cached, "shipped", broken)
    app = quick(start("train"))
    button(app, "Train").click().run()
    until(app, lambda: app.error)
    assert app.error[0].value == "The training ended early: the pictures are gone."


@pytest.mark.parametrize("item", train_tries.TRIES, ids=lambda item: item.label)
def test_every_try_this_sets_choices_that_exist(item):
    app = start("train")
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    for key, value in item.state.items():
        assert app.session_state[key] == value


def packed(per_class=FEWEST_PICTURES):
    buffer = io.BytesIO()
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("red ![x](http:--a.b)", "blue"):
            for i in range(per_class):
                pixels = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
                archive.writestr(f"mine/{name}/{i}.png", file_of(Image.fromarray(pixels)))
    return buffer.getvalue()


def test_own_pictures_are_counted_learned_and_kept_on_another_page(monkeypatch):
    app = quick(start("train"))
    app.segmented_control(key=train_choice.DATA).set_value("My own").run()
    assert button(app, "Train").disabled
    app.file_uploader(key="train-own-zip").upload("mine.zip", packed(), "application/zip").run()
    assert not app.exception
    (text,) = [one.value for one in app.markdown if one.value.startswith("**2 classes")]
    assert "16 pictures to learn from, 4 held out" in text
    assert "(blue, red x http --a.b)" in text
    asked = []
    monkeypatch.setattr(squeeze, "squares", lambda *_: asked.append(1))
    app.segmented_control(key=train_choice.FAMILY).set_value("CVT").run()
    assert not app.exception
    assert asked == []  # the same files are not read again
    app.switch_page("pages/attention.py").run()
    app.switch_page("pages/train.py").run()
    button(app, "Train").click().run()
    until(app, lambda: "done in" in told(app))
    assert app.session_state[workshop.BENCH].classes == ("blue", "red x http --a.b")
    assert app.session_state[workshop.BENCH].config.batch == 16


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"no zip", "is no zip file or is damaged"), (packed(3), "give each class at least 10")],
)
def test_files_that_cannot_be_learned_from_give_one_sentence(raw, words):
    app = start("train")
    app.segmented_control(key=train_choice.DATA).set_value("My own").run()
    app.file_uploader(key="train-own-zip").upload("mine.zip", raw, "application/zip").run()
    assert not app.exception
    assert words in said(app)
    assert button(app, "Train").disabled


def test_times_are_told_as_people_say_them():
    assert train_stage._time(59.6) == "1\u2009min 00\u2009s"
    assert train_stage._time(7.2) == "7\u2009s"


def test_moments_are_told_as_people_say_them():
    told = [train_stage._when(share) for share in (0, 0.0312, 0.31, 1)]
    assert told == [
        "before training",
        "after 3.1\u2009% of the budget",
        "after 31\u2009% of the budget",
        "at the end",
    ]
