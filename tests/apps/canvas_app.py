"""A page with canvases for the browser tests: attention drawn by hand, so no model is needed."""

import hashlib

import cv2
import numpy as np
import streamlit as st

from pages._ui import canvas
from viz_core import windows as cutting
from viz_core.canvas import wire
from viz_core.canvas.wire_windows import WindowedBlock, pack_windowed

LAYERS, HEADS, ROWS, COLUMNS = 4, 3, 6, 8
PREFIX = ("class token", "register 1")


def patterns(seed: int = 0) -> np.ndarray:
    n = len(PREFIX) + ROWS * COLUMNS
    scores = 3 * np.random.default_rng(seed).standard_normal((LAYERS, HEADS, n, n))
    weights = np.exp(scores)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)


def picture(seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    large = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large)[1].tobytes()


def frame(seed: int = 0) -> bytes:
    return wire.pack_attention(
        patterns(seed),
        picture_jpeg=picture(seed),
        picture_size=(320, 240),
        grid=(ROWS, COLUMNS),
        prefix=PREFIX,
    )


def attention(mode: str) -> None:
    state = canvas.mount(frame(), mode=mode, key=f"a-{mode}", view={"layer": 1, "head": 2})
    st.text(f"state: {state}")


def two() -> None:
    first = canvas.mount(frame(0), mode="lookup", key="first", view={"layer": 0})
    second = canvas.mount(frame(1), mode="lookup", key="second", view={"layer": 3})
    st.text(f"first: {first.pins}")
    st.text(f"second: {second.pins}")


def paint() -> None:
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[0, :2] = True
    packed = wire.pack_mask(mask, picture_jpeg=picture(), picture_size=(320, 240))
    state = canvas.mount(packed, mode="paint", key="paint")
    st.text(f"mask: {state.mask}")


def windows() -> None:
    index = np.arange(ROWS)[:, None] // 3 * 2 + np.arange(COLUMNS)[None] // 4
    both = np.stack([index, np.roll(index, (1, 1), (0, 1))])
    labels = [f"Window {k + 1}" for k in range(4)]
    steps = ("Regular", "Shifted")
    kwargs = {"picture_jpeg": picture(), "picture_size": (320, 240), "steps": steps}
    canvas.mount(wire.pack_regions(both, labels, **kwargs), mode="windows", key="windows")


def compare() -> None:
    frames = wire.pack_compare([frame(0), frame(1)], ["Model A", "Model B"])
    canvas.mount(frames, mode="compare", key="compare")


def maps() -> None:
    values = np.random.default_rng(0).standard_normal((3, ROWS, COLUMNS)).astype(np.float32)
    kwargs = {"picture_jpeg": picture(), "picture_size": (320, 240), "signed": True}
    packed = wire.pack_maps(values, ["One", "Two", "Three"], **kwargs)
    canvas.mount(packed, mode="compare", key="maps")


# Stages of 7 x 9, 4 x 5 and 2 x 3 tokens: maps that windows of 3 do not divide, one that is one.
GRIDS, WINDOW_HEADS = ((7, 9), (7, 9), (4, 5), (4, 5), (2, 3)), (2, 2, 3, 3, 5)


def blocks(seed: int = 0, side: int = 3) -> list[WindowedBlock]:
    """Attention in windows, drawn by hand; regions are those of the rolled, filled-up map."""
    rng = np.random.default_rng(seed)
    made: list[WindowedBlock] = []
    for k, (grid, heads) in enumerate(zip(GRIDS, WINDOW_HEADS, strict=True)):
        side_here = min(side, *grid)
        layout = cutting.Layout(grid, side_here, shift=k % 2)
        tokens = cutting.members(layout)
        regions = np.zeros_like(tokens)
        if layout.shift:
            ids = [
                1 * (np.arange(size) >= size - side_here) + (np.arange(size) >= size - layout.shift)
                for size in layout.padded
            ]
            regions = cutting.partition(3 * ids[0][:, None] + ids[1], side_here)
        n = tokens.shape[1]
        weights = np.exp(3 * rng.standard_normal((len(tokens), heads, n, n)))
        weights *= regions[:, None, :, None] == regions[:, None, None, :]
        weights /= weights.sum(axis=-1, keepdims=True)
        made.append(
            WindowedBlock(
                stage=k // 2,
                block=k % 2,
                depth=2 if k < 4 else 1,
                grid=grid,
                window=side_here,
                shift=layout.shift,
                patterns=weights.astype(np.float32),
                tokens=tokens,
                regions=regions,
            )
        )
    return made


def windowed_frame() -> bytes:
    return pack_windowed(blocks(), picture_jpeg=picture(), picture_size=(320, 240))


def windowed(mode: str) -> None:
    view = {"layer": 1, "head": 1}
    state = canvas.mount(windowed_frame(), mode=mode, key=f"w-{mode}", view=view)
    st.text(f"state: {state}")


def duel() -> None:
    frames = wire.pack_compare([windowed_frame(), frame()], ["Windows", "Whole"])
    state = canvas.mount(frames, mode="compare", key="duel", view={"layer": 1, "reading": "mean"})
    st.text(f"state: {state}")


def broken() -> None:
    good = frame()
    cut = wire.pack_mount(good, {"mode": "lookup"})[:-1000]
    canvas._stage(data=cut, key="broken", on_canvas_change=lambda: None)


PAGES = {
    "empty": lambda: st.text("nothing here"),
    "lookup": lambda: attention("lookup"),
    "heads": lambda: attention("heads"),
    "matrix": lambda: attention("matrix"),
    "two": two,
    "paint": paint,
    "windows": windows,
    "compare": compare,
    "maps": maps,
    "windowed": lambda: windowed("lookup"),
    "windowed-heads": lambda: windowed("heads"),
    "duel": duel,
    "broken": broken,
}

if __name__ == "__main__":
    st.set_page_config(layout="wide")
    st.navigation([st.Page(page, title=name, url_path=name) for name, page in PAGES.items()]).run()
    st.button("rerun")
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    digest = hashlib.sha256(frame()).hexdigest()[:6]
    st.text(f"runs: {st.session_state.runs} {digest}")
