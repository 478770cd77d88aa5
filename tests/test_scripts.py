"""Every page offers a script that computes its very numbers: it is run, and they are compared."""

import ast
import importlib
import pkgutil
import runpy
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from models.training.live_config import LiveConfig, Point, Probe, Progress, Trained
from pages._ui import cached, take, workshop
from tests.test_pages import ROOT, start
from viz_core.take import script
from viz_core.unmask import wire

# Page, and what its link asks for: every page and step, and views that ask for other settings.
STEPS = {
    "compact": ["Tokens", "Pooling", "Variants"],
    "compare": ["Panels", "Survive", "Match"],
    "convnext": ["Features", "Kernels", "Field", "Road", "Blocks"],
    "heads": ["Ablate", "Lens", "Norms", "Knockout"],
    "mae": ["Hide", "Why 75 %", "Cost", "Inside", "Guesses", "Learning"],
    "swin": ["Attention", "Pyramid", "Windows", "Mask", "Bias", "Cost"],
}
VIEWS = {
    "start": ("home", {}),
    "attention of another head": ("attention", {"layer": "1", "head": "2", "sample": "taxis"}),
    "attention from zero": ("zero", {}),
    "attention from zero, words": ("zero", {"zero_tokens": "Words", "zero_weights": "Random"}),
    "patches": ("patches", {}),
    "positions": ("positions", {}),
    "train": ("train", {}),
    "training film": ("film", {}),
    "text": ("text", {}),
    "text of another network": ("text", {"network": "text_cct_ag_news"}),
    "why": ("why", {}),
    "why, a compact network": (
        "why",
        {"model": "cct_2_3x2_32", "method": "ablation", "class": "dog", "against": "cat"},
    ),
    **{f"{p}, {step}": (p, {"step": step}) for p, steps in STEPS.items() for step in steps},
    **{f"regions, {way}": ("regions", {"way": way}) for way in ("clusters", "cut", "attention")},
    "regions, colours": ("regions", {"way": "colours", "regions": "5", "layer": "2"}),
}
SCRIPTS = sorted(path.stem for path in script.FOLDER.glob("*.py"))


