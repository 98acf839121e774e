"""A population with constant hazards: how often people fall ill, of what, and how long they live.

Being at home and in hospital takes turns. At home a person falls ill at a constant rate h, and a
stay takes m in the mean, whatever its distribution; so h / (1 + h m) admissions a year and a share
of h m / (1 + h m) of time in hospital follow (renewal theory). Causes compete in proportion to
their rates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import DAY, YEAR
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict

PEOPLE = 1500
FRAIL = {"fit": (0.7, 1.0), "severe": (0.3, 2.5)}
"""Share of people, and factor on their falls."""
FALLS, INFECTIONS = 0.8, 0.5
"""Rates of somebody who is fit [per y]."""
STAY = 20 * DAY / YEAR
"""Mean stay in hospital [y]."""
DEATHS = 0.25
"""Rate of death [per y]."""
AFTER = (120, 300, 485)
"""When survivors are counted [d from the start of the run]."""


def expected() -> dict[str, float]:
    """Return what renewal theory says of the population."""
    found = {"fall": 0.0, "infection": 0.0, "there": 0.0}
    for share, factor in FRAIL.values():
        rate = FALLS * factor + INFECTIONS
        cycle = 1 + rate * STAY
        found["fall"] += PEOPLE * share * FALLS * factor / cycle
        found["infection"] += PEOPLE * share * INFECTIONS / cycle
        found["there"] += PEOPLE * share * rate * STAY / cycle
    return found


def _look(seen: Seen) -> dict[str, Observation | float]:
    years = seen.plan.window / YEAR
    found: dict[str, Observation | float] = {
        "there": seen.figure("occupancy_mean", service="acute")
    }
    for cause in ("fall", "infection"):
        found[cause] = seen.figure("emergency_admissions", cause=cause).top / years
    return found


def _ill(effort: Effort) -> tuple[Verdict, ...]:
    name = "hazards"
    known = expected()
    found = sample("lives", {}, effort.replications(16), effort.luck(name), _look)
    claims = [
        Claim("fall", "admissions after falls [per y]", known["fall"]),
        Claim("infection", "admissions with infections [per y]", known["infection"]),
        Claim("there", "mean number in hospital", known["there"]),
    ]
    return verdicts(name, found, claims, "renewal theory: home and hospital take turns")


def _survivors(seen: Seen) -> dict[str, Observation | float]:
    people = seen.record.people
    lived = np.where(people["end_state"] == 0, seen.plan.end, people["ended"]) - seen.plan.begin
    return {f"{days}": float((lived >= days * DAY).sum()) / PEOPLE for days in AFTER}


def _die(effort: Effort) -> tuple[Verdict, ...]:
    name = "hazards death"
    sets = {"population.hazards.death": {"rate": f"{DEATHS} per y", "to": "died"}}
    found = sample("lives", sets, effort.replications(10), effort.luck(name), _survivors)
    claims = [
        Claim(f"{days}", f"share alive after {days} days", math.exp(-DEATHS * days * DAY / YEAR))
        for days in AFTER
    ]
    return verdicts(name, found, claims, "survival under a constant hazard")


CASES = (Case("hazards", _ill, quick=True), Case("hazards death", _die))
