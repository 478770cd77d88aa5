"""The app in a real browser, as a visitor meets it."""

import io
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

STAGE = "canvas.picture"


def png(colour, size=(120, 90)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


PAGES = {
    "zero": "Attention from zero",
    "patches": "Patches and tokens",
    "positions": "Positions",
    "attention": "Attention",
    "swin": "Swin",
    "convnext": "ConvNeXt",
    "mae": "MAE",
    "film": "Training film",
    "compact": "Compact",
    "train": "Train",
    "text": "Text",
    "why": "Why",
    "compare": "Compare",
    "regions": "Regions",
}


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


@pytest.fixture
def visit(url, page):
    """Open a path of the app; whatever goes wrong on the way is kept in `visit.troubles`."""
    troubles, hosts = [], set()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    # data: and blob: addresses have no host and ask nobody.
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or "localhost"))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))

    def go(path=""):
        page.goto(f"{url}/{path}")
        page.wait_for_selector(STAGE)
        return page

    go.troubles, go.hosts = troubles, hosts
    return go


def settled(page):
    """The page once Streamlit has no run under way."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return page


def test_a_link_to_a_page_works_as_the_very_first_visit(visit):
    page = visit("attention?sample=dog&layer=4&head=2")
    assert page.locator("h1").inner_text() == "Attention"
    assert page.locator(".readout .note").inner_text() == "layer 5, head 3"
    assert page.get_by_label("Sample: dog").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("path", ["", "attention"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_fits_in_both_themes_and_widths(visit, page, path, scheme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    settled(visit(path))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(STAGE).bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 900
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    assert visit.troubles == []


def follow(page, name, title):
    """Go to a page as a visitor does, by the sidebar."""
    page.locator(f"[data-testid=stSidebarNav] a[href$='/{name}']").click()
    expect(page.locator("h1")).to_have_text(title)
    settled(page)


def test_no_request_leaves_the_machine(visit, page):
    visit()
    for name, title in PAGES.items():
        follow(page, name, title)
    assert visit.hosts == {"localhost"}
    assert visit.troubles == []


def test_a_click_on_a_sample_changes_picture_and_link(visit, page):
    settled(visit("attention"))
    before = page.locator(".readout").inner_text()
    page.get_by_label("Sample: turtle").click()
    page.wait_for_function("location.search.includes('sample=turtle')")
    expect(page.locator(".readout")).not_to_have_text(before, use_inner_text=True)


def test_an_uploaded_picture_is_shown_and_kept_on_the_next_page(visit, page):
    settled(visit())
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": png((200, 40, 40))}
    )
    page.get_by_text("You see mine.png").wait_for()
    follow(page, "attention", "Attention")
    assert page.get_by_text("You see mine.png").is_visible()


def test_a_pasted_picture_is_taken_as_an_upload(visit, page):
    settled(visit())
    page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', {type: 'image/png'}));
          document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data}));
        }""",
        list(png((20, 160, 60))),
    )
    page.get_by_text("You see pasted.png").wait_for()


def test_a_broken_upload_gives_a_sentence_and_the_picture_stays(visit, page):
    settled(visit())
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": b"nothing of a picture"}
    )
    page.get_by_text("You still see the sample.").wait_for()
    assert page.locator(STAGE).is_visible()


def test_the_view_stays_when_the_picture_changes(visit, page):
    settled(visit("attention?layer=1&head=3"))
    page.get_by_label("Sample: taxis").click()
    page.wait_for_function("location.search.includes('sample=taxis')")
    settled(page)
    assert page.locator(".readout .note").inner_text() == "layer 2, head 4"


@pytest.mark.parametrize(("label", "mode"), [("All heads", "heads"), ("Matrix", "matrix")])
def test_the_other_modes_of_the_stage_can_be_chosen(visit, page, label, mode):
    settled(visit("attention"))
    page.get_by_role("radio", name=label).or_(page.get_by_text(label, exact=True)).first.click()
    page.wait_for_selector(f".saccade[data-mode={mode}]")
    assert visit.troubles == []


def test_another_mode_keeps_layer_and_head(visit, page):
    settled(visit("attention"))
    page.get_by_text("All heads", exact=True).first.click()
    page.wait_for_selector(".saccade[data-mode=heads]")
    page.locator(STAGE).focus()
    page.keyboard.press("{")
    page.keyboard.press("[")
    expect(page.locator(".readout .note")).to_have_text("layer 5, head 4")
    page.get_by_text("Picture", exact=True).first.click()
    page.wait_for_selector(".saccade[data-mode=lookup]")
    settled(page)
    expect(page.locator(".readout .note")).to_have_text("layer 5, head 4")


def test_a_rollout_slider_redraws_the_map_without_the_canvas(visit, page):
    settled(visit("attention"))
    first = page.locator(".stImage img").first
    first.wait_for()
    before = first.get_attribute("src")
    page.locator(".st-key-residual input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "src => document.querySelector('.stImage img').getAttribute('src') !== src", arg=before
    )
    assert visit.troubles == []


def test_every_picture_has_a_text_for_those_who_cannot_see_it(visit, page):
    settled(visit("attention"))
    page.locator(".stImage img").nth(1).wait_for()
    texts = page.locator("[data-testid=stMain] img").evaluate_all("all => all.map(i => i.alt)")
    assert texts
    assert all(texts)
