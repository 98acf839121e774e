"""Measures: every figure is a pure function of a plan and of what the engine wrote.

Strata are named ``all``, ``pool:community_beds``, ``service:acute | reason:discharge hours``;
periods are ``window`` or a month such as ``2015-04``.
"""

from carepath_sim.measures.avoided import avoided_and_caused, paired
from carepath_sim.measures.daily import daily
from carepath_sim.measures.delays import Pieces
from carepath_sim.measures.headline import headline
from carepath_sim.measures.levels import Distribution
from carepath_sim.measures.measure import Cell, Measure, Row, measure
from carepath_sim.measures.occupancy import occupancy_distribution
from carepath_sim.measures.registry import Note, all_measures, evaluate, notes
from carepath_sim.measures.strata import parts, selects, stratum
from carepath_sim.measures.view import View

__all__ = [
    "Cell",
    "Distribution",
    "Measure",
    "Note",
    "Pieces",
    "Row",
    "View",
    "all_measures",
    "avoided_and_caused",
    "daily",
    "evaluate",
    "headline",
    "measure",
    "notes",
    "occupancy_distribution",
    "paired",
    "parts",
    "selects",
    "stratum",
]
