"""How a Swin cuts its map: windows, shifted windows, and which parts may meet."""

import numpy as np

from viz_core import window_mask, windows
from viz_core.windows import Layout

GRID = (14, 14)  # rows and columns of tokens
WINDOW = 7
SHIFT = 3

cut = Layout(GRID, WINDOW, SHIFT)

numbers = {
    "window_of_place": windows.window_ids(cut),  # (row, column): window, in the rolled map
    "token_at_place": windows.rolled(cut),  # (row, column): what lies there after the roll
    "members": windows.members(cut),  # (window, slot): tokens of each window, row by row
    "region_of_token": window_mask.region_ids_in_picture(
        cut
    ),  # (row, column): regions that may not meet
    "mask": window_mask.attention_mask(
        cut
    ),  # (window, query, key): 0 where open, -100 where closed
}
np.savez("numbers.npz", **numbers)
