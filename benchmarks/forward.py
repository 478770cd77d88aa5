"""Our forward pass, every attention map recorded, against timm's plain fused forward."""

from functools import partial

import torch
from torch import nn

from benchmarks.paired import ratio
from models.catalog import CATALOG
from models.entry import build
from models.tap import Tap, record
from tests.parity import timm
from viz_core import probe


def without_taps(model: nn.Module) -> nn.Module:
    """The same network with every tap replaced by a plain identity."""
    for name, child in model.named_children():
        if isinstance(child, Tap):
            setattr(model, name, nn.Identity())
        else:
            without_taps(child)
    return model


def main() -> None:
    """Print ratios for ViT-B/16 at 224 and 384 pixels and for Swin-T, batch 1."""
    torch.manual_seed(0)
    _vit()
    _swin()


def _swin() -> None:
    name = "swin_tiny_patch4_window7_224"
    theirs = timm.create_model(name, pretrained=False).eval().requires_grad_(False)
    ours = build(CATALOG[name]).eval().requires_grad_(False)
    ours.load_state_dict(theirs.state_dict())
    image = torch.randn(1, 3, 224, 224)

    def recorded() -> list[torch.Tensor]:
        with torch.inference_mode(), record(ours, "layers.*.blocks.*.attn.pattern") as trace:
            ours(image)
        return list(trace.tensors.values())

    def plain(model: nn.Module) -> torch.Tensor:
        with torch.inference_mode():
            return model(image)

    print(f"{name}, 224 px, batch 1, {torch.get_num_threads()} threads")
    print("  all maps recorded / timm:", ratio(recorded, partial(plain, theirs)))
    print("  nothing recorded / timm:", ratio(partial(plain, ours), partial(plain, theirs)))


def _vit() -> None:
    name = "vit_base_patch16_224"
    theirs = timm.create_model(name, pretrained=False, dynamic_img_size=True).eval()
    ours, bare = build(CATALOG[name]).eval(), without_taps(build(CATALOG[name]).eval())
    for model in (ours, bare):
        model.load_state_dict(theirs.state_dict())
        model.requires_grad_(False)
    theirs.requires_grad_(False)
    for size in (224, 384):
        _report(name, torch.randn(1, 3, size, size), ours, bare, theirs)


def _report(
    name: str, image: torch.Tensor, ours: nn.Module, bare: nn.Module, theirs: nn.Module
) -> None:
    def plain(model: nn.Module) -> torch.Tensor:
        with torch.inference_mode():
            return model(image)

    def recorded() -> list[torch.Tensor]:
        with torch.inference_mode(), record(ours, "blocks.*.attn.pattern") as trace:
            ours(image)
        return list(trace.tensors.values())

    fused = partial(plain, theirs)
    print(f"{name}, {image.shape[-1]} px, batch 1, {torch.get_num_threads()} threads")
    print("  all maps recorded / timm fused:", ratio(recorded, fused))
    print(
        "  and brought to numpy / timm fused:",
        ratio(partial(probe.attention, ours, image.numpy()), fused),
    )
    print("  idle taps / no taps:", ratio(partial(plain, ours), partial(plain, bare)))


if __name__ == "__main__":
    main()
