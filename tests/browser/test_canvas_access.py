"""The canvas without a mouse: keyboard, touch, screen reader, reduced motion."""

import pytest

from tests.apps import canvas_app as app
from tests.browser.test_canvas import SKIP, fact, frames, hover, open_page, shares

__all__ = ["shares"]  # a fixture that these tests share with those of the canvas
PICTURE = ".saccade .picture"


def title(page):
    frames(page)
    return page.locator(".saccade .title").inner_text()


def test_the_keyboard_moves_pins_and_clears(page, serve):
    open_page(page, serve, "lookup")
    page.locator(PICTURE).focus()
    page.keyboard.press("ArrowRight")
    start = title(page)
    page.keyboard.press("ArrowDown")
    below = title(page)
    row, column = (int(word.strip(",")) for word in start.split()[1::2])
    assert below == f"Row {row + 1}, column {column}"
    page.keyboard.press("p")
    patch = row * app.COLUMNS + column - 1
    page.get_by_text(f"pins=({patch + SKIP},)").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("pins=(), mask").wait_for()
    assert title(page) == "Class token"


def test_pins_can_be_cleared_without_a_keyboard(page, serve):
    open_page(page, serve, "lookup")
    clear = page.get_by_role("button", name="Clear pins")
    assert not clear.is_visible()
    x, y = hover(page, 10)
    page.mouse.click(x, y)
    page.get_by_text(f"pins=({10 + SKIP},)").wait_for()
    clear.click()
    page.get_by_text("pins=(), mask").wait_for()
    assert not clear.is_visible()


def test_brackets_choose_head_and_layer(page, serve):
    open_page(page, serve, "lookup")
    page.locator(PICTURE).focus()
    note = page.locator(".saccade .note")
    assert note.inner_text() == "layer 2, head 3"
    page.keyboard.press("]")
    page.keyboard.press("{")
    frames(page)
    assert note.inner_text() == "layer 1, head 1"


def test_dragging_a_finger_is_hovering(page, serve, shares):
    open_page(page, serve, "lookup")
    box = page.locator(PICTURE).bounding_box()
    fingers = page.context.new_cdp_session(page)

    def touch(kind, patch=None):
        point = {}
        if patch is not None:
            point["x"] = box["x"] + (patch % app.COLUMNS + 0.5) / app.COLUMNS * box["width"]
            point["y"] = box["y"] + (patch // app.COLUMNS + 0.5) / app.ROWS * box["height"]
        fingers.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point] if point else []}
        )

    touch("touchStart", 3)
    for patch in (11, 19, 27):
        touch("touchMove", patch)
    assert title(page) == "Row 4, column 4"
    largest = shares[1, 2, 27 + SKIP, SKIP:].max()
    assert fact(page, "top")[0] == pytest.approx(largest, abs=1e-7)
    touch("touchEnd")


def test_a_screen_reader_is_told_what_is_under_the_cursor(page, serve):
    open_page(page, serve, "lookup")
    live = page.locator(".saccade [aria-live=polite]")
    hover(page, 20)
    page.wait_for_timeout(1000)
    assert "row 3, column 5" in live.inner_text().lower()
    assert "%" in live.inner_text()
    assert page.locator(PICTURE).get_attribute("aria-roledescription")


def test_with_reduced_motion_play_goes_one_layer_at_a_time(page, serve):
    page.emulate_media(reduced_motion="reduce")
    open_page(page, serve, "lookup")
    page.locator(PICTURE).focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(1600)
    assert page.locator(".saccade .note").inner_text() == "layer 3, head 3"


def test_pins_survive_in_the_saved_live_page(page, serve, tmp_path):
    open_page(page, serve, "lookup")
    x, y = hover(page, 10)
    page.mouse.click(x, y)
    page.get_by_text(f"pins=({10 + SKIP},)").wait_for()
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Live page").click()
    live = tmp_path / "live.html"
    saved.value.save_as(live)
    page.goto(live.as_uri())
    page.locator(".saccade .fact-value").first.wait_for()
    assert title(page) == "Row 2, column 3"
