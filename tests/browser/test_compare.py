"""The page Compare in a real browser: one pointer, sliders and likeness need no server."""

import numpy as np
import pytest
from playwright.sync_api import expect

from pages._ui import cached, samples
from pages._ui.cached import compare
from viz_core import similarity
from viz_core.compare.steady import Sweep
from viz_core.transforms import TRANSFORMS

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
PANELS, BOARD, MATCH = ".panels[data-values]", ".survive[data-busy=false]", ".match[data-best]"
VIT = "vit_nano_patch4_56"


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
    page.goto(f"{serve('app.py')}/compare")
    page.locator(PANELS).wait_for()
    page.wait_for_selector(SETTLED)
    frames.clear()
    return frames


def go(page, sent, step, host):
    page.locator("[data-testid=stButtonGroup] button", has_text=step).first.click()
    page.locator(host).wait_for()
    page.wait_for_selector(SETTLED)
    sent.clear()


def aim(page, canvas, x, y):
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_one_pointer_marks_the_same_place_in_every_panel(page, sent):
    host = page.locator(PANELS)
    canvases = host.locator("canvas.seen")
    expect(canvases).to_have_count(4)
    aim(page, canvases.nth(2), 0.72, 0.30)
    # Row 5 of 14 and column 11; row 3 of 7 and column 6. The ViT has 14 places a side, others 7.
    expect(host).to_have_attribute(
        "data-places", f"{4 * 14 + 10},{2 * 7 + 5},{2 * 7 + 5},{2 * 7 + 5}"
    )
    canvases.nth(0).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(host).to_have_attribute(
        "data-places", f"{4 * 14 + 8},{2 * 7 + 4},{2 * 7 + 4},{2 * 7 + 4}"
    )
    values = [float(value) for value in host.get_attribute("data-values").split(",")]
    assert len(values) == 4
    ranks = host.locator(".rank").all_inner_texts()
    assert [rank.split(" of ")[1] for rank in ranks] == ["196", "49", "49", "49"]
    assert not sent


def test_a_slider_changes_picture_bars_and_marker_at_once(page, sent):
    go(page, sent, "Survive", BOARD)
    host = page.locator(BOARD)
    key, raw = cached.sample(samples.DEFAULT)
    sweeps = [known(name, key, raw, "rotation") for name in compare.everyday()]
    track = host.locator("[data-kind=rotation] input")
    for dose in (0, 12, 24):
        track.fill(str(dose))
        expect(host).to_have_attribute("data-picture", f"rotation {dose}")
        shares = [float(share) for share in host.get_attribute("data-shares").split(",")]
        np.testing.assert_allclose(shares, [one.share[dose] for one in sweeps], atol=2e-3)
        stays = [told == "true" for told in host.get_attribute("data-stays").split(",")]
        assert stays == [bool(one.stays[dose]) for one in sweeps]
        answer = compare.labels(VIT)[int(sweeps[0].shares[dose].argmax())]
        expect(host.locator(".says").first).to_have_text(answer)
    assert not sent
    track.focus()
    page.keyboard.press("ArrowLeft")
    expect(host).to_have_attribute("data-dose", "23")


def known(name, key, raw, transform) -> Sweep:
    return compare.sweep(name, key, raw, transform, 0)


def test_another_slider_asks_the_networks_once(page, sent):
    host = page.locator(".survive")
    host.locator("[data-kind=hue] input").fill("4")
    expect(host).to_have_attribute("data-picture", "hue 4")
    page.locator(BOARD).wait_for()
    page.wait_for_selector(SETTLED)
    key, raw = cached.sample(samples.DEFAULT)
    kept = known(VIT, key, raw, "hue")
    count = f"{int(kept.stays[1:-1].sum())}/{len(TRANSFORMS['hue'].doses) - 2}"
    expect(host.locator(".steady tbody tr").first.locator("td").nth(6)).to_have_text(count)
    assert "change=hue" in page.url
    sent.clear()
    host.locator("[data-kind=rotation] input").fill("3")
    expect(host).to_have_attribute("data-picture", "rotation 3")
    expect(host).to_have_attribute("data-busy", "false")  # measured before


def test_a_patch_lights_its_match_in_the_other_picture(page, sent):
    go(page, sent, "Match", MATCH)
    host = page.locator(MATCH)
    one, other = (cached.sample(name) for name in (samples.DEFAULT, "cat-and-dog"))
    sets = [compare.tokens(VIT, *picture)[3].vectors for picture in (one, other)]
    cosines = similarity.cosines(*map(similarity.without_mean, sets))
    wide = 0.5 - 6 / host.locator(".pair").bounding_box()["width"]  # half without the gap
    for row, column in ((6, 8), (3, 3)):
        aim(page, host.locator(".pair"), (column + 0.5) / 14 * wide, (row + 0.5) / 14)
        token = row * 14 + column
        expect(host).to_have_attribute("data-token", str(token))
        assert int(host.get_attribute("data-best")) == int(cosines[token].argmax())
        assert float(host.get_attribute("data-cosine")) == pytest.approx(
            cosines[token].max(), abs=2e-3
        )
    host.locator(".pair").focus()
    page.keyboard.press("o")
    expect(host).to_have_attribute("data-side", "1")
    assert int(host.get_attribute("data-best")) == int(cosines[:, 3 * 14 + 3].argmax())
    page.keyboard.press("}")
    expect(host).to_have_attribute("data-layer", "4")
    page.keyboard.press("l")
    expect(host).to_have_attribute("data-lines", "true")
    assert not sent


def test_a_thumbnail_brings_another_second_picture(page, sent):
    host = page.locator(MATCH)
    host.locator(".pick[title=rocket]").click()
    expect(host.locator(".heads2 b").nth(1)).to_have_text("rocket")
    expect(host).to_have_attribute("data-layer", "4")  # the view stays
    page.wait_for_selector(SETTLED)
    assert "other=rocket" in page.url


def test_a_phone_holds_each_step(serve, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(120_000)
    page = context.new_page()
    for step, host in (("Panels", PANELS), ("Survive", BOARD), ("Match", MATCH)):
        page.goto(f"{serve('app.py')}/compare?step={step}")
        page.locator(host).wait_for()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, step
    context.close()
