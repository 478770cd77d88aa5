"""Components become one text; forms that the bundle cannot read are refused."""

import re

import pytest

from viz_core import bundle

COMPONENTS = sorted(path.parents[1].name for path in bundle.FOLDER.glob("*/js/component.js"))
MODULES = sorted(bundle.FOLDER.glob("*/js/*.js"))


def module(path):
    return path.relative_to(bundle.FOLDER).with_suffix("").as_posix()


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_bundle_is_deterministic_and_has_no_module_left_out(name):
    text = bundle.library(f"{name}/js/component")
    bundle.library.cache_clear()
    assert bundle.library(f"{name}/js/component") == text
    assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
    own = [module(path).replace("/", "$") for path in (bundle.FOLDER / name / "js").glob("*.js")]
    assert [one for one in own if f"const ${one} =" not in text] == []
    assert text in bundle.component_js(name)


@pytest.mark.parametrize("path", MODULES, ids=module)
def test_javascript_files_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    bundle.library.cache_clear()
    yield tmp_path
    bundle.library.cache_clear()


def write(folder, **modules):
    (folder / "a" / "js").mkdir(parents=True)
    for name, text in modules.items():
        (folder / "a" / "js" / f"{name}.js").write_text(text)


def test_a_module_of_another_component_is_found_by_its_path(folder):
    write(
        folder, component='import { two as deux } from "../../b/js/two.js";\nexport const x = 1;\n'
    )
    (folder / "b" / "js").mkdir(parents=True)
    (folder / "b" / "js" / "two.js").write_text("export const two = 2;\n")
    text = bundle.library("a/js/component")
    assert text.index("const $b$js$two") < text.index(
        "const {two: deux } = $b$js$two;".replace(" }", "}")
    )


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ({"component": "export default 1;\n"}, "cannot read"),
        ({"component": 'import { x } from "https://example.org/x.js";\n'}, "cannot read"),
        ({"component": 'import { x } from "../../../x.js";\n'}, "not in viz_core"),
        (
            {
                "component": 'import { x } from "./other.js";\n',
                "other": 'import { y } from "./component.js";\n',
            },
            "import each other",
        ),
    ],
)
def test_what_a_bundle_cannot_hold_is_refused(folder, modules, words):
    write(folder, **modules)
    with pytest.raises(ValueError, match=words):
        bundle.library("a/js/component")
