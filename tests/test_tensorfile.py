"""Hostile and broken weight files: each is refused with one sentence, cheaply."""

import json
import struct
import time
import zipfile

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.tensorfile import HEADER_LIMIT_BYTES, TensorFile, WeightsError

ROW = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
BODY = struct.pack("<2f", 1, 2)


def packed(header, body=BODY):
    """A file with any header: a table, or text as it stands."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_numbers_come_back_in_float32(kind, tmp_path):
    tensors = {"a": torch.arange(6).reshape(2, 3).to(kind), "b.c": torch.tensor(2.5, dtype=kind)}
    raw = safetensors.torch.save(tensors, metadata={"format": "pt"})
    path = tmp_path / "some.safetensors"
    path.write_bytes(raw)
    for source in (raw, path):
        file = TensorFile(source)
        assert {k: tuple(v.shape) for k, v in file.shapes.items()} == {"a": (2, 3), "b.c": ()}
        assert all(v.is_meta and v.dtype == kind for v in file.shapes.values())
        found = file.load()
        assert found["a"].dtype == torch.float32
        torch.testing.assert_close(found, {k: v.float() for k, v in tensors.items()})


def test_a_single_whole_number_is_kept_as_the_count_that_it_is():
    # A batch norm counts the batches it has seen; anything longer in whole numbers is no weight.
    tensors = {"bn.num_batches_tracked": torch.tensor(90_000), "bn.weight": torch.ones(3)}
    file = TensorFile(safetensors.torch.save(tensors))
    assert file.shapes["bn.num_batches_tracked"].dtype == torch.int64
    found = file.load()
    assert found["bn.num_batches_tracked"].dtype == torch.int64
    assert found["bn.num_batches_tracked"].item() == 90_000
    with pytest.raises(WeightsError, match="holds a as I64"):
        TensorFile(safetensors.torch.save({"a": torch.ones(1, dtype=torch.int64)}))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "cut off"),
        (b"abc", "cut off"),
        (packed({"a": ROW})[:30], "cut off in its header"),
        (packed({"a": ROW})[:-1], "should hold 8 bytes of numbers but holds 7"),
        (packed({"a": ROW}, BODY + b"x"), "should hold 8 bytes of numbers but holds 9"),
        (packed({"a": ROW}, b""), "holds 0"),
        (packed({"a": ROW | {"data_offsets": [4, 12]}}, BODY + b"1234"), "gap or an overlap"),
        (packed({"a": ROW, "b": ROW}), "gap or an overlap before b"),
        (packed({"a": ROW | {"data_offsets": [0, 4]}}), "not the size of its shape"),
        (packed({"a": ROW | {"data_offsets": [8, 0]}}), "not the size of its shape"),
        (packed({"a": ROW | {"data_offsets": [0.0, 8.0]}}), "impossible place"),
        (packed({"a": ROW | {"data_offsets": [0]}}), "impossible place"),
        (packed({"a": ROW | {"data_offsets": "08"}}), "impossible place"),
        (packed({"a": ROW | {"shape": [-2]}}), "impossible shape"),
        (packed({"a": ROW | {"shape": [0]}}), "impossible shape"),
        (packed({"a": ROW | {"shape": [True, 2]}}), "impossible shape"),
        (packed({"a": ROW | {"shape": [2**62, 2**62]}}), "not the size of its shape"),
        (packed({"a": ROW | {"shape": [1] * 5000 + [2]}}), "impossible shape"),
        (packed({"a": ROW | {"shape": 2}}), "impossible shape"),
        (packed({"a": ROW | {"dtype": "I64"}}), "holds a as I64; read are F64, F32, F16, BF16"),
        (packed({"a": ROW | {"dtype": ["F32"]}}), "read are"),
        (packed({"a": ROW | {"more": 1}}), "in a way that safetensors does not"),
        (packed({"a": 3}), "in a way that safetensors does not"),
        (packed({"../a b": ROW}), "odd name"),
        (packed({"": ROW}), "odd name"),
        (packed({"a" * 1000: ROW}), "odd name"),
        (packed([ROW]), "not a table"),
        (packed(b"{"), "not JSON"),
        (packed(b"\xff\xfe"), "not JSON"),
        (packed(b"[" * 100_000), "not JSON"),
        (packed(b'{"a": ' + b"9" * 5000 + b"}"), "not JSON"),
        (struct.pack("<Q", 2**63) + b"{}", "more than 1 MiB"),
        (b"version https://git-lfs.github.com/spec/v1", "more than 1 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_unsound_is_refused_in_a_sentence(raw, said, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(raw)
    for source, name in ((raw, "This file"), (path, "mine.safetensors")):
        with pytest.raises(WeightsError) as caught:
            TensorFile(source)
        sentence = str(caught.value)
        assert said in sentence
        assert sentence.startswith(name)
        assert sentence.endswith(".")
        assert len(sentence) < 400
        assert "\n" not in sentence


def test_repeated_names_are_refused_though_the_library_takes_them():
    row = json.dumps(ROW)
    raw = packed(
        f'{{"a": {row}, "b": {json.dumps(ROW | {"data_offsets": [8, 16]})}, "a": {row}}}'.encode(),
        2 * BODY,
    )
    with pytest.raises(WeightsError, match="names 'a' twice"):
        TensorFile(raw)
    inner = b'{"a": {"dtype": "F32", "dtype": "F16", "shape": [2], "data_offsets": [0, 8]}}'
    with pytest.raises(WeightsError, match="names 'dtype' twice"):
        TensorFile(packed(inner))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [0, 17, 4999])
def test_numbers_that_are_not_finite_are_refused(bad, place):
    tensors = {"fine": torch.ones(3), "spoilt": torch.randn(5000)}
    tensors["spoilt"][place] = bad
    file = TensorFile(safetensors.torch.save(tensors))
    with pytest.raises(WeightsError, match="NaN or infinity in spoilt"):
        file.load()


def test_float64_beyond_float32_is_refused():
    file = TensorFile(safetensors.torch.save({"a": torch.tensor([1e300], dtype=torch.float64)}))
    with pytest.raises(WeightsError, match="NaN or infinity"):
        file.load()


@pytest.mark.parametrize(("count", "said"), [(5_000, "5,000 tensors"), (200_000, "1 MiB")])
def test_swarms_of_tensors_are_refused_at_once(count, said):
    header = {
        str(i): {"dtype": "F16", "shape": [1], "data_offsets": [2 * i, 2 * i + 2]}
        for i in range(count)
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    assert (len(text) > HEADER_LIMIT_BYTES) == (count == 200_000)
    raw = packed(text, bytes(2 * count))
    began = time.process_time()
    with pytest.raises(WeightsError, match=said):
        TensorFile(raw)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("zipped", [True, False])
def test_pickles_are_never_opened_and_the_way_out_is_named(zipped, tmp_path):
    path = tmp_path / "model.pth"
    torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=zipped)
    assert zipfile.is_zipfile(path) == zipped
    for source in (path, path.read_bytes()):
        with pytest.raises(WeightsError, match=r"pickled.*convert it once with `python -c"):
            TensorFile(source)


def test_a_header_as_long_as_a_pickles_first_byte_is_no_pickle():
    header = json.dumps({"a": ROW}).encode()
    raw = packed(header + b" " * (0x80 - len(header)))
    assert raw[0] == 0x80
    assert TensorFile(raw).load()["a"].tolist() == [1, 2]


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_else_happens(noise):
    for raw in (noise, packed(noise)):
        with pytest.raises(WeightsError):
            TensorFile(raw)


@given(st.data())
def test_a_file_with_one_changed_byte_is_read_or_refused(data):
    raw = bytearray(safetensors.torch.save({"a": torch.ones(3), "b": torch.ones(2, 2)}))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = TensorFile(bytes(raw)).load()
    except WeightsError:
        return
    assert all(v.dtype == torch.float32 and v.isfinite().all() for v in found.values())
