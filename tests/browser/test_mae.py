"""The MAE stage in a real browser: sliding needs no server, painting does, nothing is lost."""

import numpy as np
import pytest
from playwright.sync_api import expect

from pages._ui import mae_stage, mae_steps, samples
from pages._ui.cached import mae_more
from viz_core import images, masking, reconstruction
from viz_core.unmask import wire

GRID = (14, 14)
STAGE = ".saccade[data-strategy]"
SEED = mae_stage.View.seed


@pytest.fixture(scope="module")
def page(browser):
    """One page for all tests: each leaves the stage as another may find it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda problem: errors.append(str(problem)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def loaded(serve, page):
    """The stage once all ratios are there; what is sent to the server from then on."""
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{serve('app.py')}/mae")
    page.locator(f"{STAGE}[data-ready=true]").wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return sent


@pytest.fixture
def sent(loaded):
    """What is sent to the server during one test."""
    loaded.clear()
    return loaded


@pytest.fixture(scope="module")
def base():
    """The sample as the network gets it."""
    raw = samples.path(samples.DEFAULT).read_bytes()
    return mae_more.given(mae_steps.SHIPPED, images.digest(raw), raw)


def slide(page, percent):
    slider = page.locator(f"{STAGE} .ratio input")
    slider.fill(str(percent))
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def told(page, name):
    return page.locator(STAGE).get_attribute(f"data-{name}")


def middle(page, patch, panel="masked"):
    box = page.locator(f"{STAGE} .panel.{panel} canvas").bounding_box()
    row, column = divmod(patch, GRID[1])
    return (
        box["x"] + (column + 0.5) / GRID[1] * box["width"],
        box["y"] + (row + 0.5) / GRID[0] * box["height"],
    )


def drag(page, first, last):
    page.mouse.move(*middle(page, first))
    page.mouse.down()
    page.mouse.move(*middle(page, last), steps=4)
    page.mouse.up()
    page.locator(f"{STAGE}[data-strategy=hand][data-ready=true]").wait_for()


def test_javascript_names_masks_and_counts_errors_as_python_does(browser, files):
    page = browser.new_page()
    page.goto(f"{files}/README.md")
    rng = np.random.default_rng(0)
    mask = rng.random((5, 5)) < 0.5
    truth, guess = rng.integers(0, 256, (2, 20, 20, 3), dtype=np.uint8)
    code, back, errors, grown = page.evaluate(
        """async ([mask, truth, guess]) => {
          const s = await import("/viz_core/unmask/js/store.js");
          const code = s.codeOf(mask);
          const grown = s.resized(Uint8Array.from(mask), mask.map((_, k) => k), 20);
          return [code, [...s.maskFrom(code, mask.length)],
            [...s.patchErrors(truth, guess, 20, 5)], [...grown]];
        }""",
        [mask.ravel().astype(int).tolist(), truth.ravel().tolist(), guess.ravel().tolist()],
    )
    assert code == wire.code(mask)
    assert back == mask.ravel().astype(int).tolist()
    expected = reconstruction.patch_error(truth, guess, (5, 5)).ravel()
    np.testing.assert_allclose(errors, expected, atol=1e-12)
    assert sum(grown) == 20
    assert all(now >= before for now, before in zip(grown, back, strict=True))
    page.close()


def test_every_ratio_answers_in_the_browser_with_the_score_that_python_counts(page, sent, base):
    for percent in (0, 40, 95, 75):
        slide(page, percent)
        page.locator(f"{STAGE}[data-ready=true]").wait_for()
        mask = masking.random(GRID, percent / 100, SEED)
        expect(page.locator(STAGE)).to_have_attribute("data-hidden", str(mask.sum()))
        if not percent:
            assert "Nothing is hidden" in page.locator(f"{STAGE} .verdict").inner_text()
            continue
        guess = mae_more.predicted(mae_steps.SHIPPED, base, mask[None])[0]
        score = reconstruction.score(base.picture, guess, mask)
        assert float(told(page, "mse")) == pytest.approx(score.mse, rel=1e-2)
    assert not sent


def test_a_patch_under_the_pointer_is_shown_up_close(page, sent, base):
    slide(page, 75)
    mask = masking.random(GRID, 0.75, SEED)
    guess = mae_more.predicted(mae_steps.SHIPPED, base, mask[None])[0]
    errors = reconstruction.patch_error(base.picture, guess, GRID)
    card = page.locator(f"{STAGE} .patch")
    for patch in (int(np.flatnonzero(mask.ravel())[20]), int(np.flatnonzero(~mask.ravel())[7])):
        page.mouse.move(*middle(page, patch, "result"))
        row, column = divmod(patch, GRID[1])
        expect(card.locator(".title")).to_have_text(f"Row {row + 1}, column {column + 1}")
        assert float(card.get_attribute("data-mse")) == pytest.approx(errors[row, column], rel=0.05)
        expected = "hidden" if mask[row, column] else "visible"
        expect(card.locator(".note")).to_have_text(expected)
    assert "saw this patch" in card.inner_text()
    page.mouse.move(5, 5)
    expect(card.locator(".note")).to_have_text("hidden, largest error")
    assert not sent


def test_painting_makes_a_mask_of_ones_own_that_is_painted_back_and_undone(page, sent):
    slide(page, 0)
    page.get_by_role("button", name="Brush of one patch").or_(
        page.locator(f"{STAGE} .tools [data-value=brush]")
    ).first.click()
    drag(page, 58, 63)
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", "6")
    assert len(sent) >= 1  # the server was asked, and answered
    page.locator(f"{STAGE} .tools [data-value=keep]").click()
    drag(page, 30, 46)
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", str(196 - 2 * 3))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", "6")
    page.locator(f"{STAGE} .panel.masked canvas").focus()
    page.keyboard.press("z")
    expect(page.locator(STAGE)).to_have_attribute("data-strategy", "random")
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", "0")


def test_a_mask_by_hand_is_kept_through_other_strategies_and_another_step(page, sent):
    slide(page, 0)
    page.locator(f"{STAGE} .tools [data-value=box]").click()
    drag(page, 0, 31)
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", "12")
    for name in ("Block", "Grid"):
        page.get_by_role("button", name=name, exact=True).click()
        slide(page, 75)
        page.locator(f"{STAGE}[data-strategy={name.lower()}][data-ready=true]").wait_for()
        expect(page.locator(STAGE)).to_have_attribute("data-hidden", "147")
    page.get_by_role("button", name="By hand").click()
    expect(page.locator(STAGE)).to_have_attribute("data-hidden", "12")
    page.locator("[data-testid=stSidebarNav] a[href$='/positions']").click()
    expect(page.locator("h1")).to_have_text("Positions")
    page.locator("[data-testid=stSidebarNav] a[href$='/mae']").click()
    page.locator(f"{STAGE}[data-strategy=hand][data-hidden='12'][data-ready=true]").wait_for()
    page.get_by_role("button", name="Random", exact=True).click()
    slide(page, 75)


def test_views_change_in_the_big_picture_and_the_handle_compares(page, sent):
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    sent.clear()
    for view in ("error", "closer", "raw", "painted"):
        page.locator(f"{STAGE} .view[data-view={view}]").click()
        expect(page.locator(STAGE)).to_have_attribute("data-view", view)
    handle = page.locator(f"{STAGE} .wipe")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "5")
    page.keyboard.press("Home")
    expect(handle).to_have_attribute("aria-valuenow", "0")
    assert not sent


def test_the_stage_fits_a_desk_and_a_phone(page, loaded):
    for width, name in ((1440, "wide"), (390, "slim")):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_selector(f"{STAGE}[data-width={name}]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = page.locator(f"{STAGE} .panel.result canvas").bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 844
    assert page.locator("[data-testid=stException]").count() == 0
