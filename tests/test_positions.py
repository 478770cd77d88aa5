"""Tables of positions as numbers, what is put in their place, their figures and their frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import ablation, position_figures, positions, regrid
from viz_core.tiles import wire
from viz_core.tiles.wire import Kind, Map

few = settings(max_examples=15, deadline=None)


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# The formulas


def test_a_sinusoid_by_hand():
    table = positions.sinusoid(3, 4, base=100.0)
    angles = [1.0, 0.1]
    for p in range(3):
        wanted = [f(p * a) for a in angles for f in (np.sin, np.cos)]
        np.testing.assert_allclose(table[p], wanted, atol=1e-15)


@given(
    pairs=st.integers(1, 20),
    base=st.floats(1.5, 1e5),
    apart=st.integers(0, 30),
    first=st.integers(0, 50),
    second=st.integers(0, 50),
)
@few
def test_a_dot_product_depends_on_the_distance_only(pairs, base, apart, first, second):
    table = positions.sinusoid(90, 2 * pairs, base)
    one, other = table[first] @ table[first + apart], table[second] @ table[second + apart]
    np.testing.assert_allclose(one, other, atol=1e-9)
    turns = positions.frequencies(pairs, base)
    np.testing.assert_allclose(one, np.cos(apart * turns).sum(), atol=1e-9)


def test_all_rows_of_a_sinusoid_are_equally_long():
    lengths = np.linalg.norm(positions.sinusoid(40, 24), axis=1)
    np.testing.assert_allclose(lengths, np.sqrt(12), atol=1e-12)


def published_2d(width, rows, columns):
    """The order of operations of MAE's util/pos_embed.py, for a grid that need not be square."""

    def one(half, place):
        turns = 1 / 10000 ** (np.arange(half // 2) / (half / 2))
        out = np.einsum("m,d->md", place.reshape(-1), turns)
        return np.concatenate([np.sin(out), np.cos(out)], axis=1)

    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.concatenate([one(width // 2, across), one(width // 2, down)], axis=1)


def test_two_dimensions_are_as_published_with_the_column_first():
    table = positions.sincos_2d((3, 5), 16)
    np.testing.assert_allclose(table, published_2d(16, 3, 5), atol=1e-12)
    by_place = table.reshape(3, 5, 16)
    np.testing.assert_array_equal(by_place[0, :, :8], by_place[2, :, :8])
    np.testing.assert_array_equal(by_place[:, 0, 8:], by_place[:, 4, 8:])
    assert not np.array_equal(by_place[0, 0, :8], by_place[0, 1, :8])


@given(rows=st.integers(2, 6), columns=st.integers(2, 6))
@few
def test_two_dimensional_similarity_depends_on_the_offset_only(rows, columns):
    grid = positions.similarity(positions.sincos_2d((rows, columns), 16))
    grid = grid.reshape(rows, columns, rows, columns)
    np.testing.assert_allclose(grid[0, 0, 1, 1], grid[rows - 2, columns - 2, -1, -1], atol=1e-12)


@pytest.mark.parametrize("arguments", [(0, 4), (3, 5), (3, 0), (3, 4, 0.0), (3, 4, -2.0)])
def test_a_sinusoid_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match="even width"):
        positions.sinusoid(*arguments)


def test_frequencies_by_hand_and_refused():
    np.testing.assert_allclose(positions.frequencies(2, 100.0), [1, 0.1])
    assert (np.diff(positions.frequencies(9)) < 0).all()
    with pytest.raises(ValueError, match="pair"):
        positions.frequencies(0)


@pytest.mark.parametrize(("grid", "width"), [((0, 3), 8), ((3, 3), 6), ((3, 3), 0)])
def test_a_2d_table_that_cannot_be_is_refused(grid, width):
    with pytest.raises(ValueError, match="multiple of 4"):
        positions.sincos_2d(grid, width)


# Comparing


def test_cosines_by_hand():
    table = np.array([[1.0, 0], [0, 2], [3, 3]])
    half = np.sqrt(0.5)
    wanted = [[1, 0, half], [0, 1, half], [half, half, 1]]
    np.testing.assert_allclose(positions.similarity(table), wanted, atol=1e-15)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(3, 12), shift=st.floats(-50, 50))
@few
def test_similarity_is_symmetric_and_centring_forgets_what_is_shared(seed, rows, shift):
    table = random((rows, 6), seed)
    cosines = positions.similarity(table, centred=True)
    np.testing.assert_array_equal(cosines, cosines.T)
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-9)
    moved = positions.similarity(table + shift, centred=True)
    np.testing.assert_allclose(moved, cosines, atol=1e-6)


@pytest.mark.parametrize("centred", [False, True])
def test_positions_without_direction_are_refused(centred):
    with pytest.raises(ValueError, match="no direction"):
        positions.similarity(np.full((3, 4), float(centred)), centred=centred)


def test_the_shared_share_by_hand():
    assert positions.shared_share(np.array([[3.0, 1], [3, -1]])) == pytest.approx(0.9)
    assert positions.shared_share(np.array([[1.0], [-1.0]])) == 0
    with pytest.raises(ValueError, match="zeros"):
        positions.shared_share(np.zeros((2, 2)))


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.1, 10), shift=st.floats(-5, 5))
@few
def test_agreement_sees_through_scale_and_shared_part_but_not_through_order(seed, scale, shift):
    table = random((20, 8), seed)
    assert positions.agreement(table, scale * table + shift) == pytest.approx(1)
    assert positions.agreement(table, -table) == pytest.approx(-1)
    assert abs(positions.agreement(table, table[::-1].copy())) < 0.9


