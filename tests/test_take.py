"""Taking a view along: scripts with other constants, files of numbers, and the popover itself."""

import csv
import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._ui import cached, canvas, take
from pages._ui.takes import canvas as shown
from tests.test_pages import PAGES, png, start
from viz_core.take import files, script

SOURCE = '''"""A script."""

NAME = "a # b"  # a note with "quotes" and a # in it
COUNT = 3
PLACES = (1, 2)  # row by row

numbers = {
    "many": [COUNT]
    + list(PLACES),  # (place,): how many
    "one": COUNT,  # a single number
}
'''


def constants(text):
    found = {}
    exec(compile(text, "script", "exec"), found)
    return found["NAME"], found["COUNT"], found["PLACES"]


def test_constants_are_replaced_and_their_comments_stay():
    text = script.filled(SOURCE, {"COUNT": 5, "NAME": "c"})
    assert constants(text) == ("c", 5, (1, 2))
    assert 'NAME = "c"  # a note with "quotes" and a # in it\n' in text
    assert script.filled(SOURCE, {}) == SOURCE


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
        st.none(), st.lists(st.one_of(st.text(), st.integers())).map(tuple),
    )
)  # fmt: skip
def test_any_plain_value_reads_back_as_itself(value):
    name, _, places = constants(script.filled(SOURCE, {"NAME": value}))
    assert name == value
    assert type(name) is type(value)
    assert places == (1, 2)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"OTHER": 1}, "no constant OTHER"), ({"COUNT": float("nan")}, "no plain literal")],
)
def test_unknown_constants_and_what_is_no_literal_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        script.filled(SOURCE, values)


def test_notes_of_numbers_are_read_even_from_the_end_of_several_lines():
    assert script.notes(SOURCE) == {"many": "(place,): how many", "one": "a single number"}
    with pytest.raises(ValueError, match="no dictionary numbers"):
        script.notes("COUNT = 1\n")


def test_what_is_handed_out_runs_from_any_folder_and_must_end_as_scripts_do(tmp_path):
    home, away = tmp_path / "saccade", tmp_path / "Downloads"
    home.mkdir()
    away.mkdir()
    (home / "models.py").write_text("COUNT = 3\n")
    text = '"""A script."""\n\nimport numpy as np\n\nimport models\n\n'
    text += f'numbers = {{"many": np.arange(models.COUNT)}}\n{script.SAVED}\n'
    file = away / "saccade-x.py"
    file.write_text(script.handed_out(text, "saccade-x"), encoding="utf-8")
    assert file.read_text().startswith("# Put this file into Saccade's folder and run ")
    done = subprocess.run(
        [sys.executable, str(file)], cwd=home, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Written: saccade-x.npz\n  many (3,)\n"
    assert np.load(home / "saccade-x.npz")["many"].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="a script ends with"):
        script.handed_out(SOURCE, "saccade-x")


def test_a_long_setting_is_counted_in_a_file_of_numbers():
    view = take.Take("x", "a view", {}, "swin_cost", {"A": (1, 2), "B": tuple(range(197))})
    assert view.about.endswith("Settings: A=(1, 2), B: 197 values, see the script")


NUMBERS = {
    "map": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
    "stack": np.random.default_rng(1).normal(size=(2, 3, 4)),
    "line": np.arange(5),
    "words": np.array(["a, b", 'say "c"']),
    "one": np.array(0.1),
    "two": np.array(7),
}
NOTES = {"map": "(row, column): metres", "one": "seconds"}


def rows(raw):
    text = raw.decode("utf-8-sig")
    return list(csv.reader(line for line in io.StringIO(text) if not line.startswith("#")))


def tables():
    with zipfile.ZipFile(io.BytesIO(files.sheets(NUMBERS, "A view\nof a test", NOTES))) as archive:
        return {name.removesuffix(".csv"): archive.read(name) for name in archive.namelist()}


def test_a_sheet_of_each_array_gives_back_its_very_numbers():
    found = tables()
    assert set(found) == {"map", "stack", "line", "words", "single_numbers"}
    header, *body = rows(found["map"])
    assert header == ["row", "column 0", "column 1", "column 2", "column 3"]
    back = np.array([[np.float32(cell) for cell in row[1:]] for row in body])
    np.testing.assert_array_equal(back, NUMBERS["map"])
    header, *body = rows(found["stack"])
    assert header[:3] == ["axis 0", "axis 1", "axis 2 0"]
    for first, second, *cells in body:
        given = [float(cell) for cell in cells]
        np.testing.assert_array_equal(given, NUMBERS["stack"][int(first), int(second)])
    assert rows(found["line"])[1:] == [[str(k), str(k)] for k in range(5)]
    assert [row[1] for row in rows(found["words"])[1:]] == NUMBERS["words"].tolist()
    assert rows(found["single_numbers"])[1:] == [["one", "0.1", "seconds"], ["two", "7", ""]]


