"""The page on positions in a real browser: what the pointer reads is what Python computed."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import weights
from models.catalog import DEFAULT
from tests.browser.test_app import settled
from tests.browser.test_canvas import frames
from viz_core import ablation, positions
from viz_core.probe import positions as probe

SIDE = 14
BOARD = ".saccade[data-mode=board]"
PICTURE = f"{BOARD} canvas.picture"
WALL = f"{BOARD} .tiles-canvas"
WAVES = ".saccade[data-mode=waves]"


@pytest.fixture(scope="module")
def cosines():
    own = probe.learned(weights.load(DEFAULT))
    made = {"learned": own.values}
    for kind in ("sinusoid", "sincos"):
        made[kind] = ablation.formula(own.grid, own.values.shape[1], kind)
    return {
        (kind, centred): positions.similarity(table, centred=centred)
        for kind, table in made.items()
        for centred in (True, False)
    }


@pytest.fixture(scope="module")
def shared(browser, serve):
    """One page for all tests, which leave it as the next one can use it."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.sent, page.errors = [], []
    page.on("pageerror", lambda problem: page.errors.append(str(problem)))
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: page.sent.append(frame)))
    page.goto(f"{serve('app.py')}/positions")
    page.locator(f"{BOARD} .fact-value").first.wait_for()
    page.get_by_text("All of them on this picture").wait_for()
    yield settled(page)
    context.close()


@pytest.fixture
def page(shared):
    """The shared page, asked for what the page opens with; messages are counted from here."""
    settled(shared)
    shared.locator(PICTURE).focus()
    shared.keyboard.press("Escape")
    shared.locator(f'{BOARD} .kind[data-kind="learned"]').click()
    shared.get_by_role("button", name="Shared part out").click()
    settled(shared)
    shared.sent.clear()
    yield shared
    assert shared.errors == []


def hover(page, patch, within=PICTURE, inside=None):
    """Point at the middle of a patch; `inside` a tile of the wall at one of its cells."""
    box = page.locator(within).bounding_box()
    row, column = divmod(patch, SIDE)
    down, right = divmod(inside, SIDE) if inside is not None else (SIDE / 2 - 0.5, SIDE / 2 - 0.5)
    x = box["x"] + box["width"] * (column + (right + 0.5) / SIDE) / SIDE
    y = box["y"] + box["height"] * (row + (down + 0.5) / SIDE) / SIDE
    page.mouse.move(x, y)
    frames(page)


def fact(page, field):
    return float(page.locator(f'{BOARD} .fact[data-field="{field}"]').get_attribute("data-value"))


def told(page, cosines, patch):
    """The whole read-out about a patch is what Python computes."""
    row, column = divmod(patch, SIDE)
    line = cosines[patch].reshape(SIDE, SIDE)
    assert fact(page, "right") == pytest.approx(line[row, column + 1], abs=1e-4)
    assert fact(page, "below") == pytest.approx(line[row + 1, column], abs=1e-4)
    assert fact(page, "best") == pytest.approx(np.sort(line.ravel())[-2], abs=1e-4)
    assert fact(page, "row") == pytest.approx(np.delete(line[row], column).mean(), abs=1e-4)
    assert fact(page, "column") == pytest.approx(np.delete(line[:, column], row).mean(), abs=1e-4)


def chosen_tile(page):
    wall, box = (
        page.locator(f"{BOARD} {what}").bounding_box() for what in (".tiles-canvas", ".chosen")
    )
    middle = [
        (box[a] + box[b] / 2 - wall[a]) / wall[b] for a, b in (("y", "height"), ("x", "width"))
    ]
    return int(middle[0] * SIDE) * SIDE + int(middle[1] * SIDE)


def test_pointing_reads_pythons_numbers_and_asks_no_server(page, cosines):
    fits(page, 1440)
    stage = page.locator(PICTURE).bounding_box()
    assert stage["y"] < 200
    assert stage["y"] + stage["height"] < 900
    title = page.locator(f"{BOARD} .title")
    hover(page, 2 * SIDE + 9)
    expect(title).to_have_text("Row 3, column 10")
    told(page, cosines["learned", True], 2 * SIDE + 9)
    assert chosen_tile(page) == 2 * SIDE + 9

    hover(page, 8 * SIDE + 3, WALL, inside=4 * SIDE + 11)
    expect(title).to_have_text("Row 9, column 4")
    told(page, cosines["learned", True], 8 * SIDE + 3)
    place = page.locator(f'{BOARD} .fact[data-field="pair"] .fact-place').inner_text()
    row, column = (int(number) - 1 for number in re.findall(r"\d+", place))
    assert abs(row - 4) <= 1 >= abs(column - 11)  # a cell of the wall is two pixels wide
    pair = cosines["learned", True][8 * SIDE + 3, row * SIDE + column]
    assert fact(page, "pair") == pytest.approx(pair, abs=1e-4)

    page.get_by_role("button", name="As it is").click()
    frames(page)
    told(page, cosines["learned", False], 8 * SIDE + 3)
    for kind in ("sinusoid", "sincos"):
        page.locator(f'{BOARD} .kind[data-kind="{kind}"]').click()
        frames(page)
        told(page, cosines[kind, False], 8 * SIDE + 3)
    page.locator(f'{BOARD} .kind[data-kind="none"]').click()
    expect(page.locator(f"{BOARD} .caption")).to_contain_text("nothing to compare")
    assert page.sent == []


