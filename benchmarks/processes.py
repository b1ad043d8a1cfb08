"""What a program takes, run in a process of its own; shared by the benchmarks of single readers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def measured(*arguments: str | Path) -> tuple[float, float, float, str]:
    """Return seconds of wall clock and processor, peak memory in MiB, and what a process printed."""
    start = time.perf_counter()
    command = [sys.executable, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        out = child.stdout.read() if child.stdout else b""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"a program failed with {child.returncode}")
    wall = time.perf_counter() - start
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.decode().strip()
