"""Normalised cuts: a picture's tokens as a graph, fallen apart where its links are weakest.

A region is a set of tokens; `weights` of a graph are symmetric and at least 0, with every token
linked to itself. Shi & Malik 2000, Normalized Cuts and Image Segmentation, IEEE TPAMI 22(8),
doi:10.1109/34.868688; on the tokens of a ViT it is TokenCut, Wang et al. 2022, arXiv:2202.11539.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8

THRESHOLD, FAINT = 0.2, 1e-5  # TokenCut's
MOST = 8
LARGEST = 1024  # tokens: the eigenvectors of more take too long
EVEN = 1e-9  # values of the cut that differ by less than this share are the same


@dataclass(frozen=True)
class Cut:
    """A graph in two.

    Attributes:
        vector: Second smallest generalised eigenvector; its entry of largest size is positive.
        eigenvalue: Of that vector; no cut can cost less.
        front: True on the side that holds the entry of largest size: what stands out most.
        cost: The normalised cut, in [0, 2]: which share of its links each side loses, added up.
    """

    vector: Float[np.ndarray, " token"]
    eigenvalue: float
    front: Bool[np.ndarray, " token"]
    cost: float


@dataclass(frozen=True)
class Division:
    """One grouping for each count of regions, each cut from the one before; read-only.

    Attributes:
        counts: How many regions each grouping has, from 2 on.
        labels: Region of every token, one row a grouping. What was cut off last has the highest
            number; the first cut's front is 1.
        costs: What the cut cost that made the last region, within the region that was cut.
        vectors: Eigenvectors of the whole graph from the second smallest on, each with the entry
            of largest size positive.
        eigenvalues: Of these vectors.
    """

    counts: tuple[int, ...]
    labels: UInt8[np.ndarray, "grouping token"]
    costs: Float[np.ndarray, " grouping"]
    vectors: Float[np.ndarray, "vector token"]
    eigenvalues: Float[np.ndarray, " vector"]


def affinity(
    features: Float[np.ndarray, "token width"],
    threshold: float = THRESHOLD,
    *,
    faint: float = FAINT,
    centred: bool = True,
) -> Float[np.ndarray, "token token"]:
    """Links between tokens: 1 where their cosine reaches the threshold, else next to nothing.

    Args:
        features: One vector a token: keys of an attention, or what leaves a block.
        threshold: Least cosine of a link, in [-1, 1].
        faint: Weight of all other links, in (0, 1); it keeps the graph in one piece.
        centred: Whether the mean of all tokens is taken off first. What all share says nothing
            of regions, and without it one threshold suits all layers. TokenCut leaves it in.

    Returns:
        Weights; every token is linked to itself with weight 1.

    Raises:
        ValueError: If there are fewer than 2 tokens or more than `LARGEST`, a number is not
            finite, or a setting is outside its range.
    """
    if not 2 <= len(features) <= LARGEST:
        raise ValueError(f"a cut needs 2 to {LARGEST} tokens, got {len(features)}")
    if not np.isfinite(features).all():
        raise ValueError("a cut needs finite numbers")
    if not -1 <= threshold <= 1:
        raise ValueError(f"the threshold is a cosine from -1 to 1, got {threshold}")
    if not 0 < faint < 1:
        raise ValueError(f"faint links weigh between 0 and 1, got {faint}")
    points = features.astype(np.float64)
    if centred:
        points = points - points.mean(axis=0)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    points = points / np.where(lengths > 0, lengths, 1)
    weights = np.where(points @ points.T >= threshold, 1.0, faint)
    weights = np.maximum(weights, weights.T)  # rounding may tell i, j from j, i
    np.fill_diagonal(weights, 1.0)
    return weights


def spectrum(
    weights: Float[np.ndarray, "token token"],
) -> tuple[Float[np.ndarray, " vector"], Float[np.ndarray, "vector token"]]:
    """Solutions of (D - W) y = λ D y, smallest λ first; D holds the sums of the rows of W.

    Returns:
        Eigenvalues in [0, 2], and eigenvectors of length 1, their entry of largest size positive.

    Raises:
        ValueError: If the weights are not those of a graph with at least 2 tokens.
    """
    _check(weights)
    scale = 1 / np.sqrt(weights.sum(axis=1))
    symmetric = np.eye(len(weights)) - scale[:, None] * weights * scale
    values, turned = np.linalg.eigh(symmetric)
    vectors = (scale[:, None] * turned).T
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.clip(values, 0, 2), np.stack([_signed(one) for one in vectors])


def cost(weights: Float[np.ndarray, "token token"], side: Bool[np.ndarray, " token"]) -> float:
    """The normalised cut of a graph in two: cut / links of one side + cut / links of the other.

    Raises:
        ValueError: If one side is empty, or the weights are not those of a graph.
    """
    _check(weights)
    if side.all() or not side.any():
        raise ValueError("a cut has two sides")
    links = weights.sum(axis=1)
    across = float(weights[np.ix_(side, ~side)].sum())
    return across / float(links[side].sum()) + across / float(links[~side].sum())


def bipartition(weights: Float[np.ndarray, "token token"]) -> Cut:
    """The best cut along the second eigenvector: every place to split it is tried.

    Trying all of them is Shi & Malik's; TokenCut splits at the mean. The front is the side with
    the entry of largest size, TokenCut's rule (its section 3.2).

    Raises:
        ValueError: As `spectrum`.
    """
    values, vectors = spectrum(weights)
    return _along(weights, float(values[1]), vectors[1])


def _along(weights: np.ndarray, eigenvalue: float, vector: np.ndarray) -> Cut:
    order = np.argsort(vector, kind="stable")
    sorted_weights = weights[np.ix_(order, order)]
    held = np.cumsum(sorted_weights.sum(axis=1))  # links of the first tokens
    inside = np.cumsum(np.cumsum(sorted_weights, axis=0), axis=1).diagonal()
    across = (held - inside)[:-1]
    costs = across / held[:-1] + across / (held[-1] - held[:-1])
    # Equal entries belong together, whichever the sorting put first.
    costs = np.where(np.diff(vector[order]) > EVEN * np.abs(vector).max(), costs, np.inf)
    if not np.isfinite(costs).any():  # all alike: nothing tells the tokens apart but their order
        costs = across / held[:-1] + across / (held[-1] - held[:-1])
    place = int((costs <= costs.min() * (1 + EVEN)).argmax())
    front = np.zeros(len(vector), bool)
    front[order[place + 1 :]] = True
    if not front[np.abs(vector).argmax()]:
        front = ~front
    return Cut(vector, eigenvalue, front, float(costs[place]))


def division(weights: Float[np.ndarray, "token token"], most: int = MOST) -> Division:
    """Cuts of cuts: each time the region falls apart whose cut costs least.

    Args:
        weights: From `affinity`.
        most: Largest number of regions, from 2 to 255; fewer if there are fewer tokens.

    Raises:
        ValueError: If `most` is outside its range, or as `spectrum`.

    Source:
        Shi & Malik 2000, section 3.2, "recursive two-way cut". They stop at a cost; here the
        count is chosen, and the cheapest cut comes first.
    """
    if not 2 <= most < 256:
        raise ValueError(f"2 to 255 regions, got {most}")
    values, vectors = spectrum(weights)
    first = _along(weights, float(values[1]), vectors[1])
    labels = np.zeros(len(weights), np.uint8)
    open_cuts = {0: (np.arange(len(weights)), first)}
    rows: list[np.ndarray] = []
    costs: list[float] = []
    for new in range(1, min(most, len(weights))):
        cheapest = min(open_cuts, key=lambda region: (open_cuts[region][1].cost, region))
        tokens, cut = open_cuts.pop(cheapest)
        labels = labels.copy()
        labels[tokens[cut.front]] = new
        rows.append(labels)
        costs.append(cut.cost)
        for region in (cheapest, new):
            inside = np.flatnonzero(labels == region)
            if len(inside) > 1:
                open_cuts[region] = inside, bipartition(weights[np.ix_(inside, inside)])
    found = Division(
        tuple(range(2, len(rows) + 2)), np.stack(rows), np.array(costs), vectors[1:], values[1:]
    )
    found.labels.flags.writeable = False
    return found


def _signed(vector: Float[np.ndarray, " token"]) -> Float[np.ndarray, " token"]:
    """The vector or its opposite: of its largest entries the first is positive."""
    sizes = np.abs(vector)
    first = int((sizes >= sizes.max() * (1 - EVEN)).argmax())
    return -vector if vector[first] < 0 else vector


def _check(weights: np.ndarray) -> None:
    if len(weights) < 2:
        raise ValueError("a cut needs at least 2 tokens")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("weights of a graph are finite and at least 0")
    if not np.allclose(weights, weights.T) or (weights.sum(axis=1) <= 0).any():
        raise ValueError("weights of a graph are symmetric, and every token has a link")
