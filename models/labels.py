"""Names of the classes that a network tells apart, in the order of its logits."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "labels"


def _cifar10() -> tuple[str, ...]:
    return tuple((FOLDER / "cifar10.txt").read_text(encoding="utf-8").splitlines())


def _everyday32() -> tuple[str, ...]:
    return tuple((FOLDER / "everyday32.txt").read_text(encoding="utf-8").splitlines())


def _imagenet1k() -> tuple[str, ...]:
    """What timm's `ImageNetInfo` says, read from its text files: importing timm costs seconds."""
    folder = Path(str(distribution("timm").locate_file("timm/data/_info")))
    synsets = (folder / "imagenet_synsets.txt").read_text(encoding="utf-8").splitlines()
    rows = (folder / "imagenet_synset_to_lemma.txt").read_text(encoding="utf-8").splitlines()
    lemmas = dict(row.split("\t", maxsplit=1) for row in rows)
    return tuple(lemmas[synset] for synset in synsets)


SOURCES: dict[str, Callable[[], tuple[str, ...]]] = {
    "cifar10": _cifar10,
    "everyday32": _everyday32,
    "imagenet1k": _imagenet1k,
}


@cache
def names(source: str) -> tuple[str, ...]:
    """Class names of a key of `SOURCES`, such as `Entry.labels`.

    ImageNet's are WordNet synonyms, "tench, Tinca tinca", and not unique: 134 and 517 are both
    "crane", the bird and the machine.
    """
    return SOURCES[source]()
