"""Tests of the numbers: rounding, exact evaluation, gradients and training."""
