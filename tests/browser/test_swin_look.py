"""Step 1 of the Swin page: it is there at once, and it is the network's own attention."""

import pytest

from tests.browser.test_canvas import fact, frames
from tests.browser.test_canvas_windows import REACH, hover

APP = "app.py"
BLOCK = 3  # the first shifted one of 2 x 2 windows: 14 x 14 patches, windows of 7


def expected(sample):
    """Attention of that block on a sample, by the network itself."""
    import torch

    from models.catalog import CATALOG
    from models.tap import record
    from pages._ui import cached, samples
    from pages._ui.swin_windows import SHIPPED
    from viz_core import images

    how = CATALOG[SHIPPED].preprocessing
    decoded = images.decode(samples.path(sample).read_bytes())
    ready = images.prepare(
        decoded, size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std
    )
    model = cached.network(SHIPPED)
    with torch.inference_mode(), record(model, "layers.1.blocks.1.attn.pattern") as trace:
        model(torch.tensor(ready.pixels))
    return trace["layers.1.blocks.1.attn.pattern"][0].numpy()  # (window, head, query, key)


@pytest.fixture(scope="module")
def stage(browser, serve):
    """One page for both tests: the second starts from where the first left it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda problem: errors.append(str(problem)))
    page.add_init_script(f"({REACH})()")
    page.goto(f"{serve(APP)}/swin")
    page.locator(".saccade .fact-value").first.wait_for(timeout=60_000)
    page.wait_for_function("globalThis.app?.stores[0].lenses.every((lens) => lens.levels)")
    yield page
    context.close()
    assert not errors, errors


def test_the_first_view_is_a_window_in_two_pieces_with_the_networks_numbers(stage):
    assert stage.locator(".saccade .title").inner_text() == "Row 11, column 7"
    assert (fact(stage, "open")[0], fact(stage, "window")[0]) == (28, 3)
    line = stage.locator(".block-line").inner_text().replace("\u00a0", " ")
    assert line.endswith("14 × 14 patches, 4 windows of 7 × 7, shifted by 3")
    pattern = expected("cat")
    row = pattern[2, 0, (10 - 3 - 7) * 7 + (6 - 3)]  # rolled by 3, the second window down
    assert fact(stage, "top")[0] == pytest.approx(row.max(), rel=1e-3)
    assert row.reshape(7, 7)[4:].max() < 1e-6, "the mask closes what came from the other side"
    hover(stage, 0.5, 0.4)
    assert fact(stage, "open")[0] == 49


def test_every_mode_keeps_the_block_and_the_place(stage):
    stage.locator('.saccade input[aria-label="Block"]').fill("7")
    x, y = hover(stage, 0.3, 0.3)
    stage.mouse.click(x, y)
    stage.locator(".chip", has_text="Clear pin").wait_for()
    before = fact(stage, "top")[0]
    stage.get_by_role("radio", name="All heads").click()
    stage.locator(".wall canvas").wait_for()
    stage.locator(".note", has_text="stage 3, block 1, head 1").wait_for()
    stage.get_by_role("radio", name="Beside ViT").click()
    stage.locator('.saccade input[aria-label="Depth"]').wait_for()
    complete = "app.stores[1].blocks.filter(Boolean).length === app.stores[1].layers"
    stage.wait_for_function(f"app.panels.length === 2 && {complete}")
    frames(stage)
    labels = stage.evaluate("app.panels.map((panel) => panel.label)")
    assert labels[0].endswith("stage 3, block 1")
    assert labels[1].endswith("layer 5 of 6")
    assert stage.evaluate("app.panels.map((panel) => panel.token)") == [2 * 7 + 2, 4 * 14 + 4]
    stage.get_by_role("radio", name="On the picture").click()
    stage.locator('.saccade input[aria-label="Block"]').wait_for()
    stage.wait_for_function("app.stores[0].lenses.every((lens) => lens.levels)")
    frames(stage, 5)
    assert stage.locator(".saccade .title").inner_text() == "Row 3, column 3"
    assert fact(stage, "top")[0] == before
