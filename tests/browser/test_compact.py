"""The page Compact in a real browser: pointing, dragging and sorting need no server."""

import pytest
from playwright.sync_api import expect

from models.compact import VARIANTS
from pages._ui.cached import compact_variants
from viz_core import compact_macs

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
STAGE, SHIFT, POOL = ".tokenizers[data-reads]", ".tokenizers[data-changes]", ".tokenizers[data-map]"


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
    page.goto(f"{serve('app.py')}/compact")
    page.locator(SHIFT).wait_for()
    page.wait_for_selector(SETTLED)
    frames.clear()
    return frames


def step(page, name, host):
    page.locator("[data-testid=stButtonGroup] button", has_text=name).first.click()
    page.locator(host).first.wait_for()
    page.wait_for_selector(SETTLED)


def aim(page, canvas, row, column, grid=8):
    box = canvas.bounding_box()
    page.mouse.move(
        box["x"] + (column + 0.5) / grid * box["width"],
        box["y"] + (row + 0.5) / grid * box["height"],
    )


def test_the_browser_counts_parameters_and_macs_as_python_does(browser, files):
    page = browser.new_page()
    page.goto(f"{files}/README.md")
    rows = compact_variants.rows()
    found = page.evaluate(
        """async (rows) => {
          const { cost, window } = await import("/viz_core/variants/js/cost.js");
          return rows.map((row) => ({ ...cost(row), reads: window(row).side }));
        }""",
        rows,
    )
    for row, one in zip(rows, found, strict=True):
        shape = compact_variants.shape(VARIANTS[row["name"]])
        known = compact_macs.cost(shape)
        assert one["parameters"] == row["parameters"], row["name"]
        assert (one["macs"], one["tokens"]) == (known.total, known.tokens), row["name"]
        assert one["parts"]["attention"] == known.attention
        assert one["reads"] == shape.sees[-1]
    page.close()


def test_a_token_under_the_pointer_shows_what_it_reads_and_shares(page, sent):
    stage = page.locator(STAGE)
    aim(page, stage.locator("canvas.seen").nth(1), 3, 4)
    expect(stage).to_have_attribute("data-reads", "16,16,169")
    expect(stage).to_have_attribute("data-shared", "0,0,117")
    aim(page, stage.locator("canvas.seen").nth(2), 0, 0)  # cut by the border: 7 × 7
    expect(stage).to_have_attribute("data-reads", "16,16,49")
    stage.locator("canvas.seen").nth(2).focus()
    page.keyboard.press("ArrowDown")
    expect(stage).to_have_attribute("data-reads", "16,16,77")
    assert not sent


def test_every_step_has_its_wall_and_a_channel_lies_over_the_picture(page, sent):
    stage = page.locator(STAGE)
    stage.locator(".thumb", has_text="conv 1").click()
    expect(stage.locator(".tile")).to_have_count(64)
    expect(stage.locator(".wall-of-maps .note")).to_contain_text("64 channels of 32 × 32")
    reads = stage.locator(".details .reads").nth(2)
    stage.locator(".tile").nth(3).click()
    expect(reads).to_contain_text("Channel")
    stage.locator(".tile").nth(3).click()
    page.mouse.move(5, 5)
    expect(reads).to_contain_text("reads")
    stage.locator(".thumb", has_text="pool 2").click()
    expect(stage.locator(".tile")).to_have_count(128)
    assert not sent


def test_a_shift_answers_while_it_is_dragged(page, sent):
    lab = page.locator(SHIFT)
    lab.locator("input").nth(0).fill("0")
    lab.locator("input").nth(1).fill("0")
    expect(lab).to_have_attribute("data-changes", "0,0,0")
    expect(lab.locator(".verdict")).to_contain_text("Nothing has moved")
    pad = lab.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    aim(page, pad, 15, 15, grid=32)
    page.mouse.down()
    aim(page, pad, 16, 17, grid=32)
    page.mouse.up()
    expect(lab).to_have_attribute("data-right", "2")
    expect(lab).to_have_attribute("data-down", "1")
    assert min(float(one) for one in lab.get_attribute("data-changes").split(",")) > 0.05
    assert not sent


def test_heads_tell_what_they_read_and_what_the_answer_is_without_it(page, sent):
    step(page, "Pooling", POOL)
    sent.clear()
    pool = page.locator(POOL)
    aim(page, pool.locator("canvas.seen").nth(2), 4, 2)
    expect(pool).to_have_attribute("data-token", "34")
    expect(pool.locator(".fact-note").nth(2)).to_have_text("read from row 5, column 3")
    for name, word in (("If left out", "without row 5"), ("Votes", "vote of row 5")):
        pool.locator(".segmented button", has_text=name).click()
        expect(pool.locator(".fact-note").nth(2)).to_contain_text(word)
    expect(pool.locator(".fact-note").nth(0)).to_contain_text("no votes")
    pool.locator(".segmented button", has_text="Weights").click()
    assert not sent


def test_a_row_of_the_table_goes_into_the_calculator_and_headings_sort(page, sent):
    step(page, "Variants", ".variants[data-macs]")
    sent.clear()
    calculator, table = page.locator(".variants[data-macs]"), page.locator(".variants[data-rows]")
    expect(table).to_have_attribute("data-rows", str(sum("_sine" not in name for name in VARIANTS)))
    table.locator("button.name", has_text="CCT-7/3×1").first.click()
    expect(calculator).to_have_attribute("data-parameters", "3760139")
    expect(calculator.locator(".told")).to_contain_text("This is CCT-7/3×1, 94.78")
    calculator.locator("input[aria-label='Layers of the transformer']").fill("5")
    expect(calculator.locator(".told")).to_contain_text("Nobody has published")
    table.locator("thead button", has_text="CIFAR-100").click()
    table.locator("thead button", has_text="CIFAR-100").click()
    expect(table.locator("button.name").first).to_have_text("CCT-7/3×1")
    table.locator("label.toggle").click()
    expect(table).to_have_attribute("data-rows", str(len(VARIANTS)))
    assert not sent
