"""The compact transformers of the catalog: rows of `models.catalog.CATALOG`.

SHI-Labs publish their weights as pickles only, which are not read here: their networks are in
`models.compact.VARIANTS`, untrained.
"""

from models.entry import Entry, Preprocessing, Shipped

# Of our own networks on their test pictures, copied by hand from the cards beside them.
CCT_ACCURACY = "84.13 % top-1 of 10 classes on 10,000 test pictures (its card)"
CVT_ACCURACY = "72.66 % top-1 of 10 classes on 10,000 test pictures (its card)"
VIT_LITE_ACCURACY = "63.74 % top-1 of 10 classes on 10,000 test pictures (its card)"

_HALF = (0.5, 0.5, 0.5)
_AT_32 = Preprocessing(32, 1.0, _HALF, _HALF)
_LICENCE = "trained on CIFAR-10, which states no licence: cite Krizhevsky 2009"
_PATCHES = dict(kernel=4, stride=4, padding=0, max_pool=False, conv_bias=True)
_TWO_LAYERS = dict(depth=2, width=128, heads=2, mlp_ratio=1.0)

COMPACT = (
    Entry(
        name="cct_2_3x2_32",
        title="CCT-2/3x2 at 32 px",
        architecture="compact",
        options=dict(conv_layers=2, **_TWO_LAYERS),
        weights=Shipped("cct_2_3x2_32.safetensors"),
        labels="cifar10",
        preprocessing=_AT_32,
        licence=_LICENCE,
        accuracy=CCT_ACCURACY,
        note="Two convolutions make its tokens; trained for Saccade in half an hour.",
    ),
    Entry(
        name="cvt_2_4_32",
        title="CVT-2/4 at 32 px",
        architecture="compact",
        options=dict(**_PATCHES, **_TWO_LAYERS),
        weights=Shipped("cvt_2_4_32.safetensors"),
        labels="cifar10",
        preprocessing=_AT_32,
        licence=_LICENCE,
        accuracy=CVT_ACCURACY,
        note="Patches and sequence pooling; trained for Saccade as CCT-2/3x2 was.",
    ),
    Entry(
        name="vit_lite_2_4_32",
        title="ViT-Lite-2/4 at 32 px",
        architecture="compact",
        options=dict(seq_pool=False, **_PATCHES, **_TWO_LAYERS),
        weights=Shipped("vit_lite_2_4_32.safetensors"),
        labels="cifar10",
        preprocessing=_AT_32,
        licence=_LICENCE,
        accuracy=VIT_LITE_ACCURACY,
        note="CVT-2/4 with a class token; the paper has no results of it. Trained for Saccade.",
    ),
)
