"""Lines of stations that block: who is ready holds the station until there is room for them.

Room between stations is said as a service of no length with a pool of its own, or by the
`waiting_room` of the station behind it: both must come to the same.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.units import HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.queues import REPLAYED
from carepath_sim.verification.trials import Claim, Sample, replications, verdicts
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.verification.trials import Effort, Observation, Seen


class Line(NamedTuple):
    """A line: rates of its stations [per h], and room before each but the first."""

    rates: tuple[float, ...]
    rooms: tuple[int, ...]


LINES = {
    "satline_1_1_b0": Line((1, 1), (0,)),
    "satline_1_1_b1": Line((1, 1), (1,)),
    "satline_1_1_b4": Line((1, 1), (4,)),
    "satline_1_1_1_b0_0": Line((1, 1, 1), (0, 0)),
    "satline_1_1_1_1_1_b0_0_0_0": Line((1, 1, 1, 1, 1), (0, 0, 0, 0)),
    "satline_1_1.2_0.9_b0_2": Line((1, 1.2, 0.9), (0, 2)),
}

LENGTH = 30
"""Length of the window [d]; the warm-up before it takes 5."""


def station(k: int) -> str:
    """Return the service that stands for a station, counted from 1."""
    return f"station_{k}"


def line_sets(
    stays: Sequence[object], rooms: Sequence[int], first_room: int = 0, *, own: bool = False
) -> dict[str, object]:
    """Return the fields that say a line.

    Parameters
    ----------
    stays
        Distribution of service of each station.
    rooms
        Places to wait before each station but the first.
    first_room
        Places before the first; whoever finds them full is lost. 0: any number of people wait.
    own
        Whether stations have waiting rooms of their own instead.
    """
    pools: dict[str, object] = {}
    services: dict[str, dict[str, object]] = {}
    for k, (stay, room) in enumerate(zip(stays, (first_room, *rooms), strict=True), start=1):
        before = k < len(stays) and rooms[k - 1] and not own
        follows = f"room_{k + 1}" if before else station(k + 1)
        if room and not own:
            pools[f"room_{k}"] = {"capacity": room}
            services[f"room_{k}"] = {
                "setting": "elsewhere",
                "pool": f"room_{k}",
                "stay": "0 min",
                "next": station(k),
                **({"max_wait": "0 min"} if k == 1 else {}),
            }
        pools[station(k)] = {"capacity": 1}
        services[station(k)] = {
            "setting": "elsewhere",
            "pool": station(k),
            "stay": stay,
            "next": follows if k < len(stays) else "gone",
        }
        if room and own:
            side = "from_outside" if k == 1 else "from_inside"
            services[station(k)] |= {"waiting_room": {side: room}}
    return {"pools": pools, "services": services}


def _saturated(line: Line, throughput: float, *, own: bool) -> dict[str, object]:
    stays = [{"exponential": {"mean": f"{1 / rate} h"}} for rate in line.rates]
    # Half as many people again as can pass, so that the first station never lacks work.
    count = round(1.5 * throughput * (LENGTH + 5) * 24)
    people = {"every": "1 ms", "count": count, "at": station(1)}
    return {
        **line_sets(stays, line.rooms, own=own),
        "arrivals.people": people,
        "clock.length": f"{LENGTH} d",
    }


def _look(seen: Seen, stations: int) -> dict[str, Observation | float]:
    spells = seen.spells
    last = seen.at(station(stations)) & seen.begun
    left = seen.until[last]
    out = float(((left >= 0) & (left < seen.plan.window)).sum())
    found: dict[str, Observation | float] = {"throughput": out / (seen.plan.window / HOUR)}
    for k in range(stations):
        stays = seen.at(station(k + 1)) & seen.begun
        ready = np.minimum(spells["ready"][stays], seen.plan.end)
        found[f"blocked {k}"] = seen.time_share(ready, seen.until[stays])
        found[f"starved {k}"] = 1 - seen.time_share(spells["started"][stays], seen.until[stays])
    return found


def differing(seen: Seen, line: Line) -> int:
    """Return how many departures differ from the recursion of a line that blocks.

    The n-th customer starts at a station when the one before has left it, and leaves it when
    served, but not before so many have left the next station that there is room.
    """
    spells, end, begin = seen.spells, seen.plan.end, seen.plan.begin
    stations = len(line.rates)
    rows = [np.flatnonzero(seen.at(station(k + 1)) & seen.begun) for k in range(stations)]
    people = len(rows[-1])
    length = [(spells["ready"] - spells["started"])[r[:people]].tolist() for r in rows]
    left = [seen.until[r[:people]].tolist() for r in rows]
    out = [[begin] * people for _ in range(stations)]
    came = int(spells["requested"][rows[0][0]])
    differ = 0
    for n in range(people):
        now = came
        for k in range(stations):
            now = max(now, out[k][n - 1] if n else begin) + length[k][n]
            ahead = n - line.rooms[k] - 1 if k + 1 < stations else -1
            if ahead >= 0:
                now = max(now, out[k + 1][ahead])
            out[k][n] = now
            differ += min(now, end) != left[k][n]
    return differ


def _work(case: str, effort: Effort, *, own: bool = False) -> tuple[Verdict, ...]:
    line, known = LINES[case], answer(case)
    expected, stations = known.expected, len(line.rates)
    found, differ = Sample(), 0
    sets = _saturated(line, expected["throughput"], own=own)
    count, luck = effort.replications(16), effort.luck(case)
    case += " own rooms" if own else ""
    for number, seen in enumerate(replications("line", sets, count, luck)):
        found.add(_look(seen, stations))
        if number < REPLAYED:
            differ += differing(seen, line)
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
        exactly(
            case, "share of time the first is empty or the last blocked", 0, never, known.source
        ),
        exactly(
            case,
            "departures that differ from the recursion of the line",
            0,
            differ,
            "the rule itself: blocking after service",
        ),
    )


STOOLS = {"stools_3_5": (3, 5), "stools_3.5_4.5": (3.5, 4.5)}
"""Least and greatest service [s]."""


def _stools(case: str, effort: Effort, *, own: bool = False) -> tuple[Verdict, ...]:
    known = answer(case)
    low, high = STOOLS[case]
    stay = {"uniform": {"min": f"{low} s", "max": f"{high} s"}}
    sets = {
        **line_sets([stay] * 3, (3, 3), first_room=3, own=own),
        "arrivals.people": {"every": "4 s", "at": station(1) if own else "room_1"},
        "clock.length": "1 h",
        "clock.warm_up": "10 min",
    }
    found = Sample()
    lost, at = ("turned_away", station(1)) if own else ("given_up", "room_1")
    for seen in replications("line", sets, effort.replications(7), effort.luck(case)):
        found.add({"lost": seen.figure(lost, service=at).top})
    case += " own rooms" if own else ""
    mean, error = known.expected["independent_400"]
    claims = [Claim("lost", "people lost in an hour", mean, error)]
    return verdicts(case, found, claims, known.source)


_QUICK = "satline_1_1.2_0.9_b0_2"

CASES = (
    *(Case(name, partial(_work, name), name == _QUICK) for name in LINES),
    *(Case(name, partial(_stools, name)) for name in STOOLS),
    *(
        Case(f"{name} own rooms", partial(_work, name, own=True), name == _QUICK)
        for name, line in LINES.items()
        if any(line.rooms)
    ),
    *(Case(f"{name} own rooms", partial(_stools, name, own=True)) for name in STOOLS),
)