def test_agreement_by_hand_and_refused():
    one, other = np.array([[1.0, 0], [-1, 0]]), np.array([[1.0, 1], [-1, -1]])
    assert positions.agreement(one, other) == pytest.approx(np.sqrt(0.5))
    with pytest.raises(ValueError, match="shape"):
        positions.agreement(one, other[:1])
    with pytest.raises(ValueError, match="all equal"):
        positions.agreement(one, np.ones((2, 2)))


def test_a_curve_by_hand():
    cosines = np.array([[1, 0.5, 0.2, 0], [0.5, 1, 0.4, 0.2], [0.2, 0.4, 1, 0.6], [0, 0.2, 0.6, 1]])
    row = positions.by_distance(cosines, (2, 2), "row")
    np.testing.assert_array_equal(row.distance, [0, 1])
    np.testing.assert_allclose(row.mean, [1, (0.5 + 0.6) / 2])
    column = positions.by_distance(cosines, (2, 2), "column")
    np.testing.assert_allclose(column.mean, [1, 0.2])
    anywhere = positions.by_distance(cosines, (2, 2))  # the diagonals, 1.41 apart, round to 1
    np.testing.assert_array_equal(anywhere.pairs, [4, 12])
    np.testing.assert_allclose(anywhere.mean[1], cosines[~np.eye(4, dtype=bool)].mean())


@given(rows=st.integers(1, 5), columns=st.integers(1, 5), seed=st.integers(0, 999))
@few
def test_a_curve_counts_every_pair_once(rows, columns, seed):
    cosines = positions.similarity(random((rows * columns, 5), seed))
    curve = positions.by_distance(cosines, (rows, columns))
    assert curve.pairs.sum() == cosines.size
    np.testing.assert_allclose((curve.mean * curve.pairs).sum(), cosines.sum(), atol=1e-9)
    assert positions.by_distance(cosines, (rows, columns), "row").pairs.sum() == rows * columns**2


@pytest.mark.parametrize(("grid", "direction"), [((2, 3), "any"), ((2, 2), "diagonal")])
def test_a_curve_of_another_grid_or_direction_is_refused(grid, direction):
    # beartype refuses an unknown direction before we do, which is as good.
    with pytest.raises(Exception, match=r"grid|direction"):
        positions.by_distance(np.eye(4), grid, direction)


# Taking apart


def test_components_by_hand():
    table = np.array([[5.0, 1], [-3, 1], [1, 2], [1, 0]])
    found = positions.components(table, 2)
    np.testing.assert_allclose(found.scores, [[4, -4, 0, 0], [0, 0, 1, -1]], atol=1e-12)
    np.testing.assert_allclose(found.share, [32 / 34, 2 / 34])
    np.testing.assert_allclose(found.centre, [1, 1])


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(5, 15))
@few
def test_all_components_together_are_the_table(seed, rows):
    table = random((rows, 4), seed)
    found = positions.components(table, 4)
    np.testing.assert_allclose(found.scores.T @ found.axes + found.centre, table, atol=1e-9)
    assert found.share.sum() == pytest.approx(1)
    assert (np.diff(found.share) <= 1e-12).all()
    assert (found.scores.max(axis=1) >= -found.scores.min(axis=1) - 1e-9).all()
    np.testing.assert_allclose(found.score(table, 2), found.scores[2], atol=1e-9)


@pytest.mark.parametrize(("table", "count"), [(random((5, 3)), 4), (np.ones((5, 3)), 1)])
def test_components_that_are_not_there_are_refused(table, count):
    with pytest.raises(ValueError, match="components"):
        positions.components(table, count)


