"""The stepper in a real browser: keys step, a cell is spelled out, an edit changes the result."""

import json
import re

import numpy as np
import pytest

from models.transformer import Attention, TransformerConfig
from viz_core import bundle, stepper_weights
from viz_core.probe import transformer

STEPS = ["x", "q", "k", "v", "q·kT", "÷ √d", "+ mask", "softmax", "· v", "concat", "WO"]


@pytest.fixture(scope="module")
def zero(browser, serve):
    """One page for all tests here: none needs another to have run before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.goto(serve("tests/apps/zero_app.py"))
    page.locator(".spelled").nth(1).wait_for(timeout=60_000)
    settled(page)
    yield page
    context.close()
    assert not errors, errors


def settled(page):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def stage(page):
    return page.locator(".saccade.stepper").first


def current(page):
    return stage(page).locator(".step[aria-current] span").inner_text()


def result(page, row, column):
    return stage(page).locator(f'.result .cell[data-row="{row}"][data-column="{column}"]')


def number(text):
    return float(text.replace("−", "-").replace("\u2009", "").rstrip("%"))


def spelled(page):
    """Both sides of the equation under the stage: what the terms add up to, and the total."""
    text = stage(page).locator(".sum").inner_text().replace("−", "-")
    left, right = text.rsplit("=", 1)
    terms = re.sub(r"[()\s]", "", left).split("+")
    return sum(float(a) * float(b) for a, b in (term.split("·") for term in terms)), number(right)


def test_keys_lead_through_all_steps_and_a_cell_is_spelled_out_as_shown(zero):
    stage(zero).locator(".step").first.click()
    seen = [current(zero)]
    zero.evaluate("document.activeElement.blur()")
    for _ in STEPS[1:]:
        zero.keyboard.press("ArrowRight")
        seen.append(current(zero))
    assert seen == STEPS
    stage(zero).locator(".move").first.focus()
    zero.keyboard.press("PageUp")
    assert current(zero) == "concat"
    for step, row, column in ((1, 3, 2), (4, 4, 1), (8, 2, 0), (10, 1, 5)):
        stage(zero).locator(".step").nth(step).click()
        cell = result(zero, row, column)
        cell.hover()
        terms, total = spelled(zero)
        assert total == number(cell.inner_text())
        assert terms == pytest.approx(total, abs=0.06)
        amber = stage(zero).locator('.left .cell[data-lit="query"]')
        teal = stage(zero).locator('.top .cell[data-lit="key"]')
        assert amber.count() == teal.count() > 1
        assert set(amber.evaluate_all("all => all.map(one => one.dataset.row)")) == {str(row)}
        assert set(teal.evaluate_all("all => all.map(one => one.dataset.column)")) == {str(column)}
    stage(zero).locator(".step").nth(7).click()
    result(zero, 2, 2).hover()
    assert stage(zero).locator(".sum").inner_text().startswith("e")
    assert number(stage(zero).locator(".total").inner_text()) == number(
        result(zero, 2, 2).inner_text()
    )


def test_an_edit_is_seen_at_once_marked_answered_and_taken_back(zero):
    stage(zero).locator(".step").nth(1).click()
    weight = stage(zero).locator(".top .cell").first
    before = result(zero, 0, 0).inner_text()
    weight.click()
    zero.keyboard.type("-2")
    zero.keyboard.press("Enter")
    assert weight.inner_text() == "−2.00"
    assert "edited" in weight.get_attribute("class")
    changed(zero, before)
    result(zero, 0, 0).hover()
    terms, total = spelled(zero)
    assert terms == pytest.approx(total, abs=0.06)
    weight.focus()
    zero.keyboard.press("Enter")
    zero.keyboard.press("ArrowUp")
    zero.keyboard.press("Enter")
    assert weight.inner_text() == "−1.90"
    box = weight.bounding_box()
    zero.mouse.move(box["x"] + 9, box["y"] + 9)
    zero.mouse.down()
    zero.mouse.move(box["x"] + 9, box["y"] - 51, steps=4)
    zero.mouse.up()
    assert weight.inner_text() == "−0.90"
    stage(zero).get_by_role("button", name="Reset 1 edit").click()
    changed(zero, result(zero, 0, 0).inner_text())
    assert result(zero, 0, 0).inner_text() == before
    assert weight.inner_text() == "0.60"


def changed(page, before):
    """Wait for Python's answer."""
    page.wait_for_function(
        """(before) => {
            const roots = [...document.querySelectorAll("*")].map((one) => one.shadowRoot);
            const stage = roots.filter(Boolean).map((one) => one.querySelector(".saccade.stepper"));
            const cell = stage.find(Boolean).querySelector(".result .cell");
            return cell.textContent !== before;
        }""",
        arg=before,
    )


