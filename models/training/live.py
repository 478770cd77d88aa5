"""Training in small pieces that a person can watch, stop and continue.

`Training.run()` gives a `Progress` about twice a second: numbers so far and how one picture is
seen just now. The budget is time or passes over the data, and the learning rate follows the share
of it that is spent, so a run ends well however fast the machine is. Every random choice of a step
comes from the seed and the number of the step: neither watching nor stopping changes a run.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.compact import Compact
from models.training.augment import to_input
from models.training.data import Dataset, Split
from models.training.evaluate import evaluate
from models.training.live_config import LiveConfig, Look, Point, Probe, Progress, Trained
from models.training.live_views import look, varied
from models.training.loop import batches, generator
from models.training.optimise import learning_rate, update_average
from models.training.state import Run, start

CHUNK_SECONDS = 0.5
PROBE_PICTURES = 500  # held out, looked at on the way
PROBES = 20  # on the way, spread evenly over the budget
PROBE_SHARE = 0.1  # of the time at most
# Of the budget; what was seen then is kept. Close together at first, where most happens.
MOMENTS = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.6, 1.0)


@dataclass
class _Log:
    points: list[Point] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    film: list[Look] = field(default_factory=list)
    watched: str = ""
    moments: int = 0
    asked: float = 0.0  # seconds of the run when held-out pictures were last asked
    asking: float = 0.0  # seconds that this took


class Training:
    """One run.

    Args:
        config: What was chosen.
        read: Reads the pictures; called with the first piece.
        watched: Name and pixels, uint8 (S, S, 3), of the picture that is watched from the start.
        clock: Seconds that only grow.
        bf16: Whether products are made in bfloat16.
    """

    def __init__(
        self,
        config: LiveConfig,
        read: Callable[[], Dataset],
        watched: tuple[str, np.ndarray] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        bf16: bool = False,
    ) -> None:
        self.config, self._read, self._clock, self._bf16 = config, read, clock, bf16
        self._watched = watched
        self._recipe = config.recipe()
        self._log = _Log()
        self._data: Dataset | None = None
        self._state: Run | None = None
        self._order: tuple[int, list[Tensor]] = (-1, [])

    def watch(self, name: str, picture: np.ndarray) -> None:
        """Look at another picture from the next piece on; the film begins anew."""
        self._watched = name, picture

    def look_at(self, picture: np.ndarray) -> Look | None:
        """How another picture is seen just now; None before the first piece."""
        return look(self._state.ema, picture, self._share()) if self._state else None

    def run(self) -> Iterator[Progress]:
        """Train to the end of the budget; the first item is the untrained network.

        Raises:
            ValueError: If a batch is larger than the training split.
            FloatingPointError: If the loss is no longer a number.
        """
        self._data = self._read()
        if len(self._data.train.labels) < self.config.batch:
            raise ValueError(
                f"a batch of {self.config.batch} is more than the "
                f"{len(self._data.train.labels)} training pictures: choose a smaller one"
            )
        self._state = start(self._recipe, len(self._data.classes), "cpu", self.config.seed)
        yield self._progress()
        while self._share() < 1:
            self._piece(self._data, self._state)
            yield self._progress()
        self._probe(self._data, self._state, len(self._data.val.labels))
        yield self._progress()

    def trained(self) -> Trained | None:
        """A copy of the network as it is, with averaged weights; None before the first step."""
        if self._data is None or self._state is None or not self._state.step:
            return None
        model = self._recipe.build(len(self._data.classes))
        model.load_state_dict(self._state.ema.state_dict())
        assert isinstance(model, Compact)
        model.eval().requires_grad_(False)
        return Trained(self.config, self._data.name, self._data.classes, model, self._progress())

    def _per_epoch(self) -> int:
        assert self._data is not None
        return len(self._data.train.labels) // self.config.batch

    def _share(self, running: float = 0.0) -> float:
        """Of the budget that is spent, `running` seconds of it in the piece under way."""
        assert self._state is not None
        if self.config.epochs:
            spent = self._state.step / max(1, round(self.config.epochs * self._per_epoch()))
        else:
            spent = (self._state.seconds + running) / (60 * self.config.minutes)
        return min(1.0, spent)

    def _piece(self, data: Dataset, state: Run) -> None:
        """Steps for about half a second, and what is due in between."""
        began = self._clock()
        losses, right = [], []
        state.model.train()
        while True:
            loss, hits = self._step(data, state, self._share(self._clock() - began))
            losses.append(loss)
            right.append(hits)
            running = self._clock() - began
            if running > CHUNK_SECONDS or self._share(running) >= 1:
                break
        self._note(state, float(torch.stack(losses).mean()), float(torch.stack(right).mean()))
        if self._due(self._share(running), state.seconds + running):
            asked = self._clock()
            self._probe(data, state, PROBE_PICTURES)
            ended = self._clock()
            self._log.asking, self._log.asked = ended - asked, state.seconds + ended - began
        state.seconds += self._clock() - began

    def _due(self, share: float, seconds: float) -> bool:
        """Whether held-out pictures are to be asked; on a slow machine that must not eat it up."""
        log = self._log
        rested = seconds - log.asked >= log.asking / PROBE_SHARE
        return rested and share * PROBES >= len(log.probes) + 1

    def _step(self, data: Dataset, state: Run, share: float) -> tuple[Tensor, Tensor]:
        """One update; its loss and the share of right answers."""
        rate = learning_rate(self._recipe, share)
        for group in state.optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        g = generator("cpu", self.config.seed, 2, state.step)
        index = self._batch(state.step)
        labels = data.train.labels[index]
        images = varied(data.train.images[index], self.config, g)
        x = to_input(images).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            logits = state.model(x)
        logits = logits.float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self._recipe.smoothing)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(state.model.parameters(), self._recipe.clip)
        state.optimizer.step()
        state.step += 1
        update_average(state.ema, state.model, self._recipe.ema, state.step)
        return loss.detach(), (logits.detach().argmax(dim=1) == labels).float().mean()

    def _batch(self, step: int) -> Tensor:
        epoch, place = divmod(step, self._per_epoch())
        if self._order[0] != epoch:
            assert self._data is not None
            count = len(self._data.train.labels)
            self._order = epoch, batches(count, self._recipe, self.config.seed, epoch)
        return self._order[1][place]

    def _note(self, state: Run, loss: float, right: float) -> None:
        if not math.isfinite(loss):
            raise FloatingPointError("the loss is no longer a number; lower the learning rate")
        self._log.points.append(Point(state.step * self.config.batch, loss, 100 * right))

    def _probe(self, data: Dataset, state: Run, count: int) -> None:
        """Ask held-out pictures, evenly spread because they may be sorted by class."""
        total = len(data.val.labels)
        index = torch.linspace(0, total - 1, min(count, total)).round().long()
        some = Split(data.val.images[index], data.val.labels[index])
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            top1 = evaluate(state.ema, some, some.images.shape[-1])["top1"]
        self._log.probes.append(Probe(state.step * self.config.batch, top1, len(index)))

    def _look(self, state: Run, share: float) -> tuple[str, Look] | None:
        watched, log = self._watched, self._log
        if watched is None:
            return None
        name, picture = watched
        seen = look(state.ema, picture, share)
        if log.watched != name:
            log.watched, log.film = name, []
        passed = sum(share >= moment for moment in MOMENTS)
        if not log.film or passed > log.moments:
            log.film.append(seen)
        log.moments = passed
        return name, seen

    def _progress(self) -> Progress:
        state, share = self._state, self._share()
        assert state is not None
        left = state.seconds * (1 - share) / share if share and state.step else None
        seen = self._look(state, share)
        return Progress(
            step=state.step,
            pictures=state.step * self.config.batch,
            epochs=state.step / self._per_epoch(),
            seconds=state.seconds,
            share=share,
            left=left,
            points=tuple(self._log.points),
            probes=tuple(self._log.probes),
            watched=seen[0] if seen else "",
            look=seen[1] if seen else None,
            film=tuple(self._log.film),
        )
