"""Every network that Saccade offers: one explicit table, nothing but data.

Preprocessing, licences and hub names of published networks are timm's own
(`timm.get_pretrained_cfg`); tests/test_catalog.py compares them row by row.
"""

from models.catalog_compact import COMPACT
from models.catalog_convnets import CONVNETS
from models.catalog_mae import MASKED
from models.entry import (
    ARCHITECTURES,
    IMAGENET_MEAN,
    IMAGENET_STD,
    TOP1,
    Architecture,
    Entry,
    Hub,
    Preprocessing,
    Shipped,
    build,
)

__all__ = [
    "ARCHITECTURES",
    "CATALOG",
    "DEFAULT",
    "Architecture",
    "Entry",
    "Hub",
    "Preprocessing",
    "Shipped",
    "build",
]

DEFAULT = "vit_nano_patch4_56"

# Of our own network on its validation pictures, copied by hand from the card beside its weights.
VIT_NANO_ACCURACY = "52.54 % top-1 of 32 classes on 4,376 validation pictures (its card)"
SWIN_NANO_ACCURACY = "46.05 % top-1 of 32 classes on 4,376 validation pictures (its card)"

_HALF = (0.5, 0.5, 0.5)
_GOOGLE = Preprocessing(224, 0.9, _HALF, _HALF)
_META = Preprocessing(224, 0.9, IMAGENET_MEAN, IMAGENET_STD)

