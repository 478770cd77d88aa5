"""The training loop, with exact resume.

Every random choice of step s comes from a generator seeded with (seed, s), so a run that was
stopped and resumed takes the very same steps as one that was not (bit by bit on the CPU; a GPU
may add up in another order).
"""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from models.training import journal, reconstruct
from models.training.augment import augment, mix, to_input
from models.training.data import Dataset, Split
from models.training.evaluate import evaluate
from models.training.journal import Row
from models.training.optimise import learning_rate, update_average
from models.training.recipe import Phase, Recipe
from models.training.state import Run, start
from models.vit import ViT

SAVE_EVERY_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Job:
    """What stays the same during a training; both splits lie on `device`."""

    recipe: Recipe
    train: Split
    val: Split
    classes: int
    folder: Path
    device: str
    seed: int
    bf16: bool

    @property
    def per_epoch(self) -> int:
        """Steps an epoch; an incomplete last batch is left out."""
        return len(self.train.labels) // self.recipe.batch

    @property
    def film(self) -> frozenset[int]:
        """Steps after which the averaged weights are kept."""
        total, end = self.per_epoch * self.recipe.epochs, self.per_epoch * self.recipe.last
        return frozenset(min(round(share * total), end) for share in self.recipe.snapshots)

    @property
    def checkpoint(self) -> Path:
        """Where the state is kept."""
        return self.folder / "checkpoint.pt"


def generator(device: str, *numbers: int) -> Generator:
    """A generator that depends on the numbers only (and on the kind of device)."""
    seed = 0
    for number in numbers:
        seed = (seed * 1_000_003 + number + 1) % (2**63 - 1)
    return torch.Generator(device=device).manual_seed(seed)


def keep_patches(tokens: Tensor, prefix: int, share: float, g: Generator) -> Tensor:
    """A random subset of the patches of each picture: (b, n, d) -> (b, prefix + kept, d)."""
    b, n, d = tokens.shape
    kept = max(1, round(share * (n - prefix)))
    order = torch.rand(b, n - prefix, generator=g, device=tokens.device).argsort(dim=1)
    index = order[:, :kept, None].expand(-1, -1, d) + prefix
    return torch.cat([tokens[:, :prefix], tokens.gather(1, index)], dim=1)


def batches(count: int, recipe: Recipe, seed: int, epoch: int) -> list[Tensor]:
    """Index batches of one epoch; an incomplete last batch is left out."""
    order = torch.randperm(count, generator=generator("cpu", seed, 1, epoch))
    return [part for part in order.split(recipe.batch) if len(part) == recipe.batch]


def step_loss(model: nn.Module, job: Job, phase: Phase, index: Tensor, g: Generator) -> Tensor:
    """Loss of one augmented batch, the training pictures at `index`."""
    index, how = index.to(job.device), job.recipe.augment
    if job.recipe.task == "reconstruct":
        x = to_input(reconstruct.crop(job.train.images[index], phase.size, g))
        return reconstruct.loss(model, x, 1 - phase.keep, g, bf16=job.bf16)
    targets = F.one_hot(job.train.labels[index], job.classes).float()
    x = augment(to_input(job.train.images[index]), phase.size, how, g)
    x, targets = mix(x, targets, how.mixup, g)
    x = x.contiguous(memory_format=torch.channels_last)  # twice as fast in convolutions on a CPU
    # The network only: bf16 sampling coordinates would be a quarter of a pixel off.
    with torch.autocast(torch.device(job.device).type, torch.bfloat16, enabled=job.bf16):
        if phase.keep < 1:
            assert isinstance(model, ViT), "only a ViT can drop patches"
            logits = model.classify(keep_patches(model.embed(x), model.cfg.prefix, phase.keep, g))
        else:
            logits = model(x)
    return F.cross_entropy(logits.float(), targets, label_smoothing=job.recipe.smoothing)


