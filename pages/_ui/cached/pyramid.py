"""What the pyramid and the cost of the Swin page need: one forward pass, and measured times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from pages._ui import cached
from pages._ui.cached import swin
from viz_core import macs, patch_frames, swin_macs
from viz_core.pyramid import wire
from viz_core.pyramid.wire import Peer
from viz_core.swin_macs import SwinShape

if TYPE_CHECKING:
    from models.swin import SwinConfig
    from models.vit import ViTConfig

SMALL_PIXELS = 64  # inputs up to this side stand beside the shipped ViT
LARGE_PEER = "deit_small_patch16_224"
HEAD_WIDTH = 32
V2_BIAS_UNITS = 512


def shape_of(config: SwinConfig) -> SwinShape:
    """What the cost of a network depends on."""
    from models.swin_v2 import SwinV2Config

    return SwinShape(
        side=config.image_size, patch=config.patch_size, width=config.width,
        depths=config.depths, heads=config.heads, window=config.window,
        mlp_ratio=config.mlp_ratio, classes=config.classes,
        bias_units=V2_BIAS_UNITS if isinstance(config, SwinV2Config) else 0,
    )  # fmt: skip


def shape(name: str) -> SwinShape:
    """What the cost of a network of the catalog depends on; it must be a Swin."""
    from models.swin import SwinConfig

    config = CATALOG[name].config
    assert isinstance(config, SwinConfig), f"{name} is no Swin"
    return shape_of(config)


def peer(name: str) -> Peer:
    """A ViT for about the same picture size; no weights of it are needed."""
    side = CATALOG[name].preprocessing.size
    other = DEFAULT if side <= SMALL_PIXELS else LARGE_PEER
    config: ViTConfig = cached.vit_config(other)
    whole = macs.Shape(
        side=config.image_size, patch=config.patch_size, width=config.width, depth=config.depth,
        heads=config.heads, prefix=config.prefix, mlp_ratio=config.mlp_ratio,
        classes=config.classes,
    )  # fmt: skip
    return Peer(
        title=CATALOG[other].title, grid=whole.grid, width=config.width, depth=config.depth,
        heads=config.heads, macs=macs.cost(whole).total, parameters=macs.parameters(whole),
    )  # fmt: skip


@st.cache_resource(max_entries=4, show_spinner="Running the network")
def frame(name: str, key: str, _raw: bytes) -> bytes:
    """The message of the component `pyramid`: 0.2 MB for the shipped network, 1.2 MB for Swin-T."""
    from viz_core.probe import pyramid

    model, seen, how = cached.network(name), swin.prepared(name, key, _raw), shape(name)
    with cached.FORWARD:
        look = pyramid.look(model, seen.pixels)
    given = CATALOG[name].preprocessing
    return wire.pack(
        title=CATALOG[name].title,
        patch=how.patch,
        picture_jpeg=swin.crop_jpeg(name, key, _raw),
        pixels=patch_frames.input_bytes(seen.pixels[0], given.mean, given.std),
        maps=look.maps,
        merged=look.merged,
        reduced=look.reduced,
        costs=swin_macs.stages(how),
        totals={
            "macs": wire.short(swin_macs.total(how)),
            "full": wire.short(swin_macs.total(how, "full")),
            "parameters": wire.short(swin_macs.parameters(how)),
        },
        peer=peer(name),
    )


@st.cache_resource(max_entries=256, show_spinner=False)
def seconds(kind: Literal["global", "window"], side: int, width: int, window: int) -> float:
    """Time of one attention layer on this machine: the fastest of up to five runs.

    Args:
        kind: `models.vit.Attention` over all tokens, or `models.swin.Attention` in windows, with
            cutting and putting back.
        side: Tokens along a side of the map; a multiple of `window`.
        width: Numbers a token has; a multiple of 32, the width of a head.
        window: Tokens along a side of a window.
    """
    import torch

    from models import swin as swin_model
    from models import vit
    from viz_core.probe import pyramid

    heads = width // HEAD_WIDTH
    tokens = torch.randn(1, side, side, width, generator=torch.Generator().manual_seed(0))
    if kind == "global":
        layer = vit.Attention(vit.ViTConfig(width=width, heads=heads)).eval()
        flat = tokens.flatten(1, 2)

        def run() -> torch.Tensor:
            return layer(flat)
    else:
        config = swin_model.SwinConfig(
            image_size=window, patch_size=1, width=width, depths=(1,), heads=(heads,),
            window=window,
        )  # fmt: skip
        windowed = swin_model.Attention(config, 0, shifted=False).eval()
        rows = side // window

        def run() -> torch.Tensor:
            cut = swin_model.window_partition(tokens, window)
            return swin_model.window_reverse(windowed(cut, None), window, rows)

    with cached.FORWARD:
        return pyramid.fastest(run)
