"""Step 5 of the Swin page, on an untrained network: it is there at once, and it is true."""

import pytest

from tests.browser.test_canvas import fact, frames
from tests.browser.test_canvas_windows import REACH, hover

APP = "tests/apps/swin_look_app.py"
BLOCK = 3  # the first shifted one of 2 x 2 windows: 14 x 14 patches, windows of 7


def expected(sample):
    """Attention of that block on a sample, by the network itself."""
    import torch

    from models.catalog import CATALOG
    from models.tap import record
    from pages._ui import samples
    from tests.apps import swin_app
    from viz_core import images

    swin_app.stand_in()
    how = CATALOG[swin_app.SWIN].preprocessing
    decoded = images.decode(samples.path(sample).read_bytes())
    ready = images.prepare(
        decoded, size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std
    )
    model = swin_app.untrained()
    with torch.inference_mode(), record(model, "layers.1.blocks.1.attn.pattern") as trace:
        model(torch.tensor(ready.pixels))
    return trace["layers.1.blocks.1.attn.pattern"][0].numpy()  # (window, head, query, key)


@pytest.fixture
def stage(page, serve):
    page.add_init_script(f"({REACH})()")
    page.goto(serve(APP))
    page.locator(".saccade .fact-value").first.wait_for(timeout=60_000)
    page.wait_for_function("globalThis.app?.stores[0].lenses.every((lens) => lens.levels)")
    return page


def test_the_first_view_is_a_window_in_four_corners_with_the_networks_numbers(stage):
    assert stage.locator(".saccade .title").inner_text() == "Row 12, column 13"
    assert (fact(stage, "open")[0], fact(stage, "window")[0]) == (16, 4)
    line = stage.locator(".block-line").inner_text().replace("\u00a0", " ")
    assert line.endswith("14 × 14 patches, 4 windows of 7 × 7, shifted by 3")
    pattern = expected("cat")
    row = pattern[3, 0, (11 - 3 - 7) * 7 + (12 - 3 - 7)]  # rolled by 3, the second window each way
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
