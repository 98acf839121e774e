"""A forecast in sentences: what will be on a day, and what a reader should know before."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.measures.midnight import KINDS
from carepath_sim.measures.midnight_pools import POOL_KINDS
from carepath_sim.plan.traffic import service_loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.calibrate.forecast import Forecast

MANY: Final = 3
"""Pools that are never full, from which on one sentence is told of all of them."""
MOST_AWAITED: Final = 3
"""Services that are told of those who wait at one place."""


def answers(found: Forecast, day: int) -> list[str]:
    """Return how full places will be on a day, and who waits for what, a sentence or two each."""
    return [*_of_pools(found, day), *_of_waits(found, day)]


def date_words(found: Forecast, day: int) -> str:
    """Return the date that begins at a midnight.

    A weekday, because staffing goes by it.
    """
    at = found.first + timedelta(days=day)
    return f"{at:%a} {at.day} {at:%B}"


def _of_pools(found: Forecast, day: int) -> Iterator[str]:
    share = np.asarray(found.full[:, : day + 1].any(axis=1)).mean(axis=0)
    waits = np.asarray(found.pools[:, POOL_KINDS.index("waiting"), day].any(axis=0))
    quiet = [k for k in found.shown_pools if not share[k] and not waits[k]]
    told = [k for k in found.shown_pools if len(quiet) < MANY or k not in quiet]
    # What is full most surely stands first.
    for k in sorted(told, key=lambda k: -share[k]):
        info = found.plan.pools[k]
        taken, capacity, waiting = found.pools[:, :, day, k].T
        until = found.full[:, 1 : day + 1, k]
        room = f"{_mean(capacity)} {info.unit or 'places'}"
        yield (
            f"{info.title or info.name}: {_mean(taken)} of {room} taken ({_middle(taken)}) as"
            f" {date_words(found, day)} begins. Full then: {found.full[:, day, k].mean():.0%};"
            f" on some midnight until then: {until.any(axis=1).mean():.0%}."
            f" Waiting for a place there: {_mean(waiting)} ({_middle(waiting)})."
        )
    if len(quiet) >= MANY:
        pools = [found.plan.pools[k] for k in quiet]
        names = "; ".join(one.title or one.name for one in pools)
        yield f"Full in none of the futures, with nobody waiting: {names}."


def _of_waits(found: Forecast, day: int) -> Iterator[str]:
    names = [one.title or one.name for one in found.plan.services]
    waits = found.awaited[:, day]
    for k in np.flatnonzero(waits.any(axis=(0, 2))):
        all_of, means = waits[:, k].sum(axis=1), waits[:, k].mean(axis=0)
        told = [j for j in np.argsort(-means, kind="stable") if means[j] >= 0.05][:MOST_AWAITED]
        if told:
            what = ", ".join(f"{_number(means[j])} for {names[j]}" for j in told)
            number = f"{_mean(all_of)} ({_middle(all_of)})"
            yield f"Ready to leave {names[k]}, and waiting: {number}: {what}."


def _middle(values: np.ndarray) -> str:
    low = np.quantile(values, 0.1, method="lower")
    high = np.quantile(values, 0.9, method="higher")
    return f"{low:.0f} to {high:.0f} in 8 of 10 futures"


def _mean(values: np.ndarray) -> str:
    return _number(float(values.mean()))


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.5 or value == round(value) else f"{value:.1f}"


def at_once(found: Forecast) -> list[str]:
    """Say where people who wait on the list get a place as soon as the scenario begins."""
    if found.census is None:
        return []
    waiting = Counter(one.waiting_for for one in found.census.taken if one.waiting_for)
    services = found.strata[""].services
    still = found.counts[""][:, KINDS.index("waiting"), 0, :, 0].mean(axis=0)
    told = []
    for name, number in waiting.items():
        placed = number - (still[services.index(name)] if name in services else number)
        if placed >= 0.5:
            told.append(
                f"of {number} on the list who wait for {name} {placed:.0f} get a place as soon"
                " as the scenario begins: it has room there. Are its capacity, and the list of"
                " those who are there, complete?"
            )
    return told


def unlike_the_scenario(found: Forecast) -> list[str]:
    """Say where the list has far more or fewer people than the scenario has in the long run."""
    if found.census is None:
        return []
    there = Counter(one.service for one in found.census.taken)
    with np.errstate(all="ignore"):
        loads = {one.service: one.people for one in service_loads(found.scenario)}
    told = []
    for name, number in sorted(there.items()):
        usual = loads.get(name, math.nan)
        # Three standard deviations of a Poisson number, and a quarter.
        if abs(number - usual) > max(3 * math.sqrt(usual), usual / 4):
            told.append(
                f"{name}: {number} on the list, {usual:,.0f} in the long run of the scenario"
                " (without queues): the forecast leads from the one to the other, whatever is"
                " true of the service. Are its arrivals and stays those of today?"
            )
    return told
