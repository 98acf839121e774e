"""Local numbers: fitting to data and to targets.

The room has the name of what is done in it, and the public function has it too: whichever of the
two `carepath_sim.calibrate` happens to be, it can be called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carepath_sim.calibrate.fit import Fit


class _Room(ModuleType):
    def __call__(self, *given: Any, **options: Any) -> Fit:
        """Fit a calibration; see `carepath_sim.calibrate.fit.calibrate`."""
        from carepath_sim.calibrate.fit import calibrate

        return calibrate(*given, **options)


sys.modules[__name__].__class__ = _Room
