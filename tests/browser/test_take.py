"""“Take it with you” in a real browser: a PNG, and a page that lives without the app."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_app import settled

# One view for each family of components: drawn on a canvas, as HTML with numbers, as SVG, fed in
# pieces, several at once that listen to each other.
PATHS = ["swin?step=Pyramid", "zero", "convnext?step=Road", "mae?step=Hide", "text"]
INK = """() => [...document.querySelectorAll("section")].map(({ shadowRoot: root }) => {
  const canvases = [...root.querySelectorAll("canvas")].filter((one) => one.width && one.height);
  const inked = canvases.filter((one) => {
    const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
    return data.some((value, k) => k > 3 && value !== data[k % 4]);
  });
  const text = root.querySelector(".saccade").innerText.trim().length;
  const error = Boolean(root.querySelector(".error"));
  return { canvases: canvases.length, inked: inked.length, text, error };
})"""


@pytest.fixture(scope="module")
def url(serve):
    return serve("app.py")


def opened(page, url, path):
    """A page with its popover open, and the rows of what can be taken."""
    page.goto(f"{url}/{path}")
    page.locator(".saccade").first.wait_for()
    settled(page)
    page.get_by_role("button", name="Take it with you").click()
    rows = page.locator(".saccade.take .row")
    rows.first.wait_for()
    settled(page)
    return rows


def saved(page, row):
    with page.expect_download() as download:
        row.get_by_role("button").click()
    return download.value


def offline(page, file):
    """Open a saved page without a network; what goes wrong, and whom it asks."""
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    page.context.set_offline(True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.locator("section").last.wait_for(state="attached")
    return troubles, asked


def test_the_layer_on_screen_is_taken_as_picture_numbers_and_living_page(page, url, tmp_path):
    page.goto(f"{url}/attention?sample=dog&layer=4&head=2")
    stage = page.locator("canvas.picture")
    stage.wait_for()
    settled(page)
    stage.focus()
    page.keyboard.press("{")  # Python is not told of another layer
    page.get_by_text("layer 4, head 3").first.wait_for()
    page.get_by_role("button", name="Take it with you").click()
    code = page.locator("[data-testid=stPopoverBody] [data-testid=stCode] code").first
    page.get_by_text("LAYER = 3", exact=False).first.wait_for()
    assert "HEAD = 2" in code.inner_text()
    rows = page.locator(".saccade.take .row")
    width = stage.bounding_box()["width"]
    picture = Image.open(io.BytesIO(saved(page, rows.first).path().read_bytes()))
    assert picture.width > 2 * width
    assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 1000
    with page.expect_download() as numbers:
        page.get_by_role("button", name="NPZ").click()
    with np.load(numbers.value.path()) as found:
        assert found["looks_at"].shape == (197,)
    file = tmp_path / "live.html"
    saved(page, rows.last).save_as(file)
    troubles, asked = offline(page, file)
    page.locator(".fact-value").first.wait_for()
    assert page.locator(".readout .note").inner_text() == "layer 4, head 3"
    before = page.locator(".readout .title").inner_text()
    page.locator("canvas.picture").hover(position={"x": 200, "y": 200})
    page.wait_for_function(
        "before => document.querySelector('section').shadowRoot"
        ".querySelector('.readout .title').innerText !== before",
        arg=before,
    )
    assert troubles == []
    assert asked == [file.as_uri()]


@pytest.mark.parametrize("path", PATHS)
def test_every_family_of_components_lives_offline(page, url, tmp_path, path):
    rows = opened(page, url, path)
    file = tmp_path / "live.html"
    saved(page, rows.last).save_as(file)
    troubles, asked = offline(page, file)
    page.wait_for_function(f"({INK})().every((one) => one.text || one.inked)")
    found = page.evaluate(INK)
    assert not any(one["error"] for one in found)
    assert sum(one["canvases"] for one in found) == 0 or sum(one["inked"] for one in found) > 0
    assert troubles == []
    assert asked == [file.as_uri()]
    assert "needs no server" in page.locator("footer").inner_text()


def test_a_saved_page_says_what_only_a_server_could_answer(page, url, tmp_path):
    page.goto(f"{url}/regions?way=attention&layer=3&sample=dog")
    page.wait_for_selector(".saccade[data-way=attention][data-answered=true]")
    settled(page)
    page.get_by_role("button", name="Take it with you").click()
    file = tmp_path / "live.html"
    row = page.locator(".saccade.take .row").last
    row.wait_for()
    settled(page)
    download = saved(page, row)
    assert download.suggested_filename == "saccade-regions-attention-layer4-mean.html"
    download.save_as(file)
    troubles, asked = offline(page, file)
    says, cells = page.locator(".says"), page.locator(".list td")
    page.wait_for_selector(".saccade[data-way=attention][data-answered=true]")
    assert "The whole picture" in says.inner_text() or "It says" in says.inner_text()
    page.get_by_role("button", name="Cut", exact=True).click()
    page.wait_for_selector(".saccade[data-way=cut][data-answered=false]")
    assert "only the answers taken along" in says.inner_text()
    assert not any("…" in one for one in cells.all_inner_texts())
    page.get_by_role("button", name="Graph").click()
    page.get_by_label("Threshold", exact=True).fill("0.5")
    page.wait_for_selector(".saccade[data-cuts=false]")
    assert "only the cuts taken along" in says.inner_text()
    assert troubles == []
    assert asked == [file.as_uri()]


HOSTILE = '</script><img src=x onerror=alert(1)> & <!-- "quoted" `${1}`'


def test_whatever_a_picture_is_called_and_a_visitor_typed_stays_text(page, files, tmp_path):
    page.goto(f"{files}/viz_core/canvas/canvas.css")
    text = page.evaluate(
        """async (words) => {
          const { livePage } = await import("/viz_core/take/js/page.js");
          const saccade = () => ({
            streamlit: () => ({ parentElement, data }) => {
              parentElement.querySelector(".saccade").textContent = new TextDecoder().decode(data);
            },
          });
          const part = {
            name: "a", source: saccade.toString(), tables: { words }, style: "", heading: words,
            data: new TextEncoder().encode(words),
          };
          return livePage([part], { title: words, caption: words, theme: {}, kept: { words } });
        }""",
        HOSTILE,
    )
    file = tmp_path / "live.html"
    file.write_text(text, encoding="utf-8")
    troubles, asked = offline(page, file)
    assert page.locator("h1").inner_text() == page.locator("h2").inner_text() == HOSTILE
    assert page.locator(".saccade").inner_text() == HOSTILE
    assert page.evaluate("saccadeKept.words") == HOSTILE
    assert page.title() == HOSTILE
    assert page.locator("img").count() == 0
    assert troubles == []
    assert asked == [file.as_uri()]
