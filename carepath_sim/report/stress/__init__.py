"""The reporting checklist STRESS-DES, filled from scenarios, a run and the code."""

from __future__ import annotations

from carepath_sim.report.stress.basis import Basis, read_basis
from carepath_sim.report.stress.checklist import Checklist, stress
from carepath_sim.report.stress.items import Item

__all__ = ["Basis", "Checklist", "Item", "read_basis", "stress"]
