"""The convolutional networks of the catalog: rows of `models.catalog.CATALOG`."""

from models.entry import IMAGENET_MEAN, IMAGENET_STD, TOP1, Entry, Hub, Preprocessing, Shipped

# Of our own networks on their validation pictures, copied by hand from the cards beside them.
CONVNEXT_NANO_ACCURACY = "53.93 % top-1 of 32 classes on 4,376 validation pictures (its card)"
RESNET_NANO_ACCURACY = "66.22 % top-1 of 32 classes on 4,376 validation pictures (its card)"

_OWN = Preprocessing(56, 1.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_OWN_LICENCE = "trained on ImageNet-derived pictures: non-commercial research and education"
_USUAL = Preprocessing(224, 0.875, IMAGENET_MEAN, IMAGENET_STD)

CONVNETS = (
    Entry(
        name="convnext_nano_patch2_56",
        title="ConvNeXt-Nano at 56 px",
        architecture="convnext",
        options=dict(
            image_size=56, patch_size=2, width=40, depths=(2, 2, 6), layer_scale=None, classes=32
        ),
        weights=Shipped("convnext_nano_patch2_56.safetensors"),
        labels="everyday32",
        preprocessing=_OWN,
        licence=_OWN_LICENCE,
        accuracy=CONVNEXT_NANO_ACCURACY,
        note="Trained for Saccade on 32 everyday classes: maps of 28, 14 and 7.",
    ),
    Entry(
        name="resnet_nano_56",
        title="ResNet-Nano at 56 px",
        architecture="resnet",
        options=dict(
            image_size=56,
            stem_kernel=3,
            stem_stride=2,
            stem_pool=False,
            width=32,
            depths=(2, 3, 4),
            classes=32,
        ),
        weights=Shipped("resnet_nano_56.safetensors"),
        labels="everyday32",
        preprocessing=_OWN,
        licence=_OWN_LICENCE,
        accuracy=RESNET_NANO_ACCURACY,
        note="Trained for Saccade as ConvNeXt-Nano was, with as many maps of the same sizes.",
    ),
    Entry(
        name="convnext_atto",
        title="ConvNeXt-Atto",
        architecture="convnext",
        options=dict(width=40, depths=(2, 2, 6, 2), conv_mlp=True),
        weights=Hub("timm/convnext_atto.d2_in1k"),
        labels="imagenet1k",
        preprocessing=_USUAL,
        licence="apache-2.0",
        accuracy=f"75.672 {TOP1}",
        note="A very small ConvNeXt of timm's: 3.7 M weights (arXiv:2201.03545).",
    ),
    Entry(
        name="convnext_tiny",
        title="ConvNeXt-T",
        architecture="convnext",
        options={},
        weights=Hub("timm/convnext_tiny.fb_in1k"),
        labels="imagenet1k",
        preprocessing=_USUAL,
        licence="apache-2.0",
        accuracy=f"82.066 {TOP1}",
        note="Where the road from ResNet-50 ends: the paper's own weights (arXiv:2201.03545).",
    ),
    Entry(
        name="convnextv2_atto",
        title="ConvNeXt V2-Atto",
        architecture="convnext",
        options=dict(width=40, depths=(2, 2, 6, 2), conv_mlp=True, grn=True, layer_scale=None),
        weights=Hub("timm/convnextv2_atto.fcmae_ft_in1k"),
        labels="imagenet1k",
        preprocessing=_USUAL,
        licence="cc-by-nc-4.0",
        accuracy=f"76.644 {TOP1}",
        note="Pre-trained on hidden patches; responses are normalised (arXiv:2301.00808).",
    ),
    Entry(
        name="resnet50",
        title="ResNet-50",
        architecture="resnet",
        options={},
        weights=Hub("timm/resnet50.a1_in1k"),
        labels="imagenet1k",
        preprocessing=Preprocessing(224, 0.95, IMAGENET_MEAN, IMAGENET_STD),
        licence="apache-2.0",
        accuracy=f"80.382 {TOP1}",
        note="The network of 2015 (arXiv:1512.03385) with the training of 2021 (arXiv:2110.00476).",
    ),
    Entry(
        name="resnet26",
        title="ResNet-26",
        architecture="resnet",
        options=dict(depths=(2, 2, 2, 2)),
        weights=Hub("timm/resnet26.bt_in1k"),
        labels="imagenet1k",
        preprocessing=_USUAL,
        licence="apache-2.0",
        accuracy=f"75.298 {TOP1}",
        note="Half as many bottleneck blocks as ResNet-50 (arXiv:1512.03385).",
    ),
)
