"""Rows of figures as a table that a person reads, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import import_module, metadata
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("explainer", "sympy", "jinja2", "markdown-it-py", "math-core", "handcalcs", "torch")
COLUMNS = ("", "figure", "against", "ratio", "target", "")


class Row(NamedTuple):
    """One measured figure, with what it is compared with and what the project asks for."""

    what: str
    figure: str
    against: str = ""
    ratio: str = ""
    target: str = ""
    verdict: str = ""


def verdict(met: bool) -> str:
    """Whether a target is met."""
    return "met" if met else "MISSED"


def columns(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells, the first line a heading, each column as wide as its widest cell; empty columns are left out."""
    kept = [column for column in zip_longest(*lines, fillvalue="") if any(column[1:])]
    widths = [max(map(len, column)) for column in kept]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*kept, strict=True)
    )


def heading(title: str) -> str:
    """The title of a measurement."""
    return f"\n{title}\n{'-' * len(title)}"


def machine() -> str:
    """What the figures were measured on."""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    children = "" if hasattr(os, "wait4") else "; elapsed time for whole processes, as this system has no os.wait4"
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"{platform.platform()}; {_processor()}, {os.cpu_count()} logical processors{load}\n"
        f"{platform.python_implementation()} {platform.python_version()}; {versions}; "
        f"SymPy's ground types: {_ground_types()}\n"
        f"Medians of CPU time, user and system together, in d. the least{children}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _ground_types() -> str:
    return str(import_module("sympy.external.gmpy").GROUND_TYPES)
