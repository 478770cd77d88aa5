"""Files made to hurt: each is refused with one plain sentence, or read within the limits."""

import os
import re
import signal
import struct
import subprocess
import sys
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import BLUE, chunk, file_of, many_scans, noise, png, quarters
from viz_core import images
from viz_core.decode_worker import Verdict
from viz_core.images import ImageError, decode

SENTENCE = re.compile(r"[A-Z][^.!?/\\:\n]{20,130}\.")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
FILES = {
    "JPEG": {"quality": 80},
    "PNG": {},
    "WEBP": {},
    "GIF": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_lzw"},
}


def refusal(raw):
    with pytest.raises(ImageError) as caught:
        decode(raw)
    assert SENTENCE.fullmatch(str(caught.value)), caught.value
    return str(caught.value)


def read_or_refused(raw):
    """The picture, or None after a refusal in one plain sentence."""
    sentence = None
    try:
        return decode(raw)
    except ImageError as error:
        sentence = str(error)
    assert SENTENCE.fullmatch(sentence), sentence
    return None


@cache
def ordinary(kind):
    return file_of(Image.fromarray(noise(3, 40, 50)), kind, **FILES[kind])


@cache
def ordinary_pixels(kind):
    return decode(ordinary(kind))


@pytest.mark.parametrize(
    "sentence", [*images.SENTENCES.values(), images.EMPTY, images.TOO_LONG, images.STALLED]
)
def test_a_refusal_is_one_sentence_that_says_what_to_do(sentence):
    assert SENTENCE.fullmatch(sentence)
    assert re.search(r"; .*\b(save|choose|export|crop|try)\b", sentence)


def test_every_verdict_has_its_sentence():
    assert set(images.SENTENCES) == set(Verdict) - {Verdict.FINE} | {-signal.SIGPROF}


# --- damaged ---


@settings(max_examples=20, deadline=None)
@given(kind=st.sampled_from(sorted(FILES)), share=st.floats(0, 0.999))
def test_a_file_cut_short_is_refused_unless_only_padding_is_missing(kind, share):
    whole = ordinary(kind)
    picture = read_or_refused(whole[: int(share * len(whole))])
    assert picture is None or (picture == ordinary_pixels(kind)).all()


@settings(max_examples=20, deadline=None)
@given(
    kind=st.sampled_from(sorted(FILES)),
    share=st.floats(0, 0.999),
    patch=st.binary(min_size=1, max_size=8),
)
def test_a_file_with_wrong_bytes_is_refused_or_read(kind, share, patch):
    raw = bytearray(ordinary(kind))
    start = int(share * len(raw))
    raw[start : start + len(patch)] = patch
    picture = read_or_refused(bytes(raw))
    assert picture is None or (picture.dtype == np.uint8 and max(picture.shape) <= 1536)


def false_length():
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    return SIGNATURE + header + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + bytes(96)


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"", "is empty"),
        (noise(0, 30, 30).tobytes(), "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "damaged"),
        (SIGNATURE, "damaged"),
        (b"RIFF\x20\0\0\0WEBPVP8X" + bytes(20), "damaged"),
        (b"II*\0\x08\0\0\0\xff\xff" + bytes(100), "damaged"),
        (png(2000, 2000, 3, rows=20)[:-24], "damaged"),
        (false_length(), "damaged"),
        (bytes(images.UPLOAD_BYTES + 1), "larger than 12 MB"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_no_whole_picture_is_refused(raw, part):
    assert re.search(part, refusal(raw))


# --- too large, too small ---


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (png(13300, 13300, 1, rows=1), "more than 40 megapixels"),  # 177 million
        (png(6400, 6400, 1, rows=1), "more than 40 megapixels"),  # 41 million
        (png(2**31 - 1, 2**31 - 1, 3, rows=0), "more than 40 megapixels"),
        (png(15, 100, 3), "fewer than 16"),
        (png(16, 321, 3), "more than 20 times"),
        (png(0, 0, 3), "damaged|fewer"),
    ],
)
def test_sizes_outside_the_limits_are_refused_by_the_header(raw, part):
    assert re.search(part, refusal(raw))


def test_a_png_whose_stream_ends_too_early_keeps_the_rows_that_it_has():
    picture = read_or_refused(png(200, 2000, 3, rows=20))
    assert picture is None or not picture.any()


def test_the_smallest_and_narrowest_picture_is_read():
    assert decode(png(16, 320, 3)).shape == (320, 16, 3)


