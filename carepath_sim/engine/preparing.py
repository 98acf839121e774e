"""Getting the compiled engine ready: from the cache on disk, or compiled by all processors."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from typing import Any

from carepath_sim.engine.compiling import COMPILED, is_cached
from carepath_sim.engine.kernel import loop
from carepath_sim.engine.kernel.parts import compile_parts, compile_share

MOST_PROCESSES = 4
"""More than these have too little to do each."""


@cache
def prepare() -> None:
    """Compile the kernel, or read it from the cache on disk.

    The first time, some processes compile a share of it each for the cache on disk; whatever they
    could not leave there is compiled here.
    """
    if not COMPILED:
        return
    if not is_cached("loop.run"):
        sys.stderr.write("Compiling the engine, which happens once and takes half a minute ...\n")
        sys.stderr.flush()
        _compile_side_by_side(min(MOST_PROCESSES, os.cpu_count() or 1))
    from numba import types

    compile_parts()
    kernel: Any = loop.run
    kernel.compile((types.int64,))


def _compile_side_by_side(processes: int) -> None:
    """Let some processes compile a share each; one that fails is made good by the caller."""
    if processes < 2 or getattr(sys, "frozen", False):
        return
    command = (sys.executable, "-m", __name__)
    shares = [
        subprocess.Popen(  # noqa: S603 - this very program
            (*command, str(share), str(processes)),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for share in range(processes)
    ]
    try:
        for one in shares:
            one.wait()
    finally:
        for one in shares:
            one.kill()


if __name__ == "__main__":
    compile_share(int(sys.argv[1]), int(sys.argv[2]))
