"""Windows and mask in a real browser: the same cuts and numbers as Python, and no server trips."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from pages._ui import samples
from pages._ui.cached import swin
from tests.apps import swin_app
from tests.test_swin_probe import opened
from viz_core import images, window_mask, windows
from viz_core.windows import Layout

APP = "tests/apps/swin_app.py"
CUT = Layout((14, 14), 7, 3)
SHIFT, SEAM = ".saccade:has(.panels)", ".saccade:has(.four)"


@pytest.fixture(scope="module")
def seam():
    """The frame that the server sends for stage 2, block 2: header and numbers."""
    raw = samples.path(samples.DEFAULT).read_bytes()
    return opened(swin.seam(swin_app.SWIN, images.digest(raw), raw, 1, 1))


@pytest.fixture(scope="module")
def page(browser):
    """One page for all tests: each leaves the maps as another may find them."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda problem: errors.append(str(problem)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def loaded(serve, page):
    """The test app once both steps are there; what is sent to the server from then on."""
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(serve(APP))
    page.locator(f"{SEAM} .fact-value").first.wait_for(timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.locator(f"{SHIFT}[data-rolled=true]").wait_for()
    return sent


@pytest.fixture
def visit(loaded):
    """What is sent to the server during one test."""
    loaded.clear()
    return loaded


def hover(page, canvas, row, column, rows=14, columns=14):
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(
        box["x"] + (column + 0.5) / columns * box["width"],
        box["y"] + (row + 0.5) / rows * box["height"],
    )
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 40))")


def fact(page, scope, field):
    return float(page.locator(f'{scope} .fact[data-field="{field}"]').get_attribute("data-value"))


def test_javascript_cuts_a_map_as_python_does(browser, files):
    page = browser.new_page()
    page.goto(f"{files}/README.md")
    layouts = [
        Layout((14, 14), 7, 3),
        Layout((8, 8), 4, 2),
        Layout((7, 7), 7),
        Layout((9, 5), 4, 1),
    ]
    layouts += [Layout((8, 8), 3, 1), Layout((28, 28), 7, 3), Layout((5, 6), 2, 1)]
    for layout in layouts:
        cut = page.evaluate(
            """async ([grid, window, shift]) => {
              const { cutMap } = await import("/viz_core/shift/js/cut.js");
              const cut = cutMap(grid, window, shift);
              const lists = ["homes", "inside", "id", "ragged", "regular"];
              return Object.fromEntries(lists.map((name) => [name, [...cut[name]]]));
            }""",
            [layout.grid, layout.window, layout.shift],
        )
        home, inside = windows.places(layout).T
        np.testing.assert_array_equal(cut["homes"], home)
        np.testing.assert_array_equal(cut["inside"], inside)
        np.testing.assert_array_equal(cut["id"], window_mask.region_ids_in_picture(layout).ravel())
        regular = Layout(layout.grid, layout.window)
        np.testing.assert_array_equal(cut["regular"], windows.window_ids(regular).ravel())
        ragged = np.unique(cut["ragged"], return_inverse=True)[1]
        np.testing.assert_array_equal(ragged, window_mask.ragged_ids(layout).ravel())
    page.close()


def test_pointing_at_a_token_counts_its_open_keys_in_every_frame(page, visit):
    maps = page.locator(f"{SHIFT} canvas.map")
    ids = window_mask.region_ids_in_picture(CUT)
    frame = windows.rolled(CUT)
    groups = windows.window_ids(CUT) * 9 + ids
    for row, column in [(1, 12), (0, 0), (6, 6), (13, 13)]:
        y, x = np.argwhere(frame == row * 14 + column)[0]
        for panel, place in ((0, (row, column)), (1, (row, column)), (2, (y, x))):
            hover(page, maps.nth(panel), *place)
            expect(page.locator(f"{SHIFT} .title")).to_have_text(
                f"Row {row + 1}, column {column + 1}"
            )
            assert fact(page, SHIFT, "keys") == 49
            assert fact(page, SHIFT, "open") == (groups == groups[row, column]).sum()
    page.mouse.move(5, 5)
    expect(page.locator(f"{SHIFT} .title")).to_have_text("Point at a token")
    assert not visit


