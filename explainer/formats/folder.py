"""Writes finished files into a folder: all of them whole, or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from explainer.formulas.problems import ExplainerError


def write_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the texts under their names; what was in the folder stays as it was unless everything can be written.

    Raises:
        ExplainerError: where the folder cannot be made or written to.
    """
    made = _missing_parents(folder)
    waiting: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            waiting.append((_beside(folder, text), folder / name))
        for temporary, final in waiting:
            os.replace(temporary, final)
    except OSError as error:
        _clean_up(waiting, made)
        reason = error.strerror or str(error)
        raise ExplainerError(f"{folder}: cannot be written ({reason}); choose another folder with -o") from None
    except BaseException:  # Ctrl-C too leaves nothing half-written
        _clean_up(waiting, made)
        raise
    return [final for _, final in waiting]


def _beside(folder: Path, text: str) -> Path:
    """A temporary file with that text in the same folder, so that a rename puts it in place at once."""
    handle, name = tempfile.mkstemp(prefix=".explainer-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        path.chmod(0o666 & ~umask)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return path


def _missing_parents(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _clean_up(waiting: list[tuple[Path, Path]], made: list[Path]) -> None:
    for temporary, _ in waiting:
        with contextlib.suppress(OSError):
            temporary.unlink()
    for path in made:
        with contextlib.suppress(OSError):
            path.rmdir()
