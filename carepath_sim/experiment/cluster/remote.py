"""What workers of a cluster run; it loads little, because the scheduler loads it, too."""

from __future__ import annotations

import hashlib
import pickle
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.experiment.cluster.errors import ClusterError
from carepath_sim.experiment.workers import answered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from carepath_sim.experiment.tasks import Packed

PACKAGE = Path(__file__).parents[2]

# Rooms whose sources decide what a replication is.
ROOMS = ("scenario", "plan", "engine", "measures", "statistics", "experiment")

# Libraries that turn scenarios into replications, and those that carry them.
DECIDING = ("numpy", "scipy", "simpy", "numba")
CARRYING = ("distributed", "dask")


@cache
def sources() -> str:
    """Return a short fingerprint of the sources that decide what a replication is."""
    digest = hashlib.sha256()
    files = [*PACKAGE.glob("*.py")]
    for room in ROOMS:
        files += (PACKAGE / room).rglob("*.py")
    for path in sorted(files):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def introduce(scenarios: Sequence[Packed] = ()) -> Mapping[str, str]:
    """Return what must be the same everywhere: versions, sources, and what scenarios say.

    Parameters
    ----------
    scenarios
        Scenarios to be unpacked and hashed.
    """
    said = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "carepath-sim": __version__,
        "sources": sources(),
        **{name: _version(name) for name in (*CARRYING, *DECIDING)},
    }
    try:
        for number, packed in enumerate(scenarios):
            said[f"scenario {number + 1}"] = pickle.loads(packed.content).hash()[:16]  # noqa: S301
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side shall know
        said["fault"] = f"{type(error).__name__}: {error}"
    return said


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def pledge() -> str:
    """Return what a worker compares with its own before it does anything."""
    return f"{__version__} {sources()}"


def serve(pledged: str, content: bytes) -> tuple[float, list[bytes]]:
    """Do tasks of one function.

    Parameters
    ----------
    pledged
        The version and sources of whoever asks.
    content
        The function and its tasks.

    Returns
    -------
        How long it took [s], and the answers.

    Raises
    ------
    ClusterError
        If this worker has another version than whoever asks; it may have come later.
    """
    if pledged != pledge():
        raise ClusterError(f"a worker has carepath-sim {pledge()}, where {pledged} is needed")
    began = perf_counter()
    # From the process of the user, who has given this cluster as a place to run.
    function, tasks = pickle.loads(content)  # noqa: S301
    answers = [answered(function, task) for task in tasks]
    return perf_counter() - began, answers
