"""The logit lens for places: what the head would say if it read each of them alone."""

import torch

from models.tap import record
from viz_core.attribution.question import Found, Question, as_map, score
from viz_core.attribution.stream import places, says, stream


def logit_lens(question: Question) -> Found:
    """Last norm and head on every place of the stream after one layer.

    After the last layer, and with a head that is linear in what it pools, the mean of the map is
    the score (ResNet), or its mean weighed by sequence pooling is (CVT and CCT).

    Raises:
        ValueError: If there is no such layer, or its channels are not those that the head reads.
    """
    read = stream(question.model)
    layers, layer = len(read.blocks), question.settings.layer
    if not -layers <= layer < layers:
        raise ValueError(f"There is no layer {layer}: this network has {layers}, from 0.")
    name = read.blocks[layer]
    with torch.no_grad(), record(question.model, name) as trace:
        whole = question.score(question.image)
    with torch.no_grad():
        said = says(question.model, places(trace[name], read.layout, read.prefix))
    return Found(as_map(score(said, question.target)), whole.item())
