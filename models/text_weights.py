"""Text networks that ship, with their vocabulary: a .safetensors file and a .json beside it."""

import json
from dataclasses import dataclass
from typing import Any

import torch

from models.tensorfile import TensorFile, WeightsError
from models.text_catalog import TEXTS
from models.text_compact import TextCompact, TextConfig
from models.text_data import Vocabulary
from models.weights import misfits, shipped


@dataclass(frozen=True)
class TextModel:
    """A network with what turns sentences into its ids and its logits into words.

    Attributes:
        classes: In the order of the logits.
        about: `accuracy`, in percent on the `test` sentences of the official test split.
    """

    name: str
    model: TextCompact
    vocabulary: Vocabulary
    classes: tuple[str, ...]
    about: dict[str, Any]


def load(name: str) -> TextModel:
    """A shipped text network, ready: evaluation mode, float32, no gradients.

    Raises:
        WeightsError: If a file is missing, not what its checksum says, or does not fit.
    """
    if name not in TEXTS:
        raise WeightsError(f"There is no text network {name!r}; there are: {', '.join(TEXTS)}.")
    title = f"{name}.json"
    config, vocabulary, classes, about = _described(shipped(title), title)
    file = TensorFile(shipped(f"{name}.safetensors"), title=f"{name}.safetensors")
    with torch.device("meta"):
        model = TextCompact(config)
    if wrong := misfits(file.shapes, model.state_dict()):
        raise WeightsError(f"{file.title} does not fit {title}: {'; '.join(wrong)}.")
    model.load_state_dict(file.load(), strict=True, assign=True)
    return TextModel(name, model.eval().requires_grad_(False), vocabulary, classes, about)


def _described(raw: bytes, title: str) -> tuple[TextConfig, Vocabulary, tuple[str, ...], dict]:
    """What the file beside the weights says.

    Raises:
        WeightsError: If it does not describe a text network.
    """
    try:
        said = json.loads(raw)
        config = TextConfig(**said["config"])
        vocabulary = Vocabulary(tuple(said["entries"]))
        classes = tuple(said["classes"])
        about = dict(said["about"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"{title} does not describe a text network ({error}).") from error
    if len(vocabulary) != config.words or len(classes) != config.classes:
        raise WeightsError(f"{title} has other numbers of words or classes than its network.")
    return config, vocabulary, classes, about
