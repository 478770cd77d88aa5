"""What published files call things that timm, and so we, call otherwise.

timm's own files on the hub are saved from its networks (timm/models/_hub.py, `push_to_hf_hub`)
and need nothing of this; the authors' originals do. Everything not named here is strict.
"""

import re
from collections.abc import Mapping

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
    rename = {"vit": _vit, "swin": _swin, "swin_v2": _swin}.get(architecture)
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
