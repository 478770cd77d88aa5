"""Attention in windows in a real browser: true numbers at true places, no server trips."""

import base64

import numpy as np
import pytest

from tests.apps import canvas_app as app
from tests.browser.test_canvas import APP, fact, frames, leave
from viz_core import window_rollout, windows
from viz_core.canvas import wire, wire_windows

SHADED = 0x9E120A09
REACH = "() => { globalThis.saccadePainted = (app) => { globalThis.app = app; }; }"


@pytest.fixture(scope="module")
def dense():
    """What the browser has: for each block (head, query, key) over the picture's tokens."""
    found = wire_windows.unpack_windowed(app.windowed_frame())
    return [in_picture(*found[k]) for k in range(len(app.GRIDS))]


def in_picture(attention, tokens):
    heads, count, _ = attention.shape
    whole = np.zeros((heads, count, count))
    for window in tokens:
        here = window[window >= 0]
        for token in here:
            whole[:, token, here] = attention[:, token, window >= 0]
    return whole


def layouts():
    return [windows.Layout(block.grid, block.window, block.shift) for block in app.blocks()]


@pytest.fixture
def modules(page, files):
    """Function: JavaScript over the pure modules and a store of all blocks -> what it returns."""
    page.goto(f"{files}/viz_core/canvas/canvas.css")
    names = ("frame", "windowed", "windowflow", "windowfacts", "layout")
    loads = "".join(f"const {n} = await import('/viz_core/canvas/js/{n}.js');" for n in names)
    encoded = base64.b64encode(app.windowed_frame()).decode()
    store = (
        "const opened = frame.openFrame(Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)));"
        "const store = windowed.createWindowed(opened.header);"
        "windowed.addBlocks(store, frame.layersOf(opened));"
    )

    def run(body, **given):
        arguments = {"encoded": encoded, **given}
        script = f"async ({{{', '.join(arguments)}}}) => {{{loads}{store}{body}}}"
        return page.evaluate(script, arguments)

    return run


def test_readings_equal_pythons_on_every_block(modules, dense):
    given = modules(
        """return store.lenses.map((lens) => ['row', 'column'].map((direction) =>
          ['single', 'mean', 'max'].map((reading) =>
            Array.from({ length: lens.tokens }, (_, token) => {
              const out = new Float64Array(lens.tokens);
              const slots = new Float64Array(lens.slots);
              windowed.slotsInto(lens, { reading, direction, head: 1 }, token, slots);
              windowed.spread(lens, windowed.windowOf(lens, token), slots, out);
              return [...out];
            }))));"""
    )
    for block, ours in zip(given, dense, strict=True):
        for direction, side in zip(block, (ours, ours.swapaxes(1, 2)), strict=True):
            expected = [side[1], side.mean(axis=0), side.max(axis=0)]
            np.testing.assert_allclose(direction, expected, atol=1e-7)