def test_colours_are_grey_at_zero_and_full_at_the_largest():
    scores = np.array([[0.0, 2, -2], [0, -1, 0.5], [0, 3, 0]])
    np.testing.assert_array_equal(
        positions.as_rgb(scores), [[128, 128, 128], [255, 0, 255], [0, 191, 128]]
    )
    with pytest.raises(ValueError, match="zeros"):
        positions.as_rgb(np.zeros((3, 4)))


# In place of the learned positions

OWN = random((6, 8), 7).astype(np.float32)
GRID = (2, 3)


@pytest.mark.parametrize("kind", sorted({*ablation.REPLACEMENTS} - {"transposed"}))
def test_a_replacement_has_the_same_shape_and_the_own_table_stays(kind):
    before = OWN.copy()
    table = ablation.replaced(OWN, GRID, kind)
    assert (table.shape, table.dtype) == (OWN.shape, OWN.dtype)
    np.testing.assert_array_equal(OWN, before)
    assert np.array_equal(table, OWN) == (kind == "own")


@given(seed=st.integers(0, 2**32 - 1))
@few
def test_shuffling_keeps_every_position(seed):
    shuffled = ablation.replaced(OWN, GRID, "shuffled", seed)
    assert sorted(map(tuple, shuffled)) == sorted(map(tuple, OWN))


def test_moved_positions_by_hand():
    np.testing.assert_array_equal(ablation.replaced(OWN, GRID, "mirrored"), OWN[[2, 1, 0, 5, 4, 3]])
    square = OWN[:4]
    np.testing.assert_array_equal(
        ablation.replaced(square, (2, 2), "transposed"), square[[0, 2, 1, 3]]
    )
    assert not ablation.replaced(OWN, GRID, "none").any()
    np.testing.assert_allclose(ablation.replaced(OWN, GRID, "same")[4], OWN.mean(axis=0))


@pytest.mark.parametrize("kind", ["sinusoid", "sincos"])
def test_a_formula_is_as_long_as_the_own_table_and_points_its_own_way(kind):
    table = ablation.replaced(OWN, GRID, kind)
    assert np.linalg.norm(table, axis=1).mean() == pytest.approx(
        np.linalg.norm(OWN, axis=1).mean(), rel=1e-6
    )
    formula = ablation.formula(GRID, 8, kind)
    np.testing.assert_allclose(
        positions.similarity(table), positions.similarity(formula), atol=1e-6
    )


@pytest.mark.parametrize(
    ("grid", "kind", "words"),
    [((2, 2), "none", "grid"), (GRID, "transposed", "square"), (GRID, "rotary", "rotary")],
)
def test_a_replacement_that_cannot_be_is_refused(grid, kind, words):
    with pytest.raises(Exception, match=words):
        ablation.replaced(OWN, grid, kind)


def test_zeros_have_no_length_to_match():
    with pytest.raises(ValueError, match="zeros"):
        ablation.matched(np.zeros((2, 3)), np.ones((2, 3)))


def test_the_naive_way_takes_rows_in_order_and_starts_over():
    np.testing.assert_array_equal(ablation.cut_or_repeated(OWN, (1, 4)), OWN[:4])
    np.testing.assert_array_equal(
        ablation.cut_or_repeated(OWN, (2, 4)), OWN[[0, 1, 2, 3, 4, 5, 0, 1]]
    )
    with pytest.raises(ValueError, match="rows and columns"):
        ablation.cut_or_repeated(OWN, (0, 4))


# The picture at another size


def test_a_flat_picture_stays_flat_at_any_size():
    picture = np.full((30, 30, 3), 90, np.uint8)
    small = regrid.squeezed(picture, (8, 20))
    assert small.shape == (8, 20, 3)
    assert (small == 90).all()
    with pytest.raises(ValueError, match="at least 1"):
        regrid.squeezed(picture, (0, 3))


def test_normalising_by_hand():
    picture = np.array([[[255, 0, 51]]], np.uint8)
    values = regrid.normalised(picture, (0.5, 0.5, 0.2), (0.5, 0.25, 1.0))
    np.testing.assert_allclose(values[0, :, 0, 0], [1, -2, 0], atol=1e-6)
    with pytest.raises(ValueError, match="std > 0"):
        regrid.normalised(picture, (0, 0, 0), (1, 0, 1))


# Figures


