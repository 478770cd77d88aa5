"""The shipped text networks, and files that are not what they should be."""

import json

import pytest
import safetensors.torch
import torch

from models import text_weights, weights
from models.tensorfile import WeightsError
from models.text_catalog import TEXTS
from models.text_compact import TextCompact, TextConfig
from models.training.export import note_checksum
from viz_core.probe.text import read

pytestmark = pytest.mark.usefixtures("one_thread")
NAME = "text_cct_trec"
CONFIG = {"words": 4, "length": 6, "word_width": 6, "width": 8, "classes": 2}


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with a tiny text network in place of the shipped one."""
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    described = {
        "config": CONFIG,
        "entries": ["<pad>", "<unk>", "who", "?"],
        "classes": ["person", "place"],
        "about": {"accuracy": 50.0, "test": 2},
    }

    def put(tensors=None, **changes):
        text = json.dumps(described | changes).encode()
        if tensors is None:
            tensors = TextCompact(TextConfig(**CONFIG)).state_dict()
        raw = safetensors.torch.save({k: v.half() for k, v in tensors.items()})
        for name, content in ((f"{NAME}.json", text), (f"{NAME}.safetensors", raw)):
            (tmp_path / name).write_bytes(content)
            note_checksum(tmp_path / name, content)
        return tmp_path

    return put


@pytest.mark.parametrize("name", TEXTS)
def test_the_shipped_network_reads_its_examples(name):
    loaded = text_weights.load(name)
    assert not loaded.model.training
    assert not any(p.requires_grad for p in loaded.model.parameters())
    assert loaded.about["accuracy"] >= 88
    for example in TEXTS[name].examples:
        reading = read(loaded.model, loaded.vocabulary, example)
        assert reading.cut == 0
        assert len(reading.logits) == len(loaded.classes)


def test_halves_become_a_float32_network(shelf):
    shelf()
    loaded = text_weights.load(NAME)
    assert loaded.classes == ("person", "place")
    assert {p.dtype for p in loaded.model.parameters()} == {torch.float32}
    assert read(loaded.model, loaded.vocabulary, "Who?").known.all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entries": ["<pad>", "<unk>", "who"]}, "other numbers of words"),
        ({"classes": ["person"]}, "other numbers of words or classes"),
        ({"entries": ["who", "?", "a", "b"]}, "does not describe"),
        ({"config": {**CONFIG, "colour": 1}}, "does not describe"),
        ({"config": {**CONFIG, "width": 10}}, "does not fit"),
        ({"config": {**CONFIG, "width": 9}}, "does not describe"),
    ],
)
def test_a_description_that_does_not_fit_is_refused_in_a_sentence(shelf, changes, said):
    shelf(**changes)
    with pytest.raises(WeightsError, match=said):
        text_weights.load(NAME)


def test_a_missing_tensor_is_named(shelf):
    tensors = TextCompact(TextConfig(**CONFIG)).state_dict()
    del tensors["classifier.fc.bias"]
    shelf(tensors)
    with pytest.raises(WeightsError, match=r"it lacks classifier\.fc\.bias"):
        text_weights.load(NAME)


@pytest.mark.parametrize("ending", ["json", "safetensors"])
def test_a_changed_file_is_refused(shelf, ending):
    path = shelf() / f"{NAME}.{ending}"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(WeightsError, match="is not what SHA256SUMS says"):
        text_weights.load(NAME)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(WeightsError, match="text_cct_trec"):
        text_weights.load("bert")
