"""The page Heads in a real browser: maps, lens, norms and paint answer under the pointer."""

import pytest
from playwright.sync_api import expect

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
HOST = ".saccade:has(.heads-board)"
PICTURE = ".heads-board canvas.picture"


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture
def visit(url, page):
    """Function: step -> the page with that step's stage."""
    page.set_default_timeout(90_000)

    def go(step):
        page.goto(f"{url}/heads?sample=butterfly&step={step}")
        page.wait_for_selector(f"{HOST}[data-kind={step.lower()}]")
        if step == "Ablate":
            measured(page, f"{HOST}[data-measured=true]")
        return page

    return go


def measured(page, selector):
    """Wait for what takes a while; on a busy machine the page asks before it measures."""
    ask = page.get_by_role("button", name="Measure", exact=False)
    for _ in range(4):
        page.locator(selector).or_(ask).first.wait_for()
        if page.locator(selector).count():
            return
        page.wait_for_selector(SETTLED)
        if ask.count():
            ask.first.click()
            page.wait_for_selector(SETTLED)
    page.wait_for_selector(selector)


def data(page, kind):
    return page.locator(f"{HOST}[data-kind={kind}]").evaluate("element => ({...element.dataset})")


def state(page, kind, **values):
    where = "".join(f"[data-{name}='{value}']" for name, value in values.items())
    page.wait_for_selector(f"{HOST}[data-kind={kind}]{where}")


def drawn(page):
    return page.locator(PICTURE).first.evaluate("canvas => canvas.toDataURL()")


def press(page, name):
    page.locator(".heads-board").get_by_role("button", name=name, exact=True).first.click()


def test_heads_preview_keep_and_answer_for_another_class(visit):
    page = visit("Ablate")
    began, picture = data(page, "ablate"), drawn(page)
    assert began["label"] == "butterfly"
    cell = page.locator(".cell[data-at='4,2']")
    cell.hover()
    state(page, "ablate", layer=4, head=2)
    title = page.locator(".readout .title")
    expect(title).to_have_text("Layer 5, head 3")
    assert drawn(page) != picture
    page.locator(".head-grid").hover(position={"x": 5, "y": 5})
    page.mouse.move(5, 5)
    state(page, "ablate", layer=began["layer"], head=began["head"])
    cell.click()
    page.mouse.move(5, 5)
    state(page, "ablate", layer=4, head=2)
    measured(page, f"{HOST}[data-kind=together][data-pairs='4']")

    # Another class changes the map in the browser, then what is below it.
    before = cell.inner_text()
    page.locator(".chip", has_text="insect").click()
    state(page, "ablate", label="insect")
    assert page.locator(".cell[data-at='4,2']").inner_text() != before
    page.get_by_label("Against", exact=True).select_option(label="butterfly")
    state(page, "ablate", against="butterfly")
    measured(page, ".below:has-text('“insect” against “butterfly”')")

    # A branch has no head of its own, and an MLP looks nowhere.
    page.locator(".cell[data-at='2,MLP']").hover()
    expect(title).to_have_text("Layer 3 without its MLP")
    expect(page.locator(".right .legend .unit")).to_contain_text(["MLP looks at no other token"])


def test_many_heads_away_are_hatched_on_the_map_and_the_mean_is_asked_of_the_server(visit):
    page = visit("Ablate")
    measured(page, f"{HOST}[data-kind=together]")
    slider = page.get_by_label("Heads taken away", exact=True)
    slider.fill("6")
    state(page, "together", count=6, which="helpful")
    expect(page.locator(".cell[data-gone=true]")).to_have_count(6)
    first = page.locator(".below .story").first.inner_text()
    press(page, "Harmful first")
    state(page, "together", count=6, which="harmful")
    assert page.locator(".below .story").first.inner_text() != first
    slider.fill("0")
    expect(page.locator(".cell[data-gone=true]")).to_have_count(0)
    page.locator(".pair-grid .cell[data-own=false]").first.hover()
    expect(page.locator(".below .right .story")).to_contain_text("Heads 1 and 2:")
    zero = page.locator(".cell[data-at='0,0']").inner_text()
    press(page, "Mean")
    state(page, "ablate", by="mean", loading="false")
    assert page.locator(".cell[data-at='0,0']").inner_text() != zero


