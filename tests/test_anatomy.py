"""Operations fall into parts and stages, and two networks are told apart operation by operation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz_core import anatomy
from viz_core.anatomy import Op


def op(label, place="", kind="conv", leaving=8, side=4, entering=8, parameters=3, macs=5):
    return Op(
        kind=kind, label=label, place=place, entering=entering, leaving=leaving,
        shape=(1, leaving, side, side), parameters=parameters, macs=macs,
    )  # fmt: skip


FORWARD = (
    op("stem", "conv1"),
    op("ReLU", kind="activation", parameters=0, macs=0),
    op("1×1", "layer1.0.conv1"),
    op("around", "layer1.0.downsample.0"),
    op("add", kind="add", parameters=0, macs=0),
    op("2×2", "stages.1.downsample.1", leaving=16, side=2),
    op("7×7", "stages.1.blocks.0.conv_dw", leaving=16, side=2),
    op("layer scale", "stages.1.blocks.0", kind="scale", leaving=16, side=2),
    op("mean", kind="pool", leaving=16, side=1),
    op("linear", "head.fc"),
)


def test_what_has_no_weights_belongs_to_what_ran_before_it():
    found = anatomy.parts(FORWARD)
    assert [(p.name, len(p.main), len(p.shortcut)) for p in found] == [
        ("stem", 2, 0), ("stage 1, block 1", 2, 1), ("into stage 2", 1, 0),
        ("stage 2, block 1", 2, 0), ("head", 2, 0),
    ]  # fmt: skip
    assert found[1].shortcut[0].label == "around"
    assert (found[1].parameters, found[1].macs) == (6, 10)
    first, second = anatomy.stages(found)
    assert (first.depth, first.width, first.side) == (1, 8, 4)
    assert (second.depth, second.width, second.side, second.parameters) == (1, 16, 2, 9)


def test_sides_are_read_channels_first_and_last():
    assert anatomy.side_of(op("a", leaving=6, side=5)) == 5
    last = Op(kind="norm", label="LN", place="", entering=6, leaving=6, shape=(1, 5, 5, 6),
              parameters=0, macs=0)  # fmt: skip
    assert anatomy.side_of(last) == 5


def test_a_block_that_turns_inside_out_is_resized_and_what_is_left_out_is_gone():
    before = [op("1×1", entering=64, leaving=16), op("BN", kind="norm"), op("3×3")]
    after = [op("1×1", entering=16, leaving=64), op("3×3"), op("GELU", kind="activation")]
    old, new = anatomy.compared(before, after)
    assert old == ["resized", "gone", "same"]
    assert new == ["resized", "same", "new"]


KINDS = st.sampled_from(["conv", "depthwise", "norm", "activation", "add"])


@given(st.lists(KINDS, max_size=8), st.lists(KINDS, max_size=8))
def test_as_many_operations_survive_on_both_sides(one, other):
    old, new = anatomy.compared([op(k, kind=k) for k in one], [op(k, kind=k) for k in other])
    assert len(old) - old.count("gone") == len(new) - new.count("new")
    assert set(anatomy.compared([op(k, kind=k) for k in one], [op(k, kind=k) for k in one])[0]) <= {
        "same"
    }


def test_a_network_without_stages_is_refused():
    with pytest.raises(ValueError, match="without stages"):
        anatomy.stages(anatomy.parts(FORWARD[:2]))
