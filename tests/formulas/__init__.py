"""Tests of formulas: the table of functions and the hand forms of derivatives."""
