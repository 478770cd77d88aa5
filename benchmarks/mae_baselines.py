"""A masked autoencoder beside interpolation, on the same masks of the same validation pictures.

Every method sees the visible patches only; scores are over the hidden ones. The baselines get
whatever suits them best: OpenCV's inpainting is run at radius 3 and 8, and the better one counts.
Writes what a page shows as JSON, and a section of the model card.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from models import weights
from models.mae import MAE
from models.training import copies, data
from models.training.card import table
from models.training.card_reconstruct import RATIOS
from models.training.data import Split
from models.training.fidelity import compare, painted, squashed, summary, with_own_statistics
from models.training.journal import write_whole
from viz_core import inpaint, masking

USUAL = 75
RADII = (3, 8)
OPENCV = {"telea": cv2.INPAINT_TELEA, "navier_stokes": cv2.INPAINT_NS}
TITLE = "## Beside interpolation"
CALLED = {
    "network": "this network",
    "leak": "this network with the hidden patches' own mean and variance (leaks the target)",
    "nearest": "nearest visible pixel",
    "harmonic": "harmonic (smooth) interpolation",
    "telea": "OpenCV inpainting, Telea",
    "navier_stokes": "OpenCV inpainting, Navier-Stokes",
}
Filling = Callable[[np.ndarray, np.ndarray], np.ndarray]
Numbers = dict[str, Tensor]  # method -> errors and similarities of each picture, (n, 2)


def opencv(radius: int, method: int, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """OpenCV's inpainting of the hidden patches."""
    hidden = inpaint.spread(mask, picture.shape[:2])
    return cv2.inpaint(picture, hidden.astype(np.uint8), radius, method)


def fillings(radii: Mapping[str, Sequence[int]]) -> dict[str, Filling]:
    """The interpolations by name, OpenCV's as `NAME RADIUS`."""
    plain = {name: f for name, f in inpaint.BASELINES.items() if name not in OPENCV}
    return plain | {
        f"{name} {radius}": partial(opencv, radius, OPENCV[name])
        for name, these in radii.items()
        for radius in these
    }


