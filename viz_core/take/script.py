"""Scripts of assets/scripts, and such a script with the constants of one very view."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "assets" / "scripts"
NOTE = re.compile(r'^    "(\w+)": .*?,  # (.+)$', re.MULTILINE)

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
    return {found[1]: found[2] for found in NOTE.finditer(source)}


def _written(value: Value) -> str:
    written = repr(value).replace("'", '"') if isinstance(value, str) else repr(value)
    try:
        same = ast.literal_eval(written) == value
    except (ValueError, SyntaxError):
        written, same = repr(value), True
    if not same:
        written = repr(value)
    try:
        ast.literal_eval(written)
    except (ValueError, SyntaxError):
        raise ValueError(f"{value!r} is no plain literal") from None
    return written


def _comment(line: str) -> str:
    """The comment of a constant's line; its value may hold a # of its own."""
    for at in (found.start() for found in re.finditer(r"  # ", line)):
        try:
            ast.parse(line[:at])
        except SyntaxError:
            continue
        return line[at:]
    return ""
