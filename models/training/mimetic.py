"""Mimetic initialisation (Trockman & Kolter 2023, https://arxiv.org/abs/2305.09828).

Starts attention where trained networks end up, query-key products near the identity and
value-projection products near its negative, and positions as 2-D sine waves. On small data sets
a ViT then learns in a fraction of the epochs. It is an initialisation only: nothing stays fixed.
"""

import torch
from einops import rearrange
from torch import Tensor, nn

from models.mae import sine_positions
from models.vit import Block, ViT


def near_identity(width: int, noise: float, identity: float) -> Tensor:
    """Sum of noise * Z, Z ~ N(0, 1 / width), and identity * I; shape (width, width)."""
    return noise * torch.randn(width, width) / width**0.5 + identity * torch.eye(width)


def factor(product: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """A, B of shape (width, rank) with A @ B.T the best rank-`rank` copy of `product`."""
    u, s, vh = torch.linalg.svd(product)
    root = s[:rank].sqrt()
    return u[:, :rank] * root, vh[:rank].T * root


@torch.no_grad()
def prepare(model: nn.Module) -> None:
    """Initialise the attention layers and positions of a ViT in place."""
    assert isinstance(model, ViT)
    cfg = model.cfg
    for block in model.blocks:
        assert isinstance(block, Block)
        heads = [
            factor(near_identity(cfg.width, 0.7, 0.7), cfg.width // cfg.heads)
            for _ in range(cfg.heads)
        ]
        value, projection = factor(near_identity(cfg.width, 0.4, -0.4), cfg.width)
        query = rearrange([q for q, _ in heads], "h d k -> (h k) d")
        key = rearrange([k for _, k in heads], "h d k -> (h k) d")
        block.attn.qkv.weight.copy_(torch.cat([query, key, value.T]))
        block.attn.proj.weight.copy_(projection)
    prefix = cfg.prefix * cfg.position_on_prefix
    model.pos_embed[0, prefix:] = 0.5 * sine_positions(cfg.grid, cfg.width)
