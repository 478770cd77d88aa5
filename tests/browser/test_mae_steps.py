"""The further steps of the MAE page in a real browser: what answers without the server."""

import re
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
RATIOS, COST, GUESSES = ".saccade.ratios", ".saccade.asymmetry", ".saccade.guesses"
FILM = ".saccade.film"


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture
def opened(url, page):
    """Function: step -> the page with that step drawn; motion is reduced."""
    page.set_default_timeout(60_000)
    page.emulate_media(reduced_motion="reduce")

    def go(step, ready):
        page.goto(f"{url}/mae?step={quote(step)}")
        page.wait_for_selector(ready)
        page.wait_for_selector(SETTLED)
        return page

    return go


def data(page, host):
    return page.locator(host).evaluate("element => ({...element.dataset})")


def drag(page, label, value):
    page.locator(f"input[aria-label='{label}']").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
        value,
    )


def fits(page):
    """On a phone nothing of the step that is open runs out of the page, and nothing failed."""
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function(
        """() => {
          const main = document.querySelector('[data-testid=stMain]');
          return document.documentElement.scrollWidth <= innerWidth
            && main.scrollWidth <= main.clientWidth + 1;
        }"""
    )
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_chart_follows_the_pointer_and_its_pictures_follow_the_chart(opened):
    page = opened("Why 75 %", f"{RATIOS}[data-ratio]")
    assert data(page, RATIOS)["ratio"] == "0.75"
    values = page.locator(".tile figcaption span")
    assert values.count() == 8
    before = values.nth(1).inner_text()
    box = page.locator(f"{RATIOS} svg").first.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(f"{RATIOS}:not([data-ratio='0.75'])")
    assert float(data(page, RATIOS)["ratio"]) < 0.3
    assert values.nth(1).inner_text() != before
    expect(page.locator(".verdict")).to_contain_text("hidden, ")
    page.get_by_role("button", name="Error", exact=True).click()
    page.wait_for_selector(f"{RATIOS}[data-metric=mse]")
    expect(page.locator(".verdict")).to_contain_text("times less error")
    leak = page.locator("figure[data-id=leak]")
    expect(leak).to_be_hidden()
    page.locator("label.toggle").click()
    expect(leak).to_be_visible()
    expect(page.locator(".leaked")).to_contain_text("leaks the answer")
    fits(page)


def test_the_cost_answers_within_a_frame_and_measures_on_request(opened):
    page = opened("Cost", f"{COST}[data-time='1.00']")
    assert data(page, COST)["visible"] == "49"
    drag(page, "Hidden share", 0)
    page.wait_for_selector(f"{COST}[data-ratio='0'][data-visible='196']")
    expect(page.locator(".verdict")).to_contain_text("Nothing is hidden")
    drag(page, "Hidden share", 75)
    page.get_by_role("button", name="ViT-L", exact=True).click()
    page.wait_for_selector(f"{COST}[data-ratio='0.75']")
    assert 3.1 < float(data(page, COST)["saved"]) < 3.4  # table 1c of the paper: 3.3
    expect(page.get_by_role("button", name="Measure here")).to_be_hidden()
    page.get_by_role("button", name=re.compile("^MAE-Nano")).click()
    page.get_by_role("button", name="Measure here").click()
    page.wait_for_selector(f"{COST}[data-clocked=true]", timeout=90_000)
    assert page.locator(f"{COST} path.measured").count() == 10
    fits(page)


def test_a_hidden_patch_looks_at_others_and_the_encoder_has_none(opened):
    page = opened("Inside", ".saccade canvas.picture")
    expect(page.locator(".readout .title")).to_contain_text("Row")
    page.get_by_role("radio", name="Encoder").click()
    expect(page.get_by_text("nobody can look at it")).to_be_visible()
    page.get_by_role("button", name="Mask and picture").click()
    page.get_by_role("radio", name="Filled in").click()
    page.wait_for_selector(SETTLED)
    fits(page)


def test_mean_and_spread_are_those_of_the_masks_that_hid_the_patch(opened):
    page = opened("Guesses", f"{GUESSES}[data-count='32']")
    spread = page.locator(f"{GUESSES} canvas[tabindex='0']")
    box = spread.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(f"{GUESSES}[data-patch='105']")  # row 8, column 8
    expect(page.locator(".who .title")).to_have_text("Row 8, column 8")
    whole = data(page, GUESSES)
    assert 15 <= int(whole["seen"]) <= 32
    drag(page, "Masks drawn", 6)
    page.wait_for_selector(f"{GUESSES}[data-count='6']")
    assert int(data(page, GUESSES)["seen"]) <= 6
    assert data(page, GUESSES)["spread"] != whole["spread"]
    assert page.locator(".thumb:visible").count() == 6
    spread.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(f"{GUESSES}[data-patch='119']")
    page.get_by_role("button", name="What it saw").click()
    page.wait_for_selector(f"{GUESSES}[data-wall=mask]")
    fits(page)


def test_spread_and_error_are_what_numpy_says(files, page):
    rng = np.random.default_rng(0)
    count, side, grid = 5, 8, 2
    truth = rng.integers(0, 256, (side, side, 3), np.uint8)
    guesses = rng.integers(0, 256, (count, side, side, 3), np.uint8)
    masks = rng.random((count, grid * grid)) < 0.6
    page.goto(f"{files}/README.md")
    found = page.evaluate(
        """async ({ guesses, masks, truth, count, side, grid }) => {
          const { correlation, summarise } = await import("/viz_core/guesses/js/stats.js");
          const { counts, spread, error } = summarise({ guesses, masks, truth, count, side, grid });
          const r = correlation([1, 2, 3, 9], [2, 4, 6, 0], [2, 2, 2, 1]);
          return { counts: [...counts], spread: [...spread], error: [...error], r };
        }""",
        {
            "guesses": guesses.ravel().tolist(), "masks": masks.ravel().astype(int).tolist(),
            "truth": truth.ravel().tolist(), "count": count - 1, "side": side, "grid": grid,
        },
    )  # fmt: skip
    assert found["r"] == pytest.approx(1)
    assert found["counts"] == masks[:-1].sum(axis=0).tolist()
    for patch in range(grid * grid):
        rows = slice(patch // grid * 4, patch // grid * 4 + 4)
        columns = slice(patch % grid * 4, patch % grid * 4 + 4)
        own = guesses[:-1][masks[:-1, patch]][:, rows, columns].astype(float)
        if not len(own):
            continue
        assert found["spread"][patch] == pytest.approx(np.sqrt(own.var(axis=0).mean()), abs=1e-4)
        off = own.mean(axis=0) - truth[rows, columns]
        assert found["error"][patch] == pytest.approx(np.sqrt((off**2).mean()), abs=1e-6)


def test_learning_is_scrubbed_and_played_here(opened):
    page = opened("Learning", f"{FILM}[data-at]")
    drag(page, "Moment of the training", 0)
    page.wait_for_selector(f"{FILM}[data-step='0']")
    expect(page.locator(".verdict")).to_contain_text("Before training")
    page.get_by_role("button", name="Play the training").click()
    page.wait_for_selector(f"{FILM}:not([data-step='0'])")
    page.get_by_role("button", name="Raw", exact=True).click()
    page.wait_for_selector(f"{FILM}[data-kind=raw]")
    expect(page.get_by_text("Ours, measured.")).to_be_visible()
    fits(page)
