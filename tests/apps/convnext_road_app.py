"""The steps Road and Blocks on networks with random weights: they need no shipped ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st
import torch

from models.catalog import CATALOG
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin
from pages._ui import cached, convnext_blocks, convnext_road, samples
from pages._ui.cached import blocks, swin
from pages._ui.controls import Picture

TITLES = {blocks.RESNET: "ResNet, untrained", blocks.CONVNEXT: "ConvNeXt, untrained"}


@st.cache_resource
def networks():
    """Small networks of the three kinds on pictures of 56 pixels."""
    torch.manual_seed(0)
    fresh = {
        blocks.RESNET: ResNet(
            ResNetConfig(
                image_size=56, stem_kernel=3, stem_stride=2, stem_pool=False, width=32,
                depths=(2, 2, 2), classes=32,
            )
        ),
        blocks.SWIN: Swin(CATALOG[blocks.SWIN].config),
        blocks.CONVNEXT: ConvNeXt(
            ConvNeXtConfig(
                image_size=56, patch_size=2, width=64, depths=(2, 2, 4), layer_scale=1.0,
                classes=32,
            )
        ),
    }  # fmt: skip
    with torch.no_grad():
        for model in fresh.values():
            for weight in model.parameters():
                weight.add_(0.05 * torch.randn_like(weight))
    return {name: model.eval().requires_grad_(False) for name, model in fresh.items()}


def stand_in() -> None:
    """Untrained networks under the names of those that ship."""
    model = CATALOG[blocks.SWIN]
    titled = {name: replace(model, name=name, title=title) for name, title in TITLES.items()}
    blocks.CATALOG = swin.CATALOG = dict(CATALOG) | titled
    blocks.here = lambda: blocks.NETWORKS
    cached.network = lambda name: networks()[name]


@contextmanager
def standing_in() -> Iterator[None]:
    """`stand_in`, taken back at the end: other tests look at the catalog too."""
    kept = blocks.CATALOG, swin.CATALOG, blocks.here, cached.network
    stand_in()
    try:
        yield
    finally:
        blocks.CATALOG, swin.CATALOG, blocks.here, cached.network = kept


def body() -> None:
    """One of both steps, as a link asks for it."""
    name = st.query_params.get("sample", samples.DEFAULT)
    st.session_state.picture = Picture(*cached.sample(name), name)
    step = convnext_blocks if st.query_params.get("step") == "Blocks" else convnext_road
    st.markdown(step.NOTICE)
    step.show("")


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    stand_in()
    body()
