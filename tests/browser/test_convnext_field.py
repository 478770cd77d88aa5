"""Kernels and Field in a browser: numbers under the pointer are the network's own."""

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from models.tap import record

APP = "app.py"
OWN = "convnext_nano_patch2_56"


def prepared(sample="cat"):
    from pages._ui import cached
    from pages._ui.cached import swin

    return swin.prepared(OWN, *cached.sample(sample)).pixels


@pytest.fixture(scope="module")
def stage(browser, serve):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(90_000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.goto(f"{serve(APP)}/convnext?step=Kernels")
    page.locator(".saccade .kernels .total").wait_for()
    yield page
    context.close()
    assert not errors, errors


def data(page, *names):
    host = page.locator(".saccade:has(.kernels), .saccade:has(.field)").first
    return [host.get_attribute(f"data-{name}") for name in names]


def over(locator, right, down):
    """Moves the pointer to a share of an element's width and height."""
    box = locator.bounding_box()
    locator.hover(position={"x": box["width"] * right, "y": box["height"] * down})


def test_the_number_under_the_pointer_is_the_networks_own(stage):
    from pages._ui import cached

    output = stage.locator(".maps .picture").nth(1)
    bank, channel = data(stage, "bank", "channel")
    level, block = (int(k) - 1 for k in bank.split("."))
    name = f"stages.{level}.blocks.{block}.depthwise"
    with torch.inference_mode(), record(cached.network(OWN), name) as trace:
        cached.network(OWN)(torch.tensor(prepared()))
    expected = trace[name][0, int(channel)].numpy()
    rows, columns = expected.shape
    found = {}
    for right, down in ((0.53, 0.41), (0.02, 0.97)):
        over(output, right, down)
        place = [int(down * rows), int(right * columns)]
        stage.locator(f".saccade[data-place='{place[0]},{place[1]}']").wait_for()
        found[tuple(place)] = float(data(stage, "value")[0])
    for place, value in found.items():
        assert value == pytest.approx(expected[place], abs=2e-4 * float(np.abs(expected).max()))


def test_kernels_sizes_and_grey_values_answer_in_the_browser(stage):
    wall = stage.locator(".kernels canvas.thumbs")
    before = data(stage, "channel")[0]
    over(wall, 0.03, 0.03)
    stage.locator(".saccade[data-channel='0']").wait_for()
    over(stage.locator(".maps .picture").nth(1), 0.5, 0.5)
    stage.locator(f".saccade[data-channel='{before}']").wait_for()
    trained = float(data(stage, "value")[0])
    stage.locator(".card[data-size='11']").click()
    stage.locator(".saccade[data-size='11']").wait_for()
    over(stage.locator(".maps .picture").nth(1), 0.5, 0.5)
    assert float(data(stage, "value")[0]) == pytest.approx(trained, abs=1e-6)
    stage.locator(".card[data-size='3']").click()
    over(stage.locator(".maps .picture").nth(1), 0.5, 0.5)
    stage.locator(".saccade[data-size='3']").wait_for()
    assert float(data(stage, "value")[0]) != trained
    assert "a crop, not trained so" in stage.locator(".right .note-line").inner_text()
    stage.get_by_role("button", name="Grey values", exact=True).click()
    stage.get_by_text("For intuition: the network never does this.").wait_for()
    stage.get_by_role("button", name="Its own map", exact=True).click()
    stage.locator(".card[data-size='7']").click()
    stage.get_by_role("button", name="Play", exact=True).click()
    stage.locator(".saccade[data-playing='true']").wait_for()
    stage.get_by_role("button", name="Stop", exact=True).click()
    stage.locator(".saccade[data-playing='false']").wait_for()


def test_a_suggestion_sets_its_view_and_brings_the_stage_back_into_sight(stage):
    stage.get_by_role("button", name="The last block").click()
    last = stage.locator(".bank", has_text=".").last.inner_text()
    stage.locator(f".saccade[data-bank='{last}']").wait_for()
    assert stage.locator(".saccade .kernels").bounding_box()["y"] >= 0


def test_all_fields_follow_one_pointer_and_fill_up(stage):
    stage.get_by_role("radio", name="Field").click()
    stage.locator(".saccade .panel").first.wait_for()
    pictures = stage.locator(".panel .picture")
    assert pictures.count() >= 2
    over(pictures.nth(1), 0.5, 0.5)
    stage.locator(".saccade[data-place='3,3']").wait_for()
    stage.locator(".saccade[data-complete='true']").wait_for()
    half = stage.locator(".panel .number b")
    middle = half.all_inner_texts()
    over(pictures.nth(0), 0.05, 0.05)
    stage.locator(".saccade[data-place='0,0']").wait_for()
    corner = half.all_inner_texts()
    assert corner != middle
    assert "…" not in corner
    pictures.nth(0).press("ArrowRight")
    stage.locator(".saccade[data-place='0,1']").wait_for()
    stage.locator('input[aria-label="Depth"]').fill("1")
    stage.locator(".saccade[data-depth='1']").wait_for()
    over(pictures.nth(0), 0.5, 0.5)
    expect(half.filter(has_text="…")).to_have_count(0)
    assert stage.locator(".panel .number b").nth(2).inner_text() == "14\u2009px"  # 2 + 6 x 2
