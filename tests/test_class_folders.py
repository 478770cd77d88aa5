"""A person's own pictures: what is taken, what is left out, and what is refused in a sentence."""

import io
import re
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import file_of, many_scans, noise, png
from viz_core import class_folders, class_pictures, squeeze
from viz_core.class_folders import FoldersError, find, read

SENTENCE = re.compile(r"[A-Z“\d][^!?\n]{20,170}[^.]\.")


def picture(seed, side=20):
    return file_of(Image.fromarray(noise(seed, side, side)))


def packed(entries, **how):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **how) as archive:
        for name, raw in entries.items():
            archive.writestr(name, raw)
    return buffer.getvalue()


def two(count=10, prefix=""):
    return {
        f"{prefix}{name}/{i}.png": picture(100 * k + i)
        for k, name in enumerate(("cat", "dog"))
        for i in range(count)
    }


def refusal(files):
    with pytest.raises(FoldersError) as caught:
        list(read(files, find(files).members))
    assert SENTENCE.fullmatch(str(caught.value)), caught.value
    return str(caught.value)


def test_the_folder_of_a_picture_is_its_class_however_deep():
    found = find([("mine.zip", packed(two(prefix="data/train/")))])
    assert found.classes == ("cat", "dog")
    assert [member.label for member in found.members] == ["cat"] * 10 + ["dog"] * 10
    assert (found.left_out, found.ignored) == (0, 0)


def test_archives_without_folders_are_classes_and_folders_need_no_archive():
    flat = [(f"{name}.zip", packed({f"{i}.png": b"" for i in range(12)})) for name in "ab"]
    assert find(flat).classes == ("a", "b")
    loose = [(f"mine/{name}/{i}.JPG", b"") for name in "xy" for i in range(10)]
    assert find(loose).classes == ("x", "y")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cats", "cats"),
        ("Größe_2", "Größe 2"),
        ("猫", "猫"),
        ("![x](http:a.b/c)", "x http a.b c"),
        ("**<b>`$x$", "b x"),
        ("a\u202eb\x00c", "a b c"),
        ("x" * 99, "x" * 32),
        ("***", ""),
    ],
)
def test_a_name_is_only_a_name_wherever_it_is_shown(name, shown):
    assert class_folders.plain(name) == shown


def test_what_is_no_picture_is_ignored_and_counted():
    entries = two() | {"cat/notes.txt": b"", "__MACOSX/cat/._1.png": b"", "cat/.hidden.png": b""}
    found = find([("mine.zip", packed(entries))])
    assert (len(found.members), found.ignored) == (20, 3)


