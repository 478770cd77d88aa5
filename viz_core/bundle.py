"""A component's ES modules as one text, for Streamlit and for pages that stand alone.

A component is a folder of viz_core: `NAME/js/component.js` with all that it imports, and
`NAME/NAME.css`. Each module becomes a function of its own, so names cannot collide: its imports
turn into a destructuring of the modules before it, its exports into what it returns. Only the
forms `import { a, b } from "./file.js"` (any relative path) and
`export function | class | const | async function` are understood; anything else is refused here
rather than failing in somebody's browser.
"""

import json
import re
from functools import cache
from pathlib import Path

from viz_core.colour import TABLES

FOLDER = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[\w./]*/\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


@cache
def component_js(name: str = "canvas") -> str:
    """The ES module of a component, whose `streamlit(tables, style, source)` starts it.

    `take/js/watched.js` sees what is mounted, so that it can be taken along.

    Args:
        name: Folder of the component in viz_core.
    """
    start = "saccade().streamlit(TABLES, STYLE, saccade.toString())"
    about = (
        f"{{name: {json.dumps(name)}, source: saccade.toString(), tables: TABLES, style: STYLE}}"
    )
    constants = f"const TABLES = {_tables()};\nconst STYLE = {json.dumps(css(name))};\n"
    watch = f"const {{watched}} = ({library('take/js/watched')})();\n"
    return (
        f"{library(f'{name}/js/component')}\n{constants}{watch}"
        f"export default watched({start}, {about});\n"
    )


@cache
def feeder_js() -> str:
    """The ES module of the invisible component that brings a canvas's other layers."""
    return f"{library('canvas/js/feeder')}\nexport default saccade().feeder;\n"


@cache
def css(name: str = "canvas") -> str:
    """The style sheet of a component; the canvas's colours and controls come first in all."""
    names = ["canvas"] if name == "canvas" else ["canvas", name]
    return "\n".join((FOLDER / n / f"{n}.css").read_text(encoding="utf-8") for n in names)


@cache
def library(entry: str = "canvas/js/component") -> str:
    """A function `saccade()` that returns what the entry module exports.

    Args:
        entry: Path of the module in viz_core, without .js.

    Raises:
        ValueError: If a module uses a form of import or export that is not understood, or
            modules import each other in a circle.
    """
    done: dict[str, str] = {}
    _add(entry, done, ())
    body = "\n".join(done.values())
    return f"function saccade() {{\n{body}\nreturn {_variable(entry)};\n}}"


def _tables() -> str:
    return json.dumps(json.loads(TABLES.read_text(encoding="utf-8")))


def _variable(module: str) -> str:
    return "$" + module.replace("/", "$")


def _resolved(path: str, importer: str) -> str:
    """Path in viz_core of what `importer` calls `path`."""
    found = (FOLDER / importer).parent.joinpath(path).resolve()
    if not found.is_relative_to(FOLDER):
        raise ValueError(f"{importer}.js imports {path}.js, which is not in viz_core")
    return found.relative_to(FOLDER).as_posix()


def _add(name: str, done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in done:
        return
    if name in above:
        raise ValueError(f"modules import each other: {' -> '.join([*above, name])}")
    text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    for imported in IMPORT.finditer(text):
        _add(_resolved(imported[2], name), done, (*above, name))
    exports = [found[1] for found in EXPORT.finditer(text)]

    def destructured(found: re.Match[str]) -> str:
        return f"const {{{_renamed(found[1])}}} = {_variable(_resolved(found[2], name))};\n"

    text = EXPORT.sub("", IMPORT.sub(destructured, text))
    if re.search(r"^(import|export)\b", text, re.MULTILINE) or "</script" in text:
        raise ValueError(f"{name}.js uses an import or export that the bundle cannot read")
    returned = f"return {{ {', '.join(exports)} }};"
    done[name] = f"const {_variable(name)} = (() => {{\n{text}{returned}\n}})();"


def _renamed(names: str) -> str:
    return re.sub(r"(\w+) as (\w+)", r"\1: \2", " ".join(names.split()))
