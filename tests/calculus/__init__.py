"""Tests of the graph and of its derivation."""
