"""Measures of random scenarios: defined everywhere, and in agreement with each other."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from carepath_sim.engine import DEFAULT_ENGINE, simulate
from carepath_sim.engine.spells import NEVER
from carepath_sim.measures import View, all_measures, daily, evaluate
from carepath_sim.measures.audit import audit
from carepath_sim.measures.delays import delayed_stays, pieces
from carepath_sim.measures.occupancy import held
from carepath_sim.measures.view import ended
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.measure_names import LEVELS

if str(Path(__file__).parents[1]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[1]))
from random_scenarios import Raw, scenarios, typed
from tried import tried


def looked_at(view: View) -> None:
    """Hold what must be true of the measures of any record."""
    rows = evaluate(view.plan, view.record)
    units = {name: found.unit for name, found in all_measures().items()}
    keys = [(row.measure, row.stratum, row.period) for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert math.isnan(row.value) or math.isfinite(row.value), row
        if units[row.measure] == "share" and not row.measure.startswith("util"):
            # What is above capacity (overflow, a falling roster) makes a share of more than all.
            most = math.inf if row.measure in {"occupancy_share", "worker_utilisation"} else 1
            assert math.isnan(row.value) or 0 <= row.value <= most + 1e-9, row
    window = {(row.measure, row.stratum): row for row in rows if row.period == "window"}
    months: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.period != "window" and row.measure not in LEVELS:
            key = (row.measure, row.stratum)
            months[key] = months.get(key, 0.0) + row.value
    year = 365.25 * 86_400_000 / view.plan.window
    for (name, stratum), value in months.items():
        whole = window[name, stratum].value
        if units[name].endswith(" per y"):  # only the window is scaled to a year
            whole /= year
        assert math.isclose(whole, value, abs_tol=1e-6) or "per_100k" in name or "rate" in name
    _delays(view)
    _units(view)
    _looks(view)


def _looks(view: View) -> None:
    """The look at 00:00 is the count at 24:00 of the day before."""
    looks, days = audit(view.plan, view.record, 86_400_000), daily(view.plan, view.record)
    for k in range(len(view.plan.pools)):
        mine = looks["pool"] == k
        for name in ("occupancy", "waiting"):
            assert looks[name][mine][1:].tolist() == days[name][:-1, k].tolist()


def _delays(view: View) -> None:
    cut, stays = view.once(pieces), view.once(delayed_stays)
    spent = np.zeros(len(view.spells["ready"]), dtype=np.int64)
    np.add.at(spent, cut.host, cut.end - cut.begin)
    assert np.all(cut.begin < cut.end)
    assert np.array_equal(spent[stays], view.once(ended)[stays] - view.spells["ready"][stays])


def _units(view: View) -> None:
    """No unit is held twice by one row, nor before it was granted."""
    spells = view.spells
    taken = np.zeros(len(spells["pool"]), dtype=np.int64)
    for _, rows, begin, end in view.once(held):
        np.add.at(taken, rows, end - begin)
        assert np.all(begin <= end)
        assert np.all(spells["granted"][rows] != NEVER)
        assert np.all(spells["granted"][rows] <= begin)
    last = np.maximum(view.once(ended), spells["kept_until"])
    assert np.all(taken <= np.where(taken > 0, last - spells["granted"], 0))


def test_measures_hold_for_any_scenario() -> None:
    @tried(25, scenarios())
    def holds(raw: Raw) -> None:
        raw: Any = raw | {
            "denominators": {"all_ages": 1000, "adults": 900, "over_65": 500},
            "background": {
                "younger": {"value": 3, "per": "month", "adds_to": "emergency_admissions"}
            },
            "payments": {"p4p": {"baseline": 90, "up_to": 30, "unit": "10 GBP"}},
        }
        plan = compile_plan(typed(raw))
        looked_at(View(plan, simulate(plan, seed=1, replication=0, engine=DEFAULT_ENGINE)))

    holds()
