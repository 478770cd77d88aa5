"""Why attention divides by the root of d: what the softmax of random dot products does.

Queries and keys have d independent normal components of mean 0 and variance 1. Given a query q, the
scores q·k of all keys are independent and normal with variance |q|², about d; divided by √d it
is about 1. Everything here follows from that: no fit, no large-d limit.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

_DEVIATIONS = 8.5  # of the normal distribution that the integrals cover
_FINEST = np.geomspace(0.02, 60, 96)  # standard deviations of the scores between which we read off


def shares(scores: Float[np.ndarray, "*rows key"]) -> Float[np.ndarray, "*rows key"]:
    """Softmax over the last axis in float64; the largest score is subtracted first.

    Raises:
        ValueError: If a score is not finite.
    """
    values = scores.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("scores must be finite")
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def slope(rows: Float[np.ndarray, "*rows key"]) -> Float[np.ndarray, "*rows"]:
    """How much a softmax still answers to its scores: the sum of p(1 - p) over the keys.

    It is the trace of the derivative diag(p) - ppᵀ, so it bounds how much gradient passes. It lies
    between 0 (one key has everything, training stalls) and 1 - 1/n (all n keys alike).

    Raises:
        ValueError: If a row is no softmax: negative, or its sum is not 1.
    """
    values = rows.astype(np.float64)
    if (values < 0).any() or not np.allclose(values.sum(axis=-1), 1, atol=1e-4):
        raise ValueError("rows must be at least 0 and sum to 1")
    return np.asarray((values * (1 - values)).sum(axis=-1))


def random_scores(
    n: int, widths: Sequence[int], *, seed: int, sequences: int = 48, queries: int = 8
) -> Float[np.ndarray, "width row key"]:
    """Dot products q·k, undivided, of random vectors; those of width d share their first d numbers.

    Args:
        n: Keys a row.
        widths: Lengths d of queries and keys.
        seed: Of numpy's default generator.
        sequences: Independent sets of n keys.
        queries: Queries for each of them; there are `sequences * queries` rows.

    Raises:
        ValueError: If a count is below 1.
    """
    if min(n, sequences, queries, *widths) < 1:
        raise ValueError("widths and counts must be at least 1")
    draw = np.random.default_rng(seed)
    query = draw.normal(size=(sequences, queries, max(widths)))
    key = draw.normal(size=(sequences, n, max(widths)))
    products = [query[..., :d] @ key[..., :d].swapaxes(-1, -2) for d in widths]
    return np.stack(products).reshape(len(widths), sequences * queries, n)


def normal_scores(n: int, deviation: float) -> tuple[float, float]:
    """Expected entropy and `slope` of the softmax of n independent normal scores.

    The largest of `s_j + G_j`, with standard Gumbel noise G, is distributed as log Z + G, where Z
    is the softmax's denominator. So E log Z is the mean of that maximum, whose distribution
    function is φ(u)ⁿ with φ(u) = E exp(-exp(s - u)), less Euler's constant. The derivative of
    E log Z to the deviation σ is σ(1 - E Σp²), by partial integration, and the entropy is
    log Z - Σ p s, hence E H = E log Z - σ²(1 - E Σp²).

    Args:
        n: Keys.
        deviation: Standard deviation σ of the scores.

    Returns:
        (entropy in bits, slope), by quadrature, good to about 1e-6.

    Raises:
        ValueError: If `n` is below 1 or `deviation` is not above 0.

    Source:
        The Gumbel-max identity: Maddison et al. 2014, arXiv:1411.0030, section 2. The model of
        independent normal energies: Derrida 1981, doi:10.1103/PhysRevB.24.2613.
    """
    if n < 1 or not 0 < deviation < np.inf:
        raise ValueError(f"needs a key and a deviation above 0, got {n} and {deviation}")
    step = min(0.2, deviation / 4)
    reach = int(np.ceil(_DEVIATIONS * deviation / step))
    score = np.arange(-reach, reach + 1) * step
    weight = np.exp(-0.5 * (score / deviation) ** 2)
    weight /= weight.sum()
    # log n or more above the highest score nothing of the maximum is left but Gumbel's tail.
    low, high = int(6 / step), int((np.log(n) + 40) / step)
    place = np.arange(-low - 2 * reach, high + 2 * reach + 1) * step
    gumbel = np.exp(-np.exp(np.minimum(-place, 30)))  # exp(-exp(30)) is 0
    level = np.convolve(gumbel, weight, "valid")  # φ(u)
    # The normal density's derivative to its deviation, in place of the density: dφ(u)/dσ.
    slant = np.convolve(gumbel, weight * ((score / deviation) ** 2 - 1) / deviation, "valid")
    start = np.heaviside(np.arange(len(level)) - low - reach, 0.5)  # the step at u = 0
    log_sum = step * float((start - level**n).sum()) - float(np.euler_gamma)
    moved = -step * n * float((level ** (n - 1) * slant).sum())  # = σ(1 - E Σp²)
    entropy = (log_sum - deviation * moved) / np.log(2)
    return max(float(entropy), 0.0), max(moved / deviation, 0.0)


def expected(
    n: int, widths: Sequence[int], *, divided: bool
) -> tuple[Float[np.ndarray, " width"], Float[np.ndarray, " width"]]:
    """What theory expects of `random_scores`: mean entropy in bits and mean `slope` for each d.

    `normal_scores` is averaged over |q|², which is chi-squared with d degrees of freedom, by
    Gauss-Laguerre quadrature; errors stay below 0.01 bits.

    Args:
        n: Keys a row.
        widths: Lengths d of queries and keys.
        divided: Whether scores are divided by √d.

    Raises:
        ValueError: If a width is below 1.
    """
    if min(widths) < 1:
        raise ValueError("widths must be at least 1")
    known = np.array([normal_scores(n, float(sigma)) for sigma in _FINEST])
    means = []
    for d in widths:
        squares, weights = _chi_squared(d)
        deviations = np.log(np.sqrt(squares / (d if divided else 1)))
        found = [np.interp(deviations, np.log(_FINEST), column) for column in known.T]
        means.append([float(weights @ values) for values in found])
    entropies, slopes = np.array(means).T
    return entropies, slopes


def _chi_squared(
    degrees: int, count: int = 24
) -> tuple[Float[np.ndarray, " node"], Float[np.ndarray, " node"]]:
    """Nodes and weights (sum 1) for means over chi-squared: Golub & Welsch 1969."""
    alpha, i = degrees / 2 - 1, np.arange(count)
    off = np.sqrt(i[1:] * (i[1:] + alpha))
    nodes, vectors = np.linalg.eigh(np.diag(2 * i + alpha + 1) + np.diag(off, 1) + np.diag(off, -1))
    return 2 * nodes, vectors[0] ** 2
