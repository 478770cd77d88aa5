"""Breaking a picture in a real browser: what the hand does, the networks answer."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from viz_core import breaking

BOARD = "canvas.board"
WITH, WITHOUT = "vit_nano_patch4_56", "vit_nano_patch4_56-without"


@pytest.fixture(scope="module")
def shared(browser, serve):
    """One page for all tests; nothing in it moves by itself."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", has_touch=True
    )
    context.set_default_timeout(60_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.goto(serve("tests/apps/breakit_app.py"))
    page.locator(".card").nth(1).wait_for(timeout=60_000)
    settled(page)
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def page(shared):
    """The board whole, with the tools as it opens with them."""
    tool(shared, "Shift")
    shared.get_by_role("button", name="Comes in again").click()
    tool(shared, "Swap")
    shared.get_by_role("button", name="1 patch", exact=True).click()
    reset(shared)
    return shared


def settled(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def delta(page, network):
    return float(page.locator(f".card[data-network='{network}']").get_attribute("data-delta"))


def changed(page, before, network=WITH):
    """The read-out once it is another one."""
    card = page.locator(f".card[data-network='{network}']")
    expect(card).not_to_have_attribute("data-delta", before)
    return float(card.get_attribute("data-delta"))


def told(page, network=WITH):
    return page.locator(f".card[data-network='{network}']").get_attribute("data-delta")


def reset(page):
    button = page.get_by_role("button", name="Reset")
    if button.is_enabled():
        button.click()
    for network in (WITH, WITHOUT):
        expect(page.locator(f".card[data-network='{network}']")).to_have_attribute(
            "data-delta", "0"
        )


def middle(page, place, side=14):
    box = page.locator(BOARD).bounding_box()
    row, column = divmod(place, side)
    return (
        box["x"] + (column + 0.5) / side * box["width"],
        box["y"] + (row + 0.5) / side * box["height"],
    )


def drag(page, start, end, side=14):
    settled(page)  # what is still arriving may move the board from under the pointer
    page.mouse.move(*middle(page, start, side))
    page.mouse.down()
    page.mouse.move(*middle(page, end, side), steps=4)
    page.mouse.up()


def tool(page, name):
    page.get_by_role("group", name="Tool").get_by_role("button", name=name).click()


def slate(page):
    """Steps, the whole picture and the broken one as the browser has them, 784 pixels each."""
    told = page.evaluate(
        """() => {
          const { steps, slate } = globalThis.saccadeBoards.get('breakit');
          const png = name => slate[name].toDataURL('image/png').split(',')[1];
          return {steps, whole: png('whole'), flat: png('flat'), holes: png('holes')};
        }"""
    )
    decoded = {
        name: np.asarray(Image.open(io.BytesIO(base64.b64decode(told[name]))).convert("RGBA"))
        for name in ("whole", "flat", "holes")
    }
    return told["steps"], decoded


def test_it_opens_broken_and_fits(shared):
    assert delta(shared, WITH) > 0.1 > delta(shared, WITHOUT)
    for width, scheme in ((390, "dark"), (1440, "light")):
        shared.set_viewport_size({"width": width, "height": 900})
        shared.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shared.wait_for_timeout(500)
        assert shared.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = shared.locator(BOARD).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert box["width"] == pytest.approx(box["height"], abs=1)
        assert shared.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0


def test_a_patch_dragged_onto_another_changes_only_what_knows_positions(page):
    drag(page, 89, 20)
    assert changed(page, "0") > 1e-3
    settled(page)
    assert 0 <= delta(page, WITHOUT) < 1e-4
    steps, pixels = slate(page)
    assert steps == [{"kind": "swap", "side": 14, "one": 89, "other": 20}]
    edge = 784 // 14
    source = pixels["whole"][6 * edge : 7 * edge, 5 * edge : 6 * edge]
    np.testing.assert_array_equal(
        pixels["flat"][edge : 2 * edge, 6 * edge : 7 * edge, :3], source[..., :3]
    )
    expect(page.get_by_text("2 of 196 patches stand elsewhere")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    assert changed(page, told(page)) == 0
    expect(page.get_by_text("Nothing is broken")).to_be_visible()


def test_browser_and_python_break_alike(page):
    tool(page, "Turn")
    page.get_by_role("button", name="7 × 7").click()
    page.mouse.click(*middle(page, 1, 2))
    page.get_by_role("button", name="2 × 2", exact=True).click()
    page.mouse.click(*middle(page, 10, 7))
    page.mouse.click(*middle(page, 10, 7))
    page.get_by_role("button", name="In quarters").click()
    tool(page, "Erase")
    drag(page, 22, 26, 7)
    tool(page, "Shift")
    drag(page, 100, 119)
    page.get_by_role("button", name="Mirror").click()
    drag(page, 100, 58)
    tool(page, "Swap")
    drag(page, 3, 40, 7)
    steps, pixels = slate(page)
    assert [step["kind"] for step in steps] == [
        *("turn", "turn", "turn", "order", "erase", "shift", "shift", "swap")
    ]
    mosaic = breaking.replay(steps, 784)
    np.testing.assert_array_equal(pixels["holes"][..., 3] > 0, mosaic.holes)
    expected = pixels["whole"].reshape(-1, 4)[mosaic.source]
    seen = ~mosaic.holes
    np.testing.assert_array_equal(pixels["flat"][seen], expected[seen])


def test_the_keyboard_can_do_all_of_it(page):
    page.locator(BOARD).focus()
    for key in ("ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert changed(page, "0") > 0
    for key in ("2", "Enter", "3", "ArrowLeft", "Enter", "4", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    steps, _ = slate(page)
    assert [step["kind"] for step in steps] == ["swap", "turn", "erase", "shift"]
    assert (steps[0]["one"], steps[0]["other"]) == (106, 134)
    assert (steps[3]["down"], steps[3]["right"]) == (-1, 4)
    live = page.locator("[data-kind=board] [aria-live=polite]")
    expect(live).to_have_text("Shifted 4 px right.")
    page.keyboard.press("u")
    assert [step["kind"] for step in slate(page)[0]] == ["swap", "turn", "erase"]


def test_a_finger_swaps_too(page):
    fingers = page.context.new_cdp_session(page)

    def touch(kind, place=None):
        points = []
        if place is not None:
            x, y = middle(page, place)
            points = [{"x": x, "y": y}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 30)
    for place in (31, 32, 46):
        touch("touchMove", place)
    touch("touchEnd")
    assert changed(page, "0") > 0
    assert slate(page)[0] == [{"kind": "swap", "side": 14, "one": 30, "other": 46}]


def test_the_same_seed_shuffles_alike_and_maps_can_be_put_back(page):
    seed = page.get_by_label("Seed")
    orders = []
    for _ in range(2):
        seed.fill("7")
        seed.press("Enter")
        page.get_by_role("button", name="Shuffle all").click()
        orders.append(slate(page)[0][-1]["order"])
        assert seed.input_value() == "8"
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == list(range(196))
    back = page.get_by_role("button", name="Put back")
    expect(back).to_be_enabled()
    tool(page, "Turn")
    page.mouse.click(*middle(page, 7))
    expect(back).to_be_disabled()


def test_picture_and_page_may_change_and_the_breaking_stays(page):
    drag(page, 10, 150)
    before = told(page)
    page.get_by_label("Sample: taxis").click()
    changed(page, before)
    settled(page)
    steps = slate(page)[0]
    assert len(steps) == 1
    page.get_by_role("link", name="Elsewhere").click()
    page.get_by_text("somewhere else").wait_for()
    page.get_by_role("link", name="Board").click()
    page.locator(".card").nth(1).wait_for(timeout=60_000)
    settled(page)
    assert slate(page)[0] == steps
    assert delta(page, WITH) > 0
    expect(page.locator(".status-line")).to_have_text("1 change")


def test_stop_ends_the_measuring_of_what_survives(page):
    measure = page.get_by_role("button", name="Measure this picture")
    measure.click()
    page.get_by_role("button", name="Stop", exact=True).click()
    measure.wait_for()
    settled(page)
    assert page.locator(".st-key-survival .js-plotly-plot").count() == 0
