"""What is trained, and how: one line of data a network."""

from collections.abc import Callable
from dataclasses import replace

from models.compact import VARIANTS, Compact
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.mae import MAE, MAEConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.training import mimetic
from models.training.augment import Augment
from models.training.recipe import Phase, Recipe
from models.vit import ViT, ViTConfig


def _vit(width: int, depth: int, heads: int) -> Callable[[int], ViT]:
    """Of the canonical 14 x 14 patches, at a quarter of the usual scale."""
    quarter = ViTConfig(image_size=56, patch_size=4, width=width, depth=depth, heads=heads)
    return lambda classes: ViT(replace(quarter, classes=classes))


def _swin(width: int, depths: tuple[int, ...], heads: tuple[int, ...]) -> Callable[[int], Swin]:
    """At a quarter of the usual scale: 2 x 2 pixel patches, maps of 28, 14 and 7, windows of 7."""
    quarter = SwinConfig(image_size=56, patch_size=2, width=width, depths=depths, heads=heads)
    return lambda classes: Swin(replace(quarter, classes=classes))


def _mae(width: int, depth: int, heads: int, decoder: tuple[int, int, int]) -> Callable[[int], MAE]:
    """Of 14 x 14 patches of 8 x 8 pixels; `decoder` is its width, depth and heads."""
    cfg = MAEConfig(
        image_size=112, patch_size=8, width=width, depth=depth, heads=heads,
        decoder_width=decoder[0], decoder_depth=decoder[1], decoder_heads=decoder[2],
    )  # fmt: skip
    return lambda _: MAE(cfg)


def _mae_vit(classes: int) -> ViT:
    """The classifier that takes over the encoder of `mae_nano`."""
    cfg = ViTConfig(image_size=112, patch_size=8, width=160, depth=6, heads=5, classes=classes)
    return ViT(replace(cfg, pool="average"))


# With and without pre-training: one recipe, so that only the first weights differ (`--start` takes
# the encoder of `mae_nano`). Those of the control are mimetic, which helps a ViT that starts from
# nothing and leaves no trace in one that does not.
_AFTER_MAE = Recipe(
    build=_mae_vit,
    phases=(
        Phase(epochs=3, size=112, keep=0.3),
        Phase(epochs=4, size=112, keep=0.5),
        Phase(epochs=1, size=112),
    ),
    stored=128,
    batch=64,
    learning_rate=1e-3,
    muon=5e-3,
    ema=0.99,
    augment=Augment(smallest_crop=0.5, colour=0.2),
    prepare=mimetic.prepare,
)


def _convnext_nano(classes: int) -> ConvNeXt:
    """At a quarter of the usual scale: 2 x 2 pixel patches, maps of 28, 14 and 7."""
    cfg = ConvNeXtConfig(image_size=56, patch_size=2, width=40, depths=(2, 2, 6), layer_scale=None)
    return ConvNeXt(replace(cfg, classes=classes))


def _resnet_nano(classes: int) -> ResNet:
    """Maps of 28, 14 and 7 as ConvNeXt-Nano has them, and about as many multiply-adds."""
    cfg = ResNetConfig(
        image_size=56, stem_kernel=3, stem_stride=2, stem_pool=False, width=32, depths=(2, 3, 4)
    )
    return ResNet(replace(cfg, classes=classes))


# One recipe for both, so that only the network differs; small pictures first. Layer scale only
# delays so short a training: 200 steps in, ConvNeXt's loss was 3.00 without and 3.06 with 0.1.
# ResNet's was 2.97 with Muon and 3.02 with AdamW alone.
_CONVOLUTIONS = Recipe(
    build=_convnext_nano,
    phases=(Phase(epochs=12, size=28), Phase(epochs=3, size=42), Phase(epochs=2, size=56)),
    batch=128,
    learning_rate=2e-3,
    muon=1e-2,
    ema=0.998,
    augment=Augment(smallest_crop=0.5, colour=0.2),
)

# A film's moments lie close together at first, where most happens.
FILM = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
LONG_FILM = (0.0, 0.005, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35, 0.55, 0.8, 1.0)


def _compact(name: str) -> Callable[[int], Compact]:
    return lambda classes: Compact(replace(VARIANTS[name], classes=classes))


