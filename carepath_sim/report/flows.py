"""Flows between services, made ready to be drawn: merged, in columns from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.measures import parts
from carepath_sim.report.words import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from carepath_sim.experiment.results import RunResult

START, BACK = "home", "home again"
FIRST = (START, "outside")
LAST = (BACK, "died")
SPECIAL = {
    START: "At home",
    BACK: "Home again",
    "outside": "From outside",
    "died": "Died",
}
SWEEPS = 12
# Part of the people who come to a service from which a flow says where the service stands.
MANY = 0.2


@dataclass(frozen=True)
class Flow:
    """People who go from one service to another a year, mean of the replications."""

    begin: str
    end: str
    people: float
    low: float
    high: float


@dataclass(frozen=True)
class Columns:
    """Services in columns from left to right, in each from top to bottom."""

    columns: tuple[tuple[str, ...], ...]
    of: Mapping[str, int]


def flows(result: RunResult) -> list[Flow]:
    """Return the flows of a run, the largest first; services of one template are one.

    Home is two places: where people come from, and where they return to.
    """
    import numpy as np

    from carepath_sim.statistics import mean_interval

    sums: dict[tuple[str, str], np.ndarray] = {}
    for k, one in enumerate(result.done):
        for row in one.rows:
            if row.measure != "moves" or row.period != "window":
                continue
            ends = parts(row.stratum)
            begin, end = (base_of(ends[key]) for key in ("from", "to"))
            if begin == end:
                continue  # a move among services of one kind, as from team to team
            key = (begin, BACK if end == START else end)
            sums.setdefault(key, np.zeros(len(result.done)))[k] += row.value
    found = []
    for (begin, end), values in sums.items():
        interval = mean_interval(values)
        found.append(Flow(begin, end, interval.mean, interval.low, interval.high))
    return sorted(found, key=lambda one: (-one.people, one.begin, one.end))


def base_of(name: str) -> str:
    """Return the name of a service without that of the place it is at.

    >>> base_of("ed[leicester]"), base_of("acute")
    ('ed', 'acute')
    """
    return name.partition("[")[0]


def titles(result: RunResult) -> dict[str, str]:
    """Return services in words."""
    written = result.plan.scenario.services
    found = {
        info.base: title_of(info.base, written.get(info.base)) for info in result.plan.services
    }
    for info in result.plan.services:
        if info.base not in written:
            found[info.base] = info.title or title_of(info.base, None)
    return found | SPECIAL


def in_columns(chosen: Sequence[Flow]) -> Columns:
    """Put services into columns, so that most people go from left to right.

    A service stands to the right of those from which many of its people come. Where people go round
    in a ring, the smallest flow of the ring goes back.
    """
    forward: list[Flow] = []
    coming: dict[str, float] = {}
    for flow in chosen:
        coming[flow.end] = coming.get(flow.end, 0.0) + flow.people
    for flow in chosen:  # the largest first: a small one never turns a large one round
        many = flow.people >= MANY * coming[flow.end]
        if many and not _leads(flow.end, flow.begin, forward):
            forward.append(flow)
    names = list(dict.fromkeys(name for flow in chosen for name in (flow.begin, flow.end)))
    column = dict.fromkeys(names, 0)
    for _ in names:
        for flow in forward:
            column[flow.end] = max(column[flow.end], column[flow.begin] + 1)
    leaves = {flow.begin for flow in chosen}
    last = max(column.values(), default=0)
    ends = [name for name in LAST if name in column and name not in leaves]
    if any(at == last for name, at in column.items() if name not in ends):
        last += 1
    column |= dict.fromkeys(ends, last)
    # Who stands further left than needed goes near to where its people go.
    for name in sorted(names, key=lambda one: -column[one]):
        next_ones = [column[flow.end] for flow in forward if flow.begin == name]
        fed = any(flow.end == name for flow in forward)
        if next_ones and not fed and name not in FIRST:
            column[name] = min(next_ones) - 1
    rows: list[list[str]] = [[] for _ in range(last + 1)]
    for name in names:
        rows[column[name]].append(name)
    return Columns(tuple(tuple(one) for one in _ordered(rows, chosen)), column)


def _leads(begin: str, end: str, known: Iterable[Flow]) -> bool:
    """Tell whether a way along flows leads from one service to another."""
    ahead: dict[str, list[str]] = {}
    for flow in known:
        ahead.setdefault(flow.begin, []).append(flow.end)
    seen, todo = set(), [begin]
    while todo:
        here = todo.pop()
        if here == end:
            return True
        if here not in seen:
            seen.add(here)
            todo += ahead.get(here, [])
    return False


def _ordered(rows: list[list[str]], chosen: Sequence[Flow]) -> list[list[str]]:
    """Order columns so that ribbons cross little: each service beside those it exchanges with."""
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        place = {name: (k + 0.5) / len(row) for row in rows for k, name in enumerate(row)}
        for at in order:
            rows[at].sort(key=lambda name: _middle(name, place, chosen))
            place.update({name: (k + 0.5) / len(rows[at]) for k, name in enumerate(rows[at])})
    return rows


def _middle(name: str, place: Mapping[str, float], chosen: Sequence[Flow]) -> float:
    weights = [
        (flow.people, place[flow.end if flow.begin == name else flow.begin])
        for flow in chosen
        if name in (flow.begin, flow.end)
    ]
    total = sum(weight for weight, _ in weights)
    return sum(weight * at for weight, at in weights) / total if total else place[name]
