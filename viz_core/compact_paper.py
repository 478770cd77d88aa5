"""What the paper of the compact transformers measured, and what a card beside weights says."""

import re
from dataclasses import dataclass
from typing import Literal

SOURCE = "Hassani et al. 2021, arXiv:2104.05704"
Family = Literal["ViT-Lite", "CVT", "CCT"]
FAMILIES: dict[str, Family] = {"vit_lite": "ViT-Lite", "cvt": "CVT", "cct": "CCT"}
TOP1 = re.compile(r"^\|[^|]*top-1[^|]*\|.*\n\|[-| :]+\|\n\|\s*([\d.]+)\s*%", re.MULTILINE)


@dataclass(frozen=True)
class Published:
    """Accuracy of a variant after 200 epochs, in percent.

    Attributes:
        name: The variant by SHI-Labs' name.
        cifar10: On CIFAR-10.
        cifar100: On CIFAR-100.
        parameters: In millions, as the paper rounds them.
        gmacs: Billions of multiply-adds as the paper gives them; None where it is not cited here.
    """

    name: str
    cifar10: float
    cifar100: float
    parameters: float
    gmacs: float | None = None


PAPER = (
    Published("vit_lite_6_4_32", 90.94, 69.20, 3.191),
    Published("vit_lite_7_4_32", 91.38, 69.75, 3.717, 0.239),
    Published("cvt_6_4_32", 92.58, 72.25, 3.190),
    Published("cvt_7_4_32", 92.43, 73.01, 3.717),
    Published("cct_2_3x2_32", 89.17, 66.90, 0.284, 0.033),
    Published("cct_4_3x2_32", 91.45, 70.46, 0.482, 0.046),
    Published("cct_6_3x2_32", 93.56, 74.47, 3.327),
    Published("cct_7_3x2_32", 93.83, 74.92, 3.853),
    Published("cct_7_3x1_32", 94.78, 77.05, 3.760, 0.947),
)
# CCT-7/3x1 trained for longer, by the README of SHI-Labs' code: epochs and positions, CIFAR-10,
# CIFAR-100.
LONGER = (("300 epochs", 96.53, 80.92), ("5000 epochs with sine positions", 98.00, 82.87))


def family(name: str) -> Family:
    """Which of the three a variant is.

    Raises:
        ValueError: If the name is of none of them.
    """
    for start, found in FAMILIES.items():
        if name.startswith(f"{start}_"):
            return found
    raise ValueError(f"{name!r} is no variant of {', '.join(FAMILIES.values())}")


def title(name: str) -> str:
    """A variant as the paper writes it: cct_7_3x1_32_sine -> "CCT-7/3×1 sine".

    Raises:
        ValueError: If the name is of no variant.
    """
    start = family(name)
    head = next(key for key, value in FAMILIES.items() if value == start)
    layers, kernel, *rest = name.removeprefix(f"{head}_").split("_")
    words = {"32": "", "c100": "(100 classes)", "fl": "(flowers)", "224": "224 px", "384": "384 px"}
    told = " ".join(words.get(word, word) for word in rest).strip()
    return f"{start}-{layers}/{kernel.replace('x', '×')} {told}".strip()


def measured(card: str) -> float | None:
    """Top-1 in percent that a card states first; None if it states none.

    Args:
        card: Markdown, as `models.training.card` writes it.
    """
    found = TOP1.search(card)
    return float(found[1]) if found else None
