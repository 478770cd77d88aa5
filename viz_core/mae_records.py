"""What was measured of a shipped masked autoencoder: records that stand beside its weights."""

import json
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Margin:
    """The network against one interpolation, picture by picture.

    Attributes:
        db: By how many dB the network is ahead, mean over pictures; negative if it is behind.
        error_db: Standard error of that mean.
        won_percent: Share of the pictures on which the network has the lower error.
    """

    db: float
    error_db: float
    won_percent: float


@dataclass(frozen=True)
class Baselines:
    """The network beside interpolation, over many validation pictures.

    Attributes:
        sha256: Of the weights that were measured.
        data: Which pictures.
        pictures: How many at each ratio.
        ratios: Hidden shares, growing.
        curves: Metric -> way -> mean score at each ratio; "mse", "psnr" and "ssim".
        usual_ratio: The ratio at which most pictures were measured.
        usual_pictures: How many there.
        usual: Way -> metric -> mean score at that ratio.
        margins: Interpolation -> how far the network is ahead of it there.
    """

    sha256: str
    data: str
    pictures: int
    ratios: tuple[float, ...]
    curves: dict[str, dict[str, tuple[float, ...]]]
    usual_ratio: float
    usual_pictures: int
    usual: dict[str, dict[str, float]]
    margins: dict[str, Margin]

    @property
    def best(self) -> str:
        """The interpolation that comes closest to the network, or is furthest ahead of it."""
        return min(self.margins, key=lambda way: self.margins[way].db)


@dataclass(frozen=True)
class Tuned:
    """Training on labels from one start.

    Attributes:
        epochs: Epochs done at each measurement.
        top1: Validation accuracy in percent there.
        final: Accuracy of the finished network in percent.
        error: Standard error of it.
    """

    epochs: tuple[int, ...]
    top1: tuple[float, ...]
    final: float
    error: float


@dataclass(frozen=True)
class Finetuning:
    """One recipe from two starts, and linear probes of two encoders.

    Attributes:
        data: Which pictures, with labels.
        classes: How many classes.
        train_pictures: For training.
        val_pictures: For measuring.
        epochs: Of either training.
        starts: "pretrained" and "scratch".
        points: By how many percent points the pre-trained start ends higher.
        points_error: Standard error of that, from picture to picture.
        probes: Encoder ("pretrained", "random") -> what is read -> accuracy in percent and its
            standard error.
    """

    data: str
    classes: int
    train_pictures: int
    val_pictures: int
    epochs: int
    starts: dict[str, Tuned]
    points: float
    points_error: float
    probes: dict[str, dict[str, tuple[float, float]]]


METRICS = ("psnr", "mse", "ssim")
STARTS = ("pretrained", "scratch")


def baselines(text: str) -> Baselines:
    """Read what `benchmarks/mae_baselines.py` wrote.

    Raises:
        ValueError: If it is no such record, or a curve has not one finite number a ratio.
    """
    try:
        record: dict[str, Any] = json.loads(text)
        usual = record["usual"]
        ratios = tuple(float(ratio) for ratio in record["ratios"])
        found = Baselines(
            sha256=str(record["sha256"]),
            data=str(record["data"]),
            pictures=int(record["pictures"]),
            ratios=ratios,
            curves={
                metric: {
                    way: tuple(float(value) for value in row[metric])
                    for way, row in record["methods"].items()
                }
                for metric in METRICS
            },
            usual_ratio=float(usual["ratio"]),
            usual_pictures=int(usual["pictures"]),
            usual={
                way: {metric: float(row[metric]) for metric in METRICS}
                for way, row in usual["methods"].items()
            },
            margins={
                way: Margin(float(row["psnr"]), float(row["psnr_se"]), float(row["won"]))
                for way, row in usual["margins"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"this is no record of a masked autoencoder: {error!r}") from error
    curves = [row for rows in found.curves.values() for row in rows.values()]
    if not found.margins:
        raise ValueError("this is no record of a masked autoencoder: it compares with nothing")
    if any(len(row) != len(ratios) or not all(map(math.isfinite, row)) for row in curves):
        raise ValueError(f"a curve needs {len(ratios)} finite numbers, one a ratio")
    return found


def finetuning(text: str) -> Finetuning:
    """Read what `benchmarks/mae_finetune.py` wrote.

    Raises:
        ValueError: If it is no such record, or a number in it is not finite.
    """
    try:
        record: dict[str, Any] = json.loads(text)
        found = Finetuning(
            data=str(record["data"]),
            classes=int(record["classes"]),
            train_pictures=int(record["pictures"]["train"]),
            val_pictures=int(record["pictures"]["val"]),
            epochs=int(record["epochs"]),
            starts={start: _tuned(record["finetune"][start]) for start in STARTS},
            points=float(record["difference"]["points"]),
            points_error=float(record["difference"]["se"]),
            probes={
                encoder: {
                    kind: (float(row["top1"]), float(row["se"])) for kind, row in rows.items()
                }
                for encoder, rows in record["probe"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"this is no record of a fine-tuning: {error!r}") from error
    numbers = [found.points, found.points_error]
    numbers += [value for one in found.starts.values() for value in (*one.top1, one.final)]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("every number of a fine-tuning must be finite")
    return found


def _tuned(row: dict[str, Any]) -> Tuned:
    return Tuned(
        epochs=tuple(int(one["epoch"]) for one in row["curve"]),
        top1=tuple(float(one["top1"]) for one in row["curve"]),
        final=float(row["top1"]),
        error=float(row["se"]),
    )
