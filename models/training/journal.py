"""What a run writes about itself: `metrics.jsonl`, a line an epoch, and `run.json`."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from models.training.data import Dataset
from models.training.recipe import Recipe

Row = dict[str, float]
WEIGHTS = ".safetensors"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def rows(folder: Path) -> list[Row]:
    """The epochs so far, oldest first."""
    path = folder / "metrics.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def add(folder: Path, row: Row) -> None:
    """Write down an epoch, in place of what a run that died before its checkpoint said of it."""
    kept = [old for old in rows(folder) if old["epoch"] < row["epoch"]]
    text = "".join(json.dumps(line, allow_nan=False) + "\n" for line in [*kept, row])
    write_whole(folder / "metrics.jsonl", text.encode())


def facts(folder: Path) -> dict[str, Any]:
    """`run.json`, or nothing for a run that has none."""
    path = folder / "run.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def machine(device: str, bf16: bool) -> str:
    """Device kind, precision and version of torch, in words."""
    kind = torch.device(device).type
    name = torch.cuda.get_device_name(device) if kind == "cuda" else platform.machine()
    threads = f", {torch.get_num_threads()} threads" if kind == "cpu" else ""
    precision = "bfloat16" if bf16 else "float32"
    return f"{kind.upper()} ({name}{threads}), {precision}, torch {torch.__version__}"


def settings(recipe: Recipe, data: Dataset) -> dict[str, Any]:
    """What must not change when a run is resumed or exported."""
    return {
        "data": data.name,
        "pictures": len(data.train.labels),
        "batch": recipe.batch,
        "epochs": recipe.epochs,
    }


def origin(folder: Path, data: str) -> dict[str, Any]:
    """What a run that starts from another one's averaged weights has to say of that one.

    Its data are named if they are others than `data`. Exported weights have a card of their own:
    of a .safetensors file only name and checksum are kept.

    Raises:
        ValueError: If the other run has finished no epoch, or there is no such file.
    """
    if folder.suffix == WEIGHTS:
        if not folder.is_file():
            raise ValueError(f"there is no file {folder} to start from")
        return {"file": folder.name, "sha256": hashlib.sha256(folder.read_bytes()).hexdigest()}
    done = rows(folder)
    if not done or not (folder / "checkpoint.pt").exists():
        raise ValueError(f"{folder} holds no run that has finished an epoch: train it first")
    last, known = done[-1], facts(folder)
    kept: dict[str, Any] = {key: known[key] for key in ("epochs", "seed") if key in known}
    if known.get("data", data) != data:
        kept["data"] = known["data"]
    score = {k: round(last[k], digits) for k, digits in (("top1", 2), ("mse", 5)) if k in last}
    return {"run": folder.resolve().name, "epoch": last["epoch"], "size": last["size"],
            **score, **kept}  # fmt: skip


def check(folder: Path, wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with a run under other settings than it was begun with.

    Raises:
        ValueError: If `run.json` says otherwise than `wanted`.
    """
    for key, value in facts(folder).items():
        if wanted.get(key, value) != value:
            raise ValueError(
                f"the run in {folder} was begun with {key} {value}, not {wanted[key]}: "
                "keep to that, or choose another folder for a new run"
            )


def begin(folder: Path, wanted: Mapping[str, Any], machines: Iterable[str]) -> None:
    """Note the settings and the machines that the run saw, each once."""
    text = json.dumps({**wanted, "machines": list(dict.fromkeys(machines))}, indent=2) + "\n"
    write_whole(folder / "run.json", text.encode())