def test_every_kind_is_a_line_of_its_means():
    curve = positions.by_distance(np.eye(4), (2, 2))
    figure = position_figures.by_distance({"learned": curve, "1-D": curve})
    assert [line.name for line in figure.data] == ["learned", "1-D"]
    np.testing.assert_array_equal(figure.data[1].y, curve.mean)
    with pytest.raises(ValueError, match="colours"):
        position_figures.by_distance(dict.fromkeys("abcd", curve))


def test_answers_are_percentages_by_class_and_way():
    figure = position_figures.answers(["cat", "dog"], {"before": np.array([0.8, 0.1])})
    np.testing.assert_allclose(figure.data[0].x, [80, 10])
    with pytest.raises(ValueError, match="share for each"):
        position_figures.answers(["cat"], {"before": np.array([0.8, 0.1])})


def test_distances_before_and_after_are_means_of_the_heads():
    before, after = np.arange(6.0).reshape(3, 2), np.ones((3, 2))
    figure = position_figures.distance_before_after(before, after, even=7.0, names=("a", "b"))
    np.testing.assert_array_equal(figure.data[1].y, [0.5, 2.5, 4.5])
    assert figure.layout.shapes[0].y0 == 7.0
    with pytest.raises(ValueError, match="same heads"):
        position_figures.distance_before_after(before, after[:2], even=7.0, names=("a", "b"))


def test_the_chosen_verdict_stands_out():
    figure = position_figures.verdicts(
        ["own", "none"], np.array([0.5, 0.1]), ["cat", "cup"], 1, "x"
    )
    assert list(figure.data[0].text) == ["cat", "cup"]
    colours = figure.data[0].marker.color
    assert colours[1] == position_figures.ACCENT != colours[0]
    with pytest.raises(ValueError, match="answers"):
        position_figures.verdicts(["own"], np.array([0.5]), [], 0, "x")


# Frames for the browser


def packed(cosines):
    kinds = [Kind("learned", "Learned", "its own", cosines), Kind("none", "None", "zeros", None)]
    return wire.pack_board(kinds, picture_jpeg=b"jpeg!", picture_size=(9, 9), grid=(2, 2))


@given(seed=st.integers(0, 2**32 - 1))
@few
def test_a_board_brings_cosines_to_half_a_step(seed):
    cosines = np.stack([positions.similarity(random((4, 3), seed))] * 2)
    header, start = wire.unpack(packed(cosines))
    assert [kind["empty"] for kind in header["kinds"]] == [False, True]
    numbers = np.frombuffer(packed(cosines), "<i2", 32, start + 8).reshape(2, 4, 4)
    np.testing.assert_allclose(numbers / wire.ONE, cosines, atol=0.5 / wire.ONE + 1e-12)


def test_a_view_changes_neither_numbers_nor_name_of_a_board():
    frame = packed(np.zeros((2, 4, 4)))
    viewed = wire.with_view(frame, {"kind": "none"})
    header, start = wire.unpack(viewed)
    plain, before = wire.unpack(frame)
    assert header == {**plain, "view": {"kind": "none"}}
    assert viewed[start:] == frame[before:]


def test_boards_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="of 4 patches"):
        packed(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match="-1 to 1"):
        packed(np.full((2, 4, 4), 1.5))
    with pytest.raises(ValueError, match="cut short"):
        wire.unpack(packed(np.zeros((2, 4, 4)))[:9])


def test_maps_keep_their_numbers_and_may_differ_in_grid():
    values, colour = random((2, 3)).astype(np.float32), np.full((1, 1, 3), 7, np.uint8)
    frame = wire.pack_maps([Map("a", values), Map("b", colour, "note")], unit="score")
    header, start = wire.unpack(frame)
    assert [one["grid"] for one in header["maps"]] == [[2, 3], [1, 1]]
    np.testing.assert_array_equal(np.frombuffer(frame, "<f4", 6, start).reshape(2, 3), values)
    assert frame[start + 24 :] == b"\x07\x07\x07\x00"


@pytest.mark.parametrize(
    ("maps", "signed", "words"),
    [
        ([], True, "needs maps"),
        ([Map("a", np.array([[np.nan]]))], True, "finite"),
        ([Map("a", np.array([[-1.0]]))], False, "negative"),
    ],
)
def test_maps_that_cannot_be_drawn_are_refused(maps, signed, words):
    with pytest.raises(ValueError, match=words):
        wire.pack_maps(maps, unit="", signed=signed)


def test_the_sinusoid_is_the_one_that_the_transformer_adds():
    from models.transformer import sinusoid

    for length, width, base in ((50, 32, 10000.0), (7, 6, 30.0)):
        theirs = sinusoid(length, width, base).numpy()
        np.testing.assert_allclose(positions.sinusoid(length, width, base), theirs, atol=1e-12)
