"""The layers stand in a line: each imports those before it, never those after it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("geometry", "tracking", "formats", "server")
FILES = [(layer, path) for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
SLOW = ("open3d", "trimesh", "dask", "laspy", "plyfile")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


@pytest.mark.parametrize(("layer", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES])
def test_a_layer_imports_only_the_layers_before_it(layer, path):
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    for name in imported(ast.parse(path.read_text())):
        root, *rest = name.split(".")
        assert root not in (*LAYERS, "viewer"), f"{path}: import worldline.{name}, not {name}"
        if root == "worldline" and rest and rest[0] != "viewer":
            assert rest[0] in allowed, f"{path} imports {name}, which lies above {layer}"


@pytest.mark.parametrize("path", [path for layer, path in FILES if layer in LAYERS[:2]], ids=lambda path: path.stem)
def test_geometry_and_tracking_know_no_web_server(path):
    assert not {"fastapi", "sqlalchemy", "zarr", "av"} & {
        name.split(".")[0] for name in imported(ast.parse(path.read_text()))
    }


def test_starting_the_server_does_not_load_what_is_slow_to_load():
    import subprocess
    import sys

    code = "import sys, worldline.server.app; print([n for n in sys.argv[1:] if n in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code, *SLOW], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
