"""The labs of "Attention from zero" in a browser: what they show is what Python computes."""

import numpy as np
import pytest
from playwright.sync_api import expect

from viz_core import complexity, normalise
from viz_core.labs import norms, payload

SLOW = 60_000  # milliseconds, on a busy machine


@pytest.fixture(scope="module")
def labs(serve, browser):
    """The page, loaded once for all tests here."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    troubles, page.sent = [], []
    page.on("websocket", lambda socket: socket.on("framesent", lambda sent: page.sent.append(sent)))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{serve('app.py')}/zero")
    page.wait_for_selector(".lab.costs svg .name", timeout=SLOW)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=SLOW)
    yield page
    page.context.close()
    assert not troubles, troubles


def lab(page, name):
    return page.locator(f".lab.{name}")


def slide(page, name, label, value):
    lab(page, name).locator(f"input[aria-label='{label}']").fill(str(value))


def test_costs_are_those_of_python_at_any_stop(labs):
    costs = lab(labs, "costs")
    costs.get_by_text("Swin-T, stage 1").click()
    costs.get_by_text("whole layer").click()
    rows = costs.locator("table tr")
    expect(rows.filter(has_text="window attention").locator("td b").first).to_have_text(
        "145\u2009M"
    )
    texts = rows.nth(4).locator("td b").all_inner_texts()
    assert texts == ["2.00\u2009G", "1", "1"]
    slide(labs, "costs", "Tokens n", 11)
    n = payload.SIDES[11] ** 2
    path = complexity.path("window", n=n, m=7)
    expect(rows.nth(5).locator("td b").last).to_have_text(str(path))
    value = complexity.cost("axial", "layer", n=n, d=96)
    assert rows.nth(6).locator("td b").first.inner_text() == f"{value / 1e6:.3g}\u2009M"


def test_a_drag_in_the_chart_changes_n(labs):
    chart = lab(labs, "costs").locator("svg.drag")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    labs.mouse.move(box["x"] + 60, box["y"] + 100)
    labs.mouse.down()
    labs.mouse.move(box["x"] + 42, box["y"] + 100, steps=3)
    labs.mouse.up()
    expect(lab(labs, "costs").locator("output").first).to_have_text("16 (4 × 4)")


def test_the_slider_on_d_answers_in_the_next_frame_without_the_server(labs):
    asked = len(labs.sent)
    entropies = lab(labs, "softmax").evaluate(
        """async (root) => {
          const input = root.querySelector("input[aria-label='Length d of a query']");
          const shown = [];
          for (let i = 0; i < 18; i++) {
            input.value = String(i);
            input.dispatchEvent(new Event("input"));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
            const rows = [...root.querySelectorAll("table.numbers tr")].slice(1);
            shown.push(rows.map((row) => parseFloat(row.querySelectorAll("td")[2].textContent)));
          }
          return shown;
        }"""
    )
    assert len(labs.sent) == asked
    loose, kept = np.array(entropies).T
    assert loose[0] == kept[0]  # √1 divides by nothing
    assert len(set(loose)) == 18
    assert (loose[-6:] < 0.5 * kept[-6:]).all()


def test_the_chosen_number_is_normalised_as_python_does(labs):
    lines = norms.words_of(
        "a cat sleeps\nthe quick brown fox jumps over it\nattention is all you need\nhello"
    )
    slide(labs, "norms", "Words appended to the last sentence", 3)
    lab(labs, "norms").locator("canvas").first.focus()
    labs.keyboard.press("ArrowRight")
    readout = lab(labs, "norms").locator(".readout")
    expect(readout).to_contain_text("“fox”, channel 4")
    found = [*lines[:-1], [*lines[-1], *norms.APPENDED[:3]]]
    x, _ = normalise.padded([normalise.letter_vectors(line) for line in found])
    batch = normalise.batch_norm(x, normalise.batch_statistics(x))[1, 3, 3]
    layer = normalise.layer_norm(x)[1, 3, 3]
    texts = readout.locator(".fact-line b").all_inner_texts()
    shown = [float(text.split("=")[1].replace("\u2212", "-")) for text in texts]
    np.testing.assert_allclose(shown, [layer, batch], rtol=6e-3)
    facts = lab(labs, "norms").locator(".fact-value").all_inner_texts()
    changed = norms.sentences(lines)["variants"][3]["changed"]["all"]
    assert facts == ["0 exactly", f"{changed:.3g}"]


def test_a_batch_of_one_class_token_is_refused(labs):
    labs.locator(".st-key-norms_source").get_by_text("Pictures").click()
    norm = lab(labs, "norms")
    expect(norm.locator(".group-names")).to_contain_text("elephant", timeout=SLOW)
    norm.get_by_text("class token", exact=True).click()
    slide(labs, "norms", "Pictures in the batch", 1)
    expect(norm.locator(".fact-value").last).to_have_text("1: refused")
    norm.locator(".toggle").click()
    expect(norm.locator(".verdict")).to_contain_text("running statistics")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_labs_fit_on_a_phone(labs, scheme):
    labs.emulate_media(color_scheme=scheme)
    labs.set_viewport_size({"width": 390, "height": 844})
    expect(lab(labs, "costs")).to_have_attribute("data-width", "slim")
    for name in ("softmax", "norms", "costs"):
        spill = lab(labs, name).evaluate("node => node.scrollWidth - node.clientWidth")
        assert spill <= 0, name
