"""Many unknown picture files to small squares, without letting any of them into this process."""

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import PIL
from jaxtyping import UInt8

from viz_core.decode_worker import Verdict
from viz_core.images import UPLOAD_BYTES, WORKER_SECONDS

BATCH_FILES, BATCH_BYTES = 16, UPLOAD_BYTES
NUMBER = struct.Struct("<I")
# As for a single picture (see `viz_core.images`): nothing of this machine reaches the worker.
START = "import sys; sys.path += sys.argv[1:]; from viz_core.squeeze_worker import main; main()"
FOLDERS = (str(Path(PIL.__file__).parents[1]), str(Path(__file__).parents[1]))

Square = UInt8[np.ndarray, "side side 3"]


def squares(
    files: Iterable[bytes], side: int, report: Callable[[int], None] = lambda _: None
) -> list[Square | None]:
    """The central square of every picture at `side` x `side` pixels, in order.

    Args:
        files: Picture files that nobody vouches for; they are asked for a batch at a time.
        side: In pixels.
        report: Told now and then how many files are done.

    Returns:
        None where a file is no picture, is damaged, or costs too much to open.

    Raises:
        RuntimeError: If the worker does not start, which is our fault and not the files'.
        ValueError: If `side` is below 1.
    """
    if side < 1:
        raise ValueError(f"a square needs pixels, got a side of {side}")
    found: list[Square | None] = []
    for batch in _batches(files):
        while batch:
            answers = _ask(batch, side)
            found += answers
            batch = batch[len(answers) :]
            report(len(found))
    return found


def _batches(files: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for raw in files:
        if batch and (len(batch) == BATCH_FILES or sum(map(len, batch)) + len(raw) > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(raw if len(raw) <= UPLOAD_BYTES else b"")
    if batch:
        yield batch


def _ask(batch: list[bytes], side: int) -> list[Square | None]:
    """Answers of one worker; if it ends early, the file at which it ended counts as answered."""
    message = NUMBER.pack(side) + b"".join(NUMBER.pack(len(raw)) + raw for raw in batch)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", START, *FOLDERS],
            input=message, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            timeout=WORKER_SECONDS * (1 + len(batch)),
        )  # fmt: skip
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, status = late.output or b"", Verdict.DAMAGED
    if status in (1, 2):  # Python's own: an import failed, or the command line is wrong
        raise RuntimeError(f"the picture decoder does not start (status {status})")
    answers = _read(output, side)[: len(batch)]
    return answers if len(answers) == len(batch) else [*answers, None]


def _read(output: bytes, side: int) -> list[Square | None]:
    """Whole answers at the beginning of what a worker said."""
    answers: list[Square | None] = []
    size, at = 3 * side * side, 0
    while at < len(output):
        fine = output[at] == Verdict.FINE
        end = at + 1 + size * fine
        if end > len(output):
            break
        pixels = np.frombuffer(output, np.uint8, count=size * fine, offset=at + 1)
        answers.append(pixels.reshape(side, side, 3) if fine else None)
        at = end
    return answers
