"""Writes a calculation out step by step, with every formula, every number and every reason.

>>> import explainer
>>> calculation = explainer.load("mazur")
>>> calculation["dE_total/dw5"].text
'0.082167041'
"""

from __future__ import annotations

from .calculation import Calculation, Line, Walkthrough, load
from .formulas.problems import ExplainerError

__all__ = ["Calculation", "ExplainerError", "Line", "Walkthrough", "load"]
