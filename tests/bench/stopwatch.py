"""Runs a command and prints what it took, as JSON; a script of its own so that hardly any memory is its own."""

import json
import os
import subprocess
import sys
import time


def main() -> int:
    """Run the command that the arguments are, its output thrown away, and give its exit code."""
    start = time.perf_counter()
    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    peak = None
    if hasattr(os, "wait4"):
        _, status, used = os.wait4(child.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        seconds = used.ru_utime + used.ru_stime
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6  # macOS counts bytes, others KiB
    else:  # Windows
        code = child.wait()
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "elapsed": time.perf_counter() - start, "peak_mb": peak}))
    return code if code >= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
