"""The page "Training film" in a real browser: all moments are here at once, nothing is asked."""

import pytest
from playwright.sync_api import expect

STAGE = ".saccade.growth"
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def loaded(serve, browser, tmp_path_factory):
    """One page for all tests, and what it sends to the server; motion is reduced."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page, sent, errors = context.new_page(), [], []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(serve("tests/apps/film_app.py", FILMS=str(tmp_path_factory.mktemp("films"))))
    page.wait_for_selector(f"{STAGE}[data-at='3']")
    page.wait_for_selector(SETTLED)
    yield page, sent
    context.close()
    assert not errors, errors


def data(page):
    return page.locator(STAGE).evaluate("element => ({...element.dataset})")


def drag(page, value):
    page.get_by_label("Moment of the training").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }",
        value,
    )


def drawn(page):
    """Every canvas of the stage as text."""
    return page.locator(STAGE).evaluate(
        "host => [...host.querySelectorAll('canvas')].map((node) => node.toDataURL())"
    )


def hover(page, canvas, x, y, index=0):
    box = page.locator(canvas).nth(index).bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_the_slider_changes_every_picture_and_asks_nobody(loaded):
    page, sent = loaded
    assert data(page)["step"] == "1000"
    last = drawn(page)
    sent.clear()
    drag(page, 0)
    page.wait_for_selector(f"{STAGE}[data-at='0']")
    expect(page.locator(".verdict")).to_contain_text("Before training it is right on 10\u2009%")
    assert all(one != other for one, other in zip(last, drawn(page), strict=True))
    page.get_by_label("Moment of the training").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"{STAGE}[data-step='10']")
    chart = page.locator(f"{STAGE} .plot svg").nth(2).bounding_box()
    page.mouse.click(chart["x"] + chart["width"] - 20, chart["y"] + 60)
    page.wait_for_selector(f"{STAGE}[data-at='3']")
    assert sent == []


def test_one_token_is_pointed_at_everywhere(loaded):
    page, _ = loaded
    hover(page, f"{STAGE} canvas.picture", 0.9, 0.1)
    page.wait_for_selector(f"{STAGE}[data-place='7']")
    first = data(page)["own"]
    page.get_by_role("button", name="Layer 2, head 1").click()
    page.wait_for_selector(f"{STAGE}[data-view='2']")
    assert data(page)["own"] != first
    hover(page, f"{STAGE} canvas.tiled", 0.05, 0.95)
    page.wait_for_selector(f"{STAGE}[data-place='56']")
    page.locator(f"{STAGE} canvas.picture").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_selector(f"{STAGE}[data-place='48']")
    page.keyboard.press("[")
    page.wait_for_selector(f"{STAGE}[data-view='1']")
    page.keyboard.press("p")
    hover(page, f"{STAGE} canvas.tiled", 0.5, 0.5)
    page.keyboard.press("]")
    page.wait_for_selector(f"{STAGE}[data-view='2'][data-place='48']")
    page.keyboard.press("Escape")


def test_a_kernel_shows_its_answer_while_it_is_pointed_at(loaded):
    page, _ = loaded
    hover(page, f"{STAGE} canvas.tiled", 0.01, 0.01, index=1)
    page.wait_for_selector(f"{STAGE}[data-kernel='0']")
    expect(page.locator(STAGE)).to_contain_text("answer of this kernel")
    hover(page, f"{STAGE} .verdict", 0.1, 0.5)
    page.wait_for_selector(f"{STAGE}[data-kernel='-1']")
    page.get_by_role("button", name="Components").click()
    page.wait_for_selector(f"{STAGE}[data-filters=components]")
    expect(page.locator(STAGE)).to_contain_text("The first three hold")
    page.get_by_role("button", name="Kernels").click()


def test_space_plays_to_the_end_and_a_suggestion_opens_its_view(loaded):
    page, _ = loaded
    page.get_by_role("button", name="Loss").click()
    page.wait_for_selector(f"{STAGE}[data-score=nats]")
    page.get_by_role("button", name="The first per cent").click()
    page.wait_for_selector(f"{STAGE}[data-step='10'][data-playing=false]")
    page.locator(f"{STAGE} canvas.picture").focus()
    page.keyboard.press(" ")
    page.wait_for_selector(f"{STAGE}[data-playing=true]")
    page.wait_for_selector(f"{STAGE}[data-at='3'][data-playing=false]")
    page.get_by_role("button", name="Even", exact=True).click()
    page.wait_for_selector(f"{STAGE}[data-axis=even][data-score=nats]")


def test_another_run_keeps_the_view_and_a_phone_shows_all_of_it(loaded):
    page, _ = loaded
    before = data(page)
    page.get_by_role("radio", name="ViT-Lite-2/4").click()
    page.wait_for_selector(f"{STAGE}[data-run=vit_lite_2_4_32]")
    after = data(page)
    assert all(after[key] == before[key] for key in ("step", "place", "view", "axis", "score"))
    expect(page.get_by_role("button", name="Class token")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(f"{STAGE}[data-width=slim]")
    page.wait_for_function(
        """() => {
          const main = document.querySelector('[data-testid=stMain]');
          return main.scrollWidth <= main.clientWidth + 1;
        }"""
    )
