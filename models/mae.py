"""Masked autoencoder (He et al. 2022, https://arxiv.org/abs/2111.06377).

Submodules carry the names of facebookresearch/mae ("the reference"), so its checkpoints load
with strict=True and no renaming. Axes: b batch, n patches, v visible patches, d width,
e decoder width, p patch side. A mask is (b, n) bool, True where a patch is hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from einops import rearrange
from torch import Tensor, nn

from models.tap import Tap
from models.vit import Block, PatchEmbed, ViTConfig, initialise


@dataclass(frozen=True, kw_only=True)
class MAEConfig:
    """Architecture only. Defaults are MAE ViT-B/16 with the paper's decoder.

    Attributes:
        norm_pix: Whether the network predicts each patch minus its own mean, divided by its own
            standard deviation, instead of the pixels of the normalised picture. No file tells:
            the reference's `mae_pretrain_*_full` do, its `mae_visualize_*` do not.
    """

    image_size: int = 224
    patch_size: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12
    decoder_width: int = 512
    decoder_depth: int = 8
    decoder_heads: int = 16
    mlp_ratio: float = 4.0
    norm_pix: bool = False
    classes: ClassVar[int] = 0  # it paints, and names nothing

    def __post_init__(self) -> None:
        for width in (self.width, self.decoder_width):
            if width % 4:
                raise ValueError(f"sine positions need a multiple of 4 as width, got {width}")
        _ = self.encoder, self.decoder

    @property
    def encoder(self) -> ViTConfig:
        """The ViT that sees the visible patches only; it has no head."""
        return ViTConfig(
            image_size=self.image_size, patch_size=self.patch_size, mlp_ratio=self.mlp_ratio,
            width=self.width, depth=self.depth, heads=self.heads, classes=0,
        )  # fmt: skip

    @property
    def decoder(self) -> ViTConfig:
        """The narrower ViT that sees every position."""
        return ViTConfig(
            image_size=self.image_size, patch_size=self.patch_size, mlp_ratio=self.mlp_ratio,
            width=self.decoder_width, depth=self.decoder_depth, heads=self.decoder_heads, classes=0,
        )  # fmt: skip

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch_size


def sine_positions(grid: int, width: int) -> Tensor:
    """2-D sine-cosine positions (grid * grid, width): sin x, cos x, sin y, cos y, a quarter each.

    The column comes first, as in the reference's `get_2d_sincos_pos_embed` ("here w goes
    first"), although the function it calls names that half the height.

    Raises:
        ValueError: If the width does not divide into quarters.
    """
    if width % 4:
        raise ValueError(f"sine positions need a width that is a multiple of 4, got {width}")
    frequency = 10000.0 ** -(torch.arange(width // 4) / (width // 4))
    y, x = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    waves = [f(axis.reshape(-1, 1) * frequency) for axis in (x, y) for f in (torch.sin, torch.cos)]
    return torch.cat(waves, dim=1)


def random_mask(noise: Tensor, ratio: float) -> Tensor:
    """Hide the patches with the largest noise of each picture: (b, n) -> (b, n) bool.

    The same noise at a larger ratio hides the same patches and more. int(n * (1 - ratio))
    stay visible: the reference's own expression, with its rounding.

    Raises:
        ValueError: If the ratio is outside [0, 1].
    """
    if not 0 <= ratio <= 1:
        raise ValueError(f"the mask ratio is a share from 0 to 1, got {ratio}")
    visible = int(noise.shape[1] * (1 - ratio))
    rank = noise.argsort(dim=1, stable=True).argsort(dim=1)
    return rank >= visible


def order_of(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Which patches the encoder sees, and where the decoder finds each patch again.

    Args:
        mask: (b, n) bool; every picture hides equally many.

    Returns:
        `ids_keep` (b, v), the visible patches row by row, and `ids_restore` (b, n): patch i of
        the picture is entry `ids_restore[i]` of the sequence "visible patches, mask tokens".

    Raises:
        ValueError: If the pictures of a batch hide different numbers of patches.
    """
    hidden = mask.sum(dim=1)
    if (hidden != hidden[0]).any():
        raise ValueError(
            f"the pictures of a batch must hide equally many patches, not {hidden.tolist()}"
        )
    ids_shuffle = mask.to(torch.uint8).argsort(dim=1, stable=True)  # visible first, in order
    ids_restore = ids_shuffle.argsort(dim=1)
    return ids_shuffle[:, : mask.shape[1] - int(hidden[0])], ids_restore


def gather_tokens(tokens: Tensor, index: Tensor) -> Tensor:
    """Entries `index` (b, k) of each sequence: (b, n, d) -> (b, k, d)."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[-1]))


def patchify(image: Tensor, patch: int) -> Tensor:
    """Cut pictures into patches, pixels row by row, colours last: (b, 3, H, W) -> (b, n, p*p*3)."""
    return rearrange(image, "b c (gh p) (gw q) -> b (gh gw) (p q c)", p=patch, q=patch)


def unpatchify(patches: Tensor, patch: int) -> Tensor:
    """Put the patches of square pictures together again, the inverse of `patchify`."""
    side = round(patches.shape[1] ** 0.5)
    shape = "b (gh gw) (p q c) -> b c (gh p) (gw q)"
    return rearrange(patches, shape, gh=side, p=patch, q=patch)


def patch_statistics(patches: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each patch, all colours together: (b, n, 1) each.

    The variance divides by one less than the count and gains 1e-6, as in the reference.
    """
    mean = patches.mean(dim=-1, keepdim=True)
    return mean, (patches.var(dim=-1, keepdim=True) + 1e-6).sqrt()


