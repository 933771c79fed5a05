"""The calculation as an ordered list of named formulas, and its derivation by the chain rule."""
