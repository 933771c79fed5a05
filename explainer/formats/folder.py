"""Writes finished files into a folder: all of them whole, or none."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from explainer.formulas.problems import ExplainerError


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write the texts under their names; what was in the folder stays as it was unless everything can be written.

    Raises:
        ExplainerError: where the folder cannot be made or written to.
    """
    change = _Change()
    try:
        for place in dict.fromkeys([folder, *((folder / name).parent for name in files)]):
            change.make(place)
        for name, text in files.items():
            change.prepare(folder / name, text)
        change.put_in_place()
    except OSError as error:
        change.undo()
        raise ExplainerError(f"{folder}: cannot be written ({error.strerror or error})") from None
    except BaseException:  # Ctrl-C too leaves everything as it was
        change.undo()
        raise
    change.finish()
    return [folder / name for name in files]


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write a folder with these files and nothing else in it: it appears whole, or not at all.

    Raises:
        ExplainerError: where it cannot be written.
    """
    beside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".explainer-", dir=folder.parent))
        for name, text in files.items():
            with open(beside / name, "xb") as file:
                file.write(_bytes(text))
        beside.chmod(0o777 & ~_umask())
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
        beside = None
    except OSError as error:
        raise ExplainerError(f"{folder}: cannot be written ({error.strerror or error})") from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


class _Change:
    """Files that wait to be put in place, the old ones that stood there, and how to take it all back."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.waiting: list[tuple[Path, Path]] = []
        self.placed: list[Path] = []
        self.aside: list[tuple[Path, Path]] = []

    def make(self, folder: Path) -> None:
        self.folders = [path for path in (folder, *folder.parents) if not path.exists()] + self.folders
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self, final: Path, text: str | bytes) -> None:
        if final.is_dir():
            raise IsADirectoryError(0, f"{final.name} is a folder")
        self.waiting.append((_beside(final.parent, text), final))

    def put_in_place(self) -> None:
        for temporary, final in self.waiting:
            if final.exists() or final.is_symlink():
                old = final.with_name(f"{temporary.name}-old")
                self.aside.append((old, final))
                os.replace(final, old)
            self.placed.append(final)
            os.replace(temporary, final)

    def undo(self) -> None:
        for path in (*self.placed, *(temporary for temporary, _ in self.waiting)):
            with contextlib.suppress(OSError):
                path.unlink()
        for old, final in self.aside:
            with contextlib.suppress(OSError):
                os.replace(old, final)
        for path in self.folders:
            with contextlib.suppress(OSError):
                path.rmdir()

    def finish(self) -> None:
        for old, _ in self.aside:
            with contextlib.suppress(OSError):
                old.unlink()


def _beside(folder: Path, text: str | bytes) -> Path:
    """A temporary file with that text in the same folder, so that a rename puts it in place at once."""
    handle, name = tempfile.mkstemp(prefix=".explainer-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_bytes(text))
        path.chmod(0o666 & ~_umask())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return path
