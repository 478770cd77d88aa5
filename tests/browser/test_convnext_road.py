"""The steps Road and Blocks in a real browser: everything answers without the server."""

import pytest
from playwright.sync_api import expect

from models.catalog import CATALOG
from pages._ui.cached import blocks

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
ROAD = ".saccade.road-host"
WIDTH = CATALOG[blocks.CONVNEXT].config.width_of


@pytest.fixture(scope="module")
def url(serve):
    return serve("tests/apps/convnext_road_app.py")


def data(page, host):
    return page.locator(host).evaluate("element => ({...element.dataset})")


def fits(page):
    """Nothing is wider than the window, on a phone and on a desk, in the dark and in light."""
    for width, scheme in ((390, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(
            "() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
        )


def test_the_road_answers_scrubbing_clicks_and_keys(url, page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{url}/?step=Road")
    page.wait_for_selector(f"{ROAD}[data-station=inverted]")
    page.wait_for_selector(SETTLED)
    card = page.locator(f"{ROAD} .card")
    expect(card).to_contain_text("80.64")
    expect(card).to_contain_text("4.64\u2009G")
    expect(page.locator(f"{ROAD} .road-map .legend")).to_contain_text("not measured here")

    # The slabs are drawn to scale: 768 channels are four times as wide as 192.
    wide = (
        "node => node.style.getPropertyValue('--in') + ' ' + node.style.getPropertyValue('--out')"
    )
    now = page.locator(f"{ROAD} .column").last
    assert now.locator(".slab").first.evaluate(wide) == "12.50% 50.00%"
    assert now.locator(".op[data-status=resized]").count() == 11

    # A click on the chart, a key on the slider, a button: the browser answers alone.
    chart = page.locator(f"{ROAD} svg.chart")
    first = chart.locator("circle.station").first.bounding_box()
    page.mouse.click(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.wait_for_selector(f"{ROAD}[data-station=resnet50]")
    assert page.locator(f"{ROAD} .column").count() == 1
    page.locator("input[aria-label=Station]").press("End")
    page.wait_for_selector(f"{ROAD}[data-station=convnext_tiny][data-view=entry]")
    expect(now.locator(".op-name").first).to_have_text("LN")
    expect(now.locator(".op-name").nth(1)).to_have_text("2×2 conv /2")
    page.get_by_role("button", name="Stem", exact=True).first.click()
    page.wait_for_selector(f"{ROAD}[data-view=stem]")
    page.locator(f"{ROAD} .strip .part").nth(3).click()
    page.wait_for_selector(f"{ROAD}[data-view=block][data-stage='3']")
    page.get_by_role("button", name="Walk the road").click()
    page.wait_for_selector(f"{ROAD}[data-station=resnet50]")
    fits(page)


def test_blocks_norms_and_activations_answer_the_pointer(url, page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{url}/?step=Blocks")
    host = ".saccade.blocks-host"
    page.wait_for_selector(f"{host}.activations[data-x]")
    page.wait_for_selector(SETTLED)
    columns = page.locator(f"{host}.blocks .column")
    assert columns.count() == 3
    readout = page.locator(f"{host}.blocks .readout")
    expect(readout).to_contain_text(f"{4 * WIDTH(1)} × 14 × 14")
    columns.first.locator("button.op", has_text="3×3 conv").hover()
    expect(readout).to_contain_text("64 × 14 × 14")
    expect(readout).to_contain_text("36.9\u2009k")
    page.get_by_role("button", name="7 × 7", exact=True).click()
    page.wait_for_selector(f"{host}.blocks[data-side='7']")
    expect(readout).to_contain_text(f"{4 * WIDTH(2)} × 7 × 7")

    # A batch of one moves this picture's numbers; the whole batch does not. Layer norm stays.
    norms = f"{host}.norms"
    expect(page.locator(f"{norms} .verdict")).to_contain_text("mean 0 after batch norm")
    assert float(data(page, norms)["moved"]) > 0
    page.locator("input[aria-label='Pictures in the batch']").press("End")
    page.wait_for_selector(f"{norms}[data-batch='8'][data-moved='0.0000']")
    page.get_by_role("button", name="ResNet's batch norm").click()
    page.wait_for_selector(f"{norms}[data-tensor='1']")

    curve = page.locator(f"{host}.activations svg").first
    curve.press("ArrowRight")
    page.wait_for_selector(f"{host}.activations[data-x='-0.65']")
    expect(page.locator(f"{host}.activations .cell")).to_contain_text("ReLU gives 0 with slope 0")
    fits(page)
