"""The canvas in a real browser: true numbers, no server trips, nothing left behind."""

import base64
import re

import numpy as np
import pytest

from tests.apps import canvas_app as app
from viz_core import rollout
from viz_core.canvas import wire

APP = "tests/apps/canvas_app.py"
SKIP = len(app.PREFIX)
SIZE = app.ROWS * app.COLUMNS


@pytest.fixture(scope="module")
def shares():
    """What the browser has: the patterns after the trip through uint8."""
    _, layers = wire.unpack_attention(app.frame())
    return np.stack([layers[k] for k in range(app.LAYERS)]).astype(np.float64)


def open_page(page, serve, name):
    """Go to a page of the test app; returns the list of websocket frames sent from then on."""
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    page.goto(f"{serve(APP)}/{name}")
    page.locator(".saccade .fact-value").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    complete(page)
    sent.clear()
    return sent


def complete(page, count=None):
    """Wait until the layers that follow have arrived."""
    page.wait_for_function(
        "() => [...(globalThis.saccadeHub?.listeners ?? [])].length > 0", timeout=20_000
    )
    frames(page, 3)


def frames(page, count=3):
    """Let the browser paint."""
    page.evaluate(
        """(n) => new Promise((done) => {
            const next = () => (n-- > 0 ? requestAnimationFrame(next) : done());
            next();
        })""",
        count,
    )


