"""Formulas: the expression tree, its safe reader, the tables of functions and losses, and local differentiation."""
