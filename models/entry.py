"""What the catalog says about a network, and how to build it. Importing this costs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from models.compact_config import CompactConfig
    from models.convnext import ConvNeXtConfig
    from models.mae import MAEConfig
    from models.resnet import ResNetConfig
    from models.swin import SwinConfig
    from models.vit import ViTConfig

    Config = ViTConfig | SwinConfig | MAEConfig | ConvNeXtConfig | ResNetConfig | CompactConfig

# Published top-1: timm's results/results-imagenet.csv, as of 2025-10-30.
TOP1 = "% top-1 on ImageNet-1k validation (timm, results-imagenet.csv)"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the network's input; resizing is bicubic.

    Attributes:
        size: Side of the square input in pixels.
        crop_share: Side of the central crop as a share of the picture's shorter side.
        mean: Subtracted from red, green and blue in [0, 1].
        std: Divides what is left.
    """

    size: int
    crop_share: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True)
class Shipped:
    """Weights that come with Saccade, a file in assets/weights."""

    file: str


@dataclass(frozen=True)
class Hub:
    """Weights on the Hugging Face hub; no revision means the newest."""

    repo: str
    filename: str = "model.safetensors"
    revision: str | None = None


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Where the classes of an architecture live, and what its networks can show.

    Attributes:
        module: Module of both classes, imported when first needed.
        network: Class that takes one config.
        settings: Class of that config.
        head: Weight whose rows are the classes; empty if no network of it names classes.
        views: What a page may ask for: the keys of the network class's own `views`.
    """

    module: str
    network: str
    settings: str
    head: str
    views: frozenset[str]


# Another architecture is one more row, plus its entries in models/catalog.py.
ARCHITECTURES = {
    "vit": Architecture(
        module="models.vit",
        network="ViT",
        settings="ViTConfig",
        head="head.weight",
        views=frozenset({"global attention", "tokens"}),
    ),
    "mae": Architecture(
        module="models.mae",
        network="MAE",
        settings="MAEConfig",
        head="",
        views=frozenset(
            {"encoder attention", "decoder attention", "encoder tokens", "decoder tokens"}
        ),
    ),
    "swin": Architecture(
        module="models.swin",
        network="Swin",
        settings="SwinConfig",
        head="head.fc.weight",
        views=frozenset({"window attention"}),
    ),
    "swin_v2": Architecture(
        module="models.swin_v2",
        network="SwinV2",
        settings="SwinV2Config",
        head="head.fc.weight",
        views=frozenset({"window attention"}),
    ),
    "convnext": Architecture(
        module="models.convnext",
        network="ConvNeXt",
        settings="ConvNeXtConfig",
        head="head.fc.weight",
        views=frozenset({"feature maps", "block maps", "depthwise maps"}),
    ),
    "resnet": Architecture(
        module="models.resnet",
        network="ResNet",
        settings="ResNetConfig",
        head="fc.weight",
        views=frozenset({"feature maps", "block maps"}),
    ),
    "compact": Architecture(
        module="models.compact",
        network="Compact",
        settings="CompactConfig",
        head="classifier.fc.weight",
        views=frozenset({"compact attention", "compact tokens", "sequence pooling"}),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One network of the catalog.

    Attributes:
        name: Key in the catalog.
        title: What a reader is shown.
        architecture: Key in `ARCHITECTURES`.
        options: Arguments of the architecture's config class; what is absent is its default.
        weights: Where they come from.
        labels: Key in `models.labels.SOURCES`; None for a network without classes.
        preprocessing: What its input has to look like.
        licence: Terms of the weights.
        accuracy: Measured accuracy with its source; None if there is none to cite.
        note: What is special about it, in one line.
    """

    name: str
    title: str
    architecture: str
    options: Mapping[str, Any]
    weights: Shipped | Hub
    labels: str | None
    preprocessing: Preprocessing
    licence: str
    accuracy: str | None
    note: str

    @property
    def config(self) -> Config:
        """The architecture's own frozen config, for example a `ViTConfig`. Imports torch."""
        architecture = ARCHITECTURES[self.architecture]
        settings = getattr(import_module(architecture.module), architecture.settings)
        return settings(**self.options)

    @property
    def views(self) -> frozenset[str]:
        """What a page may ask of this network, such as "global attention"."""
        return ARCHITECTURES[self.architecture].views


def build(entry: Entry, config: Config | None = None) -> nn.Module:
    """The untrained network; under `torch.device("meta")` it costs neither time nor memory.

    Args:
        entry: What to build.
        config: A variation of `entry.config` to build instead of it.
    """
    architecture = ARCHITECTURES[entry.architecture]
    network = getattr(import_module(architecture.module), architecture.network)
    return network(entry.config if config is None else config)