def batches(split: Split, grid: int, ratio: float, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Rounded pictures (b, 3, S, S) and masks (b, n); picture i has the order of seed i."""
    for start in range(0, len(split.images), 64):
        pictures = squashed(split.images[start : start + 64], size)
        masks = [
            masking.random((grid, grid), ratio, start + i).ravel() for i in range(len(pictures))
        ]
        yield pictures, torch.from_numpy(np.stack(masks))


def interpolated(
    radii: Mapping[str, Sequence[int]], grid: int, pictures: Tensor, masks: Tensor
) -> Numbers:
    """Scores of a batch for each interpolation; one thread, for a pool of processes."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    arrays = pictures.permute(0, 2, 3, 1).contiguous().numpy()
    grids = masks.view(-1, grid, grid).numpy()
    out = {}
    for name, fill in fillings(radii).items():
        filled = [fill(a, m) for a, m in zip(arrays, grids, strict=True)]
        guess = torch.from_numpy(np.stack(filled)).permute(0, 3, 1, 2)
        out[name] = compare(pictures, guess, hidden(masks, grid, pictures.shape[-1]))
    return out


def hidden(masks: Tensor, grid: int, size: int) -> Tensor:
    """Masks over patches (b, n) as masks over pixels (b, 1, S, S)."""
    patch = size // grid
    pixels = masks.view(-1, 1, grid, grid)
    return pixels.repeat_interleave(patch, 2).repeat_interleave(patch, 3)


def of_network(model: nn.Module, pictures: Tensor, masks: Tensor) -> Numbers:
    """Scores of a batch for the network, raw and with what leaks."""
    assert isinstance(model, MAE)
    guess = painted(model, pictures, masks)
    over = hidden(masks, model.cfg.grid, pictures.shape[-1])
    leak = with_own_statistics(pictures, guess, model.cfg.patch_size)
    return {"network": compare(pictures, guess, over), "leak": compare(pictures, leak, over)}


def measured(
    model: MAE, split: Split, ratio: float, radii: Mapping[str, Sequence[int]], workers: int
) -> Numbers:
    """Scores of every method for every picture at one ratio."""
    parts = list(batches(split, model.cfg.grid, ratio, model.cfg.image_size))
    ours = [of_network(model, *part) for part in parts]
    with ProcessPoolExecutor(workers) as pool:
        columns = zip(*parts, strict=True)
        theirs = list(pool.map(partial(interpolated, radii, model.cfg.grid), *columns))
    rows = [a | b for a, b in zip(ours, theirs, strict=True)]
    return {name: torch.cat([row[name] for row in rows]) for name in rows[0]}


def better_radii(model: MAE, split: Split, workers: int) -> dict[str, int]:
    """For each of OpenCV's methods the radius of the lower error at the usual ratio."""
    found = measured(model, split, USUAL / 100, dict.fromkeys(OPENCV, RADII), workers)
    return {
        name: min(RADII, key=lambda radius: float(found[f"{name} {radius}"][:, 0].mean()))
        for name in OPENCV
    }


def named(found: Numbers) -> Numbers:
    """The same without radii in the names."""
    return {name.split(" ")[0]: scores for name, scores in found.items()}


def margins(found: Numbers) -> dict[str, dict[str, float]]:
    """How far the network is ahead of each interpolation, picture by picture."""
    rivals = {name: s[:, 0] for name, s in found.items() if name not in ("network", "leak")}
    ours, root = found["network"][:, 0].clamp(min=1e-10), math.sqrt(len(found["network"]))
    out = {}
    for name, theirs in rivals.items():
        error, decibel = theirs - ours, 10 * (theirs.clamp(min=1e-10) / ours).log10()
        out[name] = {
            "mse": round(float(error.mean()), 6),
            "mse_se": round(float(error.std()) / root, 6),
            "psnr": round(float(decibel.mean()), 3),
            "psnr_se": round(float(decibel.std()) / root, 3),
            "won": round(100 * float((error > 0).double().mean()), 2),
        }
    return out


def numbers(scores: Tensor) -> dict[str, float]:
    """A method's scores, rounded as far as they are worth."""
    s = summary(scores)
    return {
        "mse": round(s.mse, 6),
        "psnr_of_mean": round(s.psnr_of_mean, 3),
        "psnr": round(s.psnr, 3),
        "ssim": round(s.ssim, 4),
    }


def section(record: Mapping) -> str:
    """What the card says: the table over ratios, and the margin at the usual one."""
    usual, methods = record["usual"], record["methods"]
    names = [name for name in CALLED if name in methods]
    radius = {name: methods[name]["radius"] for name in OPENCV}
    called = {
        name: CALLED[name] + (f", radius {radius[name]}" if name in radius else "")
        for name in names
    }
    tables = []
    for metric, title, digits in (
        ("mse", "MSE", 4),
        ("psnr", "Mean PSNR, dB", 2),
        ("ssim", "SSIM", 3),
    ):
        rows = [
            [called[name], *(f"{value:.{digits}f}" for value in methods[name][metric])]
            for name in names
        ]
        head = [title, *(f"{100 * ratio:.0f} %" for ratio in record["ratios"])]
        tables.append(table(head, rows))
    head = ["at 75 % hidden", "MSE", "PSNR of the mean MSE", "mean PSNR", "SSIM"]
    whole = [
        [
            called[name], f"{row['mse']:.5f}", f"{row['psnr_of_mean']:.2f} dB",
            f"{row['psnr']:.2f} dB", f"{row['ssim']:.3f}",
        ]
        for name, row in ((name, usual["methods"][name]) for name in names)
    ]  # fmt: skip
    ahead = table(
        ["at 75 %, the network is ahead of", "by MSE", "by PSNR", "better on"],
        [
            [
                called[name], f"{m['mse']:.4f} ± {m['mse_se']:.4f}",
                f"{m['psnr']:.2f} ± {m['psnr_se']:.2f} dB", f"{m['won']:.1f} %",
            ]
            for name, m in usual["margins"].items()
        ],
    )  # fmt: skip
    return (
        f"{TITLE}\n\nWritten by `python -m benchmarks.mae_baselines` with OpenCV "
        f"{record['opencv']}, on {usual['pictures']:,} pictures of {record['data']} (those with "
        "near copies in the training split left out), every method on the same random masks, "
        "scored over hidden patches as above. OpenCV's methods were tried with radius 3 and 8; "
        f"the better one is shown.\n\n{table(head, whole)}\n\n"
        f"{ahead}\n\nMeans over pictures and their standard errors; negative would be behind.\n\n"
        f"Over the share of hidden patches, on {record['pictures']:,} of these pictures:\n\n"
        + "\n\n".join(tables)
        + "\n"
    )


def with_section(card: str, text: str) -> str:
    """The card with the section in place of an older one, before its limits or at its end."""
    start = card.find(TITLE)
    if start >= 0:
        end = card.find("\n## ", start)
        card = card[:start] + (card[end + 1 :] if end >= 0 else "")
    place = card.find("## Training")
    place = len(card) if place < 0 else place
    return card[:place] + text + "\n" + card[place:]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print, and write."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.mae_baselines", description=__doc__)
    p.add_argument("--data", type=Path, nargs="+", required=True, help="as in the training")
    p.add_argument("--network", default="mae_nano_patch8_112", help="name in the catalog")
    p.add_argument(
        "--every", type=int, default=4, help="take every so many-th picture where not at 75 percent"
    )
    p.add_argument("--limit", type=int, help="at most so many pictures a split, for a trial")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--target", type=Path, default=weights.FOLDER, help="folder of JSON and card")
    args = p.parse_args(argv)
    model = weights.load(args.network)
    assert isinstance(model, MAE)
    dataset = data.load_all(args.data, 128, args.limit)
    val = copies.unseen(dataset)

    def some(every: int) -> Split:
        return Split(val.images[::every], val.labels[::every])

    radius = better_radii(model, some(5 * args.every), args.workers)
    radii = {name: (one,) for name, one in radius.items()}
    curves = []
    for percent in RATIOS:
        found = measured(model, some(args.every), percent / 100, radii, args.workers)
        curves.append({name: numbers(scores) for name, scores in named(found).items()})
        print(percent, {name: row["mse"] for name, row in curves[-1].items()}, flush=True)
    whole = named(measured(model, val, USUAL / 100, radii, args.workers))
    record = {
        "network": args.network,
        "sha256": sha256((weights.FOLDER / f"{args.network}.safetensors").read_bytes()).hexdigest(),
        "data": f"the validation split of {(dataset.folders or (dataset.name,))[0]}",
        "pictures": len(some(args.every).labels),
        "left_out": len(dataset.val.labels) - len(val.labels),
        "size": model.cfg.image_size,
        "grid": [model.cfg.grid] * 2,
        "opencv": cv2.__version__,
        "ratios": [percent / 100 for percent in RATIOS],
        "methods": {
            name: {key: [curve[name][key] for curve in curves] for key in curves[0][name]}
            | ({"radius": radius[name]} if name in radius else {})
            for name in curves[0]
        },
        "usual": {
            "ratio": USUAL / 100,
            "pictures": len(val.labels),
            "methods": {name: numbers(scores) for name, scores in whole.items()},
            "margins": margins(whole),
        },
    }
    text = section(record)
    print(text)
    card = args.target / f"{args.network}.safetensors.md"
    write_whole(
        args.target / f"{args.network}.json", (json.dumps(record, indent=1) + "\n").encode()
    )
    if card.exists():
        write_whole(card, with_section(card.read_text(encoding="utf-8"), text).encode())


if __name__ == "__main__":
    main()