def test_the_lens_moves_through_layers_and_keeps_the_class_of_another_step(visit):
    page = visit("Ablate")
    page.locator(".chip", has_text="insect").click()
    state(page, "ablate", label="insect")
    page.get_by_role("radio", name="Lens", exact=True).click()
    state(page, "lens", label="insect", depth=6)
    picture = drawn(page)
    page.get_by_label("Layer", exact=True).fill("2")
    state(page, "lens", depth=2)
    assert drawn(page) != picture
    expect(page.locator(".right .story")).to_contain_text("was not trained on this layer")
    page.locator(PICTURE).hover(position={"x": 50, "y": 50})
    expect(page.locator(".readout .title")).to_have_text("Row 2, column 2")
    counts = page.locator(".left .class-key b").all_inner_texts()
    assert sum(int(text) for text in counts) == 196
    press(page, "One class")
    state(page, "lens", mode="one")
    expect(page.locator(".left .legend")).to_contain_text("share of “insect”")
    press(page, "Logits")
    state(page, "lens", unit="logit")
    page.locator(PICTURE).press("]")
    state(page, "lens", depth=3)


def test_norms_mark_what_is_longer_than_the_slider_says(visit):
    page = visit("Norms")
    assert data(page, "norms")["outliers"] == "0"
    expect(page.locator(".story")).to_contain_text("No patch is 2.0")
    page.get_by_label("Outlier from", exact=True).fill("1.2")
    page.wait_for_selector(f"{HOST}:not([data-outliers='0'])")
    count = int(data(page, "norms")["outliers"])
    assert page.locator(".outliers .class-key").count() == min(8, count)
    picture = drawn(page)
    page.locator(".outliers .class-key").first.hover()
    place = page.locator(".outliers .class-key").first.inner_text()
    expect(page.locator(".readout .title")).to_have_text(place.split("\n")[0])
    assert drawn(page) != picture
    page.locator(".depth-bar").nth(2).click()
    state(page, "norms", depth=2)
    press(page, "Attention")
    state(page, "norms", what="received")
    expect(page.locator(".left .legend")).to_contain_text("the even share")


def test_paint_closes_patches_and_the_map_answers_for_each(visit):
    page = visit("Knockout")
    page.wait_for_selector(f"{HOST}[data-kind=knockout]:not([data-change=''])")
    began = data(page, "knockout")
    assert began["sources"] == "64"
    box = page.locator(PICTURE).bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 20, steps=4)
    page.mouse.up()
    state(page, "knockout", sources=78)
    page.wait_for_selector(f"{HOST}[data-kind=knockout]:not([data-change='{began['change']}'])")
    expect(page.locator(".readout .title")).to_have_text("78 of 196 patches closed")
    change = data(page, "knockout")["change"]
    press(page, "Class token")
    page.wait_for_selector(f"{HOST}[data-who='class']:not([data-change='{change}'])")
    press(page, "Every patch")
    page.get_by_label("Map from layer", exact=True).fill("5")  # the last one costs least
    state(page, "knockout", first=5)
    measured(page, f"{HOST}[data-kind=knockout][data-mapped=true]")
    page.locator(PICTURE).hover(position={"x": 60, "y": 60})
    expect(page.locator(".readout .title")).to_have_text("Row 2, column 2")
    page.get_by_role("button", name="Take it with you").click()
    expect(
        page.get_by_text("every patch by itself: nobody reads it from layer 6 on")
    ).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Paint")
    press(page, "Clear")
    expect(page.locator(".readout .title")).to_have_text("Nothing is closed")


def test_every_step_fits(visit):
    page = visit("Lens")
    for name in ("Ablate", "Lens", "Norms", "Knockout"):
        page.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_selector(f"{HOST}[data-kind={name.lower()}]")
        for width, scheme in ((390, "dark"), (1440, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function(
                """() => {
                  const main = document.querySelector('[data-testid=stMain]');
                  return document.documentElement.scrollWidth <= innerWidth
                    && main.scrollWidth <= main.clientWidth + 1;
                }"""
            )
        assert page.locator("[data-testid=stException]").count() == 0, name
