"""The canvas in Chromium: event to painted frame, payload, first draw, wall of thumbnails.

`python -m benchmarks.canvas` starts this very file under Streamlit and drives a browser over it.
"""

import functools
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
HOVERS = 220
# When an event happened, when its frame was handed to the screen, when big payloads arrived.
PROBE = """
globalThis.painted = []; globalThis.work = []; globalThis.arrivals = [];
let last = 0; let began = 0;
addEventListener('pointermove', (e) => { last = e.timeStamp; began = performance.now(); }, true);
globalThis.saccadePainted = (app) => {
  globalThis.app = app;
  globalThis.firstPaint ??= performance.now();
  const { port1, port2 } = new MessageChannel();
  const [from, start] = [last, began];
  work.push(performance.now() - start);
  port1.onmessage = () => painted.push(performance.now() - from);
  port2.postMessage(0);
};
const Socket = WebSocket;
globalThis.WebSocket = class extends Socket {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', (e) => {
      const size = e.data.byteLength ?? e.data.size;
      if (size > 100000) arrivals.push([performance.now(), size]);
    });
  }
};
"""
WALL = """() => new Promise((done) => {
  const canvas = app.stage.canvas, box = canvas.getBoundingClientRect();
  const began = performance.now(); let frames = 0, k = 0;
  const next = () => {
    const at = { clientX: box.x + box.width * ((k * 37) % 100) / 100, bubbles: true,
                 clientY: box.y + box.height * ((k * 61) % 100) / 100 };
    k++; frames++;
    canvas.dispatchEvent(new PointerEvent('pointermove', at));
    if (performance.now() - began < 3000) requestAnimationFrame(next);
    else done(1000 * frames / (performance.now() - began));
  };
  next();
})"""


def scene(layers: int, side: int) -> bytes:
    """A frame with random attention of 12 heads over side x side patches."""
    import cv2

    from viz_core.canvas import wire

    rng = np.random.default_rng(0)
    n = 1 + side * side
    powers = np.exp(2 * rng.standard_normal((layers, 12, n, n), np.float32))
    patterns = powers / powers.sum(axis=-1, keepdims=True)
    picture = cv2.resize(rng.integers(0, 255, (9, 9, 3), np.uint8), (560, 560))
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    return wire.pack_attention(
        patterns, picture_jpeg=jpeg, picture_size=(560, 560), grid=(side, side)
    )


def app() -> None:
    """The page under test: nothing until its button is pressed."""
    import streamlit as st

    from pages._ui import canvas
    from viz_core.canvas import wire

    st.set_page_config(layout="wide")
    asked = st.query_params
    shape = int(asked.get("layers", 12)), int(asked.get("side", 14))
    frame = st.cache_resource(scene)(*shape)
    # Saccade's sidebar has a component too: Streamlit's own code for them is there already.
    st.components.v2.component("other", js="export default () => {}")(key="other")
    if not st.button("show"):
        return
    if "whole" in asked:
        data = wire.pack_mount(frame, {"mode": "lookup", "layer": 0})
        canvas._stage(data=data, key="canvas", on_canvas_change=lambda: None)
    else:
        canvas.mount(frame, mode="heads" if "wall" in asked else "lookup", key="canvas")


def serve(script: str = __file__) -> tuple[str, subprocess.Popen]:
    """Start Streamlit on a free port."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    address = f"http://localhost:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return address, process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise RuntimeError("Streamlit did not start")


def opened(browser: "Browser", address: str, query: str) -> "tuple[Page, list]":
    """A page with the canvas on it, and milliseconds to its first draw."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(PROBE)
    page.goto(f"{address}/?{query}")
    button = page.get_by_role("button", name="show")
    button.wait_for()
    page.wait_for_timeout(500)
    button.evaluate("(node) => { globalThis.pressed = performance.now(); node.click(); }")
    page.wait_for_function("() => globalThis.firstPaint && globalThis.app?.panels.length")
    page.wait_for_timeout(1500)
    times = page.evaluate(
        "() => [firstPaint - pressed, firstPaint - arrivals[0][0], arrivals.map((a) => a[1])]"
    )
    return page, times


def spread(values: list[float]) -> str:
    """Median and 95th percentile."""
    ranked = sorted(values)
    return f"p50 {statistics.median(ranked):.1f} ms, p95 {ranked[int(0.95 * len(ranked))]:.1f} ms"


def hovers(page: "Page") -> str:
    """Move the real pointer to another patch, again and again."""
    box = page.locator(".saccade .picture").bounding_box()
    assert box is not None
    rng = np.random.default_rng(1)
    page.evaluate("() => { painted.length = work.length = 0; }")
    for u, v in rng.random((HOVERS, 2)):
        page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])
        page.wait_for_timeout(25)
    painted, work = page.evaluate("() => [painted, work]")
    return f"{len(painted)} hovers: to painted {spread(painted)}; handler to drawn {spread(work)}"


def first_draws(browser: "Browser", address: str, query: str) -> str:
    """Median of five arrivals."""
    pairs = []
    for _ in range(5):
        page, times = opened(browser, address, query)
        page.close()
        pairs.append(times)
    click, arrival = (statistics.median(t[k] for t in pairs) for k in (0, 1))
    sizes = " + ".join(f"{size:,}" for size in pairs[0][2])
    return f"{click:.0f} ms after the click, {arrival:.0f} ms after its bytes ({sizes} bytes)"


def main() -> None:
    """Print every number."""
    from playwright.sync_api import sync_playwright

    from tests.chromium import FLAGS, find

    address, process = serve()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
            run = functools.partial(opened, browser, address)
            print("ViT-B/16, first draw, layer first:", first_draws(browser, address, "layers=12"))
            print("ViT-B/16, all in one frame:       ", first_draws(browser, address, "whole=1"))
            for side, layers in ((14, 12), (24, 2)):
                page, _ = run(f"layers={layers}&side={side}")
                print(f"{side * side} tokens:", hovers(page))
                page.close()
            page, _ = run("wall=1")
            print(
                f"wall of 144 thumbnails: {page.evaluate(WALL):.0f} frames a second,", hovers(page)
            )
            browser.close()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    from streamlit import runtime

    app() if runtime.exists() else main()
