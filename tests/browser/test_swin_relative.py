"""Step 4 of the Swin page: linked grids that answer in the browser, with Python's numbers."""

import numpy as np
import pytest
from playwright.sync_api import expect

from viz_core import relative_position as rel

APP = "tests/apps/swin_relative_app.py"
ROOT = ".saccade.relative"
OF_PYTHON = """async ([address, M]) => {
  const n = await import(`${address}/viz_core/relative/js/numbers.js`);
  const w = n.windowOf(M);
  const list = (of, values, step) => [...values].map((one) => of(w, one, step));
  return {
    index: [...w.index],
    rows: [1, 2, 3].map((step) => list(n.rowPart, w.down, step)),
    columns: [1, 2, 3].map((step) => list(n.columnPart, w.right, step)),
    pairs: w.pairs.map((one) => one.length),
    middle: [...n.middle(Float32Array.from({ length: 169 }, (_, k) => k), 7, M)],
    words: [n.where(2, -1), n.where(0, 0), n.where(-1, 0)],
  };
}"""


def test_the_browsers_numbers_are_pythons(page, files):
    page.goto(f"{files}/viz_core/relative/relative.css")
    for M in range(2, 8):
        told = page.evaluate(OF_PYTHON, [files, M])
        steps = [rel.offsets(M), rel.raised(M), rel.scaled(M)]
        for k, step in enumerate(steps):
            np.testing.assert_array_equal(told["rows"][k], step[..., 0].ravel())
            np.testing.assert_array_equal(told["columns"][k], step[..., 1].ravel())
        np.testing.assert_array_equal(told["index"], rel.index(M).ravel())
        np.testing.assert_array_equal(told["pairs"], np.bincount(rel.index(M).ravel()))
        # The middle of a table of 7: the same offset's entry, for every pair of the smaller one.
        first = np.ravel_multi_index(np.indices((M, M)).reshape(2, -1), (7, 7))
        large = rel.index(7)[np.ix_(first, first)]
        np.testing.assert_array_equal(np.array(told["middle"])[rel.index(M)], large)
    assert told["words"] == [
        "2 below, 1 left of the query", "the query itself", "1 above the query"
    ]  # fmt: skip


@pytest.fixture
def step(page, serve):
    page.goto(serve(APP))
    page.locator(f"{ROOT}[data-index]").wait_for(timeout=60_000)
    return page


def data(page, name):
    return page.locator(ROOT).get_attribute(f"data-{name}")


