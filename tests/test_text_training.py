"""Training of text networks: data, batches, dropouts, the whole command on a toy set."""

import csv
import dataclasses
import json
import lzma

import pytest
import torch

from models import text_weights, weights
from models.text_compact import TextCompact, TextConfig
from models.text_data import Vocabulary
from models.training import text, text_train
from models.training.text_recipes import RECIPES, TextRecipe
from models.training.text_sets import AG_NEWS, SETS, TREC, Sentences, encoded, padded, read

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = TextRecipe(
    data="trec",
    config=TextConfig(length=8, word_width=12, width=16),
    held_out=8,
    entries=60,
    epochs=12,
    batch=8,
    learning_rate=1e-2,
    muon=2e-2,
    word_dropout=0.0,
    embedding_dropout=0.1,
    dropout=0.0,
    ema=0.8,
)
ASKED = {"HUM": "who is {}", "LOC": "where is {}", "NUM": "how many {}", "DESC": "why does {}"}
THINGS = ["galileo", "the cat", "a river", "oil", "an atom", "mars", "the moon", "a king"]
FINER = (("HUM", "ind"), ("NUM", "date"), ("HUM", "ind"))
ROWS = [
    {"coarse": label, "fine": "x", "text": f"{asked.format(thing)} ?"}
    for thing in THINGS
    for label, asked in ASKED.items()
]


def write(path, rows):
    with lzma.open(path, "wt", encoding="utf8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / TREC.train, ROWS)
    write(tmp_path / TREC.test, ROWS[:12])
    return tmp_path


def test_a_split_is_read_with_the_classes_in_order(folder):
    found = read(folder, TREC.train, TREC)
    assert len(found) == 32
    assert found.texts[1] == "where is galileo ?"
    assert found.labels[:4].tolist() == [3, 4, 5, 1]


def test_finer_classes_are_numbered_where_a_set_has_them(tmp_path):
    rows = [{"coarse": c, "fine": f, "text": "who ?"} for c, f in FINER]
    write(tmp_path / "a.xz", rows)
    found = read(tmp_path, "a.xz", TREC).part(torch.tensor([2, 1]))
    assert found.finer.tolist() == [0, 1]
    assert found.labels.tolist() == [3, 5]
    write(tmp_path / "b.xz", [{"label": "2", "text": "Oil rose"}])
    assert read(tmp_path, "b.xz", AG_NEWS).finer is None


def test_news_is_one_text_or_title_and_description(tmp_path):
    write(tmp_path / "a.xz", [{"label": "2", "text": "Oil rose"}])
    write(tmp_path / "b.xz", [{"label": "1", "title": "Cup", "description": "They won"}])
    assert read(tmp_path, "a.xz", AG_NEWS).texts == ["Oil rose"]
    assert read(tmp_path, "b.xz", AG_NEWS).texts == ["Cup They won"]


@pytest.mark.parametrize("content", [b"no archive", lzma.compress(b"a,b\n1,2\n"), None])
def test_files_of_another_kind_are_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "a.xz").write_bytes(content)
    said = "holds no a.xz" if content is None else "not a file of TREC"
    with pytest.raises(ValueError, match=said):
        read(tmp_path, "a.xz", TREC)


def test_finer_classes_teach_the_network_and_their_head_is_not_kept(folder):
    data = read(folder, TREC.train, TREC)
    assert data.finer is not None
    by_thing = torch.arange(len(data)) // len(ASKED)  # what the coarse classes do not tell apart
    vocabulary = Vocabulary.of(data.texts, 60, 1)
    config = dataclasses.replace(TINY.config, words=len(vocabulary), classes=6)
    recipe = dataclasses.replace(TINY, config=config, finer=1.0)
    taught = Sentences(data.texts, data.labels, by_thing)
    with_finer = text_train.train(recipe, taught, vocabulary, 0).state_dict()
    alone = text_train.train(dataclasses.replace(recipe, finer=0.0), taught, vocabulary, 0)
    nothing_finer = text_train.train(recipe, Sentences(data.texts, data.labels), vocabulary, 0)
    rows = "embedder.embeddings.weight"
    assert with_finer.keys() == alone.state_dict().keys()
    assert not torch.equal(with_finer[rows], alone.state_dict()[rows])
    assert torch.equal(nothing_finer.state_dict()[rows], alone.state_dict()[rows])