def test_a_webp_that_claims_a_huge_canvas_is_refused():
    clear = Image.new("RGBA", (64, 64), (0, 0, 255, 99))
    raw = bytearray(file_of(clear, "WEBP"))
    raw[24:30] = (16382).to_bytes(3, "little") * 2
    assert "memory" in refusal(bytes(raw))


def test_a_progressive_jpeg_that_must_be_held_whole_is_refused_if_too_large():
    raw = file_of(Image.new("CMYK", (64, 64)), "JPEG", progressive=True)
    frame = raw.index(b"\xff\xc2") + 5
    assert "memory" in refusal(raw[:frame] + struct.pack(">HH", 6200, 6200) + raw[frame + 4 :])


# --- slow ---


def children_seconds():
    return os.times().children_user + os.times().children_system


def test_thousands_of_scans_end_at_the_time_limit():
    raw = many_scans(2400, 9000)
    assert len(raw) < 400_000
    start, used = time.perf_counter(), children_seconds()
    assert re.search("too long|in time", refusal(raw))
    assert children_seconds() - used < 2
    assert time.perf_counter() - start < images.WORKER_SECONDS + 1


def test_a_worker_that_waits_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(images, "WORKER_SECONDS", 0.3)
    monkeypatch.setattr(images, "START", "import time; time.sleep(60)")
    assert "in time" in refusal(b"anything")


def test_thousands_of_frames_cost_nothing():
    frames = [Image.new("P", (16, 16), i % 9) for i in range(3000)]
    raw = file_of(Image.new("RGB", (16, 16), BLUE), "GIF", save_all=True, append_images=frames)
    used = children_seconds()
    assert (decode(raw) == BLUE).all()
    assert children_seconds() - used < 0.5


# --- memory ---

DRIVER = """
import sys
sys.path += sys.argv[1:]
import decode_worker
try:
    decode_worker.main()
finally:
    with open("/proc/self/status") as status:
        print(status.read(), file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (lambda: png(6320, 6320, 4), Verdict.FINE),
        (lambda: png(28280, 1414, 3), Verdict.FINE),
        (lambda: file_of(Image.new("RGB", (4600, 3000)), "WEBP", method=0), Verdict.FINE),
        (lambda: many_scans(5000, 1), Verdict.FINE),
        (lambda: file_of(Image.new("RGB", (4700, 3000)), "WEBP", method=0), Verdict.TOO_HEAVY),
        (lambda: bytes(images.UPLOAD_BYTES), Verdict.UNKNOWN_FORMAT),
    ],
)
def test_the_worker_stays_below_300_megabytes(raw, status):
    command = [sys.executable, "-I", "-S", "-c", DRIVER, *images.FOLDERS]
    done = subprocess.run(command, input=raw(), capture_output=True, timeout=60)
    (peak_kib,) = re.findall(r"VmHWM:\s+(\d+) kB", done.stderr.decode())
    assert int(peak_kib) * 1024 < 300e6
    assert done.returncode == status


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_what_needs_more_memory_than_allowed_is_told_so(monkeypatch):
    less = "import decode_worker as w; w.MEMORY_BYTES = 30 * 2**20; main()"
    monkeypatch.setattr(images, "START", images.START.replace("main()", less))
    assert "memory" in refusal(png(5000, 5000, 3))


# --- the worker itself ---


def test_a_worker_that_crashes_or_lies_gives_no_picture(monkeypatch):
    raw = file_of(Image.fromarray(quarters()))
    for start in ("import os; os.abort()", "import os; os.kill(os.getpid(), 9)"):
        monkeypatch.setattr(images, "START", start)
        assert "damaged" in refusal(raw)
    for answer in (b"", b"\1", struct.pack("<II", 4, 4) + bytes(47), struct.pack("<II", 9**9, 1)):
        monkeypatch.setattr(images, "START", f"import sys; sys.stdout.buffer.write({answer!r})")
        assert "damaged" in refusal(raw)


def test_a_worker_that_does_not_start_is_not_blamed_on_the_file(monkeypatch):
    monkeypatch.setattr(images, "START", "import no_such_module")
    with pytest.raises(RuntimeError, match="does not start"):
        decode(file_of(Image.fromarray(quarters())))


def test_the_worker_imports_pillow_alone():
    script = "import sys; sys.path += sys.argv[1:]; import decode_worker; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", script, *images.FOLDERS]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "PIL.Image" in loaded
    assert not {"numpy", "torch", "streamlit", "cv2", "pickle", "viz_core"} & set(loaded)
