"""Prints the CPU time of the first and of the second document of this process, in seconds."""

from __future__ import annotations

from functools import partial

import explainer

from .clock import one_after_another
from .networks import article
from .variants import variant_document

if __name__ == "__main__":
    calculation = explainer.load(article(steps=1))
    print(*one_after_another(partial(variant_document, calculation, number) for number in (0, 1)).seconds)
