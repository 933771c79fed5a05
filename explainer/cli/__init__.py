"""The command line: the only place that prints or exits. Each command loads only what it needs."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from .options import read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 a check failed, 2 something was wrong with the input."""
    gc.set_threshold(100_000, 50, 50)  # while modules load, there is next to no garbage to look for
    _unicode_output()
    options = read(arguments)
    from ..formulas.problems import ExplainerError

    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ExplainerError as error:
        print(f"explainer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("explainer: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()
        return 0


def run() -> NoReturn:
    """The console command. What is left in memory goes with the process: nobody need look for garbage in it."""
    code = main()
    gc.freeze()
    sys.exit(code)


def _unicode_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