@pytest.mark.parametrize("residual", [0, 0.3])
def test_the_rollout_to_the_picture_equals_pythons(modules, residual):
    """Python rolls out the true patterns, the browser what the wire kept of them."""
    blocks = [
        window_rollout.block(b.patterns, cut)
        for b, cut in zip(app.blocks(), layouts(), strict=True)
    ]
    for layer in (1, 2, 4):
        rows = window_rollout.rollout(blocks[: layer + 1], residual=residual)
        rows = rows.reshape(len(rows), -1)
        given = modules(
            """const run = (direction, count, size) => Array.from({ length: count }, (_, token) =>
                [...windowflow.windowFlow(store, { layer, residual, direction }, token,
                 new Float64Array(size))]);
               const [first, last] = [store.lenses[0].tokens, store.lenses[layer].tokens];
               return [run('row', last, first), run('column', first, last)];""",
            layer=layer,
            residual=residual,
        )
        np.testing.assert_allclose(np.sum(given[0], axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(given[0], rows, atol=0.006)
        np.testing.assert_allclose(given[1], np.array(given[0]).T, atol=1e-6)


def test_pieces_of_a_window_by_hand(modules):
    """7 x 9 tokens rolled by 1, windows of 3: the last holds (0, 7), (0, 8), (0, 0), the rest is
    padding; the one above it at the right edge holds rows 1 to 3 of columns 7, 8 and 0."""
    lens = "const lens = store.lenses[1];"
    counts = modules(f"{lens} return [0, 8].map((token) => windowed.countsOf(lens, token));")
    assert counts == [
        {"open": 1, "closed": 2, "padding": 6, "regions": 2, "region": 1},
        {"open": 2, "closed": 1, "padding": 6, "regions": 2, "region": 0},
    ]
    edges = modules(f"{lens} return windowed.edgesOf(lens, windowed.windowOf(lens, 3 * 9 + 8));")
    seams = sorted(tuple(edge[:4]) for edge in edges if edge[4] == 1)
    assert seams == [(x, y, x, y + 1) for x in (0, 9) for y in (1, 2, 3)]
    border = sorted(tuple(edge[:4]) for edge in edges if edge[4] == 0)
    sides = [(x, y, x, y + 1) for x in (1, 7) for y in (1, 2, 3)]
    ends = [(x, y, x + 1, y) for x in (0, 7, 8) for y in (1, 4)]
    assert border == sorted(sides + ends)
    assert modules(f"{lens} return windowed.cutsOf(lens.columns, lens);") == [1, 4, 7]
    assert modules("return windowed.cutsOf(9, { window: 3, shift: 0 });") == [3, 6]


def test_an_unfinished_block_is_named_in_a_sentence(modules):
    message = modules(
        "try { frame.layersOf({ ...opened, body: opened.body.subarray(0, -8) }); }"
        " catch (problem) { return problem.constructor.name + ': ' + problem.message; }"
    )
    assert message.startswith("FrameError: The data from the server is cut short")


def opened(page, serve, name):
    sent = []
    page.add_init_script(f"({REACH})()")
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{serve(APP)}/{name}")
    page.locator(".saccade .fact-value").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_function("app.stores[0].lenses.every((lens) => lens.levels)")
    frames(page)
    sent.clear()
    return sent


def hover(page, u, v, panels=1, panel=0):
    box = page.locator(".saccade .picture").bounding_box()
    width = box["width"] / panels
    x, y = box["x"] + (panel + u) * width, box["y"] + v * box["height"]
    page.mouse.move(x, y)
    frames(page, 4)
    return x, y


def choose(page, layer):
    page.locator('.saccade input[aria-label="Block"]').fill(str(layer + 1))
    frames(page)


def middle(token, grid):
    return (token % grid[1] + 0.5) / grid[1], (token // grid[1] + 0.5) / grid[0]


def test_hovering_any_block_shows_pythons_numbers_and_sends_nothing(page, serve, dense):
    sent = opened(page, serve, "windowed")
    made, rng = app.blocks(), np.random.default_rng(3)
    for layer in (0, 1, 3, 4):
        leave(page)
        choose(page, layer)
        block, grid = made[layer], app.GRIDS[layer]
        for token in rng.integers(0, grid[0] * grid[1], 3).tolist():
            leave(page)
            hover(page, *middle(token, grid))
            row = dense[layer][1, token]
            assert fact(page, "top")[0] == pytest.approx(row.max(), abs=1e-7)
            assert fact(page, "self")[0] == pytest.approx(row[token], abs=1e-7)
            window, slot = np.argwhere(block.tokens == token)[0]
            same = block.regions[window] == block.regions[window, slot]
            assert fact(page, "open")[0] == (same & (block.tokens[window] >= 0)).sum()
            assert fact(page, "window")[0] == window + 1
            pixels = np.array(page.evaluate("[...app.panels[0].pixels]"))
            outside = np.setdiff1d(np.arange(len(pixels)), block.tokens[window])
            closed = block.tokens[window][~same & (block.tokens[window] >= 0)]
            assert (pixels[outside] == SHADED).all()
            assert (pixels[closed] == 0).all()
            title = page.locator(".saccade .title").inner_text()
            assert title == f"Row {token // grid[1] + 1}, column {token % grid[1] + 1}"
    assert not sent


def test_the_place_stays_while_the_grid_changes_and_a_pin_comes_back(page, serve):
    sent = opened(page, serve, "windowed")
    x, y = hover(page, 0.9, 0.1)
    titles = []
    for layer in (0, 2, 4):
        choose(page, layer)
        titles.append(page.locator(".saccade .title").inner_text())
    assert titles == ["Row 1, column 9", "Row 1, column 5", "Row 1, column 3"]
    assert not sent
    page.mouse.click(x, y)
    page.get_by_text("pins=(2,)").wait_for()
    leave(page)
    choose(page, 1)
    assert page.locator(".saccade .title").inner_text() == "Row 1, column 9"
    page.get_by_role("button", name="Stage 2").click()
    frames(page)
    line = page.locator(".block-line").inner_text().replace("\u00a0", " ")
    assert line.startswith("Stage 2, block 1 of 2")
    assert "4 × 5 patches, 4 windows of 3 × 3, not shifted" in line
    assert page.locator(".head:visible").count() == 3
    page.get_by_role("button", name="Clear pin").click()
    page.get_by_text("pins=(), mask").wait_for()


def test_the_rolled_frame_is_read_where_it_shows(page, serve):
    opened(page, serve, "windowed")
    page.get_by_role("button", name="Rolled").click()
    page.wait_for_function("app.rolling.share === 1")
    hover(page, 0.5 / 9, 0.5 / 7)
    assert page.locator(".saccade .title").inner_text() == "Row 2, column 2"
    assert fact(page, "window")[0] == 1
    hover(page, 8.5 / 9, 6.5 / 7)
    assert page.locator(".saccade .title").inner_text() == "Row 1, column 1"
    choose(page, 0)
    assert page.get_by_role("button", name="Rolled").is_disabled()


def test_rollout_and_columns_are_shown_on_their_own_grids_and_saved(page, serve, tmp_path):
    sent = opened(page, serve, "windowed")
    page.get_by_role("button", name="Rollout").click()
    choose(page, 4)
    hover(page, 0.9, 0.9)
    sizes = "[app.panels[0].rows, app.panels[0].small.height, app.panels[0].values.length]"
    assert page.evaluate(sizes) == [2, 7, 63]
    assert page.evaluate("app.panels[0].values.reduce((a, b) => a + b)") == pytest.approx(1)
    page.get_by_role("button", name="Looked at by").click()
    frames(page)
    assert page.evaluate(sizes) == [7, 2, 6]
    assert not sent
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture", exact=False).last.click()
    assert saved.value.path().read_bytes()[:4] == b"\x89PNG"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Live page").click()
    live = tmp_path / "live.html"
    saved.value.save_as(live)
    page.context.set_offline(True)
    page.goto(live.as_uri())
    page.locator(".saccade .note", has_text="rollout through stage 3, block 1").wait_for()


def test_the_wall_shows_every_head_of_every_block(page, serve):
    sent = opened(page, serve, "windowed-heads")
    wall = page.locator(".wall canvas")
    wall.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    frames(page)
    assert page.locator(".note").inner_text() == "stage 2, block 2, head 1"
    hover(page, 0.3, 0.3)
    assert not sent
    box = wall.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    frames(page)
    assert not sent, "there is no fifth head in the first block"
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"])
    page.get_by_text("layer=4, head=4").wait_for()


def test_windows_and_whole_attention_share_one_place(page, serve, dense):
    sent = opened(page, serve, "duel")
    whole = wire.unpack_attention(app.frame())[1]
    for layer, other, panel in ((1, 1, 0), (4, 3, 1), (2, 2, 0)):
        page.locator('.saccade input[aria-label="Depth"]').fill(str(layer + 1))
        frames(page)
        grid = app.GRIDS[layer]
        hover(page, 0.65, 0.55, panels=2, panel=panel)
        token = int(0.55 * grid[0]) * grid[1] + int(0.65 * grid[1])
        patch = int(0.55 * app.ROWS) * app.COLUMNS + int(0.65 * app.COLUMNS) + len(app.PREFIX)
        mine = dense[layer].mean(axis=0)[token].max()
        theirs = whole[other].mean(axis=0)[patch, len(app.PREFIX) :].max()
        assert fact(page, "panel0")[0] == pytest.approx(mine, abs=1e-7)
        assert fact(page, "panel1")[0] == pytest.approx(theirs, abs=1e-7)
        assert fact(page, "reach1")[0] == app.ROWS * app.COLUMNS
    page.get_by_role("button", name="Rollout").click()
    frames(page)
    assert not sent
    page.set_viewport_size({"width": 390, "height": 844})
    frames(page, 6)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
