"""Where each architecture keeps what the methods read: one place that knows the five of them.

A network is a stream of tokens or of places of a map that blocks write to, and a head that reads
its end: a class token, the mean of all places, or places weighed by sequence pooling.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from torch import Tensor, nn

from models.tap import taps

Layout = Literal["tokens", "channels last", "channels first"]
Reads = Literal["class token", "mean", "pooling"]


@dataclass(frozen=True)
class Stream:
    """Names of taps, and how to read what passes them.

    Attributes:
        entrance: The stream before the first block.
        blocks: The stream after every block, first to last.
        patterns: Attention after the softmax, of every block; empty where there is none.
        layout: Axes of the stream after the batch: tokens and channels, or a map.
        prefix: Tokens before the first patch.
        reads: What the head makes its one vector of.
        pooling: Weights of sequence pooling; empty where there is none.
    """

    entrance: str
    blocks: tuple[str, ...]
    patterns: tuple[str, ...]
    layout: Layout
    prefix: int = 0
    reads: Reads = "mean"
    pooling: str = ""

    @property
    def last_read(self) -> str:
        """The last stream that all patches reach the head from.

        After the last block a class token alone is read: patches get no gradient there, so it is
        the input of that block.
        """
        if self.reads != "class token":
            return self.blocks[-1]
        return self.blocks[-2] if len(self.blocks) > 1 else self.entrance


def stream(model: nn.Module) -> Stream:
    """Where a network keeps its stream.

    Raises:
        ValueError: If it is none of the architectures known here.
    """
    views: dict[str, str] = getattr(model, "views", {})
    config: Any = getattr(model, "cfg", None)
    if "global attention" in views:
        reads: Reads = "class token" if config.pool == "class" else "mean"
        return Stream(
            "embedded", _all(model, views["tokens"]), _all(model, views["global attention"]),
            "tokens", config.prefix, reads,
        )  # fmt: skip
    if "compact attention" in views:
        return Stream(
            "classifier.embedded",
            _all(model, views["compact tokens"]),
            _all(model, views["compact attention"]),
            "tokens",
            config.prefix,
            "pooling" if config.seq_pool else "class token",
            "classifier.pooling" if config.seq_pool else "",
        )
    if "window attention" in views:
        patterns = views["window attention"]
        blocks = patterns.replace("attn.pattern", "resid_post")
        return Stream("embedded", _all(model, blocks), _all(model, patterns), "channels last")
    if "block maps" in views:
        return Stream("embedded", _all(model, views["block maps"]), (), "channels first")
    raise ValueError(f"{type(model).__name__} has no stream that is known here.")


def places(x: Tensor, layout: Layout, prefix: int) -> Tensor:
    """One picture's stream as a list of places without the prefix: (1, ...) -> (n, d)."""
    if layout == "tokens":
        return x[0, prefix:]
    if layout == "channels last":
        return x[0].flatten(0, 1)
    return x[0].flatten(1).mT


def says(model: nn.Module, vectors: Tensor) -> Tensor:
    """Last norm and head on any vectors of the stream: (n, d) -> (n, classes).

    Raises:
        ValueError: If they are not as wide as what the head reads.
    """
    net: Any = model
    views: dict[str, str] = getattr(model, "views", {})
    staged = hasattr(net.cfg, "width_of")
    width = net.cfg.width_of(len(net.cfg.depths) - 1) if staged else net.cfg.width
    if vectors.shape[-1] != width:
        raise ValueError(
            f"The head reads {width} channels, but this layer has {vectors.shape[-1]}: "
            "choose a layer of the last stage."
        )
    if "global attention" in views:
        return net.head(net.pre_logits(net.fc_norm(net.norm(vectors))))
    if "compact attention" in views:
        return net.classifier.fc(net.classifier.norm(vectors))
    if "window attention" in views:
        return net.head(net.norm(vectors))
    return net.head(vectors) if hasattr(net, "head") else net.fc(vectors)


def _all(model: nn.Module, pattern: str) -> tuple[str, ...]:
    """Names of the matching taps, in the order of the forward pass."""
    return tuple(name for name in taps(model) if fnmatchcase(name, pattern))
