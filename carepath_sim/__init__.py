"""Discrete-event simulation of how frail older people flow through health and social care."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carepath_sim.calibrate.arrivals import fit_arrivals
    from carepath_sim.calibrate.census import import_census
    from carepath_sim.calibrate.fit import calibrate
    from carepath_sim.calibrate.forecast import forecast
    from carepath_sim.calibrate.stays import fit_los
    from carepath_sim.errors import CarepathError, ScenarioError
    from carepath_sim.experiment.assumptions import assumptions
    from carepath_sim.experiment.bed_mix import bed_mix
    from carepath_sim.experiment.capacity import capacity_curve
    from carepath_sim.experiment.cluster.address import Cluster
    from carepath_sim.experiment.cluster.errors import ClusterError, ClusterLostError
    from carepath_sim.experiment.compare import compare
    from carepath_sim.experiment.goal import goal
    from carepath_sim.experiment.posterior import Posterior
    from carepath_sim.experiment.run import run
    from carepath_sim.experiment.sensitivity import sensitivity
    from carepath_sim.experiment.study import read_sweep
    from carepath_sim.experiment.sweep import sweep
    from carepath_sim.experiment.trace import trace
    from carepath_sim.experiment.uncertainty import uncertainty
    from carepath_sim.experiment.warm_up import warm_up
    from carepath_sim.report.film import animate
    from carepath_sim.report.stress import stress
    from carepath_sim.report.workbook import write_workbook
    from carepath_sim.scenario.loader import load
    from carepath_sim.scenario.model import Scenario

__version__ = "0.1.0"

__all__ = [
    "CarepathError",
    "Cluster",
    "ClusterError",
    "ClusterLostError",
    "Posterior",
    "Scenario",
    "ScenarioError",
    "__version__",
    "animate",
    "assumptions",
    "bed_mix",
    "calibrate",
    "capacity_curve",
    "compare",
    "fit_arrivals",
    "fit_los",
    "forecast",
    "goal",
    "import_census",
    "load",
    "read_sweep",
    "run",
    "sensitivity",
    "stress",
    "sweep",
    "trace",
    "uncertainty",
    "warm_up",
    "write_workbook",
]

# Names load when they are first used, so that `import carepath_sim` costs nothing.
_HOMES = {
    "CarepathError": "carepath_sim.errors",
    "Cluster": "carepath_sim.experiment.cluster.address",
    "ClusterError": "carepath_sim.experiment.cluster.errors",
    "ClusterLostError": "carepath_sim.experiment.cluster.errors",
    "Posterior": "carepath_sim.experiment.posterior",
    "Scenario": "carepath_sim.scenario.model",
    "ScenarioError": "carepath_sim.errors",
    "animate": "carepath_sim.report.film",
    "assumptions": "carepath_sim.experiment.assumptions",
    "bed_mix": "carepath_sim.experiment.bed_mix",
    "calibrate": "carepath_sim.calibrate.fit",
    "capacity_curve": "carepath_sim.experiment.capacity",
    "compare": "carepath_sim.experiment.compare",
    "fit_arrivals": "carepath_sim.calibrate.arrivals",
    "fit_los": "carepath_sim.calibrate.stays",
    "forecast": "carepath_sim.calibrate.forecast",
    "goal": "carepath_sim.experiment.goal",
    "import_census": "carepath_sim.calibrate.census",
    "load": "carepath_sim.scenario.loader",
    "read_sweep": "carepath_sim.experiment.study",
    "run": "carepath_sim.experiment.run",
    "sensitivity": "carepath_sim.experiment.sensitivity",
    "stress": "carepath_sim.report.stress",
    "sweep": "carepath_sim.experiment.sweep",
    "trace": "carepath_sim.experiment.trace",
    "uncertainty": "carepath_sim.experiment.uncertainty",
    "warm_up": "carepath_sim.experiment.warm_up",
    "write_workbook": "carepath_sim.report.workbook",
}


def __getattr__(name: str) -> Any:
    """Return a public name from the module that holds it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Front(ModuleType):
    """The package, whose public names stay what they are.

    Python puts every room that is imported on its package under its own name. `calibrate` is a
    room and a function: here it is the function, whatever was imported before.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
