"""A smaller pack of pictures, for shipping: `python -m models.training.subset --help`.

The JPEGs are copied as they are, evenly spread over the pack, which is sorted by class.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def subset(source: Path, target: Path, count: int) -> int:
    """Write `count` of the pictures of a pack `source`, spread evenly, to the pack `target`.

    Returns:
        Bytes of the written file.

    Raises:
        ValueError: If the pack holds fewer pictures.
    """
    with np.load(source) as pack:
        arrays = {key: pack[key] for key in pack.files if key != "names_z"}
    total = len(arrays["labels"])
    if not 0 < count <= total:
        raise ValueError(f"{source} holds {total} pictures, not {count}")
    # Rounded down from a whole number of equal shares, every class gets as many as the others.
    index = np.arange(count) * total // count
    data, offsets = arrays["data"], arrays["offsets"]
    bodies = [data[offsets[i] : offsets[i + 1]] for i in index]
    arrays["data"] = np.concatenate(bodies)
    arrays["offsets"] = np.cumsum([0, *map(len, bodies)]).astype(offsets.dtype)
    for key in ("labels", "header_id"):
        if key in arrays:
            arrays[key] = arrays[key][index]
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(target, **arrays)
    return target.stat().st_size


def main(argv: Sequence[str] | None = None) -> None:
    """Write one pack."""
    p = argparse.ArgumentParser(prog="python -m models.training.subset", description=__doc__)
    p.add_argument("source", type=Path, help="a pack, NAME.npz")
    p.add_argument("target", type=Path, help="where the smaller one goes")
    p.add_argument("--count", type=int, required=True, help="pictures to keep")
    args = p.parse_args(argv)
    print(f"{args.target}: {subset(args.source, args.target, args.count):,} bytes")


if __name__ == "__main__":
    main()
