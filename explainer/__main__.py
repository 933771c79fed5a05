"""``python -m explainer`` is the command ``explainer``."""

from .cli import run

run()
