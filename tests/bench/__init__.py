"""The benchmark: how fast the explainer is beside what it can be compared with, all in one run.

``python -m tests.bench`` prints a table of figures, ratios and the targets of the project. Nothing is asserted and
pytest collects nothing here: a clock says something about a machine and a moment, not about the code being right.
"""