def test_pictures_above_the_limit_are_left_out_evenly(monkeypatch):
    monkeypatch.setattr(class_folders, "MOST_PICTURES", 10)
    found = find([(f"{name}/{i:02}.png", b"") for name in "ab" for i in range(20)])
    assert (len(found.members), found.left_out) == (20, 20)
    assert [member.source for member in found.members[:10]] == list(range(0, 20, 2))


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ([], "No pictures"),
        ([("mine.zip", b"nothing of a zip file")], "damaged"),
        ([("mine.zip", packed(two())[:-40])], "damaged"),
        ([("mine.zip", packed(two(9)))], "at least 10"),
        ([("one.zip", packed({f"{i}.png": b"" for i in range(30)}))], "choose 2 to 20"),
        ([(f"{c}/{i}.png", b"") for c in range(21) for i in range(10)], "choose 2 to 20"),
        ([("mine.zip", packed(two() | {"../../etc/1.png": b""}))], "outside"),
        ([("mine.zip", packed(two() | {"/root/1.png": b""}))], "outside"),
        ([("mine.zip", packed(two() | {"C:\\x\\1.png": b""}))], "outside"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(files, part):
    assert part in refusal(files)


def test_an_encrypted_archive_is_refused():
    raw = bytearray(packed(two()))
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    assert "password" in refusal([("mine.zip", bytes(raw))])


def test_a_bomb_is_read_no_further_than_a_picture_may_be_long(monkeypatch):
    monkeypatch.setattr(class_folders, "UPLOAD_BYTES", 50_000)
    bomb = packed(two() | {"cat/bomb.png": bytes(5_000_000)}, compression=zipfile.ZIP_DEFLATED)
    files = [("mine.zip", bomb)]
    sizes = [len(raw) for raw in read(files, find(files).members)]
    assert max(sizes) <= 50_000
    assert sizes.count(0) == 1
    monkeypatch.setattr(class_folders, "MOST_BYTES", 10_000)
    assert "MB; save them smaller" in refusal(files)


def test_an_entry_that_is_damaged_gives_nothing_and_the_others_are_read():
    raw = bytearray(packed(two()))
    start = raw.index(b"\x89PNG")
    raw[start + 30] ^= 255  # its checksum no longer fits
    files = [("mine.zip", bytes(raw))]
    sizes = [len(one) for one in read(files, find(files).members)]
    assert sizes.count(0) == 1


@settings(max_examples=25, deadline=None)
@given(at=st.floats(0, 0.999), patch=st.binary(min_size=1, max_size=12))
def test_an_archive_with_wrong_bytes_is_read_or_refused(at, patch):
    raw = bytearray(packed(two()))
    start = int(at * len(raw))
    raw[start : start + len(patch)] = patch
    files = [("mine.zip", bytes(raw))]
    told = "Fine, all of it could be read."
    try:
        list(read(files, find(files).members))
    except FoldersError as error:
        told = str(error)
    assert SENTENCE.fullmatch(told), told


# --- squares ---


def test_squares_are_the_middle_of_the_picture_and_bad_files_only_gaps():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = (10, 200, 30)
    files = [file_of(Image.fromarray(wide)), b"no picture", picture(1), b"", png(2000, 15, 3)]
    told = []
    first, *rest = squeeze.squares(files, 8, told.append)
    assert (first[2:-2, 2:-2] == (10, 200, 30)).all()
    assert [one is None for one in rest] == [True, False, True, True]
    assert told == [5]


def test_a_file_that_ends_the_worker_costs_only_itself(monkeypatch):
    monkeypatch.setattr(squeeze, "BATCH_FILES", 3)
    files = [picture(1), many_scans(2400, 9000), picture(2), picture(3)]
    found = squeeze.squares(files, 8)
    assert [one is None for one in found] == [False, True, False, False]
    alone = squeeze.squares([files[2]], 8)[0]
    assert (found[2] == alone).all()


def test_a_worker_that_lies_gives_no_picture_and_one_that_does_not_start_is_ours(monkeypatch):
    lie = f"import sys; sys.stdout.buffer.write({struct.pack('<B', 0) + bytes(5)!r})"
    monkeypatch.setattr(squeeze, "START", lie)
    assert squeeze.squares([picture(1)], 8) == [None]
    monkeypatch.setattr(squeeze, "START", "import no_such_module")
    with pytest.raises(RuntimeError, match="does not start"):
        squeeze.squares([picture(1)], 8)
    with pytest.raises(ValueError, match="side of 0"):
        squeeze.squares([], 0)


# --- the split ---


def shades(found, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (4, 4, 3), dtype=np.uint8) for _ in found.members]


FOUND = find([(f"{name}/{i}.png", b"") for name in "ab" for i in range(15)])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99))
def test_every_different_picture_is_in_one_part_and_a_fifth_is_held_out(seed):
    squares = shades(FOUND, seed)
    squares[1] = squares[0]  # within a class
    squares[20] = None
    sorted_ = class_pictures.sort(FOUND, squares)
    assert (sorted_.twice, sorted_.unreadable) == (1, 1)
    parts = (sorted_.train, sorted_.held_out)
    assert [np.bincount(part.labels).tolist() for part in parts] == [[11, 11], [3, 3]]
    rows = [one.tobytes() for part in parts for one in part.pictures]
    assert sorted(rows) == sorted({one.tobytes() for one in squares if one is not None})


def test_the_split_depends_on_the_pictures_and_not_on_their_order():
    squares = shades(FOUND)
    one = class_pictures.sort(FOUND, squares)
    other = class_pictures.sort(FOUND, squares[14::-1] + squares[:14:-1])
    assert (one.held_out.pictures == other.held_out.pictures).all()


def test_too_few_readable_pictures_are_refused():
    squares = [*[None] * 6, *shades(FOUND)[6:]]
    with pytest.raises(FoldersError, match="Only 9 different pictures of the class “a”"):
        class_pictures.sort(FOUND, squares)
    with pytest.raises(ValueError, match="30 files, but 2"):
        class_pictures.sort(FOUND, squares[:2])
