"""Pictures in and out: every format and mode, and the files for the browser."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import BLUE, GREEN, GREY, RED, file_of, noise, quarters, tiff
from viz_core import images
from viz_core.images import ImageError, decode, digest, encode_jpeg, encode_png


@pytest.fixture(autouse=True, scope="module")
def patience():
    """A busy test machine must not fail what is about pixels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "WORKER_SECONDS", 60)
        yield


# --- decode: formats ---


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("GIF", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 8),
        ("JPEG", {"quality": 95, "subsampling": 0}, 4),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 4),
    ],
)
def test_every_format_gives_the_pixels_that_were_saved(kind, options, tolerance):
    picture = decode(file_of(Image.fromarray(quarters()), kind, **options))
    assert picture.shape == quarters().shape
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        np.testing.assert_allclose(picture[corner], quarters()[corner], atol=tolerance)


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.new("1", (20, 20), 1), "PNG", (255, 255, 255)),
        (Image.new("L", (20, 20), 100), "PNG", GREY),
        (Image.new("LA", (20, 20), (0, 55)), "PNG", (200, 200, 200)),
        (Image.new("RGBA", (20, 20), (255, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGBA", (20, 20), (255, 0, 0, 51)), "WEBP", (255, 204, 204)),
        (Image.new("RGBA", (20, 20), (0, 0, 255, 255)), "TIFF", BLUE),
        (Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "TIFF", RED),
        (Image.new("CMYK", (20, 20), (255, 0, 255, 0)), "JPEG", GREEN),
        (Image.fromarray(np.full((20, 20), 25700, np.uint16)), "PNG", GREY),
        (Image.fromarray(np.full((20, 20), 100 / 255, np.float32)), "TIFF", GREY),
        (Image.fromarray(np.full((20, 20), 100, np.float32)), "TIFF", GREY),
    ],
)
def test_every_mode_has_the_colour_that_its_numbers_mean(image, kind, expected):
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    picture = decode(file_of(image, kind, **options))
    assert picture.shape == (20, 20, 3)
    np.testing.assert_allclose(picture, np.broadcast_to(expected, picture.shape), atol=1)


@pytest.mark.parametrize("endian", "<>")
@pytest.mark.parametrize(
    ("dtype", "sample_format", "white"),
    [(np.uint16, 1, 65535), (np.int32, 2, 65535), (np.int32, 2, 10**9), (np.float32, 3, 300.0)],
)
def test_deep_grey_runs_from_black_to_white(endian, dtype, sample_format, white):
    ramp = np.linspace(0, white, 256).astype(dtype)
    picture = decode(tiff(np.tile(ramp, (16, 1)), endian, sample_format))
    np.testing.assert_allclose(picture[0, :, 0], np.arange(256), atol=1)


def test_palette_entries_may_be_transparent():
    image = Image.fromarray(np.repeat([[0, 1]], 32, axis=0).repeat(16, axis=1).astype(np.uint8))
    image.putpalette([*RED, *GREEN])
    for transparency in (0, b"\x00\xff"):
        picture = decode(file_of(image, transparency=transparency))
        assert tuple(picture[0, 0]) == (255, 255, 255)
        assert tuple(picture[0, 31]) == GREEN
    assert tuple(decode(file_of(image, "GIF", transparency=1))[0, 31]) == (255, 255, 255)


def test_a_transparent_colour_of_a_png_shows_white():
    picture = decode(file_of(Image.fromarray(quarters()), transparency=RED))
    assert tuple(picture[0, 0]) == (255, 255, 255)
    assert tuple(picture[-1, 0]) == BLUE


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_many_frames_the_first_is_shown(kind):
    frames = [Image.new("RGB", (32, 32), (0, 0, 255 - i)) for i in range(120)]
    options = {"lossless": True} if kind == "WEBP" else {}
    raw = file_of(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert (decode(raw) == BLUE).all()


STORED = {  # EXIF 2.32: which side of the upright picture the first row and column are
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize(
    ("kind", "orientation"), [("PNG", n) for n in STORED] + [(k, 6) for k in ("JPEG", "WEBP")]
)
def test_the_picture_stands_upright(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](quarters())))
    picture = decode(file_of(stored, kind, exif=exif))
    assert picture.shape == quarters().shape
    np.testing.assert_allclose(picture[8, 8], RED, atol=12)
    np.testing.assert_allclose(picture[8, -8], GREEN, atol=12)
    np.testing.assert_allclose(picture[-8, 8], BLUE, atol=12)


@pytest.mark.parametrize("orientation", [2, 6])
def test_a_tiff_is_turned_once(orientation):
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](quarters())))
    assert (decode(file_of(stored, "TIFF", tiffinfo={0x0112: orientation})) == quarters()).all()