def at(page, panel, row, column, rows, columns, header=18):
    """Puts the pointer on a cell of a grid."""
    canvas = page.locator(f"{ROOT} .panel.{panel} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x = box["x"] + header + (column + 0.5) * (box["width"] - header) / columns
    y = box["y"] + header + (row + 0.5) * (box["height"] - header) / rows
    page.mouse.move(x, y)
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
    return x, y


def line(page):
    return " ".join(page.locator(f"{ROOT} .part").all_inner_texts())


def test_every_grid_follows_the_pair_and_the_sum_is_spelled_out(step):
    step.locator('input[aria-label="Window size M"]').fill("2")
    at(step, "window", 1, 0, 2, 2)
    step.mouse.down()
    step.mouse.up()
    at(step, "window", 0, 1, 2, 2)
    assert line(step).startswith(
        "query (1, 0) − key (0, 1) = (1, −1) → + 1 → (2, 0) → rows × 3 → 6 + 0 = 6 → table[6] ="
    )
    step.locator('input[aria-label="Window size M"]').fill("3")
    at(step, "index", 7, 2, 9, 9)
    assert data(step, "index") == str(rel.index(3)[7, 2])
    assert data(step, "offset") == ",".join(map(str, rel.offsets(3)[7, 2]))
    assert "query (2, 1) − key (0, 2)" in line(step)
    at(step, "table", 3, 1, 5, 5)  # row part 3 - 2 = 1, column part 1 - 2 = -1
    assert (data(step, "index"), data(step, "offset")) == ("16", "1,-1")
    assert (data(step, "pairs"), data(step, "all")) == ("4", "true")
    expect(step.locator(f"{ROOT} .words-line")).to_contain_text("4 of the 81 pairs share")
    at(step, "bias", 0, 0, 9, 9)
    assert (data(step, "index"), data(step, "all")) == ("12", "false")


def test_steps_go_by_rail_button_and_key(step):
    assert data(step, "step") == "5"
    step.get_by_role("button", name="1 Offset").click()
    expect(step.locator(f"{ROOT} .panel.index")).to_have_attribute("data-waits", "true")
    step.get_by_role("button", name="Next step").click()
    expect(step.locator(ROOT)).to_have_attribute("data-step", "2")
    canvas = step.locator(f"{ROOT} .panel.index canvas")
    canvas.focus()
    step.keyboard.press("]")
    expect(step.locator(ROOT)).to_have_attribute("data-step", "3")
    before = int(data(step, "index"))
    step.keyboard.press("ArrowRight")  # the key one to the right: the offset one less
    expect(step.locator(ROOT)).to_have_attribute("data-index", str(before - 1))


def test_the_tables_turn_and_say_what_is_under_the_pointer(step):
    from models import weights
    from models.tap import record
    from tests.apps import swin_app

    step.get_by_role("radio", name="The learned tables").click()
    tile = step.get_by_role("button", name="Stage 2, block 3, head 4")
    tile.click()
    told = {row: row for row in ("bias", "row", "pairs")}

    def facts():
        return {
            name: float(step.locator(f'[data-field="{name}"]').get_attribute("data-value"))
            for name in told
        }

    import torch

    model = weights.load(swin_app.SWIN)
    with torch.inference_mode(), record(model, "layers.1.blocks.2.attn.bias") as trace:
        model(torch.zeros(1, 3, 56, 56))
    added = trace["layers.1.blocks.2.attn.bias"][3].numpy()

    at(step, "large", 8, 5, 13, 13, header=0)
    expect(step.locator(f"{ROOT} .title")).to_have_text("Key 2 below, 1 left of the query")
    query, key = 1 * 7 + 3, 3 * 7 + 2
    found = facts()
    assert found["bias"] == pytest.approx(added[query, key], abs=1e-6)
    assert found["row"] == rel.index(7)[query, key]
    assert found["pairs"] == 5 * 6
    at(step, "matrix", 40, 11, 49, 49)
    assert facts()["bias"] == pytest.approx(added[40, 11], abs=1e-6)
    assert facts()["row"] == rel.index(7)[40, 11]

    step.get_by_role("button", name="As stored").click()
    step.wait_for_timeout(900)
    at(step, "large", 8, 5, 13, 13, header=0)  # the same place now belongs to the opposite offset
    expect(step.locator(f"{ROOT} .title")).to_have_text("Key 2 above, 1 right of the query")
    assert facts()["row"] == 8 * 13 + 5
    box = tile.bounding_box()
    step.mouse.move(box["x"] + 2, box["y"] + 2)
    expect(step.locator(f"{ROOT} .title")).to_have_text("Key 6 below, 6 right of the query")
    assert facts()["row"] == 0
    assert facts()["bias"] == pytest.approx(added[0, 48], abs=1e-6)
    step.get_by_role("radio", name="From offset to index").click()
    step.locator(f"{ROOT}[data-index]").wait_for()
    step.get_by_role("radio", name="The learned tables").click()
    expect(step.get_by_role("button", name="As stored")).to_have_attribute("aria-pressed", "true")


def test_the_step_fits_a_phone(page, serve):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(serve(APP))
    page.locator(f"{ROOT}[data-index]").wait_for(timeout=60_000)
    page.get_by_role("radio", name="The learned tables").click()
    page.locator(f"{ROOT} .panel.view canvas").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(f"{ROOT} .panel.view canvas").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    assert page.locator("[data-testid=stException]").count() == 0
