"""The page "Regions" as a script: what the browser is sent, asks for, and may not ask for."""

from itertools import pairwise

import numpy as np
import pytest

from models import weights
from models.catalog import CATALOG, DEFAULT
from models.labels import names as class_names
from pages._ui import cached, regions_stage, regions_tries
from pages._ui.cached import convnext, swin
from pages._ui.cached import regions as kept
from pages._ui.cached.regions import Graph, Shown
from tests.test_channels_wire import opened
from tests.test_pages import said, start
from viz_core import cuts, regions
from viz_core.probe import tokens
from viz_core.regions import Grouped
from viz_core.segment import wire

pytestmark = pytest.mark.usefixtures("one_thread")
HERE = [name for name, entry in CATALOG.items() if weights.is_local(entry)]
READS = {"vit": "class token", "mae": "class token", "swin": "window rollout"}


def sent(app):
    """Messages of the component on the page, by their kind: header and parts."""
    found = [
        opened(one.proto.bytes)
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_segment"
    ]
    return {header["kind"]: (header, parts) for header, parts in found}


def groupings(header, parts, table, places):
    """Labels of a table of the header, one row a count."""
    size = len(table["counts"]) * places
    flat = np.frombuffer(parts["labels"], np.uint8, size, table["at"])
    return flat.reshape(-1, places)


def tell(app, **state):
    """As the browser does: keep this state of the component, and run."""
    app.session_state[regions_stage.KEY] = state
    app.run()
    assert not app.exception
    return sent(app)


def use(app, network, sample="dog"):
    app.session_state[regions_stage.KEY] = {}
    app.selectbox(key="sample").select(sample)
    app.selectbox(key="model").select(network).run()
    assert not app.exception
    return sent(app)


@pytest.fixture(scope="module")
def app():
    return start("regions")


def test_all_groupings_of_all_layers_are_sent_once_and_are_what_k_means_finds(app):
    assert said(app) == ""
    found = sent(app)
    assert found.keys() == {"stage", "cut"}
    header, parts = found["stage"]
    assert sum(len(part) for _, all_parts in found.values() for part in all_parts.values()) < 2**20
    assert [layer["name"] for layer in header["layers"]] == [f"layer {k}" for k in range(1, 7)]
    assert [one["grid"] for one in header["surfaces"]] == [[14, 14]]
    key, raw = cached.sample("cat")
    levels = kept.look(DEFAULT, key, raw).levels
    for level, layer in zip(levels, header["layers"], strict=True):
        assert layer["counts"] == list(range(2, 13))
        rows = groupings(header, parts, layer, 196)
        groups = kept.clusters.groupings(level.tokens)
        for own, row, score in zip(groups.labels, rows, groups.silhouettes, strict=True):
            assert regions.adjusted_rand(own, row) == 1
            assert layer["whole"][int(row.max()) - 1] == pytest.approx(score, abs=1e-3)
    colours = np.frombuffer(parts["colours"], np.uint8).reshape(196, 3)
    pixels = swin.prepared(DEFAULT, key, raw).pixels[0, :, :4, :4]
    np.testing.assert_allclose(colours[0], 127.5 + 127.5 * pixels.mean(axis=(1, 2)), atol=1)


def test_cuts_are_those_of_the_graph_and_say_what_they_cost(app):
    header, parts = sent(app)["cut"]
    key, raw = cached.sample("cat")
    level = kept.look(DEFAULT, key, raw).levels[5]
    wanted = cuts.division(cuts.affinity(level.tokens))
    layer = header["layers"][5]
    assert layer["counts"] == list(range(2, cuts.MOST + 1))
    assert layer["costs"] == pytest.approx(wanted.costs.tolist(), abs=1e-4)
    for own, row in zip(wanted.labels, groupings(header, parts, layer, 196), strict=True):
        assert regions.adjusted_rand(own, row) == 1
    front = np.frombuffer(parts["front"], np.uint8).reshape(6, 196)
    np.testing.assert_array_equal(front[5], wanted.labels[0])
    vectors = np.frombuffer(parts["vectors"], np.int8).reshape(6, wire.VECTORS, 196)
    near = vectors[5] / 127 * np.array(layer["tops"])[:, None]
    np.testing.assert_allclose(near, wanted.vectors[: wire.VECTORS], atol=0.005 * near.max())


def test_another_graph_is_cut_anew_and_nonsense_is_not(app):
    keys = {"keys": True, "threshold": 0.4, "centred": False}
    assert tell(app, graph=keys)["cut"][0]["graph"] == keys
    usual = {"keys": False, "threshold": 0.2, "centred": True}
    for wrong in ({"threshold": 7}, {"threshold": "high"}, "none", None):
        assert tell(app, graph=wrong)["cut"][0]["graph"] == usual


