"""Takes of the steps of the Swin page."""

import numpy as np

from pages._ui import controls, swin_cost, swin_mask, swin_relative, take
from pages._ui.cached import pyramid, swin, swin_look, takes
from pages._ui.cached import swin_relative as tables
from pages._ui.take import Take, titled
from viz_core import relative_position, swin_macs, window_mask, windows
from viz_core.pyramid import features

LARGEST = 140  # tokens along a side of the largest map whose cost is counted


def view(step: str, network: str) -> Take:
    """The step on screen."""
    return STEPS[step](network)


def _of(name: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return name, picture.key, picture.raw


def _attention(name: str) -> Take:
    look, told = takes.windowed(*_of(name)), take.seen("canvas")
    at = take.whole(told, "layer", swin_look.opening(name), len(look.blocks))
    block = look.blocks[at]
    head = take.whole(told, "head", 0, block.patterns.shape[1])
    return Take(
        name=f"swin-block{at + 1}-head{head + 1}",
        says=f"{titled(name)}, stage {block.stage + 1}, block {block.block + 1}, head {head + 1}",
        numbers={
            "attention": block.patterns[:, head],
            "tokens": block.tokens,
            "regions": block.regions,
            "grid": np.array(block.grid),
            "shift": np.array(block.shift),
            "logits": look.logits,
        },
        script="swin_attention",
        values={"NETWORK": name, "BLOCK": at, "HEAD": head},
    )


def _pyramid(name: str) -> Take:
    shape, stage = pyramid.shape(name), 0
    costs, maps = swin_macs.stages(shape), takes.pyramid(*_of(name)).maps
    return Take(
        name=f"swin-pyramid-stage{stage + 1}",
        says=f"{titled(name)}, stage {stage + 1} and the cost of all",
        numbers={
            "features": maps[stage],
            "lengths": features.lengths(maps[stage]),
            "side_of_stage": np.array([one.grid for one in costs]),
            "width_of_stage": np.array([one.width for one in costs]),
            "macs_of_stage": np.array([one.total for one in costs]),
            "macs": np.array(swin_macs.total(shape)),
            "macs_with_global_attention": np.array(swin_macs.total(shape, "full")),
            "weights": np.array(swin_macs.parameters(shape)),
        },
        script="swin_pyramid",
        values={"NETWORK": name, "STAGE": stage},
    )


def _windows(name: str) -> Take:
    cut = swin.layouts(name)[swin.first_map(name)][-1]
    rows, columns = cut.grid
    how = f"{rows} × {columns} tokens, windows of {cut.window}, shift {cut.shift}"
    return Take(
        name=f"swin-windows-{rows}x{columns}",
        says=f"{titled(name)}, {how}",
        numbers={
            "window_of_place": windows.window_ids(cut),
            "token_at_place": windows.rolled(cut),
            "members": windows.members(cut),
            "region_of_token": window_mask.region_ids_in_picture(cut),
            "mask": window_mask.attention_mask(cut),
        },
        script="swin_windows",
        values={"GRID": cut.grid, "WINDOW": cut.window, "SHIFT": cut.shift},
    )


def _mask(name: str) -> Take:
    stage, block = swin_mask.chosen(name)
    if not swin.layouts(name)[stage][block].shift:
        return _windows(name)
    closed, opened, none = (takes.masked(*_of(name), stage, block, how) for how in swin_mask.RUNS)
    return Take(
        name=f"swin-mask-stage{stage + 1}-block{block + 1}",
        says=f"{titled(name)}, stage {stage + 1}, block {block + 1}, mask on and off",
        numbers={
            "scores": closed.scores,
            "bias": closed.bias,
            "attention": closed.pattern,
            "attention_without": opened.pattern,
            "leak": window_mask.crossing(opened.pattern, opened.layout),
            "logits": closed.logits,
            "logits_without_this": opened.logits,
            "logits_without_any": none.logits,
        },
        script="swin_mask",
        values={"NETWORK": name, "STAGE": stage, "BLOCK": block},
    )


def _bias(name: str) -> Take:
    kind, where, seed = swin_relative.chosen(name)
    block, head = tables.strongest(name)
    table = tables.tables(name)[block]
    before = tables.run(*_of(name), "own", None, 0)
    after = tables.run(*_of(name), kind, where, seed) if kind != "own" else before
    return Take(
        name=f"swin-bias-block{block + 1}-head{head + 1}",
        says=f"{titled(name)}, stage {table.stage + 1}, block {table.block + 1}, head {head + 1}",
        numbers={
            "table": table.values,
            "index": relative_position.index(table.window),
            "bias": relative_position.bias(table.values)[head],
            "by_offset": relative_position.key_from_query(table.values)[head],
            "logits": before.logits,
            "logits_replaced": after.logits,
            "distance": np.array([one.mean() for one in before.distance]),
            "distance_replaced": np.array([one.mean() for one in after.distance]),
        },
        script="swin_bias",
        values={
            "NETWORK": name, "BLOCK": block, "HEAD": head, "KIND": kind, "WHERE": where,
            "SEED": seed,
        },
    )  # fmt: skip


def _cost(_: str) -> Take:
    layer = swin_cost.PAPER
    sides = np.arange(layer.window, LARGEST + 1, layer.window)
    full = [windows.msa_macs(n, n, layer.width) for n in sides.tolist()]
    cut = [windows.window_msa_macs(n, n, layer.width, layer.window) for n in sides.tolist()]
    return Take(
        name="swin-cost",
        says=f"One attention layer, width {layer.width}, windows of {layer.window}",
        numbers={
            "side": sides,
            "global_macs": np.array(full),
            "window_macs": np.array(cut),
        },
        script="swin_cost",
        values={"WIDTH": layer.width, "WINDOW": layer.window, "MOST": LARGEST},
    )


STEPS = {
    "Attention": _attention,
    "Pyramid": _pyramid,
    "Windows": _windows,
    "Mask": _mask,
    "Bias": _bias,
    "Cost": _cost,
}
