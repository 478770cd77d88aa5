"""The ConvNeXt page in a real browser: the wall answers without the server."""

import pytest
from playwright.sync_api import expect

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
HOST = ".saccade:has(.channels)"
PICTURE = ".channels canvas.picture"


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture
def opened(url, page):
    """The step Features with the gallery's answers below it."""
    page.set_default_timeout(90_000)
    page.goto(f"{url}/convnext")
    page.wait_for_selector(f"{HOST}[data-view=channels][data-order]")
    page.wait_for_selector(".gallery canvas")
    page.wait_for_selector(SETTLED)
    return page


def data(page):
    return page.locator(HOST).evaluate("element => ({...element.dataset})")


def drawn(page, selector):
    return page.locator(selector).first.evaluate("canvas => canvas.toDataURL()")


def state(page, **values):
    where = "".join(f"[data-{name}='{value}']" for name, value in values.items())
    page.wait_for_selector(f"{HOST}{where}")


def press(page, name):
    page.locator(".channels").get_by_role("button", name=name, exact=True).first.click()


def test_the_wall_previews_keeps_sorts_and_asks_the_picture(opened):
    page = opened
    began = data(page)
    assert (began["sort"], began["tap"]) == ("contrast", "output")
    picture = drawn(page, PICTURE)
    wall = page.locator("canvas.thumbs")
    box = wall.bounding_box()

    # Under the pointer a channel is previewed, on the picture and in the row of samples.
    samples = page.locator(".gallery-head b")
    wall.hover(position={"x": 90, "y": 20})
    page.wait_for_selector(f"{HOST}:not([data-channel='{began['channel']}'])")
    shown = data(page)
    assert shown["channel"] != shown["kept"] == began["kept"]
    assert drawn(page, PICTURE) != picture
    number = int(shown["channel"]) + 1
    expect(page.locator(".readout .title")).to_contain_text(f"Channel {number} of")
    expect(samples).to_contain_text(f"Channel {number}, ")
    page.mouse.move(box["x"] + 90, box["y"] - 200)
    state(page, channel=began["kept"])

    # A click keeps it, arrows go on in the order of the wall.
    wall.click(position={"x": 90, "y": 20})
    state(page, kept=shown["channel"])
    wall.press("ArrowLeft")
    page.wait_for_selector(f"{HOST}:not([data-kept='{shown['channel']}'])")


def test_orders_the_strip_and_the_maps_of_a_block(opened):
    page = opened
    press(page, "Drives")
    state(page, sort="drive")
    assert page.locator(".classes .segmented button").count() == 3
    page.locator(PICTURE).click(position={"x": 120, "y": 120})
    state(page, sort="here")
    first = data(page)["order"]
    page.locator(PICTURE).hover(position={"x": 330, "y": 330})
    page.wait_for_selector(f"{HOST}:not([data-order='{first}'])")
    press(page, "Number")
    state(page, sort="index", order="0,1,2,3")

    # Along the strip and into the block; a tap that the next block has too stays.
    press(page, "Depthwise")
    state(page, tap="depthwise")
    page.get_by_role("button", name="stage 1, block 1", exact=True).click()
    state(page, stage="0", block="0", tap="depthwise")
    page.locator(PICTURE).focus()
    page.keyboard.press("]")
    state(page, stage="0", block="1")
    press(page, "Output")
    kept = data(page)["kept"]
    page.keyboard.press("[")
    page.locator(PICTURE).press("[")
    state(page, stage="0", block="0", kept=kept)  # one stream: its channels keep their numbers


def test_the_other_views_answer_and_everything_stays_over_another_step(opened):
    page = opened
    press(page, "Likeness")
    state(page, view="likeness")
    page.locator(PICTURE).hover(position={"x": 60, "y": 60})
    one = drawn(page, ".tile canvas")
    page.locator(PICTURE).hover(position={"x": 260, "y": 240})
    page.wait_for_timeout(200)
    assert drawn(page, ".tile canvas") != one

    press(page, "Colours")
    expect(page.locator(".story")).to_contain_text("of the variance")
    assert page.locator(".tile").count() == 3

    press(page, "Regions")
    page.get_by_label("Number of regions", exact=True).fill("7")
    state(page, view="regions", count="7")
    assert page.locator(".region").count() == 7
    page.locator(".bar-button").first.click()
    state(page, count="2")
    whole = page.locator(".region span").all_inner_texts()
    assert sum(float(text.split("\u2009")[0]) for text in whole) == pytest.approx(100, abs=0.6)
    before = drawn(page, PICTURE)
    page.locator(".region").first.hover()
    page.wait_for_selector(".region[data-marked=true]")
    assert drawn(page, PICTURE) != before

    page.get_by_role("radio", name="Kernels", exact=True).click()
    page.wait_for_selector(SETTLED)
    page.get_by_role("radio", name="Features", exact=True).click()
    state(page, view="regions", count="2")


def test_another_network_runs_on_the_same_picture(opened):
    page = opened
    page.get_by_role("group", name="Network", exact=True).get_by_role("button", name="Swin").click()
    expect(page.locator(".stage-label").nth(1)).to_contain_text("28 × 28 × 64")
    page.wait_for_selector(f"{HOST}[data-loading=false]")
    expect(
        page.get_by_role("group", name="Network", exact=True).locator("[aria-pressed=true]")
    ).to_have_text("Swin")


def test_every_step_fits(opened):
    page = opened
    for name in ("Features", "Kernels", "Field", "Road", "Blocks"):
        page.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_selector(SETTLED)
        for width, scheme in ((390, "dark"), (1440, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function(
                """() => {
                  const main = document.querySelector('[data-testid=stMain]');
                  return document.documentElement.scrollWidth <= innerWidth
                    && main.scrollWidth <= main.clientWidth + 1;
                }"""
            )
        assert page.locator("[data-testid=stException]").count() == 0, name
