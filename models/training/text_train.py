"""Training of a text network: batches of alike length, dropouts, averaged weights."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.tap import Edit, record
from models.text_compact import PAD, TextCompact
from models.text_data import Vocabulary
from models.training.optimise import BETAS, Kernels, Together, decay_groups, update_average
from models.training.text_recipes import TextRecipe
from models.training.text_sets import Sentences, encoded, padded

CHUNK = 16  # batches in which sentences of alike length are put together


def stand_ins(vocabulary: Vocabulary) -> Tensor:
    """For every row the row that is read when it is missing; padding stays what it is."""
    places = {entry: place for place, entry in enumerate(vocabulary.entries)}
    others = [places[vocabulary.stand_in(entry)] for entry in vocabulary.entries]
    return torch.tensor([PAD, *others[1:]])


def batches(rows: list[Tensor], size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Places of the sentences of every batch of an epoch, in drawn order.

    Batches hold sentences of about the same length, so little of them is padding.
    """
    lengths = torch.tensor([len(row) for row in rows])
    order = torch.randperm(len(rows), generator=generator)
    made: list[Tensor] = []
    for chunk in order.split(size * CHUNK):
        made += chunk[lengths[chunk].argsort(stable=True)].split(size)
    yield from (made[i] for i in torch.randperm(len(made), generator=generator).tolist())


def optimizer(model: nn.Module, recipe: TextRecipe, finer: nn.Module | None = None) -> Together:
    """Muon for the matrices of the blocks and the kernels, AdamW for the rest and `finer`."""
    groups = decay_groups(model, recipe.weight_decay)
    groups[0]["params"] += [] if finer is None else list(finer.parameters())
    names = {id(p): name for name, p in model.named_parameters()}
    moved = [
        p
        for p in groups[0]["params"]
        if any(part in names.get(id(p), "") for part in ("blocks.", "conv_layers"))
    ]
    kept = {id(p) for p in moved}
    groups[0]["params"] = [p for p in groups[0]["params"] if id(p) not in kept]
    share = recipe.muon / recipe.learning_rate
    return Together(
        Kernels(moved, share=share, weight_decay=recipe.weight_decay),
        torch.optim.AdamW(groups, lr=0.0, betas=BETAS, fused=True),
    )


def train(
    recipe: TextRecipe,
    data: Sentences,
    vocabulary: Vocabulary,
    seed: int,
    watch: Callable[[int, TextCompact], None] | None = None,
) -> TextCompact:
    """The averaged weights after all epochs.

    Args:
        recipe: What and how.
        data: The training split.
        vocabulary: As many entries as the recipe's network has rows.
        seed: Of the weights and of everything drawn.
        watch: Called with every epoch, counted from 1, and the averaged network.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model, average = TextCompact(recipe.config), TextCompact(recipe.config)
    with torch.no_grad():
        model.embedder.embeddings.weight.mul_(recipe.spread)
    average.load_state_dict(model.state_dict())
    rows = encoded(data.texts, vocabulary, recipe.config.length)
    finer, pooled = _finer_head(recipe, data), Pooled(recipe.dropout)
    missing, steps = stand_ins(vocabulary), optimizer(model, recipe, finer)
    total = recipe.epochs * sum(1 for _ in batches(rows, recipe.batch, torch.Generator()))
    step = 0
    edits: dict[str, Edit] = {
        "embedder.embedded": partial(F.dropout, p=recipe.embedding_dropout),
        "classifier.embedded": partial(F.dropout, p=recipe.dropout),
        "classifier.pooled": pooled,
    }
    for epoch in range(1, recipe.epochs + 1):
        for places in batches(rows, recipe.batch, generator):
            ids = padded([rows[i] for i in places.tolist()])
            ids = torch.where(torch.rand(ids.shape) < recipe.word_dropout, missing[ids], ids)
            for group in steps.param_groups:
                highest = recipe.learning_rate * group.get("share", 1.0)
                group["lr"] = highest * recipe.rate(step / total)
            with record(model, edits=edits):
                logits = model(ids)
            loss = F.cross_entropy(logits, data.labels[places], label_smoothing=recipe.smoothing)
            if finer is not None and data.finer is not None:
                said = F.cross_entropy(
                    finer(pooled.last), data.finer[places], label_smoothing=recipe.smoothing
                )
                loss = loss + recipe.finer * said
            steps.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            steps.step()
            update_average(average, model, recipe.ema, step)
            step += 1
        if watch is not None:
            watch(epoch, average)
    return average.eval().requires_grad_(False)


class Pooled:
    """Dropout on what the head reads, which is kept for a second head."""

    last: Tensor

    def __init__(self, dropout: float) -> None:
        self._dropout = dropout

    def __call__(self, x: Tensor) -> Tensor:  # (b, d), the same
        self.last = F.dropout(x, p=self._dropout)
        return self.last


def _finer_head(recipe: TextRecipe, data: Sentences) -> nn.Linear | None:
    if not recipe.finer or data.finer is None:
        return None
    return nn.Linear(recipe.config.width, int(data.finer.max()) + 1)


@torch.inference_mode()
def predict(model: TextCompact, data: Sentences, vocabulary: Vocabulary) -> Tensor:
    """Logits of every sentence: (n, classes)."""
    rows = encoded(data.texts, vocabulary, model.cfg.length)
    found = torch.empty(len(rows), model.cfg.classes)
    order = torch.tensor([len(row) for row in rows]).argsort()
    for places in order.split(256):
        found[places] = model(padded([rows[i] for i in places.tolist()]))
    return found
