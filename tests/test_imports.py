"""The rooms: each imports only from those before it, and a command loads only what it needs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "explainer"
ROOMS = (
    "resources",
    "version",
    "formulas",
    "spec",
    "calculus",
    "numbers",
    "lesson",
    "formats",
    "checking",
    "handouts",
    "calculation",
    "files",
    "formulas_file",
    "cluster",
    "press",
    "handing_out",
    "class_print",
    "cli",
    "__main__",
)


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a module imports, at the top or inside a function."""
    package = ("explainer", *path.relative_to(PACKAGE).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names = (*base, *(node.module or "").split("."))
            if names[0] == "explainer":
                found.update([names[1]] if len(names) > 1 and names[1] else [alias.name for alias in node.names])
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("explainer."))
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """A module imports only from its own room and from those before it."""
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    later = imported_rooms(path) & set(ROOMS[ROOMS.index(room) + 1 :])
    assert not later, f"{path.name} imports {later}"
    assert imported_rooms(path) <= set(ROOMS)


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["examples"], ["sympy", "jinja2", "markdown_it"]),
        (["schema"], ["sympy", "jinja2", "markdown_it"]),
        (["train", "mazur", "--steps", "1"], ["markdown_it", "math_core"]),
        (
            ["walkthrough", "neuron", "--format", "md"],
            ["markdown_it", "math_core", "importlib.metadata", "explainer.handouts"],
        ),
        (["handout", "neuron"], ["markdown_it", "concurrent.futures", "multiprocessing", "distributed"]),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_a_command_loads_only_what_it_needs(arguments: list[str], unwanted: list[str], tmp_path: Path) -> None:
    """Heavy libraries are imported in the commands that use them, and nowhere else."""
    code = (
        "import sys\nfrom explainer.cli import main\n"
        f"assert main({arguments!r}) == 0\n"
        f"print('loaded:', [name for name in {unwanted!r} if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_only_the_command_line_prints() -> None:
    """No other module prints or exits."""
    printing = [
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "exit")
    ]
    assert set(printing) == {"cli"}
