"""The page Why in a real browser: what is dragged needs no server, what is painted asks it once."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_take import offline, opened, saved

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
STAGE = ".why[data-method]"


@pytest.fixture(scope="module")
def page(browser):
    """One page for all tests: each leaves it where the next one can go on."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda problem: errors.append(str(problem)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def sent(serve, page):
    """The page once it rests; what is sent to the server from then on."""
    frames = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: frames.append(frame)))
    page.goto(f"{serve('app.py')}/why?model=cct_2_3x2_32&sample=coffee")
    page.locator(f"{STAGE}[data-curves='true']").wait_for()
    page.wait_for_selector(SETTLED)
    frames.clear()
    return frames


def share(page):
    return float(page.locator(STAGE).get_attribute("data-share"))


def mode(page, name):
    page.locator(".modes button", has_text=name).click()


def drag(page, *places):
    """Draw on the picture through places, as shares of its side."""
    box = page.locator("canvas.picture").bounding_box()
    for k, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if not k:
            page.mouse.down()
    page.mouse.up()


def test_the_slider_erases_and_the_bars_follow_without_the_server(page, sent):
    stage = page.locator(STAGE)
    whole = share(page)
    bar, track = (page.locator(f".one[data-role=target] .{name}") for name in ("fill", "track"))
    page.locator(".walk input").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(stage).to_have_attribute("data-mode", "erase")
    assert int(stage.get_attribute("data-erased")) > 0
    expect(stage).not_to_have_attribute("data-share", str(whole))
    erased = share(page)
    wide = bar.bounding_box()["width"] / track.bounding_box()["width"]
    assert wide == pytest.approx(erased, abs=0.02)
    mode(page, "Keep only")
    expect(stage).to_have_attribute("data-mode", "keep")
    expect(stage).not_to_have_attribute("data-share", str(erased))
    curve = page.locator("canvas.curve").first
    box = curve.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 10, box["y"] + 40)  # the end: nothing is left
    expect(stage).to_have_attribute("data-erased", "64")
    page.get_by_label("Play").click()
    expect(stage).to_have_attribute("data-erased", "64")
    mode(page, "Map")
    expect(stage).to_have_attribute("data-share", str(whole))
    assert not sent


def test_the_read_out_follows_the_pointer(page, sent):
    page.locator("canvas.picture").hover(position={"x": 5, "y": 5})
    expect(page.locator(".why .readout .title")).to_have_text("Row 1, column 1")
    fact = page.locator(".why .fact[data-field=rank]")
    assert 1 <= int(fact.get_attribute("data-value")) <= 64
    page.locator("canvas.picture").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".why .readout .title")).to_have_text("Row 2, column 1")
    assert not sent


def test_painting_asks_once_and_stands_beside_the_shape_elsewhere(page, sent):
    whole = share(page)
    mode(page, "By hand")
    assert not sent
    drag(page, (0.3, 0.4), (0.7, 0.4), (0.7, 0.6), (0.3, 0.6))
    stage = page.locator(STAGE)
    expect(page.locator(".why .fact[data-field=random]")).not_to_have_attribute("data-value", "")
    assert int(stage.get_attribute("data-erased")) > 8
    painted = share(page)
    assert painted != whole
    change = page.locator(".why .fact[data-field=change]").get_attribute("data-value")
    assert float(change) == pytest.approx(painted - whole)
    page.locator(".brush button", has_text="keeps").click()
    expect(stage).not_to_have_attribute("data-share", str(painted))
    page.locator(".brush button", has_text="Clear").click()
    expect(stage).to_have_attribute("data-erased", "0")
    mode(page, "Map")
    page.wait_for_selector(SETTLED)
    sent.clear()


def test_another_class_and_against_it_change_the_map_and_the_address(page, sent):
    stage = page.locator(STAGE)
    before = stage.get_attribute("data-ask")
    second = page.locator(".one .class span:first-child").nth(1).inner_text()
    first = page.locator(".one .class span:first-child").nth(0).inner_text()
    page.locator(".one .class").nth(1).click()
    expect(stage).to_have_attribute("data-target", second)
    page.locator(".one", has_text=first).locator(".versus").click()
    expect(page.locator(".one[data-role=against]")).to_contain_text(first)
    assert stage.get_attribute("data-ask") != before
    page.wait_for_url(f"**against={first}*")
    assert f"class={second}" in page.url
    page.locator("input.class").first.fill(first)  # any class, by its name
    expect(stage).to_have_attribute("data-target", first)
    page.locator("select.methods").select_option("saliency")
    expect(stage).to_have_attribute("data-method", "saliency")
    expect(page.locator(".why .says .answers")).to_contain_text("Which pixels")
    page.wait_for_selector(SETTLED)


def test_the_page_fits_a_phone(page, sent):
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("canvas.picture").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.set_viewport_size({"width": 1440, "height": 900})


def test_stop_ends_a_computation(page, serve):
    page.goto(f"{serve('tests/apps/why_wait_app.py')}/?model=cct_2_3x2_32&sample=coffee")
    page.get_by_role("button", name="Compare all methods").click()
    # Streamlit draws a button with a help text twice and shows one of them.
    page.locator(".st-key-why-agreement-stop button:visible").first.click()
    expect(page.get_by_role("button", name="Compare all methods")).to_be_visible()
    page.wait_for_selector(SETTLED)
    assert not page.locator(".st-key-why-agreement-stop, [data-testid=stException]").count()


def test_a_saved_page_offers_only_what_needs_no_server(page, serve, tmp_path):
    rows = opened(page, serve("app.py"), "why?model=cct_2_3x2_32&sample=coffee")
    file = tmp_path / "page.html"
    saved(page, rows.filter(has_text="offline")).save_as(file)
    alone = page.context.browser.new_context().new_page()
    troubles, _ = offline(alone, file)
    stage = alone.locator(f"{STAGE}[data-curves='true']")
    stage.wait_for()
    expect(alone.get_by_text("Without the app", exact=False)).to_be_visible()
    for needs in (
        "select.methods",
        "button.class",
        "input.class",
        ".modes button[data-value=hand]",
    ):
        for one in alone.locator(needs).all():
            expect(one).to_be_disabled()
    whole = stage.get_attribute("data-share")
    alone.locator(".modes button", has_text="Erase").click()
    expect(stage).not_to_have_attribute("data-share", whole)
    alone.context.close()
    assert not troubles