def test_keys_move_pin_and_change_the_kind(page, cosines):
    title, note = page.locator(f"{BOARD} .title"), page.locator(f"{BOARD} .note")
    hover(page, 5 * SIDE + 4)
    page.locator(PICTURE).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(title).to_have_text("Row 5, column 6")
    page.keyboard.press("]")
    expect(note).to_have_text("1-D sinusoid")
    page.keyboard.press("[")
    page.keyboard.press("p")
    expect(note).to_have_text("Learned, pinned")
    settled(page)
    expect(page.get_by_text("Where the pinned patch looks")).to_be_visible()
    hover(page, 10 * SIDE + 2)
    expect(title).to_have_text("Row 5, column 6")
    pair = cosines["learned", True][4 * SIDE + 5, 10 * SIDE + 2]
    assert fact(page, "pair") == pytest.approx(pair, abs=1e-4)
    page.locator(PICTURE).focus()
    page.keyboard.press("Escape")
    expect(note).to_have_text("Learned")
    page.get_by_role("button", name="Walk").click()
    expect(title).not_to_have_text("Row 5, column 6")
    page.get_by_role("button", name="Stop").click()


def test_a_suggestion_brings_its_view_to_the_board(page, cosines):
    page.get_by_role("button", name="A corner").click()
    title = page.locator(f"{BOARD} .title")
    expect(title).to_have_text("Row 1, column 1")
    told(page, cosines["learned", True], 0)
    hover(page, 60)
    page.get_by_role("button", name="A corner").click()
    expect(title).to_have_text("Row 1, column 1")
    settled(page)
    page.get_by_role("button", name="As many patches, another shape").click()
    page.get_by_text("196 tokens").wait_for()
    gallery = page.locator(".saccade[data-mode=maps]").nth(1)
    values = gallery.locator(".value")
    expect(values.nth(1)).to_have_text("7 × 28")
    gallery.locator(".frame").first.scroll_into_view_if_needed()
    settled(page)
    box = gallery.locator(".frame").first.bounding_box()
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.32 * box["height"])
    expect(values.nth(0)).to_contain_text("row 5, column 8")
    expect(values.nth(1)).to_contain_text("row 3, column 16")
    page.mouse.move(5, 5)
    expect(values.nth(0)).to_have_text("14 × 14, as trained")


def wave(page, field):
    return float(page.locator(f'{WAVES} .fact[data-field="{field}"]').get_attribute("data-value"))


def test_the_wave_answers_in_the_browser_with_pythons_numbers(page):
    for base, width, length in ((None, 160, 196), (3, 64, 40), (0, 4, 8)):
        if base is not None:
            page.locator(f'{WAVES} input[aria-label="Base"]').fill(str(base))
            page.locator(f'{WAVES} input[aria-label="Width"]').fill(str(width))
            page.locator(f'{WAVES} input[aria-label="Length"]').fill(str(length))
            frames(page)
        real = {None: 10000, 3: 30, 0: 2}[base]
        table = positions.sinusoid(length, width, real)
        first, second = min(24, length - 1), min(40, length - 1)
        apart = second - first
        assert wave(page, "dot") == pytest.approx(table[first] @ table[second], abs=1e-9)
        for field in ("shifted0", "shifted1"):  # the same wherever the pair stands
            assert wave(page, field) == pytest.approx(wave(page, "dot"), abs=1e-9)
        assert wave(page, "cosine") == pytest.approx(table[0] @ table[apart] * 2 / width, abs=1e-9)
    box = page.locator(f"{WAVES} .frame canvas").bounding_box()
    page.mouse.click(box["x"] + 9, box["y"] + 3)
    page.mouse.move(box["x"] + 9, box["y"] + box["height"] - 3)
    expect(page.locator(f"{WAVES} .title")).to_have_text("Positions 0 and 7")
    assert page.sent == []


def fits(page, width):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for what in (PICTURE, WALL, f"{WAVES} .frame"):
        box = page.locator(what).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0


def test_the_page_fits_a_phone_and_its_stage_comes_first(page):
    page.set_viewport_size({"width": 390, "height": 900})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_selector(f"{BOARD}[data-width=slim]")
    page.wait_for_timeout(500)  # Streamlit closes its sidebar and lays out anew
    fits(page, 390)
    order = [
        page.locator(f"{BOARD} {what}").bounding_box()["y"]
        for what in ("canvas.picture", ".kinds", ".readout", ".tiles-canvas")
    ]
    assert order == sorted(order)
    assert order[0] < 200
