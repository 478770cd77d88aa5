"""Networks with their weights: shipped, published, or a reader's own.

`python -m models.weights NAME ...` downloads published weights beforehand, for a machine that
will be offline; `python -m models.weights --list` says what there is.
"""

import argparse
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models import hub
from models.catalog import ARCHITECTURES, CATALOG, Entry, Shipped, build
from models.hub import Progress
from models.published import renamed
from models.tensorfile import TensorFile, WeightsError

if TYPE_CHECKING:
    from models.entry import Config

__all__ = ["Progress", "WeightsError", "is_local", "load", "load_file"]

FOLDER = Path(__file__).parents[1] / "assets" / "weights"
SUMS = "SHA256SUMS"


def load(name: str, on_progress: Progress | None = None) -> nn.Module:
    """A network of the catalog, ready: evaluation mode, float32, no gradients.

    Args:
        name: Key of the catalog.
        on_progress: Called with bytes done and bytes in all while weights are downloaded. What
            it raises stops the download and is passed on; the next call goes on from there.

    Raises:
        WeightsError: If the weights cannot be had or are not what the catalog says.
    """
    entry = _entry(name)
    if isinstance(entry.weights, Shipped):
        file = TensorFile(shipped(entry.weights.file), title=entry.weights.file)
    else:
        file = TensorFile(hub.fetch(entry.weights, name, on_progress), title=f"The file of {name}")
    return _assembled(entry, entry.config, file)


def load_file(name: str, source: bytes | Path) -> nn.Module:
    """A network of the catalog's shape with weights from someone's own safetensors file.

    The number of classes is the file's: a head of another size, or none, is taken as it is and
    stands in the network's `cfg.classes`. All else must be the entry's, name by name.

    Args:
        name: Key of the catalog.
        source: The file, or its bytes. It is distrusted and never unpickled.

    Raises:
        WeightsError: If it is no sound safetensors file or not one of this network.
    """
    entry = _entry(name)
    file = TensorFile(source)
    return _assembled(entry, _config_for(entry, file), file)


def is_local(entry: Entry) -> bool:
    """Whether the weights are on this machine, shipped or downloaded. Asks no network."""
    if isinstance(entry.weights, Shipped):
        return (FOLDER / entry.weights.file).exists()
    return hub.cached(entry.weights) is not None


def _entry(name: str) -> Entry:
    if name not in CATALOG:
        close = get_close_matches(name, CATALOG, cutoff=0.4) or list(CATALOG)
        raise WeightsError(f"There is no network {name!r}; close names: {', '.join(close)}.")
    return CATALOG[name]


def shipped(name: str) -> bytes:
    """The bytes of a shipped file, if they are those that its checksum was written for."""
    path, sums = FOLDER / name, FOLDER / SUMS
    if not path.exists() or not sums.exists():
        raise WeightsError(
            f"assets/weights lacks {name} or {SUMS}: restore it from the repository."
        )
    rows = [line.split() for line in sums.read_text(encoding="utf-8").splitlines()]
    raw = path.read_bytes()
    if [hashlib.sha256(raw).hexdigest(), name] not in rows:
        raise WeightsError(f"{name} is not what {SUMS} says: restore it from the repository.")
    return raw


def _assembled(entry: Entry, config: "Config", file: TensorFile) -> nn.Module:
    """The network takes over the file's tensors; nothing is initialised only to be thrown away."""
    with torch.device("meta"):
        model = build(entry, config)
    if wrong := misfits(_ours(file.shapes, entry, config), model.state_dict()):
        reasons = "; ".join(wrong)
        raise WeightsError(f"{file.title} does not fit {entry.name}: {reasons}. {_advice(file)}")
    model.load_state_dict(_ours(file.load(), entry, config), strict=True, assign=True)
    return model.eval().requires_grad_(False)


def _ours(found: Mapping[str, Tensor], entry: Entry, config: "Config") -> dict[str, Tensor]:
    """Tensors under our names; a head is left out if the catalog's network has none."""
    tensors = renamed(found, entry.architecture)
    if not config.classes and not entry.config.classes:
        head = ARCHITECTURES[entry.architecture].head
        for name in (head, head.replace("weight", "bias")):
            tensors.pop(name, None)
    return tensors


def _config_for(entry: Entry, file: TensorFile) -> "Config":
    """The entry's config with as many classes as the file has."""
    config: Any = entry.config
    if not ARCHITECTURES[entry.architecture].head:
        return config
    found = renamed(file.shapes, entry.architecture)
    head = found.get(ARCHITECTURES[entry.architecture].head)
    return replace(config, classes=len(head) if head is not None and head.ndim else 0)


def misfits(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """What keeps the tensors from loading, in words; empty if nothing does."""
    reshaped = [
        f"{name} is {tuple(found[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in wanted
        if name in found and found[name].shape != wanted[name].shape
    ]
    kinds = {
        "it lacks": [name for name in wanted if name not in found],
        "it has the unknown": [name for name in found if name not in wanted],
        "its": reshaped,
    }
    return [f"{kind} {_few(names)}" for kind, names in kinds.items() if names]


def _few(names: list[str]) -> str:
    rest = len(names) - 3
    return ", ".join(names[:3]) + (f" and {rest} more" if rest > 0 else "")


def _advice(file: TensorFile) -> str:
    """The entries of the catalog that share most tensors with the file."""
    shares = {}
    for name, entry in CATALOG.items():
        config = _config_for(entry, file)
        with torch.device("meta"):
            wanted = build(entry, config).state_dict()
        found = _ours(file.shapes, entry, config)
        equal = sum(k in found and found[k].shape == v.shape for k, v in wanted.items())
        shares[name] = equal / len(found.keys() | wanted.keys())
    most = max(shares.values())
    if most < 0.5:
        return "No network of the catalog is like it."
    best = [name for name, share in shares.items() if share == most]
    return f"Closest in the catalog, with {100 * most:.0f} % of the tensors: {', '.join(best)}."


def _prefetch(name: str) -> None:
    """Download with a bar on the terminal, and load once to see that it fits."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    with tqdm(desc=name, unit="B", unit_scale=True, delay=0.1) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        load(name, show)
    print(f"{name} is here.")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.weights", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="networks to download")
    parser.add_argument("--list", action="store_true", help="show all networks")
    chosen = parser.parse_args(arguments)
    if chosen.list or not chosen.names:
        for entry in CATALOG.values():
            where = "here" if is_local(entry) else "not downloaded"
            print(f"{entry.name:32}{where:16}{entry.title}")
    try:
        for name in chosen.names:
            _prefetch(name)
    except WeightsError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped; what came so far is kept, and the same command goes on from there.")


if __name__ == "__main__":
    main()
