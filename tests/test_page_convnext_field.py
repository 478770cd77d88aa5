"""Steps Kernels and Field of the ConvNeXt page as a script, and what their browsers are sent."""

import dataclasses

import numpy as np
import pytest

from models.catalog import CATALOG
from pages._ui import cached, convnext_field, convnext_kernels
from pages._ui.cached import convnext, field, swin
from tests.test_channels_wire import opened
from tests.test_pages import said, start
from viz_core import convolution, receptive_field
from viz_core.field import wire as field_wire
from viz_core.kernels import wire
from viz_core.prediction import Guess
from viz_core.probe import field as probe
from viz_core.probe import kernels

OWN = convnext_field.OWN
rng = np.random.default_rng(0)


def mounted(app, name):
    """Messages of a component on the page: (header, parts)."""
    return [
        opened(one.proto.bytes)
        for one in app.get("bidi_component")
        if one.proto.component_name == f"saccade_{name}"
    ]


@pytest.fixture(scope="module")
def app():
    return start("convnext", step="Field")


def shown(parts, entry, k):
    """A field of a message as shares, and its three numbers."""
    cells = entry["cells"]
    levels = np.frombuffer(parts["levels"], np.uint8, cells**2, entry["at"] + k * cells**2)
    numbers = np.frombuffer(parts["numbers"], "<f4").reshape(-1, 3)
    return (levels.reshape(cells, cells) / 255.0) ** 2, numbers


def test_the_first_paint_of_the_field_is_its_middle_row_and_the_page_goes_on(app):
    assert said(app) == ""
    ((header, parts),) = mounted(app, "field")
    names = [one["name"] for one in header["networks"]]
    assert names[0] == OWN
    assert set(names) == {OWN, *filter(convnext.here, convnext_field.PEERS)}
    assert {tuple(one["places"]) for one in header["entries"]} == {tuple(range(21, 28))}
    assert any(part.startswith("picture") for part in parts)
    assert app.button(key="try-A corner")
    for network, entry in zip(header["networks"], header["entries"], strict=True):
        assert network["blocks"][entry["depth"]]["side"] in (28, 14, 7)
        place = field.depths(entry["network"])[entry["depth"]]
        key, raw = cached.sample("cat")
        units = network["blocks"][entry["depth"]]["units"]
        seen = probe.gradients(
            cached.network(entry["network"]), swin.prepared(entry["network"], key, raw).pixels,
            place.name, np.array([[units[3], units[5]]]),
        )  # fmt: skip
        mass, numbers = shown(parts, entry, 5)
        expected = receptive_field.shares(seen)[0]
        row = header["entries"].index(entry) * 7 + 5
        np.testing.assert_allclose(mass * numbers[row, 0], expected, atol=expected.max() / 120)
        centres = network["blocks"][entry["depth"]]["centres"]
        centre = (centres[3], centres[5])
        for share, radius in zip((0.5, 0.9), numbers[row, 1:], strict=True):
            assert radius == pytest.approx(receptive_field.radius(expected, centre, share), abs=0.8)


def test_the_browser_gets_the_rest_when_it_asks_for_it(app, monkeypatch):
    monkeypatch.setattr(convnext_field, "PEERS", ("resnet_nano_56",))  # the other two take long
    app.run()
    known = mounted(app, "field")[0][0]["id_of"]
    app.session_state[convnext_field.KEY] = {"asked": {"depth": 1, "channel": 3, "known": known}}
    app.run()
    assert not app.exception
    ((header, _),) = mounted(app, "field")  # another channel is another message
    assert header["id_of"] != known
    assert header["channel"] == 3
    app.session_state[convnext_field.KEY] = {
        "asked": {"depth": 1, "channel": 3, "known": header["id_of"]}
    }
    app.run()
    assert not app.exception
    board, rest, growth = (one for one, _ in mounted(app, "field"))
    assert board["id_of"] == rest["id_of"] == growth["id_of"]
    assert {len(one["places"]) for one in rest["entries"]} == {42}
    assert {one["network"] for one in growth["entries"]} == {n["name"] for n in board["networks"]}
    assert len(growth["entries"]) == convnext_field.STEPS * len(board["networks"])


@pytest.mark.parametrize("asked", [{"depth": 99}, {"channel": 10**6}, {"channel": "x"}, {}])
def test_what_a_browser_may_not_ask_for_becomes_the_opening(app, asked):
    app.session_state[convnext_field.KEY] = {"asked": asked}
    app.run()
    assert not app.exception
    header = mounted(app, "field")[0][0]
    assert (header["opening"], header["channel"]) == (3, "all")


def test_the_mean_of_pictures_weighs_each_alike_and_every_suggestion_runs(app, monkeypatch):
    pictures = (cached.sample("cat"), cached.sample("dog"))
    rows = [field.row(OWN, *one, 0, "all", 3) for one in pictures]
    both = field.averaged(OWN, pictures, 0, "all", 3)
    np.testing.assert_allclose(both.fields, (rows[0].fields + rows[1].fields) / 2, atol=1e-7)
    np.testing.assert_allclose(both.fields.sum(axis=(1, 2)), 1, rtol=1e-4)
    monkeypatch.setattr(field, "AVERAGED", ("cat",))
    app.session_state[convnext_field.KEY] = {"asked": {"average": True, "depth": 1}}
    app.button(key="try-A corner").click().run()
    assert not app.exception
    header = mounted(app, "field")[0][0]
    assert header["view"] == {"depth": 6, "at": [0, 0], "serial": 1}
    assert header["average"] is True