def encoder_weights(
    source: "MAE | Mapping[str, Tensor]", pool: Literal["class", "average"] = "class"
) -> dict[str, Tensor]:
    """What `models.vit.ViT` takes over for fine-tuning; the decoder stays behind.

    A head is not part of it, and for average pooling neither is a norm: the encoder's own
    stands before the mean, where such a ViT has none, and the reference starts `fc_norm` afresh.
    `vit.load_state_dict(vit.state_dict() | encoder_weights(mae, vit.cfg.pool))` is strict.
    """
    state = source.state_dict() if isinstance(source, MAE) else source
    parts = ("cls_token", "pos_embed", "patch_embed.", "blocks.", "norm.")
    kept = parts if pool == "class" else parts[:-1]
    return {name: tensor for name, tensor in state.items() if name.startswith(kept)}


class MAE(nn.Module):
    """An encoder for the visible patches and a decoder that paints the hidden ones.

    Takes normalised images (b, 3, S, S) of the configured size and a mask (b, n), and returns
    predicted patches (b, n, p*p*3) for all positions; only those of hidden ones are trained.
    """

    views: ClassVar = {
        "encoder attention": "blocks.*.attn.pattern",
        "decoder attention": "decoder_blocks.*.attn.pattern",
        "encoder tokens": "blocks.*.resid_post",
        "decoder tokens": "decoder_blocks.*.resid_post",
    }

    def __init__(self, cfg: MAEConfig) -> None:
        super().__init__()
        self.cfg = cfg
        encoder, decoder, n = cfg.encoder, cfg.decoder, cfg.grid**2
        self.patch_embed = PatchEmbed(encoder)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, cfg.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + n, cfg.width), requires_grad=False)
        self.visible = Tap("batch token width")
        self.blocks = nn.Sequential(*[Block(encoder) for _ in range(cfg.depth)])
        self.norm = nn.LayerNorm(cfg.width, eps=1e-6)
        self.latent = Tap("batch token width")
        self.decoder_embed = nn.Linear(cfg.width, cfg.decoder_width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, cfg.decoder_width))
        shape = (1, 1 + n, cfg.decoder_width)
        self.decoder_pos_embed = nn.Parameter(torch.zeros(shape), requires_grad=False)
        self.decoder_input = Tap("batch token width")
        self.decoder_blocks = nn.Sequential(*[Block(decoder) for _ in range(cfg.decoder_depth)])
        self.decoder_norm = nn.LayerNorm(cfg.decoder_width, eps=1e-6)
        self.decoder_pred = nn.Linear(cfg.decoder_width, cfg.patch_size**2 * 3)
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """The reference's initialisation; the class token's positions stay zero."""
        self.pos_embed[0, 1:] = sine_positions(self.cfg.grid, self.cfg.width)
        self.decoder_pos_embed[0, 1:] = sine_positions(self.cfg.grid, self.cfg.decoder_width)
        self.apply(initialise)
        for linear in (m for m in self.modules() if isinstance(m, nn.Linear)):
            nn.init.xavier_uniform_(linear.weight)
        nn.init.xavier_uniform_(self.patch_embed.proj.weight.view(self.cfg.width, -1))
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        nn.init.trunc_normal_(self.mask_token, std=0.02)

    def encode(self, image: Tensor, ids_keep: Tensor) -> Tensor:
        """Class token and visible patches after the encoder: (b, 3, S, S) -> (b, 1 + v, d)."""
        side = self.cfg.image_size
        if image.shape[-2:] != (side, side):
            raise ValueError(
                f"this network takes {side} x {side} pixels, not "
                f"{image.shape[-2]} x {image.shape[-1]}"
            )
        x = rearrange(self.patch_embed(image), "b d gh gw -> b (gh gw) d")
        x = gather_tokens(x + self.pos_embed[:, 1:], ids_keep)  # (b, v, d)
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(x), -1, -1)
        return self.latent(self.norm(self.blocks(self.visible(torch.cat([first, x], dim=1)))))

    def decode(self, latent: Tensor, ids_restore: Tensor) -> Tensor:
        """Predicted patches of every position: (b, 1 + v, d) -> (b, n, p*p*3)."""
        x = self.decoder_embed(latent)  # (b, 1 + v, e)
        b, hidden = len(x), ids_restore.shape[1] + 1 - x.shape[1]
        patches = torch.cat([x[:, 1:], self.mask_token.to(x.dtype).expand(b, hidden, -1)], dim=1)
        x = torch.cat([x[:, :1], gather_tokens(patches, ids_restore)], dim=1)  # (b, 1 + n, e)
        x = self.decoder_blocks(self.decoder_input(x + self.decoder_pos_embed))
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        wanted = (len(image), self.cfg.grid**2)
        if mask.shape != wanted:
            raise ValueError(f"the mask must be {wanted}, pictures by patches, not {mask.shape}")
        ids_keep, ids_restore = order_of(mask)
        return self.decode(self.encode(image, ids_keep), ids_restore)

    def target(self, image: Tensor) -> Tensor:
        """What the prediction is compared with: (b, 3, S, S) -> (b, n, p*p*3)."""
        patches = patchify(image, self.cfg.patch_size)
        if not self.cfg.norm_pix:
            return patches
        mean, std = patch_statistics(patches)
        return (patches - mean) / std

    def loss(self, image: Tensor, mask: Tensor, prediction: Tensor) -> Tensor:
        """Mean squared error over the hidden patches only.

        Raises:
            ValueError: If nothing is hidden.
        """
        if not mask.any():
            raise ValueError("the loss is over hidden patches, and this mask hides none")
        error = (prediction - self.target(image)).square().mean(dim=-1)  # (b, n)
        return (error * mask).sum() / mask.sum()
