"""How the rules are compiled: once by Numba where it is there, left as Python where it is not.

The rules of the engines are one source. `rule` hands a function to Numba with the options that
keep results the same on every machine (no fast arithmetic); the plain function stays reachable
as ``.py_func``. The cache on disk lies in a folder named by a fingerprint of all the sources of
this room and of the plan (whose tables the kernel knows by their place), so that a change in one
module can never meet a stale result of another.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(__file__).parents[1]
F = TypeVar("F", bound="Callable[..., Any]")


def fingerprint() -> str:
    """Return a short fingerprint of the sources of the rules, and of the tables they read."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def sources() -> list[Path]:
    """Return the files on which compiled code depends."""
    return sorted(path for room in ("engine", "plan") for path in (PACKAGE / room).rglob("*.py"))


def is_cached(name: str) -> bool:
    """Tell whether a function, named with its module, has been compiled before."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR", ""))
    return any(folder.rglob(f"{name}-*.nbi"))


def cache_folder() -> Path:
    """Return a folder of these sources that can be written.

    The one that ``NUMBA_CACHE_DIR`` names, else the user's cache, else a temporary one: of this
    user alone, for what lies there is run.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - without a home it stays as it is
    version = fingerprint()
    if given and Path(given).name == version:
        return Path(given)  # set by the process that started this one
    for base in (given, home):
        if not base:
            continue
        folder = Path(base) / "carepath-sim" / version
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError:
            continue
        return folder
    return Path(tempfile.mkdtemp(prefix="carepath-sim-")) / version


try:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
    import numba

    # Where Numba was loaded before, it has read the environment already.
    numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]  # type: ignore[attr-defined]
    COMPILED = not numba.config.DISABLE_JIT  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover - the wheel depends on Numba; some platforms lack it
    COMPILED = False


def rule(function: F) -> F:
    """Compile a small pure function that is called from Python and from other rules."""
    if not COMPILED:
        return _plain(function)
    return _inlined(function)


def batch(function: F) -> F:
    """Compile a loop over many people."""
    if not COMPILED:
        return _plain(function)
    return numba.njit(cache=True, error_model="numpy", nogil=True)(function)  # type: ignore[return-value]


def inner(function: F) -> F:
    """Compile a small function of the kernel into those that call it."""
    if not COMPILED:
        return function
    return _inlined(function)


def _inlined(function: F) -> F:
    """Compile a function into its callers, but not anew for each number written in a call."""
    compiled: Any = numba.njit(cache=True, error_model="numpy", forceinline=True)(function)
    resolve = compiled.get_call_template

    def resolve_any(args: Any, kws: Any) -> Any:
        unliteral: Any = numba.types.unliteral
        return resolve(
            tuple(unliteral(one) for one in args), {k: unliteral(v) for k, v in kws.items()}
        )

    compiled.get_call_template = resolve_any
    return cast("F", compiled)


def _plain(function: F) -> F:
    """Give an uncompiled function the attribute by which the journeys reach it."""

    @functools.wraps(function)
    def plain(*args: Any) -> Any:
        return function(*args)

    plain.py_func = function  # type: ignore[attr-defined]
    return plain  # type: ignore[return-value]
