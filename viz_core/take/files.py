"""Numbers as files: CSV for a spreadsheet, NPZ for numpy. Both say where the numbers are from."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

Numbers = Mapping[str, np.ndarray]
ABOUT = "about"  # name of the text in an NPZ
AXES = re.compile(r"\(([\w ]+(?:, [\w ]+)*),?\)")


def npz(numbers: Numbers, about: str) -> bytes:
    """All arrays in one file for `numpy.load`, and a text that says what they are.

    Args:
        numbers: Arrays by name.
        about: Picture, network, settings; stands in the file as the array `about`.

    Raises:
        ValueError: If an array is called `about`.
    """
    if ABOUT in numbers:
        raise ValueError("no array may be called about: that is the text's name")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **numbers, about=np.array(about))
    return buffer.getvalue()


def kind(numbers: Numbers) -> str:
    """Ending of what `sheets` returns: "csv" for one table, "zip" for several."""
    tables = [array for array in numbers.values() if array.ndim]
    return "csv" if len(tables) + (len(tables) < len(numbers)) == 1 else "zip"


def sheets(numbers: Numbers, about: str, notes: Mapping[str, str]) -> bytes:
    """The numbers for a spreadsheet: one CSV file, or a ZIP of them if there are several tables.

    Single numbers share one table. Rows and columns count from 0, as in the code. A table begins
    with lines that start with #; all other lines are a header and numbers. Of an array with more
    than two axes the last one runs along the columns, the others number the rows.

    Args:
        numbers: Arrays by name, at least one.
        about: Picture, network, settings.
        notes: What an array is, by name: "(axis, axis): what, unit". The axes become the header.

    Returns:
        UTF-8 with the mark that spreadsheets need to read it so, or a ZIP of such files.
    """
    single = {name: array for name, array in numbers.items() if array.ndim == 0}
    tables = {name: array for name, array in numbers.items() if array.ndim}
    made = {name: _table(name, array, about, notes.get(name, "")) for name, array in tables.items()}
    if single:
        made["single_numbers"] = _singles(single, about, notes)
    if kind(numbers) == "csv":
        return next(iter(made.values()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in made.items():
            archive.writestr(f"{name}.csv", text)
    return buffer.getvalue()


def _table(name: str, array: np.ndarray, about: str, note: str) -> bytes:
    found = AXES.match(note)
    axes = found[1].split(", ") if found else []
    if len(axes) != array.ndim:
        axes = [f"axis {k}" for k in range(array.ndim)]
    comments = [*about.splitlines(), f"{name} {note}", "Rows and columns count from 0."]
    if array.ndim == 1:
        return _csv(comments, [axes[0], name], enumerate(array))
    header = [*axes[:-1], *(f"{axes[-1]} {k}" for k in range(array.shape[-1]))]
    rows = ([*at, *array[at]] for at in np.ndindex(array.shape[:-1]))
    return _csv(comments, header, rows)


def _singles(single: Numbers, about: str, notes: Mapping[str, str]) -> bytes:
    rows = [[name, array[()], notes.get(name, "")] for name, array in single.items()]
    return _csv(about.splitlines(), ["name", "number", "what"], rows)


def _csv(comments: list[str], header: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    buffer = io.StringIO()
    buffer.writelines(f"# {line}\r\n" for line in comments)
    writer = csv.writer(buffer)
    writer.writerow(header)
    # str, not repr: the shortest text that reads back as the same float32.
    writer.writerows([str(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")
