"""The page Train in a real browser: start, walk away, come back, stop, continue, take along."""

import json
import re

import pytest
from playwright.sync_api import expect

STAGE = ".st-key-train-stage .saccade.watch"


@pytest.fixture(scope="module")
def page(browser):
    """One page for all tests, in their order: they are one visit."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(120_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda problem: errors.append(str(problem)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def url(serve):
    return f"{serve('tests/apps/train_app.py')}"


def step(page):
    """Pictures seen, as the progress says once it knows."""
    bar = page.locator(".st-key-train-stage [data-testid=stProgress]")
    expect(bar).to_contain_text("pictures seen")
    return int(re.search(r"([\d,]+) pictures seen", bar.inner_text())[1].replace(",", ""))


def moves(page, before):
    """Wait until more pictures were seen."""
    bar = page.locator(".st-key-train-stage [data-testid=stProgress]")
    expect(bar).to_contain_text("pictures seen")
    expect(bar).not_to_contain_text(f" {before:,} pictures seen")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def settled(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def test_before_training_the_picture_is_seen_by_random_weights(url, page):
    page.goto(f"{url}/train")
    stage = page.locator(STAGE)
    page.locator(f"{STAGE}[data-moments='1']").wait_for()
    expect(stage.locator(".badge")).to_have_text("untrained")
    expect(stage.locator(".class")).to_have_count(10)
    box = stage.locator("canvas").bounding_box()
    assert box["y"] + box["height"] < 900
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    expect(stage.locator(".readout")).to_contain_text("Row 1, column 1:")
    page.locator(".st-key-train-stage .js-plotly-plot").wait_for()


def test_a_click_starts_it_and_the_numbers_move_by_themselves(page):
    settled(page)
    page.get_by_text("ViT-Lite", exact=True).first.click()
    settled(page)
    button(page, "Train").click()
    button(page, "Stop").wait_for()
    stage = page.locator(STAGE)
    expect(stage).to_have_attribute("data-live", "true")
    moves(page, 0)
    moves(page, step(page))
    expect(stage).not_to_have_attribute("data-moments", "1")
    expect(stage.locator(".badge")).to_be_hidden()


def test_it_goes_on_while_its_visitor_is_on_another_page(page):
    before = step(page)
    page.get_by_role("link", name="Positions").click()
    expect(page.locator("h1")).to_have_text("Positions")
    page.get_by_role("link", name="Train").click()
    expect(page.locator("h1")).to_have_text("Train")
    expect(page.locator(STAGE)).to_have_attribute("data-live", "true")
    moves(page, before)
    assert step(page) > before


def test_another_visitor_sees_the_line(url, page, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(120_000)
    other = context.new_page()
    other.goto(f"{url}/train")
    other.locator(f"{STAGE}[data-moments='1']").wait_for()
    settled(other)
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button(other, "Train").click()
    bar = other.locator(".st-key-train-stage [data-testid=stProgress]")
    expect(bar).to_contain_text("waits: 1 training is before yours")
    context.close()


def test_it_stops_shows_its_network_and_gives_the_weights(page):
    button(page, "Stop").click()
    button(page, "Continue").wait_for()
    expect(page.locator(STAGE)).to_have_attribute("data-live", "false")
    rests = step(page)
    page.get_by_role("heading", name="Your networks").wait_for()
    with page.expect_download() as caught:
        button(page, "Download the weights").click()
    raw = caught.value.path().read_bytes()
    assert caught.value.suggested_filename == "vit_lite_2_4_32.safetensors"
    length = int.from_bytes(raw[:8], "little")
    about = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["saccade"])
    assert about["pictures"] == rests


def test_the_moments_so_far_can_be_played_again(page):
    settled(page)
    stage = page.locator(STAGE)
    slider = stage.locator("input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    expect(stage).to_have_attribute("data-at", "0")
    expect(stage).to_have_attribute("data-when", "before training")
    stage.get_by_role("button", name="Play the training so far").click()
    last = int(stage.get_attribute("data-moments")) - 1
    expect(stage).to_have_attribute("data-at", str(last))


def test_it_goes_on_where_it_stopped_once_those_who_left_are_forgotten(page):
    before = step(page)
    button(page, "Continue").click()
    button(page, "Stop").wait_for()
    moves(page, before)  # the other visitor's training ran until their browser was gone
    assert step(page) > before
    button(page, "Stop").click()
    button(page, "Continue").wait_for()
    assert page.locator("[data-testid=stException]").count() == 0
