import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz_core import complexity
from viz_core.complexity import KINDS, cost, crossing, path, steps


def test_swins_first_stage_is_what_its_paper_counts():
    # 4hwC² + 2(hw)²C and 4hwC² + 2M²hwC with h = w = 56, C = 96, M = 7.
    assert cost("attention", "layer", n=3136, d=96) == 2_003_828_736
    assert cost("window", "layer", n=3136, d=96, m=7) == 145_108_992


def test_table_1_by_hand():
    sizes = {"n": 16, "d": 8, "k": 3, "m": 2}
    found = {kind: cost(kind, "paper", **sizes) for kind in KINDS}
    assert found == {"rnn": 1024, "cnn": 3072, "attention": 2048, "window": 512, "axial": 512}
    assert [steps(kind, n=16) for kind in KINDS] == [16, 1, 1, 1, 2]


def test_the_multiply_adds_are_those_of_the_matrix_products():
    n, d, m = 16, 8, 2

    def scores_and_sum(queries, keys):
        return 2 * queries * keys * d

    projections = 4 * n * d * d
    assert cost("attention", "attention", n=n, d=d) == scores_and_sum(n, n)
    assert cost("attention", "layer", n=n, d=d) == projections + scores_and_sum(n, n)
    windows = n // m**2
    assert cost("window", "attention", n=n, d=d, m=m) == windows * scores_and_sum(m**2, m**2)
    rows = 4 * scores_and_sum(4, 4)
    assert cost("axial", "layer", n=n, d=d) == 2 * (projections + rows)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    counting=st.sampled_from(["paper", "attention", "layer"]),
    side=st.integers(1, 60),
    d=st.integers(1, 512),
    k=st.integers(1, 25).map(lambda half: 2 * half + 1),
    m=st.integers(2, 16),
)
def test_more_tokens_never_cost_less_nor_shorten_the_path(kind, counting, side, d, k, m):
    small, large = side**2, (side + 1) ** 2
    a, b = (cost(kind, counting, n=n, d=d, k=k, m=m) for n in (small, large))
    assert 0 < a < b
    assert path(kind, n=small, k=k, m=m) <= path(kind, n=large, k=k, m=m)
    assert steps(kind, n=small) <= steps(kind, n=large)


@given(side=st.integers(1, 8), d=st.integers(1, 64))
def test_a_window_as_large_as_the_grid_is_full_attention(side, d):
    for m in (side, side + 3):
        assert cost("window", "layer", n=side**2, d=d, m=m) == cost(
            "attention", "layer", n=side**2, d=d
        )


@given(d=st.integers(1, 2000))
def test_attention_is_cheaper_than_an_rnn_below_the_crossing(d):
    for counting in ("paper", "attention"):
        at = crossing(counting, d)
        for n in {max(1, d // 2 - 1), d // 2 + 1, d, d + 1}:
            cheaper = cost("attention", counting, n=n, d=d) < cost("rnn", counting, n=n, d=d)
            assert cheaper == (n < at)
    assert crossing("layer", d) is None
    assert cost("attention", "layer", n=1, d=d) > cost("rnn", "layer", n=1, d=d)


def layers_followed(reach, tokens):
    """Layers until what starts at any place has spread over the whole row."""
    worst = 0
    for start in range(tokens):
        have, layer = {start}, 0
        while len(have) < tokens:
            have = set().union(*(reach(place, layer) for place in have))
            layer += 1
        worst = max(worst, layer)
    return worst


@pytest.mark.parametrize("m", [2, 3, 4, 7])
@pytest.mark.parametrize("windows", [2, 3, 5])
def test_the_path_through_shifted_windows_is_found_by_following_them(m, windows):
    side = m * windows

    def window(place, layer):
        shift = (m // 2) * (layer % 2)
        first = (place - shift) // m * m + shift
        return {p for p in range(first, first + m) if 0 <= p < side}

    assert path("window", n=side**2, m=m) == layers_followed(window, side)


@pytest.mark.parametrize("k", [3, 5, 9])
@pytest.mark.parametrize("n", [2, 13, 40])
@pytest.mark.parametrize("dilated", [False, True])
def test_the_path_through_convolutions_is_found_by_following_them(n, k, dilated):
    def taps(place, layer):
        gap = k**layer if dilated else 1
        reached = place + gap * np.arange(-(k // 2), k // 2 + 1)
        return {int(p) for p in reached if -n <= p < 2 * n}

    # From the first token; the row is long enough on both sides that no border helps.
    have, layer = {0}, 0
    while n - 1 not in have:
        have = set().union(*(taps(place, layer) for place in have))
        layer += 1
    assert path("cnn", n=n, k=k, dilated=dilated) == layer


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cost("lstm", "paper", n=4, d=4), "no kind"),
        (lambda: cost("rnn", "paper", n=0, d=4), "at least 1"),
        (lambda: path("cnn", n=9, k=1), "3 taps"),
        (lambda: path("window", n=9, m=1), "2 tokens"),
        (lambda: steps("rnn", n=0), "at least 1"),
        (lambda: complexity.crossing("paper", 0), "at least 1"),
    ],
)
def test_what_has_no_cost_or_path_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
