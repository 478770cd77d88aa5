"""timm as the reference: our networks beside theirs, on weights that hide nothing."""

from dataclasses import replace

import torch

# torchvision built for CUDA beside a CPU torch registers no operators; timm only needs them named.
for _operator in ("nms", "qnms"):
    if not hasattr(torch.ops.torchvision, _operator):
        torch.library.define(
            f"torchvision::{_operator}",
            "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        )

import timm  # noqa: E402
from timm.models.vision_transformer import (  # noqa: E402
    VisionTransformer,
    checkpoint_filter_fn,
)

from models.catalog import CATALOG, Hub  # noqa: E402
from models.vit import ViT, ViTConfig  # noqa: E402

__all__ = [
    "checkpoint_filter_fn",
    "distance",
    "shaken",
    "theirs_for",
    "timm",
    "timm_name",
    "timm_vit",
]
TOLERANCE = 1e-10


def shaken(model):
    """Move every parameter off its init: zero biases and 1e-6 layer scales hide wrong code."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.05 * torch.randn(p.shape, generator=generator))
    return model


def timm_name(entry):
    """What timm calls a published entry of the catalog, with its tag."""
    assert isinstance(entry.weights, Hub)
    return entry.weights.repo.removeprefix("timm/")


def timm_vit(cfg: ViTConfig, **others) -> VisionTransformer:
    """timm's network for any of our configs."""
    return VisionTransformer(
        img_size=cfg.image_size,
        patch_size=cfg.patch_size,
        embed_dim=cfg.width,
        depth=cfg.depth,
        num_heads=cfg.heads,
        mlp_ratio=cfg.mlp_ratio,
        num_classes=cfg.classes,
        global_pool={"class": "token", "average": "avg"}[cfg.pool],
        class_token=cfg.class_token,
        reg_tokens=cfg.registers,
        no_embed_class=not cfg.position_on_prefix,
        init_values=1e-5 if cfg.layer_scale else None,
        **others,
    )


def theirs_for(name, **others):
    """timm's network for an entry of the catalog: by its published name wherever it has one."""
    entry = CATALOG[name]
    if isinstance(entry.weights, Hub):
        return timm.create_model(timm_name(entry), pretrained=False, **others)
    return timm_vit(replace(entry.config, depth=others.pop("depth", entry.config.depth)), **others)


def distance(cfg, theirs, *shape: int, network=ViT) -> float:
    """Largest difference between our output and theirs, both in float64 on the same weights."""
    theirs = shaken(theirs.double().eval())
    with torch.device("meta"):
        ours = network(cfg).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    image = torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        expected, found = theirs(image), ours(image)
    assert expected.shape == found.shape
    assert expected.std() > 0.01, "outputs that are all alike compare nothing"
    return float((expected - found).abs().max())