@pytest.mark.parametrize("way", ["clusters", "cut", "colours", "attention"])
def test_the_network_answers_for_every_region_alone_and_taken_away(app, way):
    found = use(app, DEFAULT)
    of = found["stage"][0]["of"]
    asked = {"of": of, "way": way, "layer": 5, "count": 3, "head": 5, "share": 0.6, "key": "k"}
    header, _ = tell(app, asked=asked)["answers"]
    assert (header["key"], header["of"]) == ("k", of)
    key, raw = cached.sample("dog")
    shown = Shown(way, 5, 3) if way != "attention" else Shown(way, 5, head=5, share=0.6)
    labels, grid = kept.labels(DEFAULT, key, raw, shown)
    assert len(header["rows"]) == int(labels.max()) + 1 == (2 if way == "attention" else 3)
    image = swin.prepared(DEFAULT, key, raw).pixels
    inside = labels.reshape(grid).repeat(4, axis=0).repeat(4, axis=1) == 1
    both = np.where(np.stack([inside, ~inside])[:, None], image, np.float32(0))
    logits = tokens.logits(cached.network(DEFAULT), np.concatenate([image, both]))
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    names, row, whole = class_names(CATALOG[DEFAULT].labels), header["rows"][1], logits[0].argmax()
    assert row["whole"][0][0] == names[whole]
    assert row["only"][0] == [names[logits[1].argmax()], pytest.approx(shares[1].max(), abs=1e-4)]
    assert row["without"][0][0] == names[logits[2].argmax()]
    assert row["only_share"] == pytest.approx(shares[1, whole], abs=1e-4)
    assert row["without_share"] == pytest.approx(shares[2, whole], abs=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"of": "another picture"}, {"way": "guess"}, {"layer": 99}, {"layer": -1}, {"count": 13},
        {"count": 1}, {"layer": "last"}, {"key": None}, {"way": "attention", "head": 9},
        {"way": "attention", "layer": 6}, {"way": "attention", "share": 2}, {"layer": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_questions_that_make_no_sense_are_not_answered(app, wrong):
    of = use(app, DEFAULT)["stage"][0]["of"]
    good = {"of": of, "way": "clusters", "layer": 5, "count": 3, "head": 0, "share": 0.6, "key": ""}
    assert "answers" in tell(app, asked=good)
    assert "answers" not in tell(app, asked={**good, **wrong})
    assert said(app) == ""


@pytest.mark.parametrize("name", HERE)
def test_every_network_that_is_here_falls_into_regions(app, name):
    found = use(app, name)
    header, parts = found["stage"]
    cut, _ = found["cut"]
    entry = CATALOG[name]
    assert said(app) == ""
    assert header["title"] == entry.title
    assert len(header["layers"]) == len(cut["layers"])
    assert all(2 in layer["counts"] for layer in (*header["layers"], *cut["layers"]))
    assert header["names_classes"] == bool(entry.labels)
    has_attention = entry.architecture not in ("convnext", "resnet")
    assert header["keys"] == bool(header["looks"]) == has_attention
    if entry.architecture == "compact":
        assert header["reads"] in ("class token", "sequence pooling")
    else:
        assert header["reads"] == READS.get(entry.architecture, "")
    maps = sum(len(one["names"]) for one in header["looks"])
    places = {header["surfaces"][one["surface"]]["grid"][0] for one in header["looks"]}
    assert len(parts["shares"]) == 4 * maps * sum(side * side for side in places)


@pytest.mark.parametrize("item", regions_tries.SUGGESTIONS, ids=lambda item: item.label)
def test_every_suggestion_opens_its_view(app, item):
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    view = sent(app)["stage"][0]["view"]
    assert item.state[regions_stage.ASKED].items() <= view.items()
    assert view["serial"] > 0
    assert app.selectbox(key="sample").value == item.sample
    assert not item.network or app.selectbox(key="model").value == item.network


def test_a_link_opens_its_view():
    view = {"way": "attention", "layer": "3", "regions": "5"}
    opening = sent(start("regions", **view))["stage"][0]["view"]["opening"]
    assert (opening["way"], opening["layer"], opening["count"]) == ("attention", 3, 5)
    assert opening["chosen"]


@pytest.mark.parametrize(("layer", "count"), [("-1", "many"), ("6", "13"), ("99", "1")])
def test_what_of_a_link_is_not_here_is_said_once_and_leaves_the_address(layer, count):
    app = start("regions", way="guess", layer=layer, regions=count, sample="dog")
    assert sent(app)["stage"][0]["view"]["opening"] == regions_stage.OPENING
    assert said(app) == (
        "This link names a way and a layer and a number of regions that is not here; "
        "you see the default instead."
    )
    assert not {"way", "layer", "regions"} & set(app.query_params)
    app.run()
    assert "This link" not in said(app)


def test_missing_weights_are_said_and_the_text_stays(monkeypatch):
    monkeypatch.setattr(convnext, "here", lambda name: False)
    app = start("regions")
    assert [one.value for one in app.error] == [
        f"The weights of {CATALOG[DEFAULT].title} are missing from assets/weights."
    ]
    assert not sent(app)


def test_regions_keep_their_number_from_layer_to_layer_and_from_way_to_way():
    key, raw = cached.sample("dog")
    by_tokens, _ = kept.grouped(DEFAULT, key, raw)
    by_cut = kept.cut_groups(DEFAULT, key, raw, Graph())
    between = [(one.labels[1] == other.labels[1]).mean() for one, other in pairwise(by_tokens)]
    across = [
        (one.labels[0] == other.labels[0]).mean()
        for one, other in zip(by_tokens, by_cut, strict=True)
    ]
    assert min(between) > 0.6
    assert min(across) > 0.5


def test_a_picture_without_regions_is_packed_as_such():
    none = Grouped((), np.zeros((0, 4), np.uint8), (), ())
    header, parts = opened(wire.pack_cuts([None], [none], of="x"))
    assert header["layers"] == [{"at": 0, "counts": [], "whole": [], "each": []}]
    assert parts == {"labels": b"", "front": b"", "vectors": b""}
    with pytest.raises(ValueError, match="1 divisions and 0 groupings"):
        wire.pack_cuts([None], [])
