"""The rules by which programmes find people: pure functions over plan tables and people's arrays.

`H` is a `plan.tables.Hazards`, `T` a `plan.tables.Tables`; both as arrays.
"""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import batch, rule
from carepath_sim.engine.rules import first_match
from carepath_sim.engine.streams import uniform


@rule
def find_at(since: int, interval: float, number: int) -> int:
    """Return the instant [ms] of a find, the first (number 1) one interval after the start."""
    return since + int(number * interval + 0.5)


@rule
def times_since_discharge(H: Any, discharged: int, now: int) -> float:
    """Return the factor on crises of somebody who was discharged at an instant [ms]."""
    if discharged != -(2**63):
        for step in range(len(H.discharge_until)):
            if discharged + H.discharge_until[step] > now:
                factor: float = H.discharge_factor[step]
                return factor
    return 1.0


@batch
def best(
    H: Any, crisis: Any, rule_number: int, residence: Any, where: Any, discharged: Any,
    meets: Any, enrolled: Any, speeds: Any, luck: Any, now: int,
) -> int:  # fmt: skip
    """Return the number of the person whom a programme finds, or -1.

    The crisis hazard of a person is the sum over hazards of speed (attributes and programmes),
    factor of the place, and factor of time since discharge, in this order; seasons apart.

    Parameters
    ----------
    crisis
        Factor of each place on each hazard, `service * hazards + hazard`; 0 for what is no crisis.
    rule_number
        0: the highest crisis hazard; 1: the lowest uniform; 2: the lowest number. The lower
        number breaks ties.
    where
        Service where each person is; -1 for those who do not live in the area, or no longer.
    discharged
        Last discharge from hospital [ms].
    meets, enrolled
        1 for those whom the programme may find, and who are on it.
    speeds
        Speeds of the hazards [per ms], shape `(person, hazard)`.
    luck
        Uniforms of the persons, where the programme finds at random.
    """
    hazards = len(H.rate)
    found = -1
    highest = -1.0
    for k in range(len(where)):
        if where[k] < 0 or meets[k] == 0 or enrolled[k] == 1 or residence[where[k]] == 0:
            continue
        if rule_number == 2:
            return k
        value = 0.0
        if rule_number == 1:
            value = 1.0 - luck[k]
        else:
            times = times_since_discharge(H, discharged[k], now)
            first = where[k] * hazards
            for h in range(hazards):
                risk = speeds[k, h] * crisis[first + h]
                if times != 1.0 and H.after_discharge[h] == 1:
                    risk = risk * times
                value += risk
        if value > highest:
            highest = value
            found = k
    return found


@batch
def who_may_join(T: Any, who: int, attributes: int, now: int, codes: Any, meets: Any) -> None:
    """Fill 1 for those who may join a programme, 0 for the others."""
    for k in range(len(codes)):
        may = who < 0 or first_match(T, who, codes[k], attributes, now) >= 0
        meets[k] = 1 if may else 0


@batch
def draw_finds(seed: int, replication: int, index: Any, identity: Any, key: int, luck: Any) -> None:
    """Fill the uniforms by which people are found at random."""
    for k in range(len(luck)):
        luck[k] = uniform(seed, replication, index[k], key, identity[k], 0)