_ENTRIES = (
    Entry(
        name="vit_nano_patch4_56",
        title="ViT-Nano/4 at 56 px",
        architecture="vit",
        options=dict(image_size=56, patch_size=4, width=160, depth=6, heads=5, classes=32),
        weights=Shipped("vit_nano_patch4_56.safetensors"),
        labels="everyday32",
        preprocessing=Preprocessing(56, 1.0, _HALF, _HALF),
        licence="trained on ImageNet-derived pictures: non-commercial research and education",
        accuracy=VIT_NANO_ACCURACY,
        note="Trained for Saccade on 32 everyday classes, on ViT-B/16's own grid of 14 x 14.",
    ),
    Entry(
        name="swin_nano_patch2_window7_56",
        title="Swin-Nano at 56 px",
        architecture="swin",
        options=dict(
            image_size=56, patch_size=2, width=64, depths=(2, 4, 2), heads=(2, 4, 8), classes=32
        ),
        weights=Shipped("swin_nano_patch2_window7_56.safetensors"),
        labels="everyday32",
        preprocessing=Preprocessing(56, 1.0, _HALF, _HALF),
        licence="trained on ImageNet-derived pictures: non-commercial research and education",
        accuracy=SWIN_NANO_ACCURACY,
        note="Trained for Saccade on 32 everyday classes: maps of 28, 14 and 7, windows of 7.",
    ),
    Entry(
        name="vit_tiny_patch16_224",
        title="ViT-Ti/16",
        architecture="vit",
        options={},
        weights=Hub("timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_GOOGLE,
        licence="apache-2.0",
        accuracy=f"75.452 {TOP1}",
        note="The smallest of 'How to train your ViT?' (arXiv:2106.10270).",
    ),
    Entry(
        name="vit_small_patch16_224",
        title="ViT-S/16",
        architecture="vit",
        options=dict(width=384, heads=6),
        weights=Hub("timm/vit_small_patch16_224.augreg_in21k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_GOOGLE,
        licence="apache-2.0",
        accuracy=f"81.402 {TOP1}",
        note="Pre-trained on ImageNet-21k, fine-tuned on ImageNet-1k (arXiv:2106.10270).",
    ),
    Entry(
        name="vit_base_patch16_224",
        title="ViT-B/16",
        architecture="vit",
        options=dict(width=768, heads=12),
        weights=Hub("timm/vit_base_patch16_224.augreg_in21k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_GOOGLE,
        licence="apache-2.0",
        accuracy=f"84.534 {TOP1}",
        note="The paper's base size (arXiv:2010.11929) with later training (arXiv:2106.10270).",
    ),
    Entry(
        name="vit_base_patch32_224",
        title="ViT-B/32",
        architecture="vit",
        options=dict(patch_size=32, width=768, heads=12),
        weights=Hub("timm/vit_base_patch32_224.augreg_in21k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_GOOGLE,
        licence="apache-2.0",
        accuracy=f"80.732 {TOP1}",
        note="Large patches: 49 of them where ViT-B/16 has 196 (arXiv:2106.10270).",
    ),
    Entry(
        name="deit_small_patch16_224",
        title="DeiT-S/16",
        architecture="vit",
        options=dict(width=384, heads=6),
        weights=Hub("timm/deit_small_patch16_224.fb_in1k"),
        labels="imagenet1k",
        preprocessing=_META,
        licence="apache-2.0",
        accuracy=f"79.856 {TOP1}",
        note="ViT-S on ImageNet-1k alone, by strong augmentation (arXiv:2012.12877).",
    ),
    Entry(
        name="deit3_small_patch16_224",
        title="DeiT III-S/16",
        architecture="vit",
        options=dict(width=384, heads=6, position_on_prefix=False, layer_scale=True),
        weights=Hub("timm/deit3_small_patch16_224.fb_in1k"),
        labels="imagenet1k",
        preprocessing=_META,
        licence="apache-2.0",
        accuracy=f"81.382 {TOP1}",
        note="Layer scale, and no position on the class token (arXiv:2204.07118).",
    ),
    Entry(
        name="vit_small_patch16_224.dino",
        title="DINO ViT-S/16",
        architecture="vit",
        options=dict(width=384, heads=6, classes=0),
        weights=Hub("timm/vit_small_patch16_224.dino"),
        labels=None,
        preprocessing=_META,
        licence="apache-2.0",
        accuracy=None,
        note="Trained without labels; its attention outlines objects (arXiv:2104.14294).",
    ),
    Entry(
        name="vit_small_patch14_reg4_dinov2",
        title="DINOv2 ViT-S/14 with registers",
        architecture="vit",
        options=dict(
            image_size=518,
            patch_size=14,
            width=384,
            heads=6,
            classes=0,
            registers=4,
            position_on_prefix=False,
            layer_scale=True,
        ),
        weights=Hub("timm/vit_small_patch14_reg4_dinov2.lvd142m"),
        labels=None,
        # Its positions were learned at 518 pixels (1374 tokens); 224 pixels give 16 x 16 patches.
        preprocessing=Preprocessing(224, 1.0, IMAGENET_MEAN, IMAGENET_STD),
        licence="apache-2.0",
        accuracy=None,
        note="Trained without labels, four register tokens (arXiv:2304.07193, 2309.16588).",
    ),
    Entry(
        name="swin_tiny_patch4_window7_224",
        title="Swin-T",
        architecture="swin",
        options={},
        weights=Hub("timm/swin_tiny_patch4_window7_224.ms_in1k"),
        labels="imagenet1k",
        preprocessing=_META,
        licence="mit",
        accuracy=f"81.388 {TOP1}",
        note="Attention in windows of 7 x 7, shifted in every second block (arXiv:2103.14030).",
    ),
    Entry(
        name="swin_small_patch4_window7_224",
        title="Swin-S",
        architecture="swin",
        options=dict(depths=(2, 2, 18, 2)),
        weights=Hub("timm/swin_small_patch4_window7_224.ms_in22k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_META,
        licence="mit",
        accuracy=f"83.330 {TOP1}",
        note="Swin-T with a third stage of 18 blocks, pre-trained on ImageNet-22k.",
    ),
    Entry(
        name="swin_base_patch4_window7_224",
        title="Swin-B",
        architecture="swin",
        options=dict(width=128, depths=(2, 2, 18, 2), heads=(4, 8, 16, 32)),
        weights=Hub("timm/swin_base_patch4_window7_224.ms_in22k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_META,
        licence="mit",
        accuracy=f"85.276 {TOP1}",
        note="The paper's base size, pre-trained on ImageNet-22k (arXiv:2103.14030).",
    ),
    Entry(
        name="swin_base_patch4_window12_384",
        title="Swin-B at 384 px",
        architecture="swin",
        options=dict(
            image_size=384, window=12, width=128, depths=(2, 2, 18, 2), heads=(4, 8, 16, 32)
        ),
        weights=Hub("timm/swin_base_patch4_window12_384.ms_in22k_ft_in1k"),
        labels="imagenet1k",
        preprocessing=Preprocessing(384, 1.0, IMAGENET_MEAN, IMAGENET_STD),
        licence="mit",
        accuracy=f"86.442 {TOP1}",
        note="Windows of 12 x 12 patches on a map of 96 x 96 (arXiv:2103.14030).",
    ),
    Entry(
        name="swinv2_tiny_window8_256",
        title="Swin V2-T at 256 px",
        architecture="swin_v2",
        options={},
        weights=Hub("timm/swinv2_tiny_window8_256.ms_in1k"),
        labels="imagenet1k",
        preprocessing=Preprocessing(256, 0.9, IMAGENET_MEAN, IMAGENET_STD),
        licence="mit",
        accuracy=f"81.824 {TOP1}",
        note="Cosine attention, and a position bias from log-spaced offsets (arXiv:2111.09883).",
    ),
)

CATALOG: dict[str, Entry] = {
    entry.name: entry for entry in (*_ENTRIES, *MASKED, *CONVNETS, *COMPACT)
}
