"""A network while it trained, in one small file: a few moments of all its weights.

Matrices are whole numbers from -127 to 127 with one float32 scale a row (an output unit), other
tensors are fp16, and what never changed stands in the file once. A moment of 2.3 million weights
takes 2.3 MB. The file is safetensors: nothing is ever unpickled.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

LEVELS = 127
ALWAYS, SCALE = "always.", ".scale"
LIMIT_FRAMES = 12


class Frame(NamedTuple):
    """A moment of a training.

    Attributes:
        step: Updates done.
        share: Of all updates of the training, from 0 to 1.
        weights: State dict in float32.
    """

    step: int
    share: float
    weights: dict[str, Tensor]


def frames(path: Path) -> list[Frame]:
    """The moments of a film, first one first; each one's weights fit its network strictly.

    Raises:
        ValueError: If the file is no film.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            told = (file.metadata() or {}).get("film")
            tensors = {name: file.get_tensor(name) for name in list(file.keys())}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is not a film of a training: {error}") from error
    if told is None:
        raise ValueError(f"{path} is not a film of a training: it says nothing of its moments")
    return unpacked(tensors, json.loads(told)["frames"])


def about(path: Path) -> dict[str, Any]:
    """What was noted when the film was made: each moment's `step`, `share` and scores.

    Raises:
        ValueError: If the file is no film.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return json.loads((file.metadata() or {})["film"])
    except (SafetensorError, OSError, KeyError) as error:
        raise ValueError(f"{path} is not a film of a training: {error}") from error


def write(path: Path, moments: Sequence[Frame], notes: Sequence[Mapping[str, float]]) -> bytes:
    """Write a film, whole or not at all; the same moments give the same bytes.

    Args:
        path: Where it goes.
        moments: In order; all of one network.
        notes: Numbers to keep with each moment, such as its error.

    Raises:
        ValueError: If there are no moments, too many, or they are of different networks.
    """
    import safetensors.torch as writer

    rows = [
        {"step": m.step, "share": round(m.share, 6), **note}
        for m, note in zip(moments, notes, strict=True)
    ]
    told = json.dumps({"frames": rows}, allow_nan=False)
    content = writer.save(packed(moments), metadata={"film": told})
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
    return content


def packed(moments: Sequence[Frame]) -> dict[str, Tensor]:
    """The tensors of a film: `STEP.NAME` and its `.scale`, or `always.NAME`.

    Raises:
        ValueError: If there are no moments, too many, or they are of different networks.
    """
    if not 1 <= len(moments) <= LIMIT_FRAMES:
        raise ValueError(f"a film has 1 to {LIMIT_FRAMES} moments, got {len(moments)}")
    first = moments[0].weights
    if any(_shapes(m.weights) != _shapes(first) for m in moments):
        raise ValueError("the moments of a film are of one network, and these differ in tensors")
    still = {
        name for name in first if all(torch.equal(m.weights[name], first[name]) for m in moments)
    }
    if len(moments) == 1:
        still = set()
    out = {ALWAYS + name: _half(first[name], name) for name in still}
    for moment in moments:
        for name in first.keys() - still:
            out |= _shrunk(f"{moment.step}.{name}", moment.weights[name])
    return {name: out[name].contiguous() for name in sorted(out)}


def unpacked(tensors: Mapping[str, Tensor], rows: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """The inverse of `packed`, up to rounding; `rows` say each moment's step and share."""
    always = {n.removeprefix(ALWAYS): t.float() for n, t in tensors.items() if n.startswith(ALWAYS)}
    found = []
    for row in rows:
        start = f"{row['step']}."
        own = {
            name.removeprefix(start): _grown(name, tensors)
            for name in tensors
            if name.startswith(start) and not name.endswith(SCALE)
        }
        found.append(Frame(int(row["step"]), float(row["share"]), always | own))
    return found


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}


def _half(tensor: Tensor, name: str) -> Tensor:
    half = tensor.half()
    if not half.isfinite().all():
        raise ValueError(f"{name} holds a number that fp16 cannot hold")
    return half


def _shrunk(name: str, tensor: Tensor) -> dict[str, Tensor]:
    """A matrix in whole numbers with its rows' scales, or anything else in fp16."""
    if tensor.ndim < 2 or len(tensor) == 1:
        return {name: _half(tensor, name)}
    if not tensor.isfinite().all():
        raise ValueError(f"{name} holds a number that is not finite")
    rows = tensor.float().flatten(1)
    scale = rows.abs().amax(dim=1, keepdim=True) / LEVELS
    whole = (rows / scale.where(scale > 0, 1)).round().to(torch.int8)
    return {name: whole.view(tensor.shape), name + SCALE: scale[:, 0]}


def _grown(name: str, tensors: Mapping[str, Tensor]) -> Tensor:
    tensor = tensors[name].float()
    if name + SCALE not in tensors:
        return tensor
    return tensor * tensors[name + SCALE].view(-1, *[1] * (tensor.ndim - 1))