def test_every_sentence_is_in_one_batch_with_others_of_its_length():
    rows = [torch.ones(n % 9 + 1, dtype=torch.long) for n in range(70)]
    made = list(text_train.batches(rows, 8, torch.Generator().manual_seed(0)))
    assert sorted(torch.cat(made).tolist()) == list(range(70))
    filled = sum(len(rows[i]) for part in made for i in part)
    assert filled / sum(padded([rows[i] for i in part]).numel() for part in made) > 0.8
    again = list(text_train.batches(rows, 8, torch.Generator().manual_seed(0)))
    assert all(torch.equal(a, b) for a, b in zip(made, again, strict=True))


def test_a_dropped_word_is_read_by_its_ending():
    vocabulary = Vocabulary(("<pad>", "<unk>", "singing", "cat", "~ing"))
    assert text_train.stand_ins(vocabulary).tolist() == [0, 1, 4, 1, 4]
    assert encoded(["cat zzz singing cat"], vocabulary, 3)[0].tolist() == [3, 1, 2]


def test_the_rate_rises_then_falls_to_zero():
    rates = [TINY.rate(share / 20) for share in range(21)]
    assert rates[0] == 0
    assert max(rates) == rates[2] == pytest.approx(1)
    assert rates[-1] == pytest.approx(0)


def test_the_command_trains_measures_and_ships_what_held_out_sentences_prefer(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setitem(RECIPES, "text_cct_trec", TINY)
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    target = shelf / "text_cct_trec.safetensors"
    out = tmp_path / "runs"
    words = ["text_cct_trec", "--data", str(folder), "--out", str(out), "--seeds", "0", "1"]
    record = tmp_path / "kinds.json"
    record.write_text('{"text_vit_trec": {"test": [50.0]}}')
    text.main([*words, "--export", str(target), "--record", str(record)])
    first = target.read_bytes()

    runs = json.loads((out / "run.json").read_text())["runs"]
    best = max(runs, key=lambda run: (run["held_out"]["accuracy"], -run["held_out"]["nats"]))
    assert [run["seed"] for run in runs] == [0, 1]
    noted = json.loads(record.read_text())
    assert noted["text_vit_trec"] == {"test": [50.0]}
    assert noted["text_cct_trec"]["test"] == [round(run["test"]["accuracy"], 2) for run in runs]
    assert noted["text_cct_trec"]["sentences"] == {"held_out": 8, "test": 12}
    assert (out / f"seed_{best['seed']}.safetensors").read_bytes() == first

    monkeypatch.setattr(weights, "FOLDER", shelf)
    loaded = text_weights.load("text_cct_trec")
    test = read(folder, TREC.test, TREC)
    found = text.measured(loaded.model, test, loaded.vocabulary)
    assert found == pytest.approx(best["test"])
    assert loaded.about["accuracy"] == pytest.approx(best["test"]["accuracy"], abs=0.01)
    assert found["accuracy"] > 60
    card = (shelf / "text_cct_trec.safetensors.md").read_text()
    assert f"**{best['test']['accuracy']:.2f} %** of the 12 sentences" in card
    assert "Licence" in card

    task = text.prepared(TINY, folder)
    text.one_seed(task, best["seed"], tmp_path)
    assert (tmp_path / f"seed_{best['seed']}.safetensors").read_bytes() == first


def test_data_that_is_not_there_is_said_in_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        text.main(["text_cct_trec", "--data", str(tmp_path), "--out", str(tmp_path / "runs")])
    assert "holds no trec_train.csv.xz" in capsys.readouterr().err


@pytest.mark.parametrize("name", RECIPES)
def test_shipped_recipes_fit_their_limits(name):
    recipe = RECIPES[name]
    config = recipe.config
    assert recipe.data in SETS
    assert 2 * recipe.entries * config.word_width < 4.5e6  # bytes of the word table in fp16


@pytest.mark.parametrize("finer", [0.0, 1.0])
def test_neither_dropouts_nor_the_finer_head_outlive_the_training(finer):
    data = Sentences([row["text"] for row in ROWS], torch.arange(32) % 4, torch.arange(32) % 7)
    vocabulary = Vocabulary.of(data.texts, 60)
    config = dataclasses.replace(TINY.config, words=len(vocabulary), classes=6)
    recipe = dataclasses.replace(TINY, config=config, epochs=1, finer=finer)
    model = text_train.train(recipe, data, vocabulary, 0)
    assert torch.equal(*[text_train.predict(model, data, vocabulary) for _ in range(2)])
    assert model.state_dict().keys() == TextCompact(config).state_dict().keys()
