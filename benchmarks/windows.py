"""Attention in windows in Chromium, at the size of Swin-T: payload, first draw, hover.

`python -m benchmarks.windows` starts this very file under Streamlit and drives a browser over it.
"""

import functools
import subprocess
import sys

import numpy as np

from benchmarks import canvas as whole

BLOCKS = {"first stage, 56 x 56": 1, "third stage, 12 heads": 9, "last stage, 24 heads": 11}


def scene() -> bytes:
    """A frame with random attention in the windows of Swin-T at 224 pixels."""
    import cv2

    from viz_core import windows
    from viz_core.canvas.wire_windows import WindowedBlock, pack_windowed

    rng = np.random.default_rng(0)
    blocks = []
    for stage, depth in enumerate((2, 2, 6, 2)):
        side = 56 >> stage
        for k in range(depth):
            layout = windows.Layout((side, side), 7, 3 if k % 2 and side > 7 else 0)
            tokens = windows.members(layout)
            size = np.arange(side)
            bands = 1 * (size >= side - 7) + (size >= side - layout.shift)
            regions = windows.partition(3 * bands[:, None] + bands, 7)
            powers = np.exp(2 * rng.standard_normal((len(tokens), 3 << stage, 49, 49), np.float32))
            powers *= (regions[:, :, None] == regions[:, None])[:, None]
            patterns = powers / powers.sum(axis=-1, keepdims=True)
            cut = (layout.grid, 7, layout.shift)
            blocks.append(WindowedBlock(stage, k, depth, *cut, patterns, tokens, regions))
    picture = cv2.resize(rng.integers(0, 255, (9, 9, 3), np.uint8), (560, 560))
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    return pack_windowed(blocks, picture_jpeg=jpeg, picture_size=(560, 560))


def app() -> None:
    """The page under test: nothing until its button is pressed."""
    import streamlit as st

    from pages._ui import canvas

    st.set_page_config(layout="wide")
    asked = st.query_params
    frame = st.cache_resource(scene)()
    # Saccade's sidebar has a component too: Streamlit's own code for them is there already.
    st.components.v2.component("other", js="export default () => {}")(key="other")
    if st.button("show"):
        view = {"layer": int(asked.get("layer", 1)), "reading": asked.get("reading", "single")}
        mode: canvas.Mode = "heads" if "wall" in asked else "lookup"
        canvas.mount(frame, mode=mode, key="canvas", view=view)


def main() -> None:
    """Print every number."""
    from playwright.sync_api import sync_playwright

    from tests.chromium import FLAGS, find

    address, process = whole.serve(__file__)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
            run = functools.partial(whole.opened, browser, address)
            print("Swin-T, first draw, one block first:", whole.first_draws(browser, address, ""))
            views = {name: f"layer={layer}" for name, layer in BLOCKS.items()}
            views["mean of 24 heads"] = "layer=11&reading=mean"
            views["rollout through all 12 blocks"] = "layer=11&reading=rollout"
            views["wall of 138 windows"] = "layer=1&wall=1"
            for name, query in views.items():
                page, _ = run(query)
                print(f"{name}:", whole.hovers(page))
                page.close()
            browser.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.path.insert(0, str(whole.ROOT))
    from streamlit import runtime

    app() if runtime.exists() else main()