def train(
    recipe: Recipe,
    data: Dataset,
    folder: Path,
    *,
    device: str,
    seed: int = 0,
    bf16: bool = False,
    origin: Path | None = None,
) -> Iterator[Row]:
    """Train to the end, resuming from `folder` if it holds a checkpoint.

    Yields the metrics of each epoch after writing them to `metrics.jsonl`. A new run starts from
    the averaged weights of the run in `origin`, a folder, or from exported ones, a .safetensors
    file; of a masked autoencoder, a ViT takes the encoder.

    Raises:
        ValueError: If a batch is larger than the training split, or a checkpoint belongs to
            another network or to other settings.
        FloatingPointError: If the loss is no longer a number.
    """
    job = Job(
        recipe=recipe,
        train=data.train.to(device),
        val=data.val.to(device),
        classes=len(data.classes),
        folder=folder,
        device=device,
        seed=seed,
        bf16=bf16,
    )
    if job.per_epoch == 0:
        raise ValueError(f"fewer than {recipe.batch} training pictures; lower the batch size")
    run = start(recipe, job.classes, device, seed)
    wanted, machines = journal.settings(recipe, data) | {"seed": seed}, []
    if origin:
        wanted |= {"start": journal.origin(origin, data.name)}
        exported = origin.suffix == journal.WEIGHTS
        run.adopt(origin if exported else origin / job.checkpoint.name, device)
    if job.checkpoint.exists():
        run.restore(job.checkpoint, device)
        journal.check(folder, wanted)
        machines = journal.facts(folder).get("machines", [])
    # A checkpoint with losses was written inside an epoch, even if after its last step.
    epochs = range((run.step - len(run.losses)) // job.per_epoch, recipe.last)
    if epochs or not machines:
        journal.begin(folder, wanted, [*machines, journal.machine(device, bf16)])
    for epoch in epochs:
        row = _epoch(run, job, epoch)
        _snapshot(run, job)
        journal.add(folder, row)
        run.save(job.checkpoint)
        yield row


def _epoch(run: Run, job: Job, epoch: int) -> Row:
    """What is left of an epoch, and the averaged weights' scores after it."""
    recipe, phase = job.recipe, job.recipe.phase(epoch)
    order = batches(len(job.train.labels), recipe, job.seed, epoch)
    before, began = run.seconds, time.monotonic()
    saved = began
    run.model.train()
    first = run.step - epoch * job.per_epoch
    for index in _progress(order, first, f"epoch {epoch + 1}/{recipe.last}"):
        _snapshot(run, job)
        run.losses.append(_step(run, job, phase, index))
        run.seconds = before + time.monotonic() - began
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            run.save(job.checkpoint)
            saved = time.monotonic()
    loss = float(torch.stack(run.losses).mean())  # waits for a GPU, so the time comes after it
    run.seconds = before + time.monotonic() - began
    run.losses.clear()
    if not math.isfinite(loss):
        raise FloatingPointError(
            f"the loss of epoch {epoch + 1} is {loss}: lower the learning rate"
        )
    row = {"epoch": epoch + 1, "size": phase.size, "keep": phase.keep, "loss": loss}
    return row | {"seconds": run.seconds} | measured(run.ema, recipe, job.val, phase)


def measured(model: nn.Module, recipe: Recipe, split: Split, phase: Phase) -> Row:
    """What the recipe's task is judged by, on a split."""
    if recipe.task == "reconstruct":
        return reconstruct.evaluate(model, split, phase.size, 1 - phase.keep)
    return evaluate(model, split, phase.size)


def _snapshot(run: Run, job: Job) -> None:
    """Keep the averaged weights if the film has a frame at this step."""
    if run.step in job.film:
        run.keep_frame(job.folder / "snapshots" / f"{run.step:07d}.pt")


def _step(run: Run, job: Job, phase: Phase, index: Tensor) -> Tensor:
    """One update of weights and average; returns its loss."""
    recipe = job.recipe
    rate = learning_rate(recipe, run.step / (job.per_epoch * recipe.epochs))
    for group in run.optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)
    loss = step_loss(run.model, job, phase, index, generator(job.device, job.seed, 2, run.step))
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(run.model.parameters(), recipe.clip)
    run.optimizer.step()
    run.step += 1
    update_average(run.ema, run.model, recipe.ema, run.step)
    return loss.detach()


def _progress(order: list[Tensor], first: int, label: str) -> Iterable[Tensor]:
    """The batches from `first` on; in a terminal, and with tqdm installed, under a bar."""
    try:
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError:
        return order[first:]
    return tqdm(order[first:], label, initial=first, total=len(order), leave=False, disable=None)
