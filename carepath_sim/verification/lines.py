"""Lines of stations that block: who is ready holds the station until the next one is free."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.queues import REPLAYED
from carepath_sim.verification.trials import Claim, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Observation, Seen

STATIONS = ("first", "second", "third", "fourth", "fifth")

LINES = {
    "satline_1_1_b0": 2,
    "satline_1_1_1_b0_0": 3,
    "satline_1_1_1_1_1_b0_0_0_0": 5,
}
"""Number of stations by case."""

LENGTH = 60
"""Length of the window [d]."""


def _sets(stations: int, throughput: float) -> dict[str, object]:
    # Half as many people again as can pass, so that the first station never lacks work.
    return {
        "arrivals.people.count": round(1.5 * throughput * (LENGTH + 5) * 24),
        "clock.length": f"{LENGTH} d",
        f"services.{STATIONS[stations - 1]}.next": "gone",
    } | {
        f"{section}.{name}": None for name in STATIONS[stations:] for section in ("services", "pools")
    }


def _look(seen: Seen, stations: int) -> dict[str, Observation | float]:
    spells = seen.spells
    last = seen.at(STATIONS[stations - 1]) & seen.begun
    left = seen.until[last]
    out = float(((left >= 0) & (left < seen.plan.window)).sum())
    found: dict[str, Observation | float] = {"throughput": out / (seen.plan.window / HOUR)}
    for k, name in enumerate(STATIONS[:stations]):
        stays = seen.at(name) & seen.begun
        ready = np.minimum(spells["ready"][stays], seen.plan.end)
        found[f"blocked {k}"] = seen.time_share(ready, seen.until[stays])
        found[f"starved {k}"] = 1 - seen.time_share(spells["started"][stays], seen.until[stays])
    return found


def differing(seen: Seen, stations: int) -> int:
    """Return how many departures differ from the recursion of a line that blocks.

    With one server each and no room between, customer n leaves station k when served there, and
    not before customer n - 1 has left station k + 1.
    """
    spells, end = seen.spells, seen.plan.end
    rows = [np.flatnonzero(seen.at(name) & seen.begun) for name in STATIONS[:stations]]
    people = len(rows[-1])
    lengths = [(spells["ready"] - spells["started"])[r[:people]].tolist() for r in rows]
    left = [seen.until[r[:people]].tolist() for r in rows]
    entered = [spells["started"][r[:people]].tolist() for r in rows]
    before = [seen.plan.begin] * stations
    before[0] = entered[0][0]
    differ = 0
    for n in range(people):
        # The first station is taken the moment it is left; before[k] is when n - 1 left station k.
        now = before[0]
        for k in range(stations):
            now += lengths[k][n]
            if k + 1 < stations:
                now = max(now, before[k + 1])
            before[k] = now
            differ += min(now, end) != left[k][n]
    return differ


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    stations, known = LINES[case], answer(case)
    expected = known.expected
    found, differ = Sample(), 0
    sets = _sets(stations, expected["throughput"])
    count = effort.replications(10)
    for number, seen in enumerate(replications("line", sets, count, effort.luck(case))):
        found.add(_look(seen, stations))
        if number < REPLAYED:
            differ += differing(seen, stations)
    claims = [Claim("throughput", "people through the line [per h]", expected["throughput"])]
    for k in range(stations):
        if k + 1 < stations:
            words = f"share of time station {k + 1} is blocked"
            claims.append(Claim(f"blocked {k}", words, expected["p_blocked"][k]))
        if k:
            words = f"share of time station {k + 1} is empty"
            claims.append(Claim(f"starved {k}", words, expected["p_starved"][k]))
    never = sum(found.interval(name).mean for name in (f"blocked {stations - 1}", "starved 0"))
    return (
        *verdicts(case, found, claims, known.source),
        exactly(case, "time the first station is empty and the last blocked", 0, never, known.source),
        exactly(
            case,
            "departures that differ from the recursion of the line",
            0,
            differ,
            "the rule itself: blocking after service",
        ),
    )


CASES = tuple(Case(name, partial(_work, name), name == "satline_1_1_1_b0_0") for name in LINES)
