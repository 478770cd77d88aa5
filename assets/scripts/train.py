"""A small network before or after its training: which places it reads, and what it says."""

from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from models.training import data
from models.training.live import Training
from models.training.live_config import LiveConfig
from models.training.live_views import look
from viz_core import images

PICTURE = "assets/gallery/cat.jpg"
VARIANT = "cct_2_3x2_32"
CLASSES = 10
SEED = 0
WEIGHTS = None  # or the path of the file that “Download the weights” gave you
EPOCHS = 0.0  # passes over the shipped pictures before looking, such as 0.5; a minute or more

config = LiveConfig(variant=VARIANT, minutes=0, epochs=EPOCHS or 1, seed=SEED)
torch.manual_seed(SEED)
model = config.recipe().build(CLASSES).eval()
if WEIGHTS:
    model.load_state_dict(safetensors.torch.load_file(WEIGHTS))
elif EPOCHS:
    training = Training(config, lambda: data.load(Path("assets/data/cifar10"), 32))
    for now in training.run():
        print(f"{100 * now.share:.0f} % of the training, {now.held_out} % right")
    model = training.trained().model

picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, size=32, crop_share=1.0, mean=(0, 0, 0), std=(1, 1, 1))
square = np.round(255 * seen.pixels[0].transpose(1, 2, 0)).astype(np.uint8)
found = look(model, square)

numbers = {
    "picture": square,  # (row, column, colour): what the network is given, 0 to 255
    "reading": found.weights,  # (row, column): share of each place in what is read
    "probabilities": found.probabilities,  # (class,): the answer
}
np.savez("numbers.npz", **numbers)
