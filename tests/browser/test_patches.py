"""“Patches and tokens” in a real browser: the stage, the ribbon and the filters answer at once."""

import pytest
from playwright.sync_api import expect

STAGE = "canvas.cutter"
HOST = ".saccade:has(canvas.cutter)"
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture(scope="module")
def shared(url, browser):
    """One page for the tests here; motion is reduced, so nothing moves by itself."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.goto(f"{url}/patches?sample=dog")
    page.wait_for_selector(f"{HOST}[data-tokens]")
    page.wait_for_selector(SETTLED)
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def stage(shared):
    """The page at the size of a desk."""
    shared.set_viewport_size({"width": 1440, "height": 900})
    shared.locator(STAGE).scroll_into_view_if_needed()
    return shared


def data(page, host=HOST):
    return page.locator(host).evaluate("element => ({...element.dataset})")


def drag_size(page, index):
    page.locator(f"{HOST} input[aria-label='Patch size']").evaluate(
        """(input, index) => {
          input.value = index;
          input.dispatchEvent(new Event('input', {bubbles: true}));
          return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        }""",
        index,
    )


def at(page, x, y):
    box = page.locator(STAGE).bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.wait_for_timeout(60)
    return data(page)


def test_the_stage_answers_pointer_keys_and_sizes(stage):
    first = data(stage)
    assert (first["patch"], first["tokens"], first["time"]) == ("4", "197", "1.00")
    assert first["numbers"] == "embedding"
    box = stage.locator(STAGE).bounding_box()
    assert box["y"] + box["height"] <= 900

    # A patch on the picture: row 1, column 1 is token 1, behind the class token.
    assert at(stage, 6, 6)["token"] == "1"
    expect(stage.locator(".inspect .title")).to_have_text("Row 1, column 1")
    stage.locator(STAGE).focus()
    stage.keyboard.press("ArrowDown")
    stage.keyboard.press("ArrowRight")
    expect(stage.locator(".inspect .title")).to_have_text("Row 2, column 2")
    assert data(stage)["token"] == "16"

    # Sizes follow the slider without the server; the ribbon follows too.
    drag_size(stage, 5)
    now = data(stage)
    assert (now["patch"], now["tokens"], now["numbers"]) == ("14", "17", "pixels")
    expect(stage.locator("[data-station=cut] .size")).to_have_text("16 × 588")
    expect(stage.locator("[data-station=pattern] .size")).to_have_text("5 × 17 × 17")
    drag_size(stage, 0)
    assert data(stage)["tokens"] == "3137"
    expect(stage.locator("[data-station=blocks] .size")).to_have_text("3,137 × 160")
    stage.get_by_text("back to 4 px").click()
    assert data(stage)["patch"] == "4"

    # The story can be stepped; a token in the sequence answers as its patch does.
    stage.get_by_role("button", name="Numbers", exact=True).click()
    stage.wait_for_selector(f"{HOST}[data-time='1.00']")
    box = stage.locator(STAGE).bounding_box()
    tokens = {at(stage, 0.46 * box["width"] + 44 + k, 12)["token"] for k in range(0, 120, 20)}
    assert "0" in tokens or "1" in tokens
    assert len(tokens) > 3
    pixels = "e => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.join().length"
    assert stage.locator(f"{HOST} .strip").evaluate(pixels) > 160 * 4


def test_the_filters_answer_the_pointer(stage):
    host = ".saccade:has(.filters)"
    tiles = stage.locator(f"{host} .tile")
    tiles.first.scroll_into_view_if_needed()
    assert tiles.count() == 28
    before = data(stage, host)
    assert before["component"] == "1"
    assert len(before["best"].split(",")) == 6
    tiles.nth(4).hover()
    stage.wait_for_selector(f"{host}[data-component='5']")
    assert data(stage, host)["best"] != before["best"]
    tiles.nth(2).click()
    stage.mouse.move(5, 5)
    stage.wait_for_selector(f"{host}[data-component='3']")
    stage.locator(f"{host} button", has_text="Likeness").click()
    stage.wait_for_selector(f"{host}[data-kind=cosines]")
    stage.locator(f"{host} .tile[aria-pressed=true]").focus()
    stage.keyboard.press("ArrowRight")
    stage.wait_for_selector(f"{host}[data-component='4']")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_the_page_fits(stage, width, scheme):
    stage.set_viewport_size({"width": width, "height": 900})
    stage.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    stage.wait_for_timeout(600)
    assert stage.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = stage.locator(STAGE).bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert stage.locator("[data-testid=stException]").count() == 0


def test_suggestions_reach_their_part_and_the_ribbon_opens_its_chapters(stage):
    stage.get_by_role("button", name="Four patches").click()
    stage.wait_for_selector(f"{HOST}[data-patch='28']")
    assert data(stage)["tokens"] == "5"
    stage.get_by_role("button", name="A stripe detector").click()
    stage.wait_for_selector(".saccade:has(.filters)[data-component='2']")
    section = "document.querySelector('.st-key-patches-filters')"
    stage.wait_for_function(f"() => Math.abs({section}.getBoundingClientRect().top) < 300")
    assert "sample=cat-close" in stage.url
    stage.locator("[data-station=positions]").click()
    stage.wait_for_url("**/positions*")
    stage.locator("h1", has_text="Positions").wait_for()
    assert "sample=cat-close" in stage.url

    # Back again everything is as it was left: in the browser and in Streamlit's own controls.
    stage.locator('[data-testid="stSidebarNavLink"][href$="/patches"]').click()
    stage.wait_for_selector(f"{HOST}[data-patch='28']")
    stage.wait_for_selector(".saccade:has(.filters)[data-component='2']")


def test_it_plays_once_by_itself(url, page):
    page.set_default_timeout(60_000)
    page.goto(f"{url}/patches")
    page.wait_for_selector(f"{HOST}[data-tokens]")
    page.wait_for_selector(f"{HOST}[data-playing=true]")
    page.locator(".player .round").click()
    page.wait_for_selector(f"{HOST}[data-playing=false]:not([data-time='1.00'])")
    page.locator(f"{HOST} input[aria-label=Story]").fill("95")
    page.locator(".player .round").click()
    page.wait_for_selector(f"{HOST}[data-time='1.00'][data-playing=false]")
