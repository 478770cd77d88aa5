"""Masked autoencoders to test with: a small one, transformers' of the same config, its names."""

import re
from dataclasses import replace

import torch

from models.mae import MAE, MAEConfig, patchify, random_mask, unpatchify
from tests.parity import shaken

SMALL = MAEConfig(
    image_size=32, patch_size=8, width=48, depth=2, heads=4,
    decoder_width=32, decoder_depth=2, decoder_heads=2,
)  # fmt: skip
GRID, PATCHES, PIXELS = 4, 16, 8 * 8 * 3

# Our names -> those of facebook/vit-mae-base, in this order.
HUB_NAMES = (
    (r"^(cls_token)", r"vit.embeddings.\1"),
    (r"^pos_embed", "vit.embeddings.position_embeddings"),
    (r"^patch_embed\.proj", "vit.embeddings.patch_embeddings.projection"),
    (r"^norm\.", "vit.layernorm."),
    (r"^blocks\.", "vit.encoder.layer."),
    (r"^decoder_blocks\.", "decoder.decoder_layers."),
    (r"^(mask_token|decoder_(pos_)?embed|decoder_norm|decoder_pred)", r"decoder.\1"),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.qkv\.", ".attention.attention.qkv."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)


def small_mae(**changes) -> MAE:
    """A shaken network in float64; the same weights whatever `norm_pix` is."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        model = shaken(MAE(replace(SMALL, **changes)))
    return model.eval().double().requires_grad_(False)


def randn(*shape: int, seed: int = 5) -> torch.Tensor:
    """Normal numbers in float64, the same every time."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def noise(pictures: int, patches: int, seed: int = 3) -> torch.Tensor:
    """One number a patch; the smallest stay visible."""
    return torch.rand(pictures, patches, generator=torch.Generator().manual_seed(seed))


def mask_at(ratio: float, pictures: int = 2) -> torch.Tensor:
    """A random mask for the small network."""
    return random_mask(noise(pictures, PATCHES), ratio)


def painted(image, patches, value):
    """The pictures with one value in the marked patches (b, n)."""
    return unpatchify(torch.where(patches[:, :, None], value, patchify(image, 8)), 8)


def theirs(cfg: MAEConfig, ratio: float = 0.75):
    """Their network of our config, shaken, in float64. Their own epsilon is 1e-12, MAE's 1e-6."""
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    config = ViTMAEConfig(
        image_size=cfg.image_size, patch_size=cfg.patch_size, norm_pix_loss=cfg.norm_pix,
        hidden_size=cfg.width, num_hidden_layers=cfg.depth, num_attention_heads=cfg.heads,
        intermediate_size=int(cfg.mlp_ratio * cfg.width), decoder_hidden_size=cfg.decoder_width,
        decoder_num_hidden_layers=cfg.decoder_depth, decoder_num_attention_heads=cfg.decoder_heads,
        decoder_intermediate_size=int(cfg.mlp_ratio * cfg.decoder_width), mask_ratio=float(ratio),
        layer_norm_eps=1e-6, attn_implementation="sdpa",
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return shaken(ViTMAEForPreTraining(config).eval().double())


def as_on_the_hub(tensors):
    """Our names turned into those of the files that facebook publishes on the hub."""
    found = {}
    for name, tensor in tensors.items():
        for ours, hubs in HUB_NAMES:
            name = re.sub(ours, hubs, name)
        if ".qkv." in name:
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                found[name.replace(".qkv.", f".{part}.")] = piece.clone()
        else:
            found[name] = tensor
    return found
