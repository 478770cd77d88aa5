"""The page "Regions" in a real browser: what is dragged and pointed at never asks the server."""

import numpy as np
import pytest
from playwright.sync_api import expect

from viz_core import attention, regions

STAGE = ".saccade[data-way]"
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def loaded(serve, browser):
    """One page for all tests, and what it sends to the server; motion is reduced."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(120_000)
    page, sent, errors = context.new_page(), [], []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{serve('app.py')}/regions?sample=turtle")
    page.wait_for_selector(f"{STAGE}[data-cuts=true][data-answered=true]")
    page.wait_for_selector(SETTLED)
    yield page, sent
    context.close()
    assert not errors, errors


def press(page, name):
    page.locator(STAGE).get_by_role("button", name=name, exact=True).click()


def drag(page, label, value):
    page.get_by_label(label, exact=True).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
        value,
    )


def drawn(page):
    return page.locator("canvas.picture").evaluate("canvas => canvas.toDataURL()")


def hover(page, x, y):
    box = page.locator("canvas.picture").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def unseen(page):
    page.mouse.move(5, 5)
    page.wait_for_selector(f"{STAGE}[data-region='-1']")


def test_counts_layers_ways_and_the_pointer_redraw_without_asking(loaded):
    page, sent = loaded
    # The network's answers for what is shown come a moment later; they are another test's.
    page.evaluate("globalThis.realTimeout = setTimeout; globalThis.setTimeout = () => 0")
    sent.clear()
    before = drawn(page)
    drag(page, "Regions", 5)
    page.wait_for_selector(f"{STAGE}[data-count='5']")
    five = drawn(page)
    drag(page, "Layer", 2)
    page.wait_for_selector(f"{STAGE}[data-layer='1']")
    early = drawn(page)
    press(page, "Clusters")
    page.wait_for_selector(f"{STAGE}[data-way=clusters]")
    page.locator("button.count").nth(10).click()
    page.wait_for_selector(f"{STAGE}[data-count='12']")
    expect(page.locator(".list tbody tr")).to_have_count(12)
    assert len({before, five, early, drawn(page)}) == 4
    drag(page, "Regions", 2)
    hover(page, 0.5, 0.55)
    page.wait_for_selector(f"{STAGE}[data-count='2']:not([data-region='-1'])")
    region = int(page.locator(STAGE).get_attribute("data-region"))
    expect(page.locator(".readout .title")).to_have_text(f"Region {region + 1}")
    expect(page.locator(".list tr.lit td").nth(1)).to_have_text(
        page.locator("[data-field=share] .fact-value").inner_text()
    )
    assert sent == []
    page.evaluate("globalThis.setTimeout = globalThis.realTimeout")


def test_a_click_keeps_one_region_and_the_network_says_what_it_is(loaded):
    page, _ = loaded
    page.get_by_role("button", name="A jellyfish?").click()
    page.wait_for_selector(f"{STAGE}[data-asked='1'][data-pinned='0'][data-answered=true]")
    says = page.locator(".says")
    expect(says).to_contain_text("Only this: jellyfish")
    expect(says).to_contain_text("The whole picture: jellyfish")
    # The corner is water, the middle the turtle: only one of them is drawn.
    corner = "canvas => [...canvas.getContext('2d').getImageData(9, canvas.height - 9, 1, 1).data]"
    water = page.locator("canvas.picture").evaluate(corner)
    assert water[2] > water[0] + 50
    press(page, "All but it")
    grey = f"canvas => {{ const [r, g, b] = ({corner})(canvas); return r === g && g === b; }}"
    page.wait_for_function(grey, arg=page.locator("canvas.picture").element_handle())
    press(page, "All regions")
    page.wait_for_selector(f"{STAGE}[data-pinned='-1']")
    expect(page.locator(".list thead")).to_contain_text("jellyfish: only / all but")


def test_masks_hold_their_share_and_another_graph_is_cut(loaded):
    page, _ = loaded
    press(page, "Attention")
    drag(page, "Share held", 90)
    expect(page.locator(".legend")).to_contain_text("that hold 90")
    most = float(page.locator("[data-field=share]").get_attribute("data-value"))
    drag(page, "Share held", 20)
    expect(page.locator(".legend")).to_contain_text("that hold 20")
    assert 0 < float(page.locator("[data-field=share]").get_attribute("data-value")) < most
    press(page, "1")
    expect(page.locator(".readout .note")).to_have_text("layer 6, head 1")
    press(page, "Cut")
    press(page, "Graph")
    drag(page, "Threshold", 0.6)
    page.wait_for_selector(f"{STAGE}[data-cuts=false]")
    page.wait_for_selector(f"{STAGE}[data-cuts=true]")
    page.keyboard.press("Escape")
    press(page, "Vector 2")
    expect(page.locator(".legend")).to_contain_text("eigenvector 2 of the graph")


def test_likeness_and_masks_in_the_browser_are_those_of_the_server(files, page):
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, 60), rng.integers(0, 6, 60)
    second[:30] = first[:30]
    shares = rng.exponential(size=60)
    page.goto(f"{files}/README.md")
    found = page.evaluate(
        """async ([url, first, second, entries]) => {
          const { adjustedRand, maskOf } = await import(url);
          const mask = [...maskOf({ entries }, 0.6)];
          return [adjustedRand(first, second), adjustedRand(first, first), mask];
        }""",
        [
            f"{files}/viz_core/segment/js/store.js", first.tolist(), second.tolist(),
            regions.entries(shares).tolist(),
        ],
    )  # fmt: skip
    assert found[0] == pytest.approx(regions.adjusted_rand(first, second))
    assert found[1] == 1
    assert found[2] == attention.mass_mask(shares, 0.6).astype(int).tolist()


def test_a_phone_shows_all_of_it(loaded):
    page, _ = loaded
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(f"{STAGE}[data-width=slim]")
    page.wait_for_function(
        """() => {
          const main = document.querySelector('[data-testid=stMain]');
          return main.scrollWidth <= main.clientWidth + 1;
        }"""
    )
    box = page.locator("canvas.picture").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
