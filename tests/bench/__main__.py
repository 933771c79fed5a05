"""``python -m tests.bench [MEASUREMENT …] [--quick]``, or ``python tests/bench``, from the root of the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:  # started as a folder: put the root of the checkout in its place
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.bench.run import main

sys.exit(main())
