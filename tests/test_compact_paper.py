"""Names, the paper's numbers, cards, and the plot of the page Compact."""

import pytest

from models.compact import VARIANTS
from viz_core import compact_figures, compact_paper
from viz_core.compact_figures import Point

CARD = """
## Measured

On all pictures.

| top-1 | top-5 | cross-entropy |
| --- | --- | --- |
| 81.25 % | 99.10 % | 0.5500 nats |

| class | top-1 | pictures |
| --- | --- | --- |
| cat | 60.0 % | 100 |
"""


def test_every_variant_has_a_family_and_a_title_of_its_own():
    titles = [compact_paper.title(name) for name in VARIANTS]
    assert len(set(titles)) == len(VARIANTS)
    assert compact_paper.title("vit_lite_7_4_32") == "ViT-Lite-7/4"
    assert compact_paper.title("cct_7_3x1_32_sine_c100") == "CCT-7/3×1 sine (100 classes)"
    assert compact_paper.title("cct_14_7x2_384_fl") == "CCT-14/7×2 384 px (flowers)"
    with pytest.raises(ValueError, match="no variant"):
        compact_paper.title("vit_nano_patch4_56")


def test_the_papers_rows_are_variants_and_their_parameters_ours():
    assert len({row.name for row in compact_paper.PAPER}) == len(compact_paper.PAPER)
    assert {row.name for row in compact_paper.PAPER} < VARIANTS.keys()
    best = max(compact_paper.PAPER, key=lambda row: row.cifar10)
    assert (best.name, best.cifar10, best.cifar100) == ("cct_7_3x1_32", 94.78, 77.05)


def test_a_card_says_its_accuracy_first():
    assert compact_paper.measured(CARD) == 81.25
    assert compact_paper.measured("# A card\n\nNothing was measured: top-1 is unknown.") is None


def test_the_plot_has_a_row_a_family_and_ours_apart():
    points = [
        Point("CCT-2/3×2", "CCT", 283_723, 89.17),
        Point("CCT-2/3×2", "CCT", 283_723, 81.0, ours=True),
        Point("ViT-Lite-7/4", "ViT-Lite", 3_716_874, 91.38),
    ]
    figure = compact_figures.accuracies(points, "CIFAR-10")
    names = [trace.name for trace in figure.data]
    assert names == ["ViT-Lite, the paper", "CCT, the paper", "CCT, ours"]
    assert figure.data[1].x[0] == pytest.approx(0.283723)
    assert figure.data[1].y[0] == pytest.approx(10.83)
    assert figure.data[2].marker.symbol != figure.data[1].marker.symbol
    with pytest.raises(ValueError, match="networks with parameters"):
        compact_figures.accuracies([], "CIFAR-10")
