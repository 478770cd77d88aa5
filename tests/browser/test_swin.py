"""The Swin page in a real browser: steps change at once, the pyramid and the cost answer alone."""

import pytest
from playwright.sync_api import expect

from viz_core import windows

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
PYRAMID = ".saccade:has(canvas.pyramid)"
COST = ".saccade.cost"


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture
def opened(url, page):
    """Function: step -> the page with that step drawn; motion is reduced."""
    page.set_default_timeout(60_000)
    page.emulate_media(reduced_motion="reduce")

    def go(step, ready):
        page.goto(f"{url}/swin?step={step}")
        page.wait_for_selector(ready)
        page.wait_for_selector(SETTLED)
        return page

    return go


def data(page, host):
    return page.locator(host).evaluate("element => ({...element.dataset})")


def test_the_pyramid_answers_pointer_keys_and_the_film(opened):
    page = opened("Pyramid", f"{PYRAMID}[data-panel]")
    assert data(page, PYRAMID)["panel"] == "3"  # a token of the last stage, in its first paint
    sentence = page.locator(".sentence")
    expect(sentence).to_contain_text("2 × 2 tokens of stage 2, 4 × 4 tokens of stage 1, and 8 × 8")
    table = page.locator(".stages-table")
    for text in ("784", "16 of 7 × 7", "344"):
        expect(page.locator(".stage-facts")).to_contain_text(text)
    assert table.locator("tbody tr").count() == 6

    # Arrows move by one token; [ goes to the stage before: the same place, twice the grid.
    before = data(page, PYRAMID)
    page.locator("canvas.pyramid").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"{PYRAMID}[data-column='{int(before['column']) + 1}']")
    page.keyboard.press("[")
    page.wait_for_selector(f"{PYRAMID}[data-panel='2'][data-row='{2 * int(before['row'])}']")
    expect(sentence).to_contain_text("2 × 2 tokens of stage 1, and 4 × 4 pixels")

    # A pointer on the first map leaves the server alone, and the merging follows.
    box = page.locator("canvas.pyramid").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] - 8)
    page.wait_for_selector(f"{PYRAMID}[data-panel='0'][data-merge='6,0']")

    # The film stands still where it is put; its numbers are those of the chosen square.
    for name, time in (("Map", "0.00"), ("Slices", "0.44"), ("Linear", "1.00")):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_selector(f"{PYRAMID}[data-time='{time}']")
    page.get_by_role("button", name="Stage 1 → 2").click()
    page.wait_for_selector(f"{PYRAMID}[data-from='0']")
    expect(page.locator(".codes")).to_contain_text("4 × 64 = 256 numbers")
    widths = page.locator("canvas.code").evaluate_all("nodes => nodes.map((node) => node.width)")
    assert widths == [64, 64, 64, 64, 128]
    page.locator("canvas.code").first.hover()
    expect(page.locator(".told-number")).to_contain_text("top left token, number")
    page.locator(f"{PYRAMID} button", has_text="Picture").click()
    page.wait_for_selector(f"{PYRAMID}[data-shown=picture]")

    # The next step and back: what was set is still there, and the page is at its top.
    page.get_by_role("button", name="Next: Windows").click()
    page.locator("figcaption", has_text="SW-MSA, rolled").wait_for()
    assert "step=Windows" in page.url
    assert page.locator("[data-testid=stMain]").evaluate("node => node.scrollTop") < 5
    page.get_by_role("button", name="Back", exact=True).click()
    page.wait_for_selector(f"{PYRAMID}[data-shown=picture][data-from='0']")


def test_the_cost_is_the_papers_and_follows_the_sliders(opened):
    page = opened("Cost", f"{COST}[data-side]")
    totals = page.locator(".formula-card .total")
    expect(totals.nth(0)).to_have_text("2.00\u2009G\u2009MACs")
    expect(totals.nth(1)).to_have_text("145\u2009M\u2009MACs")
    page.locator("input[aria-label='Map, tokens along a side']").evaluate(
        "(input) => { input.value = 112; input.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_selector(f"{COST}[data-side='112']")
    ratio = windows.msa_macs(112, 112, 96) / windows.window_msa_macs(112, 112, 96, 7)
    assert float(data(page, COST)["times"]) == pytest.approx(ratio, rel=0.01)
    svg = page.locator(f"{COST} svg").first
    box = svg.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 100)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert 8 < int(data(page, COST)["side"]) < 20
    page.get_by_role("button", name="Swin-T, stage 1").click()
    page.wait_for_selector(f"{COST}[data-side='56'][data-clocked=false]")
    page.get_by_role("button", name="Measure here").click()
    page.wait_for_selector(f"{COST}[data-clocked=true]", timeout=90_000)
    assert page.locator(f"{COST} path.measured").count() == 12
    expect(page.locator(f"{COST} .caption")).to_contain_text("Slopes over the three largest maps")


def test_every_step_fits(opened):
    page = opened("Attention", ".saccade canvas.picture")
    for name in ("Pyramid", "Windows", "Mask", "Bias", "Cost"):
        page.get_by_role("button", name=f"Next: {name}").click()
        page.get_by_role("radio", name=name, checked=True).wait_for()
        page.wait_for_selector(SETTLED)
        for width, scheme in ((390, "dark"), (1440, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            # A component follows the new width a moment later; one that never fits times out.
            page.wait_for_function(
                """() => {
                  const main = document.querySelector('[data-testid=stMain]');
                  return document.documentElement.scrollWidth <= innerWidth
                    && main.scrollWidth <= main.clientWidth + 1;
                }"""
            )
        assert page.locator("[data-testid=stException]").count() == 0, name


def test_what_was_set_in_a_step_is_there_after_another_one(opened):
    page = opened("Mask", ".saccade .four")
    page.get_by_role("radio", name="Block 4").click()
    page.wait_for_selector(SETTLED)
    page.get_by_role("button", name="Off here").click()
    page.get_by_role("radio", name="Windows", exact=True).click()
    page.locator(".saccade[data-rolled]").wait_for()
    page.get_by_label("Window size").fill("5")
    page.get_by_role("radio", name="Attention", exact=True).click()
    page.locator('.saccade input[aria-label="Block"]').fill("7")
    page.get_by_role("radio", name="Mask", exact=True).click()
    page.wait_for_selector(".saccade[data-run=this]")
    page.get_by_role("radio", name="Block 4", checked=True).wait_for()
    page.get_by_role("radio", name="Windows", exact=True).click()
    page.locator(".saccade[data-rolled]").wait_for()
    expect(page.get_by_label("Window size")).to_have_value("5")
    page.get_by_role("radio", name="Attention", exact=True).click()
    expect(page.locator('.saccade input[aria-label="Block"]')).to_have_value("7")