def hover(page, patch, within=".saccade .picture", panels=1):
    box = page.locator(within).first.bounding_box()
    width = box["width"] / panels
    x = box["x"] + (patch % app.COLUMNS + 0.5) / app.COLUMNS * width
    y = box["y"] + (patch // app.COLUMNS + 0.5) / app.ROWS * box["height"]
    page.mouse.move(x, y)
    frames(page)
    return x, y


def leave(page):
    page.mouse.move(5, 890)
    frames(page)


def fact(page, field, scope=".saccade"):
    data = page.locator(f'{scope} .fact[data-field="{field}"]').first.evaluate(
        "(node) => ({...node.dataset})"
    )
    return float(data["value"]), int(data.get("rank", 0))


def show(page, layer, head):
    page.locator('.saccade input[aria-label="Layer"]').first.fill(str(layer + 1))
    page.locator(".saccade .picture").first.focus()
    for _ in range(app.HEADS):
        frames(page)
        if f"head {head + 1}" in page.locator(".saccade .note").first.inner_text():
            return
        page.keyboard.press("]")
    raise AssertionError("the head did not come up")


def test_hovering_shows_pythons_numbers_and_sends_nothing(page, serve, shares):
    sent = open_page(page, serve, "lookup")
    rng = np.random.default_rng(0)
    for _ in range(50):
        layer, head, patch = rng.integers([app.LAYERS, app.HEADS, SIZE]).tolist()
        show(page, layer, head)
        leave(page)
        hover(page, patch)
        token = patch + SKIP
        row = shares[layer, head, token]
        best = SKIP + int(row[SKIP:].argmax())
        assert fact(page, "top") == (
            pytest.approx(row[best], abs=1e-7),
            1 + (row > row[best]).sum(),
        )
        assert fact(page, "self") == (
            pytest.approx(row[token], abs=1e-7),
            1 + (row > row[token]).sum(),
        )
        given = shares[layer, head, 0]
        assert fact(page, "from") == (
            pytest.approx(given[token], abs=1e-7),
            1 + (given > given[token]).sum(),
        )
        title = page.locator(".saccade .title").inner_text()
        assert title == f"Row {patch // app.COLUMNS + 1}, column {patch % app.COLUMNS + 1}"
    assert not sent


def test_scrubbing_readings_and_playing_send_nothing(page, serve):
    sent = open_page(page, serve, "lookup")
    for layer in (1, 2, 3, 4, 2):
        page.locator('input[aria-label="Layer"]').fill(str(layer))
    for name in ("Mean", "Max", "Rollout"):
        page.get_by_role("button", name=name, exact=True).click()
    for value in ("0.1", "0.9", "0.5"):
        page.locator('input[aria-label="Weight of the skip connection"]').fill(value)
    page.get_by_role("button", name="Looked at by").click()
    page.get_by_role("button", name="Play through").click()
    layer = page.locator('input[aria-label="Layer"]')
    first = layer.input_value()
    page.wait_for_function(
        "(first) => { const roots = [...document.querySelectorAll('*')]"
        ".map((n) => n.shadowRoot).filter(Boolean);"
        " return roots.some((r) => { const i = r.querySelector('input[aria-label=Layer]');"
        " return i && i.value !== first; }); }",
        arg=first,
    )
    page.get_by_role("button", name="Stop").click()
    assert not sent


def test_rest_is_the_class_token_and_shift_shows_the_column(page, serve, shares):
    open_page(page, serve, "lookup")
    title = page.locator(".saccade .title")
    assert title.inner_text() == "Class token"
    hover(page, 20)
    page.keyboard.down("Shift")
    hover(page, 21)
    column = shares[1, 2, :, 21 + SKIP]
    assert fact(page, "top")[0] == pytest.approx(column[SKIP:].max(), abs=1e-7)
    page.keyboard.up("Shift")
    leave(page)
    assert title.inner_text() == "Class token"
    page.locator(".chip").nth(1).hover()
    frames(page)
    assert title.inner_text() == "Register 1"


def test_pins_come_back_to_python_and_two_stand_side_by_side(page, serve):
    open_page(page, serve, "lookup")
    hover(page, 10)
    page.mouse.down()
    page.mouse.up()
    page.get_by_text(f"pins=({10 + SKIP},)").wait_for()
    leave(page)
    assert page.locator(".saccade .title").inner_text() == "Row 2, column 3"
    x, y = hover(page, 30)
    page.mouse.click(x, y)
    page.get_by_text(f"pins=({10 + SKIP}, {30 + SKIP})").wait_for()
    hover(page, 5, panels=2)
    names = page.locator(".fact-label").all_inner_texts()
    assert names[:2] == ["Row 2, column 3", "Row 4, column 7"]
    page.locator(".saccade .picture").focus()
    page.keyboard.press("Escape")
    page.get_by_text("pins=(), mask").wait_for()


def test_a_chosen_head_comes_back_and_arrows_move_on_the_wall(page, serve):
    sent = open_page(page, serve, "heads")
    wall = page.locator(".wall canvas")
    wall.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    frames(page)
    assert page.locator(".note").inner_text() == "layer 1, head 1"
    hover(page, 17)
    assert not sent
    box = wall.bounding_box()
    x = box["x"] + box["width"] * 1.5 / app.HEADS
    page.mouse.click(x, box["y"] + box["height"] * 3.5 / app.LAYERS)
    page.get_by_text("layer=3, head=1").wait_for()


def test_the_matrix_and_the_picture_point_at_each_other(page, serve, shares):
    open_page(page, serve, "matrix")
    box = page.locator(".wall canvas").bounding_box()
    tokens = SKIP + SIZE
    query, key = 12, 33
    x = box["x"] + (key + 0.5) / tokens * box["width"]
    page.mouse.move(x, box["y"] + (query + 0.5) / tokens * box["height"])
    frames(page)
    assert fact(page, "top")[0] == pytest.approx(shares[1, 2, query, key], abs=1e-7)
    assert page.locator(".title").inner_text() == "Row 2, column 3"
    hover(page, 40)
    assert page.locator(".title").inner_text() == "Row 6, column 1"


def test_painting_comes_back_as_a_mask_once_a_stroke(page, serve):
    sent = open_page(page, serve, "paint")
    hover(page, 8)
    page.mouse.down()
    for patch in (9, 10, 11):
        hover(page, patch)
    assert not sent
    page.mouse.up()
    page.get_by_text("mask: (0, 1, 8, 9, 10, 11)").wait_for()
    assert len(sent) == 1
    page.get_by_role("button", name="Rectangle").click()
    hover(page, 24)
    page.mouse.down()
    hover(page, 33)
    page.mouse.up()
    page.get_by_text("mask: (0, 1, 8, 9, 10, 11, 24, 25, 32, 33)").wait_for()
    page.get_by_role("button", name="Invert").click()
    page.get_by_text("mask: (2, 3, 4").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("mask: ()").wait_for()


def test_a_pointed_window_is_named_and_comparisons_share_one_pointer(page, serve):
    sent = open_page(page, serve, "windows")
    hover(page, 0)
    assert page.locator(".title").inner_text() == "Window 1"
    page.get_by_role("button", name="Shifted").click()
    hover(page, 1)
    hover(page, 0)
    assert page.locator(".title").inner_text() == "Window 4"
    assert not sent
    sent = open_page(page, serve, "compare")
    hover(page, 12, panels=2)
    assert page.locator(".fact-label").all_inner_texts() == ["Model A", "Model B"]
    assert not sent
    sent = open_page(page, serve, "maps")
    values = np.random.default_rng(0).standard_normal((3, app.ROWS, app.COLUMNS))
    hover(page, 12, panels=3)
    for k in range(3):
        assert fact(page, f"panel{k}")[0] == pytest.approx(values[k].ravel()[12], abs=1e-6)
    assert not sent


def test_two_canvases_do_not_disturb_each_other(page, serve):
    open_page(page, serve, "two")
    pictures = page.locator(".saccade .picture")
    assert pictures.count() == 2
    titles, notes = page.locator(".saccade .title"), page.locator(".saccade .note")
    assert notes.all_inner_texts() == ["layer 1, head 1", "layer 4, head 1"]
    x, y = hover(page, 3)
    assert titles.all_inner_texts() == ["Row 1, column 4", "Class token"]
    page.mouse.click(x, y)
    page.get_by_text(f"first: ({3 + SKIP},)").wait_for()
    page.locator('input[aria-label="Layer"]').nth(1).fill("2")
    frames(page)
    assert notes.all_inner_texts() == ["layer 1, head 1", "layer 2, head 1"]
    assert page.get_by_text("second: ()").count() == 1


def listeners(page):
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return {metric["name"]: metric["value"] for metric in metrics}["JSEventListeners"]


def test_page_switch_and_rerun_leave_nothing_behind(page, serve):
    open_page(page, serve, "lookup")
    page.locator(".saccade .picture").evaluate("(node) => node.dataset.mine = 'yes'")
    page.get_by_role("button", name="rerun").click()
    page.get_by_text("runs: 2").wait_for()
    assert page.locator(".saccade .picture[data-mine]").count() == 1
    counts = []
    for _ in range(4):
        page.get_by_role("link", name="empty").click()
        page.get_by_text("nothing here").wait_for()
        page.wait_for_function("saccadeHub.listeners.size === 0 && saccadeHub.rest.size === 0")
        assert page.locator(".saccade canvas").count() == 0
        counts.append(listeners(page))
        page.get_by_role("link", name="lookup").click()
        page.locator(".saccade .fact-value").first.wait_for()
        assert page.evaluate("saccadeHub.listeners.size") == 1
    assert counts[-1] - counts[1] < 20, counts


def test_a_malformed_frame_gives_a_sentence(page, serve):
    page.goto(f"{serve(APP)}/broken")
    text = page.locator(".saccade .error")
    text.wait_for()
    assert text.inner_text() == "The data from the server is cut short."


def test_the_picture_can_be_saved_at_twice_its_size_and_as_a_live_page(page, serve, tmp_path):
    open_page(page, serve, "lookup")
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture").click()
    png = saved.value.path().read_bytes()
    width = page.locator(".saccade .picture").bounding_box()["width"]
    assert int.from_bytes(png[16:20], "big") == round(2 * width)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Live page").click()
    live = tmp_path / "live.html"
    saved.value.save_as(live)
    hover(page, 22)
    expected = fact(page, "top")
    page.context.set_offline(True)
    page.goto(live.as_uri())
    page.locator(".saccade .fact-value").first.wait_for()
    hover(page, 22)
    assert fact(page, "top") == expected


@pytest.fixture
def modules(page, files):
    """Function: JavaScript over the pure modules -> what it returns."""
    page.goto(f"{files}/viz_core/canvas/canvas.css")
    names = ("frame", "lookup", "rollout", "colour", "layout", "words", "keys", "paint")
    loads = "".join(f"const {n} = await import('/viz_core/canvas/js/{n}.js');" for n in names)
    encoded = base64.b64encode(app.frame()).decode()
    store = (
        "const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));"
        "const opened = frame.openFrame(bytes); const store = lookup.createStore(opened.header);"
        "lookup.addLayers(store, frame.layersOf(opened));"
        "const out = () => new Float64Array(store.tokens);"
    )

    def run(body, **given):
        arguments = {"encoded": encoded, **given}
        script = f"async ({{{', '.join(arguments)}}}) => {{{loads}{store}{body}}}"
        return page.evaluate(script, arguments)

    return run


def rollout_row(patterns, token, residual):
    flow = np.eye(patterns.shape[-1])[token]
    for pattern in patterns.mean(axis=1)[::-1]:
        flow = residual * flow + (1 - residual) * flow @ pattern
    return flow


@pytest.mark.parametrize("direction", ["row", "column"])
def test_readings_equal_pythons(modules, shares, direction):
    layer, token, residual = 2, 7, 0.3
    view = {"layer": layer, "head": 1, "direction": direction, "residual": residual}
    given = modules(
        "return ['single', 'mean', 'max', 'rollout'].map((reading) =>"
        " [...lookup.readInto(store, {...view, reading}, token, out())]);",
        view=view,
        token=token,
    )
    side = shares if direction == "row" else np.swapaxes(shares, -1, -2)
    n = shares.shape[-1]
    flows = np.stack([rollout_row(shares[: layer + 1], k, residual) for k in range(n)])
    expected = [
        side[layer, 1, token],
        side[layer, :, token].mean(axis=0),
        side[layer, :, token].max(axis=0),
        flows[token] if direction == "row" else flows[:, token],
    ]
    np.testing.assert_allclose(given, expected, atol=1e-6)


@pytest.mark.parametrize("residual", [0, 0.25, 0.5, 1])
def test_the_class_row_of_the_rollout_equals_pythons_to_a_level(modules, residual):
    given = modules(
        "return [...rollout.flow(store, {layer: store.layers - 1, direction: 'row', residual},"
        " 0, out())];",
        residual=residual,
    )
    expected = rollout.rollout_row(rollout.fuse(app.patterns()), 0, residual=residual)
    assert np.abs(np.array(given) - expected).max() < 1 / 255
    assert sum(given) == pytest.approx(1, abs=2e-3)


def test_colours_are_pythons_byte_for_byte(modules):
    from viz_core import colour

    values = np.random.default_rng(1).random((5, 7))
    table = colour.table("magma").tobytes().hex()
    given = modules(
        "const pixels = new Uint32Array(values.length);"
        "colour.paintValues(values, 0, Math.max(...values),"
        " colour.sequentialLut(table, 0.7), pixels);"
        "return [...new Uint8Array(pixels.buffer)];",
        values=values.ravel().tolist(),
        table=table,
    )
    expected = colour.overlay(values, "magma", 0.7)
    np.testing.assert_array_equal(np.array(given).reshape(expected.shape), expected)


def test_layout_keeps_points_and_patches_together(modules):
    bad = modules(
        """const bad = [];
        for (const count of [1, 2, 5]) for (const perRow of [1, 3]) {
          const { rects, height } = layout.panels(count, 601, 4 / 3, 8, perRow);
          if (rects.at(-1).y + rects.at(-1).h > height + 1e-6) bad.push('height');
          const grid = { rows: 6, columns: 8 };
          for (let k = 0; k < count; k++) for (let patch = 0; patch < 48; patch++) {
            const { u, v } = layout.middleOf(patch, grid);
            const r = rects[k];
            const at = layout.pointAt(rects, r.x + u * r.w, r.y + v * r.h);
            if (at.panel !== k || layout.patchAt(at, grid) !== patch) bad.push([k, patch]);
          }
        }
        if (layout.pointAt([{x: 0, y: 0, w: 5, h: 5}], 6, 1) !== null) bad.push('outside');
        if (layout.moved(0, { rows: 2, columns: 3 }, [-1, -1]) !== 0) bad.push('moved');
        const wall = layout.wallGrid(2, 3, 4, 5, 2);
        for (let l = 0; l < 2; l++) for (let h = 0; h < 3; h++) {
          const [x, y] = wall.cell(l, h), at = wall.at(x + 1, y + 1);
          if (at.layer !== l || at.head !== h) bad.push(['wall', l, h]);
        }
        return bad;"""
    )
    assert bad == []


def test_numbers_have_three_digits_and_a_thin_space(modules):
    values = [0, 1, 0.5, 0.12345, 0.012345, 0.00012345, 0.0000012, 0.9996]
    given = modules("return values.map(words.percent);", values=values)
    wanted = ["0", "100", "50.0", "12.3", "1.23", "0.0123", "< 0.001", "100"]
    assert given == [f"{text}\u2009%" for text in wanted]
    assert all(len(re.sub(r"^[0.]+|\D", "", text)) <= 3 for text in given[:-2])
    assert modules("return [1, 5, 2.2361].map(words.patches);") == [
        "1 patch",
        "5 patches",
        "2.24 patches",
    ]


def test_strokes_fill_lines_and_rectangles(modules):
    given = modules(
        "return [[...paint.fillLine(new Uint8Array(12), 4, 0, 10, 1)],"
        " [...paint.fillRectangle(new Uint8Array(12), 4, 6, 1, 1)],"
        " [...paint.inverted(Uint8Array.of(0, 1))]];"
    )
    assert given == [
        [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
        [0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        [1, 0],
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("bytes.subarray(0, 5)", "The view did not arrive"),
        ("bytes.map((b, k) => (k === 0 ? 1 : b))", "is not a canvas frame"),
        ("bytes.map((b, k) => (k === 4 ? 9 : b))", "version 9"),
        ("bytes.subarray(0, 60)", "cut short"),
        ("bytes.subarray(0, bytes.length - 4)", "cut short"),
        ("bytes.map((b, k) => (k === 12 ? 0 : b))", "header of the data cannot be read"),
    ],
)
def test_broken_bytes_are_named_in_a_sentence(modules, change, sentence):
    message = modules(
        f"try {{ frame.layersOf(frame.openFrame({change})); }} catch (problem)"
        " { return problem.constructor.name + ': ' + problem.message; }"
    )
    assert message.startswith("FrameError: ")
    assert sentence in message


def test_on_a_phone_stage_readout_and_controls_stand_in_this_order(page, serve):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, serve, "lookup")
    boxes = [
        page.locator(f".saccade {s}").bounding_box() for s in (".picture", ".readout", ".controls")
    ]
    assert boxes[0]["y"] < boxes[1]["y"] < boxes[2]["y"]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
