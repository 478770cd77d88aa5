"""A .safetensors file, distrusted: the header is checked before anything is made of the rest.

The safetensors library itself takes repeated names, NaN and hundreds of thousands of tensors.
Format: 8 bytes N, little-endian; N bytes of JSON; the numbers. Nothing is ever unpickled.
"""

import json
import re
from math import prod
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor

HEADER_LIMIT_BYTES = 1 << 20  # ViT-B's header has 16 KB
TENSOR_LIMIT = 4096
AXES_LIMIT = 8
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
COUNT = "I64"  # read as a single number only: how many batches a batch norm has seen
PICKLES = (b"PK\x03\x04", b"\x80")  # torch.save's zip, and a bare pickle
CONVERT = (
    'python -c "import sys, torch, safetensors.torch as s; '
    "d = torch.load(sys.argv[1], map_location='cpu', weights_only=True); "
    "s.save_file(d.get('model', d), sys.argv[1] + '.safetensors')\" FILE"
)


class WeightsError(Exception):
    """Weights that cannot be had or used; the message is a sentence for the reader."""


class TensorFile:
    """The tensors of a file, known by shape from the start, read only by `load`.

    Attributes:
        title: What messages call the file.
        shapes: An empty tensor on the meta device for each name, of the stored type.

    Raises:
        WeightsError: If the file is no plain safetensors file of floating-point numbers.
    """

    def __init__(self, source: bytes | Path, title: str | None = None) -> None:
        self.source = source
        self.title = title or (source.name if isinstance(source, Path) else "This file")
        size, header = self._open()
        self.shapes = self._described(header, size)

    def load(self) -> dict[str, Tensor]:
        """The tensors in float32, counts as they are; all numbers are finite."""
        import safetensors.torch as reader
        from safetensors import SafetensorError

        try:
            if isinstance(self.source, Path):
                tensors = reader.load_file(self.source)
            else:
                tensors = reader.load(self.source)
        except SafetensorError as error:
            self._refuse(f"is not a valid safetensors file ({error})")
        tensors = {
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in tensors.items()
        }
        for name, tensor in tensors.items():
            low, high = tensor.aminmax()  # NaN spreads to both; 20 times faster than isfinite
            if not (low.isfinite() and high.isfinite()):
                self._refuse(f"holds NaN or infinity in {name}")
        return tensors

    def _refuse(self, why: str) -> NoReturn:
        raise WeightsError(f"{self.title} {why}.")

    def _open(self) -> tuple[int, bytes]:
        """Bytes that the numbers take, and the header."""
        if isinstance(self.source, Path):
            total = self.source.stat().st_size
            with self.source.open("rb") as file:
                start = file.read(8)
                length = int.from_bytes(start, "little")
                header = file.read(min(length, HEADER_LIMIT_BYTES))
        else:
            total, start = len(self.source), self.source[:8]
            length = int.from_bytes(start, "little")
            header = self.source[8 : 8 + min(length, HEADER_LIMIT_BYTES)]
        if len(start) == 8 and length > HEADER_LIMIT_BYTES:
            if start.startswith(PICKLES):
                self._refuse(
                    "is a pickled checkpoint, which can run code when it is opened, and is "
                    f"therefore never read: convert it once with `{CONVERT}`"
                )
            self._refuse("is no safetensors file, or one with a header of more than 1 MiB")
        if len(start) < 8 or len(header) < length:
            self._refuse("is no safetensors file, or it is cut off in its header")
        return total - 8 - length, header

    def _described(self, header: bytes, size: int) -> dict[str, Tensor]:
        try:
            table = json.loads(header.decode("utf-8"), object_pairs_hook=self._unique)
        except (ValueError, RecursionError):
            self._refuse("is no safetensors file: its header is not JSON")
        if not isinstance(table, dict):
            self._refuse("is no safetensors file: its header is not a table")
        table.pop("__metadata__", None)
        if len(table) > TENSOR_LIMIT:
            self._refuse(f"holds {len(table):,} tensors; at most {TENSOR_LIMIT:,} are read")
        spans = sorted(self._span(name, row) for name, row in table.items())
        end = 0
        for begin, stop, name in spans:
            if begin != end:
                self._refuse(f"has a gap or an overlap before {name}")
            end = stop
        if end != size:
            self._refuse(f"should hold {end:,} bytes of numbers but holds {max(size, 0):,}")
        return {
            name: torch.empty(
                row["shape"], dtype=DTYPES.get(row["dtype"], torch.int64), device="meta"
            )
            for name, row in table.items()
        }

    def _unique(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        table: dict[str, object] = {}
        for name, value in pairs:
            if name in table:
                self._refuse(f"names {name[:80]!r} twice")
            table[name] = value
        return table

    def _span(self, name: str, row: object) -> tuple[int, int, str]:
        """First and last byte of a tensor, once its row is known to be sound."""
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,200}", name):
            self._refuse(f"has a tensor of the odd name {name[:80]!r}")
        if not isinstance(row, dict) or row.keys() != {"dtype", "shape", "data_offsets"}:
            self._refuse(f"describes {name} in a way that safetensors does not")
        kind, shape, place = row["dtype"], row["shape"], row["data_offsets"]
        counts = kind == COUNT and shape == []
        if not isinstance(kind, str) or (kind not in DTYPES and not counts):
            self._refuse(f"holds {name} as {str(kind)[:20]}; read are {', '.join(DTYPES)}")
        if not _naturals(shape) or len(shape) > AXES_LIMIT or 0 in shape:
            self._refuse(f"gives {name} an impossible shape")
        if not _naturals(place) or len(place) != 2:
            self._refuse(f"gives {name} an impossible place")
        if place[1] - place[0] != prod(shape) * DTYPES.get(kind, torch.int64).itemsize:
            self._refuse(f"gives {name} a place that is not the size of its shape")
        return place[0], place[1], name


def _naturals(value: object) -> bool:
    return isinstance(value, list) and all(type(n) is int and n >= 0 for n in value)
