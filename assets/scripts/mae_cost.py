"""What the asymmetry saves: multiply-adds of encoder and decoder at every ratio."""

import numpy as np

from models.catalog import CATALOG
from viz_core import mae_macs, masking

NETWORK = "mae_nano_patch8_112"
RATIOS = (0.0, 0.25, 0.5, 0.6, 0.75, 0.85, 0.95)

cfg = CATALOG[NETWORK].config
shape = mae_macs.MAEShape(
    side=cfg.image_size, patch=cfg.patch_size, mlp_ratio=cfg.mlp_ratio, width=cfg.width,
    depth=cfg.depth, heads=cfg.heads, decoder_width=cfg.decoder_width,
    decoder_depth=cfg.decoder_depth, decoder_heads=cfg.decoder_heads,
)  # fmt: skip
visible = [masking.visible_count(shape.patches, ratio) for ratio in RATIOS]
costs = [mae_macs.cost(shape, count) for count in visible]
carrying = mae_macs.cost(shape, shape.patches, mask_tokens=True)

numbers = {
    "ratio": np.array(RATIOS),  # (ratio,): share of hidden patches
    "visible": np.array(visible),  # (ratio,): patches that the encoder sees
    "encoder_macs": np.array([one.total_encoder for one in costs]),  # (ratio,): multiply-adds
    "decoder_macs": np.array([one.total_decoder for one in costs]),  # (ratio,): multiply-adds
    "encoder_macs_with_mask_tokens": np.array(carrying.total_encoder),  # with mask tokens in it
}
np.savez("numbers.npz", **numbers)