def test_sliders_presets_and_the_roll_answer_in_the_browser(page, visit):
    captions = page.locator(f"{SHIFT} figcaption b")
    assert captions.all_inner_texts() == ["4 windows", "9 windows", "4 windows again"]
    page.get_by_label("Window size").fill("4")
    expect(captions.first).to_have_text("16 windows")
    assert fact(page, SHIFT, "windows") == 16
    expect(page.locator(f"{SHIFT} .note-line")).to_contain_text("no multiple of 4")
    page.locator(f"{SHIFT} input[aria-label=Shift]").fill("0")
    expect(captions.nth(1)).to_have_text("16 windows")
    page.get_by_role("button", name="28 × 28").click()
    expect(captions.nth(1)).to_have_text("25 windows")
    page.get_by_role("button", name="7 × 7").click()
    expect(page.locator(f"{SHIFT} .note-line")).to_contain_text("leaves the shift out")
    page.get_by_role("button", name="8 × 8").click()
    expect(captions.nth(1)).to_have_text("9 windows")
    page.locator(f"{SHIFT}[data-rolled=true]").wait_for()
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator(SHIFT)).to_have_attribute("data-rolled", "false")
    expect(page.get_by_role("button", name="Roll", exact=True)).to_be_visible()
    page.get_by_label("Roll", exact=True).last.fill("1")
    expect(page.locator(SHIFT)).to_have_attribute("data-rolled", "true")
    assert not visit


def test_the_mask_is_switched_off_and_attention_leaks_as_the_model_says(page, visit, seam):
    header, numbers = seam
    host = page.locator(SEAM)
    regions = header["regions"][3]
    head, query = header["opening"]["head"], header["opening"]["query"]
    key = next(k for k in (9, 13, 37, 41) if regions[k] != regions[query])
    assert fact(page, SEAM, "open") == regions.count(regions[query])
    assert fact(page, SEAM, "window") < 1e-30
    assert fact(page, SEAM, "row") < 1e-30
    hover(page, page.locator(f"{SEAM} .four canvas").first, *divmod(key, 7), 7, 7)
    masked = json.loads(host.get_attribute("data-key"))
    page.get_by_role("button", name="Off here").click()
    expect(host).to_have_attribute("data-run", "this")
    assert fact(page, SEAM, "open") == 49
    for field, value in (("window", header["crossing"]["this"][3]), ("total", None)):
        expected = np.mean(header["crossing"]["this"]) if value is None else value
        assert fact(page, SEAM, field) == pytest.approx(expected)
    hover(page, page.locator(f"{SEAM} .four canvas").first, *divmod(key, 7), 7, 7)
    open_ = json.loads(host.get_attribute("data-key"))
    sums = numbers["scores"][3, head, query].astype(float) + numbers["bias"][head, query]
    shares = np.exp(sums) / np.exp(sums).sum()
    assert open_["sum"] == pytest.approx(sums[key])
    assert open_["share"] == pytest.approx(shares[key])
    assert masked["sum"] == pytest.approx(sums[key] - 100)
    assert masked["share"] < 1e-30
    assert masked["score"] == open_["score"]
    page.get_by_role("button", name="Off in all").click()
    expect(host).to_have_attribute("data-run", "all")
    assert fact(page, SEAM, "window") == pytest.approx(header["crossing"]["all"][3])
    assert not visit


def test_the_proof_is_on_screen_and_a_click_chooses_a_window(page, visit, seam):
    header, _ = seam
    assert fact(page, SEAM, "float64") == header["proof"]["difference"]["float64"] < 1e-12
    assert fact(page, SEAM, "unmasked") > 1e-2
    page.get_by_role("button", name="On", exact=True).click()
    title = page.locator(f"{SEAM} .top figcaption b").first
    assert title.inner_text() == "window 4 of 4"
    chooser = page.locator(f"{SEAM} .top canvas").first
    hover(page, chooser, 2, 2)
    page.mouse.down()
    page.mouse.up()
    expect(title).to_have_text("window 1 of 4")
    page.keyboard.press("ArrowRight")
    page.mouse.move(5, 5)
    expect(page.locator(f"{SEAM} .top .title")).to_have_text("Row 6, column 7")
    page.keyboard.press("m")
    assert fact(page, SEAM, "window") == 0  # nothing to leak in the first window
    assert not visit


def test_both_steps_fit_a_desk_and_a_phone(page, visit):
    for width, name in ((1440, "wide"), (390, "slim")):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_selector(f"{SEAM}[data-width={name}]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for canvas in page.locator("canvas.map").all():
            box = canvas.bounding_box()
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert page.locator("[data-testid=stException]").count() == 0
