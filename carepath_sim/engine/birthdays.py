"""Who has a birthday on which day of a run, and what changes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.compiling import batch
from carepath_sim.engine.streams import uniform
from carepath_sim.plan.names import AGES, band_years
from carepath_sim.plan.tables import DAY, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carepath_sim.plan import Plan

    Comer = tuple[int, int, int, int, int]
    """When somebody comes, their number, source, identity and index."""

YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Ages:
    """What a birthday changes.

    Attributes
    ----------
    age, band
        Numbers of the two attributes.
    oldest
        Code of the last age, which nobody outgrows.
    band_of
        Code of the band by that of the age.
    age_counts, band_counts
        Whether hazards depend on them.
    """

    age: int
    band: int
    oldest: int
    band_of: tuple[int, ...]
    age_counts: bool
    band_counts: bool


def ages_of(plan: Plan) -> Ages:
    """Return what a birthday changes in a plan in which people grow older."""
    names = plan.attribute_index
    age, band = names["age"], names["age_band"]
    years = [band_years(value) for value in plan.attributes[band].values]
    tested = set(plan.hazards.factor_attribute.tolist())
    return Ages(
        age=age,
        band=band,
        oldest=years[-1][-1],
        band_of=tuple(
            next((k for k, ages in enumerate(years) if at in ages), NOBODY)
            for at in range(len(AGES))
        ),
        age_counts=age in tested,
        band_counts=band in tested,
    )


@batch
def draw_birthdays(
    seed: int, replication: int, identity: int, key: int, first: int, luck: np.ndarray
) -> None:
    """Fill the part of a year [0, 1) from the start of the run to the first birthday."""
    for k in range(len(luck)):
        luck[k] = uniform(seed, replication, first + k, key, identity, 0)


def birthdays(
    plan: Plan, seed: int, replication: int, coming: Iterable[Comer]
) -> Iterator[tuple[int, list[int]]]:
    """Return the days [from instant 0] with the numbers of those whose birthday it is."""
    n = plan.population
    key = int(plan.tables.decision_key[plan.birthday * len(plan.cause_names)])
    luck = np.zeros(n)
    draw_birthdays(seed, replication, plan.sources[0].identity, key, 0, luck)
    first_day = -(-plan.begin // DAY)
    last_day = -(-plan.end // DAY)
    years = range(int((last_day - first_day) / YEAR_DAYS) + 1)
    day, who = [], []
    for year in years:
        day.append(first_day + ((luck + year) * YEAR_DAYS).astype(np.int64))
        who.append(np.arange(n, dtype=np.int64))
    for t, number, source, identity, index in coming:
        # Who turns 65 by coming has birthdays whole years after that day.
        if plan.sources[source].born:
            found = [t // DAY + int((year + 1) * YEAR_DAYS) for year in years]
        else:
            u = uniform(seed, replication, index, key, identity, 0)
            found = [first_day + int((u + year) * YEAR_DAYS) for year in years]
        later = [on for on in found if t < on * DAY < plan.end]
        day.append(np.array(later, dtype=np.int64))
        who.append(np.full(len(later), number, dtype=np.int64))
    days, people = np.concatenate(day), np.concatenate(who)
    order = np.lexsort((people, days))
    days, people = days[order], people[order]
    found_days, first = np.unique(days, return_index=True)
    ends = [*first[1:].tolist(), len(days)]
    for on, a, b in zip(found_days.tolist(), first.tolist(), ends, strict=True):
        yield on, people[a:b].tolist()
