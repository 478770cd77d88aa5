"""Masked autoencoders, and what was made of their encoders: rows of `models.catalog`."""

from models.entry import IMAGENET_MEAN, IMAGENET_STD, Entry, Hub, Preprocessing, Shipped

HALF = (0.5, 0.5, 0.5)
# Of our own network on its validation pictures, copied by hand from the card beside its weights;
# near copies as `models.training.copies` finds them.
MAE_TUNED_ACCURACY = (
    "57.75 % top-1 of 32 classes on 4,376 validation pictures (its card); 57.57 % without 42 that "
    "look like ones its encoder was pre-trained on, without labels"
)

MASKED = (
    Entry(
        name="mae_nano_patch8_112",
        title="MAE-Nano at 112 px",
        architecture="mae",
        options=dict(
            image_size=112,
            patch_size=8,
            width=160,
            depth=6,
            heads=5,
            decoder_width=96,
            decoder_depth=3,
            decoder_heads=3,
            norm_pix=False,
        ),
        weights=Shipped("mae_nano_patch8_112.safetensors"),
        labels=None,
        preprocessing=Preprocessing(112, 1.0, HALF, HALF),
        licence="trained on ImageNet-derived pictures: non-commercial research and education",
        accuracy=None,
        note="Trained for Saccade without labels, to fill in three quarters of 14 x 14 patches.",
    ),
    Entry(
        name="mae_nano_tuned_112",
        title="MAE-Nano, fine-tuned",
        architecture="vit",
        options=dict(
            image_size=112, patch_size=8, width=160, depth=6, heads=5, classes=32, pool="average"
        ),
        weights=Shipped("mae_nano_tuned_112.safetensors"),
        labels="everyday32",
        preprocessing=Preprocessing(112, 1.0, HALF, HALF),
        licence="trained on ImageNet-derived pictures: non-commercial research and education",
        accuracy=MAE_TUNED_ACCURACY,
        note="MAE-Nano's encoder, fine-tuned on 32 everyday classes; its head reads the mean.",
    ),
    Entry(
        name="vit_base_patch16_224.mae",
        title="MAE ViT-B/16",
        architecture="vit",
        options=dict(width=768, heads=12, classes=0),
        weights=Hub("timm/vit_base_patch16_224.mae"),
        labels=None,
        preprocessing=Preprocessing(224, 0.9, IMAGENET_MEAN, IMAGENET_STD),
        licence="cc-by-nc-4.0",
        accuracy=None,
        note="Encoder of a network that fills in hidden patches (arXiv:2111.06377).",
    ),
    Entry(
        name="mae_vit_base_patch16",
        title="MAE ViT-B/16 with decoder",
        architecture="mae",
        # Converted from mae_visualize_vit_base (transformers, convert_vit_mae_to_pytorch.py), which
        # paints pixels; mae_pretrain_vit_base_full has the same shapes and normalises each patch.
        options=dict(norm_pix=False),
        weights=Hub("facebook/vit-mae-base"),
        labels=None,
        preprocessing=Preprocessing(224, 1.0, IMAGENET_MEAN, IMAGENET_STD),
        licence="apache-2.0 on the hub, cc-by-nc-4.0 in the authors' repository",
        accuracy=None,
        note="The authors' weights that paint plain pixels; their others paint normalised patches.",
    ),
)
