"""What a layer costs, how far apart two tokens are and how many steps must wait for each other.

Table 1 of "Attention Is All You Need", extended by window and axial attention. A cost is a sum
of terms c·nᵃ·dᵇ·kᵉ·Mᶠ, kept as data: the browser evaluates the very same terms while a slider is
dragged. n counts tokens, d is the width, k the taps of a kernel, M the side of a window.
"""

import math
from dataclasses import dataclass
from typing import Literal

Counting = Literal["paper", "attention", "layer"]


@dataclass(frozen=True)
class Term:
    """`factor * n**n * d**d * k**k * m**m`; a window is never larger than the grid."""

    factor: float
    n: float = 0
    d: float = 0
    k: float = 0
    m: float = 0

    def value(self, n: int, d: int, k: int, m: int) -> float:
        """The term for n tokens of width d, k taps and windows of m x m tokens."""
        window = min(m, math.sqrt(n))
        return float(self.factor * n**self.n * d**self.d * k**self.k * window**self.m)


@dataclass(frozen=True)
class Kind:
    """One row of the table.

    Attributes:
        name: What people call it.
        paper: Cost without constants, as in table 1.
        attention: Multiply-adds of what mixes the tokens, without linear projections.
        layer: Multiply-adds of the whole layer with its projections.
        formula: The paper's cost, as text.
        mixing: Multiply-adds of the mixing, as text.
        counted: The whole layer's multiply-adds, as text.
    """

    name: str
    paper: tuple[Term, ...]
    attention: tuple[Term, ...]
    layer: tuple[Term, ...]
    formula: str
    mixing: str
    counted: str


_QKVO = Term(4, n=1, d=2)  # query, key, value and output projections

KINDS: dict[str, Kind] = {
    "rnn": Kind(
        "RNN",
        paper=(Term(1, n=1, d=2),),
        attention=(Term(1, n=1, d=2),),
        layer=(Term(2, n=1, d=2),),
        formula="n·d²",
        mixing="nd²",
        counted="2nd²",
    ),
    "cnn": Kind(
        "CNN",
        paper=(Term(1, n=1, d=2, k=1),),
        attention=(Term(1, n=1, d=2, k=1),),
        layer=(Term(1, n=1, d=2, k=1),),
        formula="k·n·d²",
        mixing="knd²",
        counted="knd²",
    ),
    "attention": Kind(
        "attention",
        paper=(Term(1, n=2, d=1),),
        attention=(Term(2, n=2, d=1),),
        layer=(_QKVO, Term(2, n=2, d=1)),
        formula="n²·d",
        mixing="2n²d",
        counted="4nd² + 2n²d",
    ),
    "window": Kind(
        "window attention",
        paper=(Term(1, n=1, d=1, m=2),),
        attention=(Term(2, n=1, d=1, m=2),),
        layer=(_QKVO, Term(2, n=1, d=1, m=2)),
        formula="M²·n·d",
        mixing="2M²nd",
        counted="4nd² + 2M²nd",
    ),
    "axial": Kind(
        "axial attention",
        paper=(Term(1, n=1.5, d=1),),
        attention=(Term(4, n=1.5, d=1),),
        layer=(Term(8, n=1, d=2), Term(4, n=1.5, d=1)),
        formula="n·√n·d",
        mixing="4n√n·d",
        counted="8nd² + 4n√n·d",
    ),
}


def cost(kind: str, counting: Counting, *, n: int, d: int, k: int = 9, m: int = 7) -> float:
    """Cost of one layer: multiply-adds, or the paper's count without constants.

    Args:
        kind: Key of `KINDS`. Axial attention is a pair: along the rows, then the columns.
        counting: "paper" (no constants), "attention" (without projections) or "layer". An RNN's
            input projection, U x beside W h, counts as a projection.
        n: Tokens; window and axial attention lay them on a square of √n x √n.
        d: Width.
        k: Taps of the kernel: 3 x 3 has 9.
        m: Side of a window in tokens.

    Raises:
        ValueError: If there is no such kind, or a size is below 1.

    Source:
        Vaswani et al. 2017, arXiv:1706.03762, table 1; Liu et al. 2021, arXiv:2103.14030,
        equations 1 and 2; Ho et al. 2019, arXiv:1912.12180 (axial attention).
    """
    _check(kind, n, d, k, m)
    terms: tuple[Term, ...] = getattr(KINDS[kind], counting)
    return sum(term.value(n, d, k, m) for term in terms)


def path(kind: str, *, n: int, k: int = 9, m: int = 7, dilated: bool = False) -> int:
    """Layers (or steps) that a signal needs between the two tokens farthest apart.

    Args:
        kind: Key of `KINDS`.
        n: Tokens, for an RNN and a CNN in a row.
        k: Taps of the kernel in that row, an odd number.
        m: Side of a window; every second layer is shifted by half a window, as in Swin.
        dilated: A CNN whose kernels' gaps grow k-fold from layer to layer.

    Returns:
        RNN n - 1; CNN (n - 1) / ((k - 1) / 2) rounded up, or logarithmic where `dilated`;
        attention 1; axial 2; window attention 2 * ceil(√n / M) - 1.

    Raises:
        ValueError: If there is no such kind, a size is below 1, or nothing ever arrives (k < 3
            or M < 2).

    Source:
        Vaswani et al. 2017, table 1; that of shifted windows is our own count, tested by
        following the windows.
    """
    _check(kind, n, 1, k, m)
    if (kind == "cnn" and k < 3) or (kind == "window" and m < 2):
        raise ValueError("a kernel needs 3 taps and a window 2 tokens to reach a neighbour")
    if n == 1:
        return 1
    if kind == "cnn":
        return _dilated(n, k) if dilated else math.ceil((n - 1) / ((k - 1) // 2))
    windows = math.ceil(round(math.sqrt(n), 9) / m)
    return {"rnn": n - 1, "attention": 1, "window": 2 * windows - 1, "axial": 2}[kind]


def steps(kind: str, *, n: int) -> int:
    """Operations of one layer that must wait for each other: n for an RNN, otherwise 1, axial 2.

    Raises:
        ValueError: If there is no such kind or `n` is below 1.

    Source:
        Vaswani et al. 2017, table 1.
    """
    _check(kind, n, 1, 1, 1)
    return {"rnn": n, "axial": 2}.get(kind, 1)


def crossing(counting: Counting, d: int) -> float | None:
    """Tokens below which attention costs less than an RNN; None if it never does.

    Without constants that is n = d.

    Raises:
        ValueError: If `d` is below 1.
    """
    if d < 1:
        raise ValueError(f"width must be at least 1, got {d}")
    return {"paper": float(d), "attention": d / 2, "layer": None}[counting]


def _dilated(n: int, k: int) -> int:
    """Smallest L whose reach (k**L - 1) / 2 to one side is n - 1."""
    layers = 1
    while (k**layers - 1) // 2 < n - 1:
        layers += 1
    return layers


def _check(kind: str, *sizes: int) -> None:
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {sorted(KINDS)}")
    if min(sizes) < 1:
        raise ValueError(f"sizes must be at least 1, got {min(sizes)}")
