"""What is trained, and how: one line of data a network."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from torch import nn

from models.swin import Swin, SwinConfig
from models.training import mimetic
from models.training.augment import Augment
from models.vit import ViT, ViTConfig


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of training at one input size.

    Attributes:
        epochs: Passes over the training split.
        size: Input side in pixels.
        keep: Share of the patches that is kept, drawn anew each step (1 keeps all).
    """

    epochs: int
    size: int
    keep: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A network and its training; learning rate is warm-up then one cosine over all phases.

    Attributes:
        build: Class count -> untrained network.
        stored: Side in pixels at which the data is held.
        prepare: Optional change of the initial weights.
    """

    build: Callable[[int], nn.Module]
    phases: tuple[Phase, ...]
    stored: int = 64
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    smoothing: float = 0.1
    ema: float = 0.999
    clip: float = 1.0
    augment: Augment = field(default_factory=Augment)
    prepare: Callable[[nn.Module], None] | None = None

    @property
    def epochs(self) -> int:
        """Passes over the data, all phases together."""
        return sum(phase.epochs for phase in self.phases)

    @property
    def size(self) -> int:
        """Input side of the finished network in pixels."""
        return self.phases[-1].size

    def phase(self, epoch: int) -> Phase:
        """The phase that epoch `epoch` (from 0) belongs to."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        return self.phases[-1]


def _vit(width: int, depth: int, heads: int) -> Callable[[int], ViT]:
    """Of the canonical 14 x 14 patches, at a quarter of the usual scale."""
    quarter = ViTConfig(image_size=56, patch_size=4, width=width, depth=depth, heads=heads)
    return lambda classes: ViT(replace(quarter, classes=classes))


def _swin(width: int, depths: tuple[int, ...], heads: tuple[int, ...]) -> Callable[[int], Swin]:
    """At a quarter of the usual scale: 2 x 2 pixel patches, maps of 28, 14 and 7, windows of 7."""
    quarter = SwinConfig(image_size=56, patch_size=2, width=width, depths=depths, heads=heads)
    return lambda classes: Swin(replace(quarter, classes=classes))


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
}
