"""Tests of worksheets, keys and variants."""
