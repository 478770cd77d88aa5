"""The page Text in a browser: it answers while one types, and the pointer asks nobody."""

import numpy as np
import pytest
from playwright.sync_api import expect

from models import text_weights
from models.text_catalog import TEXTS
from viz_core.probe import text as probe

SLOW = 60_000  # milliseconds, on a busy machine
SENTENCE = "Where is the tower of London?"


@pytest.fixture(scope="module")
def text(serve, browser):
    """The page by a link with a sentence, loaded once for all tests here."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    troubles, page.sent = [], []
    page.on("websocket", lambda socket: socket.on("framesent", lambda sent: page.sent.append(sent)))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{serve('app.py')}/text?sentence={SENTENCE.replace(' ', '+')}")
    page.wait_for_selector(".sentence .word", timeout=SLOW)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=SLOW)
    yield page
    page.context.close()
    assert not troubles, troubles


def words(page):
    return page.locator(".sentence .word bdi")


def shares(page):
    rows = page.locator(".sentence .class")
    return [float(one) for one in rows.evaluate_all("all => all.map(row => row.dataset.value)")]


def type_in(page, sentence, expected):
    page.locator("textarea").fill(sentence)
    expect(words(page)).to_have_text(expected, timeout=SLOW)


def test_a_link_brings_its_sentence(text):
    expect(text.locator("textarea")).to_have_value(SENTENCE)
    expect(words(text)).to_have_text(["where", "is", "the", "tower", "of", "london", "?"])
    assert sum(shares(text)) == pytest.approx(1, abs=1e-4)


def test_pointing_asks_in_the_browser_alone(text):
    asked = len(text.sent)
    before = text.locator(".readout").inner_text()
    text.locator(".sentence .word").first.hover()
    expect(text.locator(".readout .title")).to_have_text("“where”")
    expect(text.locator(".sentence .word").first).to_have_class("word asks")
    expect(text.locator(".compared")).to_contain_text("without “where”")
    assert text.locator(".arcs path[data-query]").count() > 0
    text.locator("canvas.cells").hover(position={"x": 4, "y": 4})
    expect(text.locator(".readout .title")).to_have_text("Token 1 → 1")
    text.locator(".sentence").get_by_text("Layer 1", exact=True).click()
    text.mouse.move(5, 5)
    expect(text.locator(".readout")).to_have_text(before, use_inner_text=True)
    assert len(text.sent) == asked


def test_the_read_out_says_what_python_computes(text):
    loaded = text_weights.load(next(iter(TEXTS)))
    reading = probe.read(loaded.model, loaded.vocabulary, SENTENCE)
    text.locator(".sentence").get_by_text("Layer 2", exact=True).click()
    text.locator(".sentence .word").nth(3).hover()
    expect(text.locator(".readout .title")).to_have_text("“tower”")
    tokens = [t for t, (first, end) in enumerate(reading.windows) if first <= 3 < end]
    row = reading.patterns[1].mean(axis=0)[tokens].mean(axis=0)
    looks = probe.spread(row, reading.windows, len(reading.words))
    expected = {
        "most": np.delete(looks, 3).max(),
        "pooled": reading.word_pooling[3],
        "effect": reading.effect[3],
        "tokens": len(tokens),
    }
    for field, value in expected.items():
        shown = text.locator(f".readout [data-field={field}]").get_attribute("data-value")
        assert float(shown) == pytest.approx(value, abs=1e-5), field


def test_a_pinned_word_stays_when_the_pointer_leaves(text):
    text.locator(".sentence .word").nth(3).click()
    text.mouse.move(5, 5)
    expect(text.locator(".readout .title")).to_have_text("“tower”")
    text.keyboard.press("ArrowRight")
    expect(text.locator(".readout .title")).to_have_text("“of”")
    text.keyboard.press("Escape")
    text.locator("textarea").focus()
    expect(text.locator(".readout .title")).to_have_text("The sentence")


def test_the_causal_mask_closes_what_comes_later(text):
    before = shares(text)
    text.locator(".sentence .toggle").click()
    expect(text.locator(".compared")).to_contain_text("without the causal mask")
    assert shares(text) != before
    width = text.locator("canvas.cells").bounding_box()["width"]
    text.locator("canvas.cells").hover(position={"x": width - 4, "y": 4})
    expect(text.locator(".readout")).to_contain_text("closed: it comes later")
    text.locator(".sentence .toggle").click()
    for _ in range(600):  # the answer comes from the server, in its own time
        if shares(text) == before:
            break
        text.wait_for_timeout(100)
    assert shares(text) == before


def test_padding_adds_places_and_changes_no_answer(text):
    before = shares(text)
    text.locator("input[aria-label^='Pad to']").fill("20")
    expect(text.locator(".sentence .word.pad")).to_have_count(13, timeout=SLOW)
    expect(text.locator(".answer")).to_contain_text("largest change of any share")
    assert shares(text) == pytest.approx(before, abs=1e-5)
    text.locator("input[aria-label^='Pad to']").fill("7")
    expect(text.locator(".sentence .word.pad")).to_have_count(0, timeout=SLOW)


def test_the_answer_follows_while_one_types_and_the_link_too(text):
    before = shares(text)
    text.locator("textarea").fill("")
    text.locator("textarea").press_sequentially("How many bees?", delay=40)
    expect(words(text)).to_have_text(["how", "many", "bees", "?"], timeout=SLOW)
    assert shares(text) != before
    text.wait_for_function("() => location.search.includes('How+many+bees')", timeout=SLOW)
    expect(text.locator("textarea")).to_have_value("How many bees?")


def test_an_empty_box_gets_a_sentence_and_the_last_one_stays(text):
    type_in(text, "Who is it?", ["who", "is", "it", "?"])
    text.locator("textarea").fill("  ")
    expect(text.locator(".problem")).to_contain_text("type a sentence", timeout=SLOW)
    expect(words(text)).to_have_text(["who", "is", "it", "?"])


def test_tags_emoji_and_ten_thousand_letters_do_no_harm(text):
    type_in(text, "<img src=x onerror=alert(1)> who?", ["who", "?"])
    assert text.locator(".sentence img").count() == 0
    type_in(
        text,
        "\U0001f600 \u05e9\u05dc\u05d5\u05dd who",
        ["\U0001f600", "\u05e9\u05dc\u05d5\u05dd", "who"],
    )
    text.locator("textarea").fill("bee " * 2500)
    expect(text.locator(".answer")).to_contain_text("were left out", timeout=SLOW)
    expect(text.locator("textarea")).to_have_value("bee " * 2500)
    spill = text.locator(".sentence").evaluate("node => node.scrollWidth - node.clientWidth")
    assert spill <= 0


def test_each_network_keeps_its_sentence(text):
    type_in(text, "Who is it?", ["who", "is", "it", "?"])
    name, entry = list(TEXTS.items())[1]
    text.locator(".networks").get_by_text(entry.title, exact=True).click()
    expect(text.locator("textarea")).to_have_value(entry.examples[0])
    text.wait_for_function("name => location.search.includes(name)", arg=name, timeout=SLOW)
    text.locator(".networks button").first.click()
    expect(words(text)).to_have_text(["who", "is", "it", "?"], timeout=SLOW)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_on_a_phone(text, scheme):
    text.emulate_media(color_scheme=scheme)
    text.set_viewport_size({"width": 390, "height": 844})
    stage = text.locator(".saccade.sentence")
    expect(stage).to_have_attribute("data-width", "slim")
    assert stage.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    assert text.evaluate("document.documentElement.scrollWidth <= innerWidth")
