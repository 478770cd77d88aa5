"""From ResNet-50 to ConvNeXt-T: weights and multiply-adds counted, beside the paper."""

import numpy as np
import torch

from models.modernize import ModernNet
from models.road import ROAD
from viz_core.probe import ledger
from viz_core.road import wire

SIDE = 224  # pixels

image = torch.empty(1, 3, SIDE, SIDE, device="meta")  # shapes without numbers
found = []
for step in ROAD.values():
    with torch.device("meta"):
        network = ModernNet(step.config).eval()
    found.append(wire.variant(ledger.observe(network, image)))

numbers = {
    "station": np.array([step.title for step in ROAD.values()]),  # (station,): title
    "weights": np.array([one.parameters for one in found]),  # (station,): numbers that are learned
    "macs": np.array([one.macs for one in found]),  # (station,): multiply-adds of one picture
    "paper_top1": np.array([step.top1 for step in ROAD.values()]),  # (station,): percent
    "paper_gflops": np.array([step.gflops for step in ROAD.values()]),  # (station,): as printed
}
np.savez("numbers.npz", **numbers)
