"""Where the files that come with the package lie, in a source checkout as well as in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@cache
def template_folder() -> Path:
    """The folder of templates: inside the installed package, or beside the package in a checkout.

    Raises:
        FileNotFoundError: if neither is there, that is, if the package was installed without its templates.
    """
    candidates = (PACKAGE / "templates", PACKAGE.parent / "templates")
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the templates are missing: neither {candidates[0]} nor {candidates[1]} exists")
