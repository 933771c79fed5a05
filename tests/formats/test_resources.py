"""The folder of templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainer import resources


@pytest.mark.parametrize("place", ["package/templates", "templates"])
def test_templates_are_found(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may lie in the package, as in a wheel, or beside it, as in a checkout."""
    (tmp_path / place).mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")
    assert resources.template_folder.__wrapped__() == tmp_path / place


def test_missing_templates_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without them says so."""
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")
    with pytest.raises(FileNotFoundError, match="the templates are missing"):
        resources.template_folder.__wrapped__()
