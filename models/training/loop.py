"""AdamW, warm-up and cosine, EMA, checkpoint and exact resume.

Every random choice of step s comes from a generator seeded with (seed, s), so a run that was
stopped and resumed takes the very same steps as one that was not.
"""

import copy
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from tqdm import tqdm

from models.training.augment import augment, mix, resize, to_input
from models.training.data import Dataset, Split
from models.training.recipes import Phase, Recipe
from models.vit import ViT

SAVE_EVERY_SECONDS = 120
EVAL_BATCH = 128


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


def learning_rate(recipe: Recipe, share: float) -> float:
    """Linear warm-up, then a cosine to zero; `share` of the whole training in [0, 1]."""
    if share < recipe.warmup:
        return recipe.learning_rate * share / recipe.warmup
    done = (share - recipe.warmup) / (1 - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1)))


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; biases, norms, tokens and positions do not."""
    named = dict(model.named_parameters())
    decayed = [p for k, p in named.items() if p.ndim >= 2 and "pos_embed" not in k and "token" not in k]
    chosen = {id(p) for p in decayed}
    free = [p for p in named.values() if id(p) not in chosen]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


@dataclass
class Run:
    """The state of a training, all that a checkpoint holds."""

    model: nn.Module
    ema: nn.Module
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0

    def save(self, path: Path) -> None:
        """Write the checkpoint whole or not at all."""
        part = path.with_suffix(".part")
        state = {name: getattr(self, name).state_dict() for name in ("model", "ema", "optimizer")}
        torch.save(state | {"step": self.step, "seconds": self.seconds}, part)
        part.replace(path)

    def restore(self, path: Path, device: str) -> None:
        """Continue from a checkpoint of the same recipe."""
        state = torch.load(path, map_location=device, weights_only=True)
        for name in ("model", "ema", "optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.seconds = state["step"], state["seconds"]


def start(recipe: Recipe, classes: int, device: str, seed: int) -> Run:
    """A fresh run: the initial weights depend on the seed only."""
    torch.manual_seed(seed)
    model = recipe.build(classes)
    if recipe.prepare:
        recipe.prepare(model)
    model = model.to(device)
    ema = copy.deepcopy(model).requires_grad_(False).eval()
    groups = decay_groups(model, recipe.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)
    return Run(model, ema, optimizer)


def step_loss(
    model: nn.Module, images: Tensor, targets: Tensor, recipe: Recipe, phase: Phase, g: Generator
) -> Tensor:
    """Cross-entropy of one augmented batch: uint8 (b, 3, S, S), probabilities (b, classes)."""
    x = augment(to_input(images), phase.size, recipe.augment, g)
    x, targets = mix(x, targets, recipe.augment.mixup, g)
    if phase.keep < 1:
        assert isinstance(model, ViT), "only a ViT can drop patches"
        logits = model.classify(keep_patches(model.embed(x), model.cfg.prefix, phase.keep, g))
    else:
        logits = model(x)
    return F.cross_entropy(logits.float(), targets, label_smoothing=recipe.smoothing)


@torch.no_grad()
def update_ema(run: Run, decay: float) -> None:
    """Move the average towards the model; a young average moves faster."""
    share = 1 - min(decay, (1 + run.step) / (10 + run.step))
    pairs = zip(run.ema.state_dict().values(), run.model.state_dict().values(), strict=True)
    for slow, fast in pairs:
        if slow.dtype.is_floating_point:
            slow.lerp_(fast, share)
        else:
            slow.copy_(fast)


@torch.inference_mode()
def evaluate(model: nn.Module, split: Split, size: int) -> dict[str, float]:
    """Top-1 and top-5 in percent and cross-entropy in nats on whole pictures."""
    was_training = model.training
    model.eval()
    top1 = top5 = loss = 0.0
    for images, labels in zip(split.images.split(EVAL_BATCH), split.labels.split(EVAL_BATCH), strict=True):
        logits = model(resize(to_input(images), size)).float()
        best = logits.topk(min(5, logits.shape[1])).indices
        top1 += float((best[:, 0] == labels).sum())
        top5 += float((best == labels[:, None]).sum())
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
    model.train(was_training)
    n = len(split.labels)
    return {"top1": 100 * top1 / n, "top5": 100 * top5 / n, "nats": loss / n}


def batches(count: int, recipe: Recipe, seed: int, epoch: int) -> list[Tensor]:
    """Index batches of one epoch; an incomplete last batch is left out."""
    order = torch.randperm(count, generator=generator("cpu", seed, 1, epoch))
    return [part for part in order.split(recipe.batch) if len(part) == recipe.batch]


def train(
    recipe: Recipe, data: Dataset, folder: Path, *, device: str, seed: int = 0, bf16: bool = False
) -> Iterator[dict[str, float]]:
    """Train to the end, resuming from `folder` if it holds a checkpoint.

    Yields the metrics of each epoch after writing them to `metrics.jsonl`.
    """
    run = start(recipe, len(data.classes), device, seed)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        run.restore(checkpoint, device)
    per_epoch = len(data.train.labels) // recipe.batch
    if per_epoch == 0:
        raise ValueError(f"fewer than {recipe.batch} training pictures; lower the batch size")
    splits = data.train.to(device), data.val.to(device)
    for epoch in range(run.step // per_epoch, recipe.epochs):
        row = _epoch(run, recipe, splits, epoch, per_epoch, checkpoint, device, seed, bf16)
        with (folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        run.save(checkpoint)
        yield row


def _epoch(
    run: Run,
    recipe: Recipe,
    splits: tuple[Split, Split],
    epoch: int,
    per_epoch: int,
    checkpoint: Path,
    device: str,
    seed: int,
    bf16: bool,
) -> dict[str, float]:
    phase, (training, validation) = recipe.phase(epoch), splits
    classes = int(training.labels.max()) + 1
    order = batches(len(training.labels), recipe, seed, epoch)
    first = run.step - epoch * per_epoch
    losses: list[Tensor] = []
    began = saved = time.monotonic()
    before = run.seconds
    run.model.train()
    bar = tqdm(order[first:], f"epoch {epoch + 1}/{recipe.epochs}", initial=first, total=per_epoch)
    for index in bar:
        rate = learning_rate(recipe, run.step / (per_epoch * recipe.epochs))
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        index = index.to(device)
        targets = F.one_hot(training.labels[index], classes).float()
        g = generator(device, seed, 2, run.step)
        with torch.autocast(device, torch.bfloat16, enabled=bf16):
            loss = step_loss(run.model, training.images[index], targets, recipe, phase, g)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(run.model.parameters(), recipe.clip)
        run.optimizer.step()
        run.step += 1
        update_ema(run, recipe.ema)
        losses.append(loss.detach())
        run.seconds = before + time.monotonic() - began
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            run.save(checkpoint)
            saved = time.monotonic()
            bar.set_postfix(loss=f"{float(loss):.3f}")
    mean = float(torch.stack(losses).mean()) if losses else math.nan
    scores = evaluate(run.ema, validation, phase.size)
    return {"epoch": epoch + 1, "size": phase.size, "keep": phase.keep, "loss": mean,
            "seconds": run.seconds} | scores