def test_networks_without_weights_are_left_out_and_said(app, monkeypatch):
    real = convnext.here
    gone = "swin_nano_patch2_window7_56"
    monkeypatch.setattr(convnext, "here", lambda name: name != gone and real(name))
    app.session_state[convnext_field.KEY] = {}
    app.run()
    names = [one["name"] for one in mounted(app, "field")[0][0]["networks"]]
    assert gone not in names
    assert any(CATALOG[gone].title in one.value for one in app.caption)


def test_the_wall_of_kernels_is_the_networks_own(app):
    app.segmented_control(key="step").set_value("Kernels").run()
    assert not app.exception
    ((header, parts),) = mounted(app, "kernels")
    model = cached.network(OWN)
    found = kernels.blocks(model)
    banks = [one for one in header["banks"] if one["planes"] == 1]
    assert [(one["stage"], one["block"]) for one in banks] == [(f.stage, f.block) for f in found]
    assert header["banks"][0]["planes"] == 3
    assert len(header["banks"]) == len(banks) + 1 + convnext.here(convnext_kernels.BESIDE)
    key, raw = cached.sample("cat")
    maps = kernels.inputs(model, swin.prepared(OWN, key, raw).pixels)
    for bank, one, given in zip(banks, found, maps, strict=True):
        numbers = np.frombuffer(parts["numbers"], "<f4", offset=bank["numbers"])
        levels = np.frombuffer(parts["levels"], "<i2", one.kernels.size, bank["kernels"])
        tops = numbers[: bank["channels"], None, None]
        back = levels.reshape(one.kernels.shape) * tops / 32767
        np.testing.assert_allclose(back, one.kernels, atol=np.abs(one.kernels).max() / 60000)
        assert (bank["rows"], bank["columns"]) == given.shape[1:]
    assert [one["size"] for one in header["variants"]] == list(convolution.SIZES)
    trained, larger = header["variants"][2], header["variants"][4]
    assert trained["guesses"] == larger["guesses"]  # zeros around a kernel change nothing
    assert {one["likeness"] for one in larger["stages"]} == {1}
    app.button(key="try-The last block").click().run()
    assert mounted(app, "kernels")[0][0]["view"]["last"] is True


def test_a_network_without_depthwise_kernels_gives_way(monkeypatch):
    other = start("convnext", step="Kernels")
    entry = dataclasses.replace(CATALOG[OWN], architecture="resnet")
    monkeypatch.setitem(CATALOG, "another", entry)
    assert not other.exception
    monkeypatch.setattr(convnext, "here", lambda name: name != OWN)
    told = []
    monkeypatch.setattr(convnext_kernels.st, "info", told.append)
    convnext_kernels.show("another")
    assert "no depthwise kernels" in told[0]


def test_messages_refuse_what_does_not_fit():
    bank = wire.Bank(
        "1.1", 0, 0, rng.standard_normal((2, 1, 3, 3)).astype("f"), np.zeros(2, "f"),
        rng.standard_normal((2, 4, 4)).astype("f"), 1, 1,
    )  # fmt: skip
    grey = np.zeros((4, 4), np.uint8)
    variant = wire.Variant(5, (Guess("cat", 0.5),), (np.zeros((2, 2, 3), "f"),))
    told = dict(title="x", picture_jpeg=b"", grey=grey, view={})
    with pytest.raises(ValueError, match="trained size"):
        wire.pack([bank], [variant], own=7, **told)
    header, parts = opened(wire.pack([bank], [variant], own=5, **told))
    assert header["variants"][0]["stages"][0]["likeness"] == 1
    assert len(parts["levels"]) == 2 * (18 + 32)
    with pytest.raises(ValueError, match="biases"):
        wire.pack([dataclasses.replace(bank, bias=np.zeros(3, "f"))], [], own=5, **told)
    with pytest.raises(ValueError, match="finite"):
        wire.fine(np.array([[np.nan]]))
    levels, tops = wire.fine(np.array([[0.5, -1.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(levels, [[16384, -32767], [0, 0]])
    np.testing.assert_array_equal(tops, [1, 0])


def test_fields_of_places_and_their_outlines_fit_their_maps():
    assert field_wire.units(28, 7) == (2, 6, 10, 14, 18, 22, 26)
    assert field_wire.units(7, 7) == tuple(range(7))
    layers = receptive_field.convnext(56, 2, (1,), 7, (0, 0))
    assert field_wire.outline(layers, 28, (0, 10), 56) == [[0, 8], [14, 28]]
    for wrong in ((0, 7), (7, 0)):
        with pytest.raises(ValueError, match="places"):
            field_wire.units(*wrong)
    with pytest.raises(ValueError, match="nowhere"):
        field_wire.outline(layers, 28, (28,), 56)
    one = field_wire.Measured("x", 0, (1,), np.ones((1, 8, 8), "f"), np.ones((2, 2), "f"))
    with pytest.raises(ValueError, match="1 places"):
        field_wire.pack([one], [], parts={})