def test_a_sheet_says_what_it_is_and_how_it_counts():
    text = tables()["map"].decode("utf-8-sig")
    assert text.startswith("# A view\r\n# of a test\r\n# map (row, column): metres\r\n")
    assert "# Rows and columns count from 0.\r\n" in text


def test_one_array_alone_is_one_file():
    assert files.kind({"map": NUMBERS["map"]}) == "csv"
    assert len(rows(files.sheets({"map": NUMBERS["map"]}, "A view", NOTES))) == 4
    assert files.kind({"one": NUMBERS["one"], "two": NUMBERS["two"]}) == "csv"
    assert files.kind(NUMBERS) == "zip"


def test_an_npz_holds_every_array_and_a_text_about_them():
    with np.load(io.BytesIO(files.npz(NUMBERS, "A view"))) as saved:
        assert str(saved["about"]) == "A view"
        assert set(saved) == {*NUMBERS, "about"}
        for name, array in NUMBERS.items():
            np.testing.assert_array_equal(saved[name], array)
            assert saved[name].dtype == array.dtype
    with pytest.raises(ValueError, match="called about"):
        files.npz({"about": NUMBERS["map"]}, "A view")


HOSTILE = [
    None, 3, [], "x", {"views": 3}, {"views": {"canvas": [1]}},
    {"views": {"canvas": {"layer": -1, "head": 99, "reading": "<b>", "pins": [999, "x"]}}},
    {"views": {"canvas": {"layer": True, "head": 1.5, "reading": 4, "pins": 7, "residual": "a"}}},
    {"views": {"canvas": {"layer": None, "pins": [-1], "residual": 2}}},
]  # fmt: skip


@pytest.mark.parametrize("told", HOSTILE)
def test_whatever_a_browser_tells_of_a_canvas_a_view_comes_out(told, monkeypatch):
    monkeypatch.setattr(take.st, "session_state", {take.KEY: told})
    known = canvas.CanvasState(layer=2, head=1, reading="mean", residual=0.25)
    assert shown.shown(known, 6, 5, 197) == known


def test_what_a_browser_tells_of_a_canvas_is_taken(monkeypatch):
    told = {"layer": 4, "head": 0, "reading": "rollout", "pins": [3, 7], "residual": 0.75}
    monkeypatch.setattr(take.st, "session_state", {take.KEY: {"views": {"canvas": told}}})
    now = shown.shown(canvas.CanvasState(), 6, 5, 197)
    assert (now.layer, now.head, now.reading, now.pins) == (4, 0, "rollout", (3, 7))
    assert now.residual == 0.75


def opened(page, **query):
    """A page with its popover open."""
    app = start(page, **query)
    app.session_state["take"] = True
    app.run()
    assert not app.exception
    return app


def code(app):
    return next(one.value for one in app.get("code") if "np.savez" in one.value)


def buttons(app):
    return [one.proto.label for one in app.get("download_button")]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_the_popover_and_computes_nothing_for_it_until_it_is_opened(
    page, monkeypatch
):
    asked = []
    monkeypatch.setattr(take, "_contents", asked.append)
    app = start(page)
    labels = [one.proto.popover.label for one in app.get("popover")]
    assert labels.count("Take it with you") == 1
    assert asked == []


def test_the_open_popover_offers_numbers_and_the_script_of_this_picture():
    app = opened("attention", sample="turtle", layer="1", head="2")
    assert {"CSV", "NPZ", "Script"} <= set(buttons(app))
    assert 'PICTURE = "assets/gallery/turtle.jpg"\n' in code(app)
    assert "LAYER = 1  # from 0\nHEAD = 2  # from 0\n" in code(app)


def test_the_files_are_made_on_a_click_by_a_thread_without_a_session(monkeypatch):
    made = {}
    monkeypatch.setattr(take, "_download", lambda label, data, *_: made.update({label: data}))
    opened("attention", sample="turtle")
    key = cached.sample("turtle")[0]
    with zipfile.ZipFile(io.BytesIO(made["CSV"]())) as archive:
        assert f"# SHA-256 of the picture's file: {key}\r\n".encode() in archive.read("logits.csv")
    with np.load(io.BytesIO(made["NPZ"]())) as saved:
        about = str(saved["about"])
        assert saved["attention"].shape == (197, 197)
    assert key in about
    assert "NETWORK='vit_nano_patch4_56'" in about
    assert made["Script"]().decode() in about


def test_ones_own_picture_is_called_so_and_its_name_stays_out_of_the_script():
    app = start("attention")
    app.file_uploader(key="upload").upload('my "dog".png', png(), "image/png").run()
    app.session_state["take"] = True
    app.run()
    assert not app.exception
    line = 'PICTURE = "your picture.png"  # put the path of your own picture here\n'
    assert line in code(app)
    assert "dog" not in code(app)
