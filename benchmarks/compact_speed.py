"""CCT-7/3x1 with every attention map recorded, against torch's own fused encoder layers.

Nobody else's CCT is among our requirements, so the opponent is the tokenizer's convolution and
pooling followed by `nn.TransformerEncoderLayer` of the same sizes, on torch's fast path.
"""

from functools import partial

import torch
from torch import nn

from benchmarks.paired import ratio
from models.compact import VARIANTS, Compact, CompactConfig
from models.tap import record


class Fused(nn.Module):
    """The same matrix products as CCT's: tokenizer, positions, encoder, mean, head."""

    def __init__(self, cfg: CompactConfig) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, cfg.width, cfg.kernel, cfg.stride, cfg.padding, bias=False)
        self.pool = nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.positions = nn.Parameter(torch.zeros(1, cfg.grid**2, cfg.width))
        layer = nn.TransformerEncoderLayer(
            cfg.width, cfg.heads, int(cfg.width * cfg.mlp_ratio),
            dropout=0.0, activation="gelu", batch_first=True, norm_first=True,
        )  # fmt: skip
        self.blocks = nn.ModuleList(layer for _ in range(cfg.depth))
        self.fc = nn.Linear(cfg.width, cfg.classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (b, classes)."""
        x = self.pool(self.convolution(image)).flatten(2).mT + self.positions
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean(dim=1))


def main() -> None:
    """Print ratios for one picture and for eight."""
    torch.manual_seed(0)
    cfg = VARIANTS["cct_7_3x1_32"]
    ours, theirs = (kind(cfg).eval().requires_grad_(False) for kind in (Compact, Fused))

    def recorded(image: torch.Tensor) -> list[torch.Tensor]:
        with torch.inference_mode(), record(ours, "classifier.blocks.*.pattern") as trace:
            ours(image)
        return list(trace.tensors.values())

    def plain(model: nn.Module, image: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return model(image)

    for batch in (1, 8):
        image = torch.randn(batch, 3, 32, 32)
        print(f"cct_7_3x1_32, 32 px, batch {batch}, {torch.get_num_threads()} threads")
        other = partial(plain, theirs, image)
        print("  all maps recorded / fused:", ratio(partial(recorded, image), other))
        print("  nothing recorded / fused:", ratio(partial(plain, ours, image), other))


if __name__ == "__main__":
    main()
