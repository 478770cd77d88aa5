"""Our convolutional networks against timm's: a plain forward pass, and one with every map kept.

`python -m benchmarks.convnext_speed` prints pictures of 224 pixels, batch 1; the two run in turn.
"""

from functools import partial

import torch
from torch import nn

from benchmarks.paired import ratio
from models.catalog import CATALOG
from models.entry import build
from models.tap import record
from tests.parity import shaken, theirs_for

NAMES = ("convnext_atto", "convnext_tiny", "convnextv2_atto", "resnet26", "resnet50")


def main(rounds: int = 20) -> None:
    """Print the ratios of every network of the catalog."""
    torch.manual_seed(0)
    for name in NAMES:
        theirs = shaken(theirs_for(name)).eval().requires_grad_(False)
        ours = build(CATALOG[name]).eval().requires_grad_(False)
        ours.load_state_dict(theirs.state_dict(), strict=True)
        image = torch.randn(1, 3, 224, 224)
        print(f"{name}, 224 px, batch 1, {torch.get_num_threads()} threads")
        reference = partial(plain, theirs, image)
        print("  nothing recorded / timm:", ratio(partial(plain, ours, image), reference, rounds))
        kept = partial(recorded, ours, image)
        print("  every block's map kept / timm:", ratio(kept, reference, rounds))


def plain(model: nn.Module, image: torch.Tensor) -> torch.Tensor:
    """Logits alone."""
    with torch.inference_mode():
        return model(image)


def recorded(model: nn.Module, image: torch.Tensor) -> list[torch.Tensor]:
    """What every block and every stage puts out."""
    with torch.inference_mode(), record(model, "*.resid_post", "*.output") as trace:
        model(image)
    return list(trace.tensors.values())


if __name__ == "__main__":
    main()