def test_damaged_exif_does_not_spoil_a_sound_picture():
    raw = file_of(Image.fromarray(quarters()), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert (decode(raw) == quarters()).all()


# --- decode: size ---


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1536, 16 * 10), (1536, 160)),  # already fits: untouched
        ((1537, 100), (1536, 100)),
        ((200, 3072), (100, 1536)),
        ((3000, 150), (1536, 77)),
        ((4032, 3024), (1536, 1152)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "BMP"])
def test_the_long_side_has_at_most_1536_pixels(size, expected, kind):
    height, width = decode(file_of(Image.new("L", size, 7), kind)).shape[:2]
    assert (width, height) == expected


def test_shrinking_by_bands_leaves_no_seam():
    clear = cv2.resize(noise(0, 4, 40), (4000, 400), interpolation=cv2.INTER_CUBIC)
    image = Image.fromarray(clear)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    expected = np.asarray(white.convert("RGB").resize((1536, 154), Image.Resampling.LANCZOS))
    picture = decode(file_of(image, compress_level=1))
    assert np.abs(picture.astype(int) - expected).max() <= 3


def test_eight_threads_decode_at_once():
    pictures = [noise(i, 40 + i, 60) for i in range(8)]
    files = [file_of(Image.fromarray(p)) for p in pictures]
    with ThreadPoolExecutor(8) as pool:
        for picture, decoded in zip(pictures, pool.map(decode, files), strict=True):
            assert (picture == decoded).all()


# --- encode, digest ---


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 80),
    width=st.integers(1, 80),
    side=st.integers(1, 100),
    seed=st.integers(0),
)
def test_files_for_the_browser_keep_pixels_and_never_grow(height, width, side, seed):
    picture = noise(seed, height, width)
    assert (np.asarray(Image.open(io.BytesIO(encode_png(picture)))) == picture).all()
    jpeg = Image.open(io.BytesIO(encode_jpeg(picture, side=side)))
    assert max(jpeg.size) == min(side, max(height, width))


def test_a_jpeg_is_red_where_the_picture_is_red_and_half_as_large_if_asked():
    jpeg = np.asarray(Image.open(io.BytesIO(encode_jpeg(quarters(), side=32))))
    assert jpeg.shape == (24, 32, 3)
    np.testing.assert_allclose(jpeg[4, 4], RED, atol=12)
    exact = encode_jpeg(quarters(), side=64, quality=100)
    assert len(exact) > len(encode_jpeg(quarters(), side=64, quality=10))


def test_encoders_refuse_what_makes_no_file():
    for wrong in ({"side": 0}, {"side": 8, "quality": 0}, {"side": 8, "quality": 101}):
        with pytest.raises(ValueError, match="must be"):
            encode_jpeg(quarters(), **wrong)
    with pytest.raises(ValueError, match="needs pixels"):
        encode_png(np.zeros((0, 4, 3), np.uint8))


@given(st.binary(), st.binary())
def test_digests_are_equal_for_equal_bytes_only(one, other):
    assert (digest(one) == digest(other)) == (one == other)
    assert digest(one) == hashlib.sha256(one).hexdigest()


def test_the_digest_of_abc_is_the_published_one():
    # FIPS 180-2, appendix B.1
    assert digest(b"abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")
    with pytest.raises(TypeError):
        digest("abc")


def test_a_text_file_is_refused():
    with pytest.raises(ImageError, match="choose another file"):
        decode(b"no picture")
