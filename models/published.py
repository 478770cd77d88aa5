"""What published files call things that timm, and so we, call otherwise.

timm's own files on the hub are saved from its networks (timm/models/_hub.py, `push_to_hf_hub`)
and need nothing of this; the authors' originals do, except MAE's, whose names are ours. MAE's
copies on the hub carry the names of transformers. Everything not named here is strict.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

# Parameters of the training that the network itself does not have, by architecture.
LEFT_OUT = {
    "vit": ("mask_token",),  # stood in for hidden patches while DINOv2 was trained
}
# What a file may hold that the network computes from its sizes.
_COMPUTED = ("relative_position_index", "relative_coords_table", "attn_mask")


def renamed(found: Mapping[str, Tensor], architecture: str) -> dict[str, Tensor]:
    """The tensors of a file under our names, as timm's `checkpoint_filter_fn` has them."""
    tensors = {k: v for k, v in found.items() if k not in LEFT_OUT.get(architecture, ())}
    rename = {"vit": _vit, "swin": _swin, "swin_v2": _swin, "mae": _mae, "convnext": _convnext}.get(
        architecture
    )
    return rename(tensors) if rename else tensors


def _vit(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # DeiT III's authors write blocks.0.gamma_1.
    tensors = {re.sub(r"\bgamma_([12])$", r"ls\1.gamma", k): v for k, v in tensors.items()}
    # DINOv2's authors keep a position for the class token; timm adds it once and for all.
    if {"register_tokens", "cls_token", "pos_embed"} <= tensors.keys():
        positions = tensors["pos_embed"]
        tensors["reg_token"] = tensors.pop("register_tokens")
        tensors["cls_token"] = tensors["cls_token"] + positions[:, :1]
        tensors["pos_embed"] = positions[:, 1:]
    return tensors


def _swin(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {k: v for k, v in tensors.items() if k.rpartition(".")[2] not in _COMPUTED}
    # The authors merge patches at the end of a stage, timm at the start of the next one.
    if "layers.0.downsample.reduction.weight" not in tensors:
        return tensors

    def moved(name: str) -> str:
        name = re.sub(r"^head\.", "head.fc.", name)
        return re.sub(
            r"^layers\.(\d+)\.downsample\.",
            lambda found: f"layers.{int(found[1]) + 1}.downsample.",
            name,
        )

    return {moved(name): tensor for name, tensor in tensors.items()}


# In this order; transformers 5 writes `decoder_encoder.layer` for what the hub's files call
# `decoder_layers`.
_TRANSFORMERS_MAE = (
    (r"^vit\.embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^vit\.embeddings\.position_embeddings$", "pos_embed"),
    (r"^vit\.embeddings\.", ""),
    (r"^vit\.encoder\.layer\.", "blocks."),
    (r"^vit\.layernorm\.", "norm."),
    (r"^decoder\.decoder_(layers|encoder\.layer)\.", "decoder_blocks."),
    (r"^decoder\.", ""),
    (r"\.attention\.attention\.", ".attn."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
    (r"\.intermediate\.dense\.", ".mlp.fc1."),
    (r"\.output\.dense\.", ".mlp.fc2."),
)


def _mae(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    if "vit.embeddings.cls_token" not in tensors:
        return tensors
    found = {}
    for name, tensor in tensors.items():
        for theirs, ours in _TRANSFORMERS_MAE:
            name = re.sub(theirs, ours, name)
        found[name] = tensor
    for query in [name for name in found if ".attn.query." in name]:
        names = [query.replace(".query.", f".{part}.") for part in ("query", "key", "value")]
        shapes = {found[name].shape for name in names if name in found}
        if len(shapes) == 1 and all(name in found and found[name].ndim for name in names):
            joined = torch.cat([found.pop(name) for name in names])
            found[query.replace(".query.", ".qkv.")] = joined
    return found


# Of the authors' ConvNeXt (models/convnext.py there), in this order.
_AUTHORS_CONVNEXT = (
    (r"^downsample_layers\.0\.", "stem."),
    (r"^stages\.(\d+)\.(\d+)\.", r"stages.\1.blocks.\2."),
    (r"^downsample_layers\.(\d+)\.", r"stages.\1.downsample."),
    (r"\.dwconv\.", ".conv_dw."),
    (r"\.pwconv([12])\.", r".mlp.fc\1."),
    (r"\.grn\.gamma$", ".mlp.grn.weight"),
    (r"\.grn\.beta$", ".mlp.grn.bias"),
    (r"^head\.", "head.fc."),
    (r"^norm\.", "head.norm."),
)


def _convnext(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    if "downsample_layers.0.0.weight" not in tensors:
        return tensors
    found = {}
    for name, tensor in tensors.items():
        for theirs, ours in _AUTHORS_CONVNEXT:
            name = re.sub(theirs, ours, name)
        found[name] = tensor.flatten() if ".grn." in name else tensor  # (1, 1, 1, d) there
    return found
