"""Tokens grouped by what they hold, for every number of groups at once and without chance."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

FEWEST, MOST = 2, 12
ROUNDS = 40  # of moving the centres; a solution grown by one group settles in far fewer


@dataclass(frozen=True)
class Clusters:
    """One grouping for each count of groups; read-only.

    Attributes:
        counts: How many groups each grouping has, from the fewest on.
        labels: Group of every token, one row a grouping. A group keeps its number in the next
            grouping: what is new there has the highest one.
        silhouettes: Mean silhouette of each grouping in [-1, 1]: how much closer tokens are to
            their own group than to the next one.
        held: Share of the tokens' variance that lies between the groups, in [0, 1].
    """

    counts: tuple[int, ...]
    labels: UInt8[np.ndarray, "grouping token"]
    silhouettes: Float[np.ndarray, " grouping"]
    held: Float[np.ndarray, " grouping"]


def squared_distances(
    points: Float[np.ndarray, "point width"], others: Float[np.ndarray, "other width"]
) -> Float32[np.ndarray, "point other"]:
    """Squared Euclidean distance of every point to every other one, never negative.

    Raises:
        ValueError: If a number is not finite.
    """
    if not (np.isfinite(points).all() and np.isfinite(others).all()):
        raise ValueError("distances need finite numbers")
    first, second = points.astype(np.float32), others.astype(np.float32)
    lengths = np.einsum("ij,ij->i", first, first)[:, None]
    across = lengths + np.einsum("ij,ij->i", second, second) - 2 * (first @ second.T)
    return np.maximum(across, 0, dtype=np.float32)


def silhouettes(
    distances: Float[np.ndarray, "token token"], labels: UInt8[np.ndarray, " token"]
) -> Float[np.ndarray, " token"]:
    """(b - a) / max(a, b) of every token.

    a is a token's mean distance to the others of its group, b that to the nearest other group. A
    token alone in its group counts 0.

    Args:
        distances: Between all tokens; any unit.
        labels: Group of every token, at least two groups.

    Raises:
        ValueError: If all tokens are in one group.

    Source:
        Rousseeuw 1987, Silhouettes, J. Comput. Appl. Math. 20, equation 2.
    """
    groups = np.unique(labels)
    if len(groups) < 2:
        raise ValueError("a silhouette needs two groups")
    member = (labels[:, None] == groups).astype(np.float32)
    sizes = member.sum(axis=0)
    total = distances.astype(np.float32) @ member
    own = member.astype(bool)
    within = total[own] / np.maximum(sizes[member.argmax(axis=1)] - 1, 1)
    nearest = np.where(own, np.inf, total / sizes).min(axis=1)
    widest = np.maximum(within, nearest)
    score = np.where(widest > 0, (nearest - within) / np.where(widest > 0, widest, 1), 0)
    return np.where(sizes[member.argmax(axis=1)] > 1, score, 0)


def silhouette(
    distances: Float[np.ndarray, "token token"], labels: UInt8[np.ndarray, " token"]
) -> float:
    """Mean of `silhouettes` over all tokens; arguments and errors are its own."""
    return float(silhouettes(distances, labels).mean())


def groupings(tokens: Float[np.ndarray, "token width"], most: int = MOST) -> Clusters:
    """k-means for every k from 2 to `most`, each grown from the one before.

    The next centre starts at the token that would lower the error most; then tokens and centres
    settle as in k-means. There is no random start, so the same map always gives the same groups.

    Args:
        tokens: One vector a token.
        most: Largest number of groups, below 256; fewer where there are not enough tokens that
            differ.

    Raises:
        ValueError: If there are fewer than two tokens, one is not finite, or `most` is below 2.

    Source:
        Likas, Vlassis & Verbeek 2003, The global k-means clustering algorithm, Pattern
        Recognition 36, section 3 ("fast global k-means"), doi:10.1016/S0031-3203(02)00060-2.
    """
    if len(tokens) < FEWEST or not FEWEST <= most < 256:
        raise ValueError(f"{len(tokens)} tokens cannot fall into 2 to {most} groups")
    points = tokens.astype(np.float32) - tokens.mean(axis=0, dtype=np.float64).astype(np.float32)
    apart = squared_distances(points, points)
    distances = np.sqrt(apart)
    whole = float(np.einsum("ij,ij->", points, points, dtype=np.float64))
    centres = np.zeros((1, points.shape[1]), np.float32)
    nearest = squared_distances(points, centres)[:, 0]
    counts, labels, scores, held = [], [], [], []
    for count in range(FEWEST, most + 1):
        gain = np.maximum(nearest[:, None] - apart, 0).sum(axis=0)
        if gain.max() <= 1e-6 * max(whole, 1e-12):
            break  # the tokens left are alike
        centres = np.concatenate([centres, points[[int(gain.argmax())]]])
        group, centres, nearest = _settled(points, centres)
        counts.append(count)
        labels.append(group)
        scores.append(silhouette(distances, group))
        held.append(1 - float(nearest.sum(dtype=np.float64)) / whole)
    if not counts:  # a map of one colour: two groups would be made up
        return Clusters((), np.zeros((0, len(points)), np.uint8), np.zeros(0), np.zeros(0))
    found = Clusters(tuple(counts), np.stack(labels), np.array(scores), np.array(held))
    found.labels.flags.writeable = False
    return found


def _settled(
    points: Float32[np.ndarray, "point width"], centres: Float32[np.ndarray, "group width"]
) -> tuple[
    UInt8[np.ndarray, " point"],
    Float32[np.ndarray, "group width"],
    Float32[np.ndarray, " point"],
]:
    """k-means from given centres: groups, their means, squared distances to them."""
    group = squared_distances(points, centres).argmin(axis=1)
    for _ in range(ROUNDS):
        member = (group[:, None] == np.arange(len(centres))).astype(np.float32)
        sizes = member.sum(axis=0)
        means = (member.T @ points) / np.maximum(sizes, 1)[:, None]
        centres = np.where(sizes[:, None] > 0, means, centres)
        across = squared_distances(points, centres)
        following = across.argmin(axis=1)
        if (following == group).all():
            break
        group = following
    return group.astype(np.uint8), centres, across.min(axis=1)
