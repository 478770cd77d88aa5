"""The style guide's arrows and sizes, enforced: who may import what, and what is done only where.

pages -> viz_core -> models.tap; models know only torch, einops and themselves.
"""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("models", "viz_core", "pages")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
LINES, PAGE_LINES = 300, 80

# What a package may import besides the standard library; the longest matching path counts.
MAY_IMPORT = {
    "models": {"torch", "einops", "models"},
    "models/training": {"torch", "einops", "models", "numpy", "PIL", "tqdm", "safetensors"},
    "models/weights.py": {"torch", "models", "tqdm"},
    "models/hub.py": {"models", "huggingface_hub", "httpx2", "filelock"},
    "models/tensorfile.py": {"torch", "safetensors"},
    "models/film.py": {"torch", "safetensors"},
    "viz_core": {"numpy", "PIL", "cv2", "plotly", "jaxtyping", "viz_core", "models.tap"},
    "viz_core/attribution": {
        "numpy",
        "cv2",
        "jaxtyping",
        "viz_core",
        "models.tap",
        "torch",
        "captum",
    },
    "viz_core/probe": {"numpy", "jaxtyping", "viz_core", "models.tap", "torch"},
    "pages": {"streamlit", "numpy", "plotly", "pages", "viz_core", "models", "torch"},
}
# Costly or only needed for downloads: imported inside the function that needs them.
ONLY_LAZILY = {"huggingface_hub", "httpx2", "filelock", "tqdm", "safetensors"}
# Importing these must stay cheap: pages read them before anything is computed.
WITHOUT_TORCH = (
    "catalog", "catalog_compact", "catalog_convnets", "catalog_mae", "entry", "labels"
)  # fmt: skip


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path):
    return path.relative_to(ROOT).as_posix()


def imports(tree):
    """Dotted names that are imported anywhere in a tree; `from a import b` is a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_import_time(tree):
    """The tree without function bodies and without what only a type checker sees."""

    class Pruner(ast.NodeTransformer):
        def visit_FunctionDef(self, _node):
            return None

        def visit_If(self, node):
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else node

    return Pruner().visit(tree)


def inside(name, allowed):
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def allowed_in(path):
    rules = [r for r in MAY_IMPORT if named(path) == r or named(path).startswith(f"{r}/")]
    return MAY_IMPORT[max(rules, key=len)] | sys.stdlib_module_names


@pytest.fixture(params=FILES, ids=named)
def path(request):
    return request.param


def test_a_file_imports_only_what_its_layer_may(path):
    broken = [name for name in imports(parsed(path)) if not inside(name, allowed_in(path))]
    assert not broken, f"{named(path)} must not import {broken}"


def test_every_rule_is_about_something_that_exists():
    assert all((ROOT / rule).exists() for rule in MAY_IMPORT)


@pytest.mark.parametrize("path", sorted((ROOT / "models").glob("*.py")), ids=named)
def test_costly_packages_are_imported_lazily(path):
    early = [name for name in imports(at_import_time(parsed(path))) if inside(name, ONLY_LAZILY)]
    assert not early, f"{named(path)} imports {early} before it needs it"


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_what_pages_list_needs_no_torch(name):
    path = ROOT / "models" / f"{name}.py"
    heavy = {"torch", "einops", "models.vit", "models.tap", "models.weights", "models.hub"}
    assert not [n for n in imports(at_import_time(parsed(path))) if inside(n, heavy)]


def test_timm_is_the_tests_reference_only(path):
    assert not [name for name in imports(parsed(path)) if inside(name, {"timm"})]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_only_compose(path):
    tree = parsed(path)
    heavy = {"torch", "timm", "cv2"}
    assert not [name for name in imports(tree) if inside(name, heavy)], "numbers are viz_core's"
    shaped = ast.For | ast.While | ast.AsyncFor | ast.ClassDef
    assert not [node for node in ast.walk(tree) if isinstance(node, shaped)]
    assert len(path.read_text(encoding="utf-8").splitlines()) <= PAGE_LINES


def test_files_hold_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES


def test_only_one_package_caches(path):
    if path.is_relative_to(ROOT / "pages" / "_ui" / "cached"):
        return
    used = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    used |= {name.split(".")[-1] for name in imports(parsed(path))}
    assert not used & {"cache_data", "cache_resource"}


def test_the_shared_model_is_never_hooked_nor_trained(path):
    if path.is_relative_to(ROOT / "models" / "training"):
        return
    used = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    assert not {name for name in used if name.startswith("register_") and name.endswith("hook")}
    assert not used & {"backward", "retain_grad"}


@pytest.mark.parametrize("path", sorted((ROOT / "models").glob("*.py")), ids=named)
def test_a_forward_pass_leaves_no_trace_in_its_module(path):
    for method in ast.walk(parsed(path)):
        if isinstance(method, ast.FunctionDef) and method.name == "forward":
            stored = [
                node.attr
                for node in ast.walk(method)
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            ]
            assert not stored, f"forward sets {stored}: two sessions would see each other"


def test_nothing_is_unpickled(path):
    if path.is_relative_to(ROOT / "models" / "training"):
        return  # reads only checkpoints that it wrote, with weights_only=True
    tree = parsed(path)
    assert not [name for name in imports(tree) if inside(name, {"pickle", "joblib", "torch.load"})]
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "torch.load" not in calls


SAMPLE = """
import numpy
from models import vit
from models.tap import record
if TYPE_CHECKING:
    import torch
def late():
    import timm.data
"""


def test_imports_are_seen_wherever_they_stand():
    tree = ast.parse(SAMPLE)
    assert list(imports(tree)) == [
        "numpy",
        "models.vit",
        "models.tap.record",
        "torch",
        "timm.data",
    ]
    assert list(imports(at_import_time(tree))) == ["numpy", "models.vit", "models.tap.record"]


def test_a_rule_covers_a_module_and_what_is_in_it_but_no_namesake():
    assert inside("models.tap.record", {"models.tap"})
    assert inside("torch", {"torch"})
    assert not inside("models.tapestry", {"models.tap"})
    assert not inside("torchvision.ops", {"torch"})
    assert "torch" in allowed_in(ROOT / "viz_core" / "probe" / "__init__.py")
    assert "torch" not in allowed_in(ROOT / "viz_core" / "rollout.py")
    assert "PIL" in allowed_in(ROOT / "models" / "training" / "data.py")
    assert "PIL" not in allowed_in(ROOT / "models" / "vit.py")
