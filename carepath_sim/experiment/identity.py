"""What decides the replications of a scenario, and so must not change while work lasts."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.experiment.files import library_versions
from carepath_sim.experiment.store.folder import Identity

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

# Libraries that turn scenarios into replications; the others only write them down.
DECIDING = ("numpy", "scipy", "simpy", "numba")


def identity(scenario: Scenario, label: str, seed: int, engine: str) -> Identity:
    """Return what must not change.

    Parameters
    ----------
    scenario
        What is simulated.
    label
        What it is called.
    seed, engine
        As in `carepath_sim.run`.
    """
    versions = {name: one for name, one in library_versions().items() if name in DECIDING}
    return Identity(
        label=label,
        # As it comes back from the manifest.
        resolved=json.loads(json.dumps(scenario.resolved(), default=str)),
        fixed={
            "hash": scenario.hash(),
            "seed": seed,
            "engine": engine,
            "version": __version__,
            "sources": _sources(),
            "versions": {"python": platform.python_version(), **versions},
        },
    )


def _sources() -> str:
    """Return a fingerprint of the engine, which changes between versions while it is worked on."""
    from carepath_sim.engine.compiling import fingerprint

    return fingerprint()
