"""Writes a calculation out step by step, with every formula, every number and every reason.

>>> import explainer
>>> calculation = explainer.load("mazur")
>>> calculation["dE_total/dw5"].text
'0.082167041'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calculation import Calculation, Line, Walkthrough, load
    from .formulas.problems import ExplainerError

__all__ = ["Calculation", "ExplainerError", "Line", "Walkthrough", "load"]


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used: the command line imports this package and may need none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'explainer' has no attribute {name!r}")
    from . import calculation
    from .formulas import problems

    return getattr(problems if name == "ExplainerError" else calculation, name)
