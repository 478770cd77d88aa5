"""Scripts of assets/scripts, and such a script with the constants of one very view."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "assets" / "scripts"
NUMBERS = "numbers"  # the name of a script's dictionary of arrays
SAVED = 'np.savez("numbers.npz", **numbers)'  # how a script ends

# Texts first, so that a # within quotes is none that begins a comment.
COMMENT = re.compile(r"""(?:"[^"]*"|'[^']*'|[^"'#])*?(  # .*)""")

Value = str | int | float | bool | None | tuple["Value", ...]


def text(stem: str) -> str:
    """A script as it stands in assets/scripts."""
    return (FOLDER / f"{stem}.py").read_text(encoding="utf-8")


def filled(source: str, values: Mapping[str, Value], notes: Mapping[str, str] | None = None) -> str:
    """A script whose constants are those of another view.

    Args:
        source: A script; its constants are top-level lines `NAME = value`, each on one line.
        values: What stands for some or all of them.
        notes: A comment behind a constant, by name.

    Raises:
        ValueError: If the script has no such constant, or a value is no plain literal.
    """
    lines = source.splitlines()
    places = constants(source)
    for name, value in values.items():
        if name not in places:
            raise ValueError(f"the script has no constant {name}, only {', '.join(places)}")
        written = _written(value)
        note = f"  # {notes[name]}" if notes and name in notes else _comment(lines[places[name]])
        lines[places[name]] = f"{name} = {written}{note}"
    return "\n".join(lines) + "\n"


def handed_out(source: str, stem: str) -> str:
    """A script as somebody takes it home: it says how to run it, and at its end what it wrote.

    Args:
        source: A script that ends with `SAVED`.
        stem: Name of its files: `stem`.py, which writes `stem`.npz.

    Raises:
        ValueError: If the script ends otherwise.
    """
    body, saved, rest = source.partition(SAVED)
    if not saved or rest.strip():
        raise ValueError(f"a script ends with {SAVED}")
    first = ast.parse(source).body[0].end_lineno  # of what it says about itself
    lines = body.splitlines()
    return "\n".join(
        [
            f"# Put this file into Saccade's folder and run .venv/bin/python {stem}.py there.",
            *lines[:first],
            "",
            "import sys",
            "",
            'sys.path.insert(0, "")  # so that it runs from any place, with that folder as current',
            *lines[first:],
            f'np.savez("{stem}.npz", **numbers)',
            f'print("Written: {stem}.npz")',
            "for name, array in numbers.items():",
            '    print(f"  {name} {np.shape(array)}")\n',
        ]
    )


def constants(source: str) -> dict[str, int]:
    """Line numbers, from 0, of the constants of a script, by name."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and node.lineno == node.end_lineno:
                found[name] = node.lineno - 1
    return found


def notes(source: str) -> dict[str, str]:
    """What a script says of each of its numbers: the comments in its dictionary `numbers`."""
    lines, found = source.splitlines(), {}
    for name, node in numbers(source).items():
        ends = _comment(lines[(node.end_lineno or node.lineno) - 1])
        found[name] = ends.removeprefix("  # ")
    return found


def numbers(source: str) -> dict[str, ast.expr]:
    """The expressions of a script's dictionary `numbers`, by name.

    Raises:
        ValueError: If the script has no such dictionary, or a name in it is no text.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == NUMBERS:
            assert isinstance(node.value, ast.Dict), "numbers are a dictionary"
            keys = [ast.literal_eval(key) for key in node.value.keys if key is not None]
            return dict(zip(keys, node.value.values, strict=True))
    raise ValueError(f"the script has no dictionary {NUMBERS}")


def _written(value: Value) -> str:
    """A value as source text, texts in double quotes where nothing has to be escaped for it."""
    if isinstance(value, tuple):
        inside = ", ".join(_written(one) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    written = repr(value)
    if isinstance(value, str) and '"' not in written:
        written = f'"{written[1:-1]}"'
    try:
        same = ast.literal_eval(written) == value
    except (ValueError, SyntaxError):
        same = False
    if not same:
        raise ValueError(f"{value!r} is no plain literal")
    return written


def _comment(line: str) -> str:
    """The comment at a line's end, "" if there is none; a text before it may hold a # too."""
    after = COMMENT.fullmatch(line)
    return after[1] if after else ""