def test_on_a_phone_frames_move_and_nothing_is_wider_than_the_screen(zero):
    stage(zero).locator(".step").first.click()
    frame = stage(zero).locator(".frame").first
    face = stage(zero).locator(".tile").first
    before = face.get_attribute("title")
    frame.focus()
    zero.keyboard.press("ArrowUp")
    zero.wait_for_function(
        "() => document.querySelector('[data-test-script-state=running]') === null"
    )
    face.and_(zero.locator(f':not([title="{before}"])')).wait_for()
    zero.set_viewport_size({"width": 390, "height": 844})
    stage(zero).and_(zero.locator('[data-width="slim"]')).wait_for()
    for step in range(len(STEPS)):
        stage(zero).locator(".step").nth(step).click()
        box = stage(zero).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert zero.evaluate("document.documentElement.scrollWidth") <= 390
    zero.set_viewport_size({"width": 1440, "height": 900})


def test_a_word_of_the_decoder_sees_only_what_came_before(zero):
    maps = zero.locator(".saccade.maps")
    closed = maps.locator('[aria-label="Decoder: masked self-attention"] .cell.closed').first
    closed.hover()
    assert closed.inner_text() == "0"
    assert maps.locator(".total").inner_text() == "0 %"
    assert "later" in maps.locator(".sum").inner_text()


@pytest.fixture
def modules(page, files):
    page.goto(f"{files}/viz_core/stepper/stepper.css")

    def run(name, body):
        path = f"{files}/viz_core/stepper/js/{name}.js"
        return page.evaluate(f"async () => {{ const m = await import('{path}'); {body} }}")

    return run


def test_numbers_for_people(modules):
    given = modules(
        "spell",
        "return [[1.234, -0.001, 12.34, 123.4, -1e9].map((v) => m.number(v)),"
        " [0, 0.0004, 0.034, 0.34, 1].map(m.percent)];",
    )
    assert given == [["1.23", "0.00", "12.3", "123", "−10⁹"], ["0", "< 0.1", "3.4", "34", "100"]]


@pytest.mark.parametrize(("heads", "cross"), [(1, False), (2, True), (4, False)])
def test_what_an_edit_shows_at_once_is_what_python_answers(modules, heads, cross):
    rng = np.random.default_rng(heads)
    x = np.round(rng.normal(size=(5, 8)), 2)
    y = np.round(rng.normal(size=(3, 8)), 2) if cross else x
    weights = stepper_weights.preset("random", 8)
    closed = np.zeros((5, len(y)), bool) if cross else np.triu(np.ones((5, 5), bool), 1)
    attention = Attention(TransformerConfig(width=8, heads=heads)).double().eval()
    walk = vars(transformer.walk(attention, x, y, weights, closed))
    given = {"x": x, "mask": np.where(closed, -1e9, 0.0)} | ({"y": y} if cross else {})
    given |= {f"w{part}": matrix for part, matrix in weights.items()}
    width = 8 // heads
    data = {
        "heads": heads, "head_width": width, "root": width**0.5,
        "matrices": {name: matrix.tolist() for name, matrix in given.items()},
    }  # fmt: skip
    found = modules("preview", f"const d = {json.dumps(data)}; m.recompute(d); return d.matrices;")
    for name, matrix in walk.items():
        np.testing.assert_allclose(found[name], matrix, rtol=1e-12, atol=1e-12, err_msg=name)


def test_the_bundle_is_whole():
    assert "createStepper" in bundle.component_js("stepper")
