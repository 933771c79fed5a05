"""The wheel: what is installed has everything that the main job needs, templates included."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without the checkout on the path."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_installed_wheel_does_the_main_job(tmp_path: Path) -> None:
    """Built, installed into a new environment and called by its command, it writes the worked example in every format."""
    built = run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path / "wheel", PROJECT, cwd=tmp_path
    )
    if built.returncode and "CI" not in os.environ:
        pytest.skip(f"the wheel cannot be built here: {built.stderr[-200:]}")
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    venv.create(tmp_path / "environment", with_pip=True)
    scripts = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    done = run(scripts / "explainer", "walkthrough", "mazur", "--format", "md,tex,html,json", "-o", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out" / "walkthrough.md").read_text("utf-8")
    assert written == (PROJECT / "output" / "mazur" / "walkthrough.md").read_text("utf-8")
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".md", ".svg", ".tex", ".html", ".json"}
