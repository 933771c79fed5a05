"""Numbers: the rounding contract, exact evaluation, compiled functions, training and verification."""