# One recipe for ViT-Lite, CVT and CCT, so that only the network differs. 160 steps in, CCT-2/3x2
# got 51 % right with Muon (54 % at twice its rate) and 37 % with AdamW alone at 1e-3.
_COMPACT = Recipe(
    build=_compact("cct_2_3x2_32"),
    phases=(Phase(epochs=20, size=32),),
    stored=32,
    batch=64,
    learning_rate=2e-3,
    muon=1e-2,
    ema=0.999,
    augment=Augment(smallest_crop=1.0, shift=0.125, colour=0.0),
    snapshots=LONG_FILM,
)
_COMPACT_LONG = replace(
    _COMPACT,
    phases=(Phase(epochs=300, size=32),),
    batch=512,
    ema=0.9995,
    augment=Augment(
        smallest_crop=0.6, shift=0.125, rotation=15, shear=0.15, colour=0.4, erasing=0.25, mixup=0.8
    ),
)
_TWO_LAYERS = ("cct_2_3x2_32", "cvt_2_4_32", "vit_lite_2_4_32")
_SEVEN_LAYERS = ("cct_7_3x1_32", "cvt_7_4_32", "vit_lite_7_4_32")

RECIPES = {
    # For a GPU: ViT-Ti at quarter scale, about 15 minutes on one H200.
    "vit_micro": Recipe(
        build=_vit(width=192, depth=12, heads=3),
        phases=(Phase(epochs=160, size=28), Phase(epochs=140, size=56, keep=0.75)),
        batch=1024,
        learning_rate=2e-3,
        weight_decay=0.1,
        ema=0.9995,
        augment=Augment(
            smallest_crop=0.25, rotation=15, shear=0.15, colour=0.4, erasing=0.25, mixup=0.8
        ),
        prepare=mimetic.prepare,
    ),
    # For two CPU cores: small pictures and half the patches first, the full 14 x 14 grid last.
    "vit_nano": Recipe(
        build=_vit(width=160, depth=6, heads=5),
        phases=(
            Phase(epochs=22, size=28, keep=0.5),
            Phase(epochs=5, size=56, keep=0.3),
            Phase(epochs=1, size=56, keep=0.6),
        ),
        batch=128,
        learning_rate=1e-3,
        augment=Augment(smallest_crop=0.5, colour=0.2),
        prepare=mimetic.prepare,
    ),
    # For two CPU cores, in bfloat16 where they have it: small pictures first, as for ViT-Nano.
    # Mimetic attention did not help here: 150 steps in, the loss was 3.17 with it, 3.11 without.
    # Hours were short: of these epochs 9 were run, and `swin_nano` starts from there.
    "swin_nano_28": Recipe(
        build=_swin(width=64, depths=(2, 4, 2), heads=(2, 4, 8)),
        phases=(
            Phase(epochs=14, size=28),
            Phase(epochs=3, size=42),
            Phase(epochs=4, size=56),
        ),
        batch=128,
        learning_rate=1e-3,
        augment=Augment(smallest_crop=0.5, colour=0.2),
    ),
    # At full size, from the weights of `swin_nano_28`.
    "swin_nano": Recipe(
        build=_swin(width=64, depths=(2, 4, 2), heads=(2, 4, 8)),
        phases=(Phase(epochs=3, size=56),),
        batch=128,
        learning_rate=6e-4,
        ema=0.995,
        augment=Augment(smallest_crop=0.5, colour=0.2),
    ),
    # For a GPU: encoder of ViT-Ti's size. Pictures only; labels are not looked at.
    "mae_micro": Recipe(
        build=_mae(192, 12, 3, (128, 4, 4)),
        phases=(Phase(epochs=200, size=112, keep=0.25),),
        stored=128,
        batch=1024,
        learning_rate=2e-3,
        muon=1e-2,
        ema=0.9995,
        task="reconstruct",
        snapshots=FILM,
    ),
    "mae_nano_tuned": _AFTER_MAE,
    "mae_nano_scratch": _AFTER_MAE,
    # The same on the 32 classes of our other networks, for one CPU core, which other work shared,
    # so it ends early. Those pictures have 64 pixels and are enlarged to what the encoder knows.
    "mae_nano_everyday": replace(
        _AFTER_MAE,
        phases=(Phase(epochs=8, size=112, keep=0.3), Phase(epochs=8, size=112, keep=0.5)),
        cooldown=(8, 1),
        stored=64,
    ),
    # For two CPU cores, shared with other work, so it ends early. 250 steps in, the error was 0.118
    # with Muon and 0.169 with AdamW alone.
    "mae_nano": Recipe(
        build=_mae(160, 6, 5, (96, 3, 3)),
        phases=(Phase(epochs=12, size=112, keep=0.25),),
        stored=128,
        batch=64,
        learning_rate=1.5e-3,
        muon=1e-2,
        cooldown=(7, 1),
        ema=0.998,
        task="reconstruct",
        snapshots=FILM,
    ),
    # For two CPU cores.
    "convnext_nano": _CONVOLUTIONS,
    "resnet_nano": replace(_CONVOLUTIONS, build=_resnet_nano),
    # For one CPU core and half an hour; and for a GPU.
    **{name: replace(_COMPACT, build=_compact(name)) for name in _TWO_LAYERS},
    **{name: replace(_COMPACT_LONG, build=_compact(name)) for name in _SEVEN_LAYERS},
}
