"""What windows save: multiply-adds of one attention layer, windows against all to all."""

import numpy as np

from viz_core import windows

WIDTH = 96  # numbers of a token
WINDOW = 7  # tokens along its side
MOST = 140  # tokens along a side of the largest map

sides = np.arange(WINDOW, MOST + 1, WINDOW)

numbers = {
    "side": sides,  # (size,): tokens along a side of the map
    "global_macs": np.array(
        [windows.msa_macs(n, n, WIDTH) for n in sides.tolist()]
    ),  # (size,): equation 1
    "window_macs": np.array(
        [windows.window_msa_macs(n, n, WIDTH, WINDOW) for n in sides.tolist()]
    ),  # (size,): equation 2
}
np.savez("numbers.npz", **numbers)