@pytest.fixture(scope="module", autouse=True)
def one_thread_from_the_start():
    """Page and script in one thread, and nothing from tests that ran in several: equal sums."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    parts = pkgutil.iter_modules(cached.__path__, f"{cached.__name__}.")
    for module in (cached, *(importlib.import_module(part.name) for part in parts)):
        for name, kept in vars(module).items():
            if name != "line" and type(kept).__name__ == "CachedFunc":
                kept.clear()
    yield
    torch.set_num_threads(threads)


@dataclass
class Offered:
    """What a page offered while it ran; its text needs the session of that run."""

    taken: list = field(default_factory=list)

    def __call__(self, _place, make):
        one = make()
        self.taken.append((one, one.source, one.about))


@pytest.fixture
def offered(monkeypatch):
    """Function: page and query -> its take, script and text about it."""
    seen = Offered()
    monkeypatch.setattr(take, "offer", seen)

    def open_page(page, query, state=()):
        app = start(page, **query)
        for name, value in dict(state).items():
            app.session_state[name] = value
        if state:
            app.run()
            assert not app.exception
        return seen.taken[-1]

    return open_page


def run(source, folder, monkeypatch):
    """The numbers of a script that is run in a folder with nothing but the assets."""
    file = folder / "script.py"
    file.write_text(source, encoding="utf-8")
    (folder / "assets").symlink_to(ROOT / "assets")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return runpy.run_path(str(file))["numbers"]


@pytest.mark.parametrize(("page", "query"), VIEWS.values(), ids=VIEWS)
def test_the_script_of_a_view_computes_its_numbers(
    page, query, offered, one_thread, tmp_path, monkeypatch, capsys
):
    taken, source, about = offered(page, query)
    step = query.get("step", "").partition(" ")[0].lower()
    begins = "attention" if page == "home" else page
    assert taken.script == f"{page}_{step}" if step else taken.script.startswith(begins)
    assert taken.says in about
    compared(taken, run(source, tmp_path, monkeypatch))
    with np.load(tmp_path / f"{taken.stem}.npz") as saved:
        assert set(saved) == set(taken.numbers)
    said = capsys.readouterr().out
    assert said.startswith(f"Written: {taken.stem}.npz\n")
    for name, array in taken.numbers.items():
        assert f"  {name} {np.shape(array)}\n" in said


# What was set on a page, and what of it stands in the script.
SET = {
    "positions": (
        "positions", {}, {"positions-kind": "shuffled", "positions-seed": 3},
        'REPLACED = "shuffled"',
    ),
    "zero, two pictures": (
        "zero", {"zero_heads": "4"}, {"zero_cross": True, "zero_scale": False},
        'SECOND = "assets/gallery/dog.jpg"',
    ),
    "zero, typed over": (
        "zero", {"zero_tokens": "Words"},
        {"zero_causal": True,
         "stepper_told": {"serial": 1, "chosen": {},
                          "edits": [["q", "1", 2, 1.5], ["x", "cat#0", 0, -2]]}},
        'EDITS = (("q", 1, 2, 1.5), ("x", 1, 0, -2.0))',
    ),
    "swin bias": (
        "swin", {"step": "Bias"},
        {"swin-relative-kind": "shuffled", "swin-relative-where": "Stage 2, block 1",
         "swin-relative-seed": 2},
        "WHERE = 2",
    ),
    "mae by hand": (
        "mae", {"step": "Hide"},
        {"mae-hide-told": {"strategy": "hand", "seed": 71, "slot": 0, "baseline": "nearest",
                           "serial": 0, "hand": wire.code(np.eye(14, dtype=bool))}},
        'STRATEGY = "hand"',
    ),
    "mae inside the encoder": (
        "mae", {"step": "Inside"},
        {"mae-inside-part": "Encoder", "mae-inside-kind": "Grid", "mae-inside-ratio": 50},
        'HALF = "encoder"',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("page", "query", "state", "line"), SET.values(), ids=SET)
def test_what_is_set_on_a_page_stands_in_its_script(
    page, query, state, line, offered, tmp_path, monkeypatch
):
    taken, source, _ = offered(page, query, state)
    assert line in source
    compared(taken, run(source, tmp_path, monkeypatch))


def compared(taken, found):
    """Fail unless a script found the numbers of a page, all of them."""
    assert set(found) == set(taken.numbers) == set(script.notes(script.text(taken.script)))
    for name, array in taken.numbers.items():
        assert np.asarray(array).dtype.kind in "fiubU"
        if np.asarray(array).dtype.kind == "U":
            assert found[name].tolist() == array.tolist()
            continue
        # The same arithmetic, but libraries may sum in another order where memory lies elsewhere.
        np.testing.assert_allclose(found[name], array, rtol=1e-5, atol=1e-7, err_msg=name)
        assert np.isfinite(array).all() or "NaN" in taken.notes[name]


def test_the_script_of_ones_own_network_reads_the_weights_that_the_page_gives(
    offered, tmp_path, monkeypatch
):
    torch.manual_seed(7)
    config = LiveConfig()
    model = config.recipe().build(10).eval()
    now = Progress(
        step=3, pictures=384, epochs=0.1, seconds=1, share=0.2, left=4, watched="", look=None,
        points=(Point(128, 2.3, 10), Point(384, 2.2, 14)), probes=(Probe(384, 15, 500),), film=(),
    )  # fmt: skip
    mine = Trained(config, "CIFAR-10", tuple("abcdefghij"), model, now)
    monkeypatch.setattr(workshop, "trained", lambda: {"Mine": mine})
    (tmp_path / "cct_2_3x2_32.safetensors").write_bytes(mine.weights())
    taken, source, about = offered("train", {})
    found = run(source, tmp_path, monkeypatch)
    assert "CCT-2/3×2 on CIFAR-10, after 384 pictures" in about
    for name, array in taken.numbers.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-5, atol=1e-7, err_msg=name)
    assert taken.arrays["curve_loss"].tolist() == [2.3, 2.2]
    assert taken.notes["exam_accuracy"] == "(exam,): held-out pictures right, percent"


@pytest.mark.parametrize("stem", SCRIPTS)
def test_a_script_is_short_and_says_what_each_number_is(stem):
    text = script.text(stem)
    assert ast.get_docstring(ast.parse(text))
    after = text.splitlines()[max(script.constants(text).values()) + 1 :]
    assert len([line for line in after if line.strip()]) <= 45
    assert all(script.notes(text).values()), "a number without a word on what it is"
