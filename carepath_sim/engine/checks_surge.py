"""Checks of surge: opened and closed in turn, when the spells say so, for as long as was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import (
    CAPACITY_CHANGED,
    NEVER,
    SURGE_CLOSED,
    SURGE_OPENED,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

    Ints = NDArray[np.int64]
    Flows = list[tuple[Ints, Ints]]


def surges_add_up(plan: Plan, record: Record, held: list[Flows]) -> list[str]:
    """Surge places open and close in turn, as long as the conditions in the spells say.

    Parameters
    ----------
    held
        By pool: instants [ms] and changes of the units in use, reckoned from the spells.
    """
    return [
        f"pool {plan.pools[k].name}: {text}"
        for k in np.flatnonzero(plan.surges.people).tolist()
        for text in _one(plan, record, k, held[k])
    ]


def _one(plan: Plan, record: Record, pool: int, held: Flows) -> Iterator[str]:
    add = int(plan.surges.add[pool])
    times = {what: _times(record, what, pool) for what in (SURGE_OPENED, SURGE_CLOSED)}
    opened, closed = times[SURGE_OPENED].tolist(), times[SURGE_CLOSED].tolist()
    spans = list(zip(opened, [*closed, plan.end], strict=False))
    in_turn = len(opened) - len(closed) in {0, 1} and sorted(opened + closed) == [
        t for pair in zip(opened, [*closed, NEVER], strict=False) for t in pair if t != NEVER
    ]
    if not in_turn:
        yield "surge places are not opened and closed in turn"
        return
    open_time = add * sum(b - a for a, b in spans)
    kept = int(record.audit["surge_time"][pool])
    if open_time != kept:
        yield f"{open_time} unit-ms of surge in the changes, {kept} open"
    t, base = plan.capacity_steps(pool)
    steps: Flows = [(np.asarray(t, dtype=np.int64), np.diff(base, prepend=0))]
    extra: Flows = [
        (np.array(opened, dtype=np.int64), np.full(len(opened), add)),
        (np.array(closed, dtype=np.int64), np.full(len(closed), -add)),
    ]
    capacity = _level(plan, [*steps, *extra])
    changed = {int(t) for part in (*steps, *extra) for t in part[0] if t < plan.end}
    if _said(record, pool) != {t: capacity(t) for t in changed}:
        yield "the capacity in the changes is not that of the steps and the surge"
    taken = _level(plan, held)
    moments = np.unique(np.concatenate([part[0] for part in (*steps, *extra, *held)]))
    for begin, end in spans:
        inside = moments[(moments > begin) & (moments < end)]
        edges = [begin, *inside.tolist(), end]
        free = [capacity(t) - taken(t) >= int(plan.surges.empty[pool]) for t in edges[:-1]]
        yield from _closing(edges, free, int(plan.surges.calm[pool]), is_closed=end in closed)
    yield from _crowds(plan, record, pool, opened)


def _closing(edges: list[int], free: list[bool], calm: int, *, is_closed: bool) -> Iterator[str]:
    """Yield closings that came too soon, and those that were missed."""
    since = None
    for k, holds in enumerate(free):
        if not holds:
            since = None
            continue
        since = edges[k] if since is None else since
        if edges[k + 1] - since > calm:
            yield f"surge places stay open at {since + calm}, when they were empty long enough"
            return
    end = edges[-1]
    if is_closed and (since is None or end - since != calm):
        yield f"surge places closed at {end}, when they had not been empty long enough"


def _crowds(plan: Plan, record: Record, pool: int, opened: list[int]) -> Iterator[str]:
    """Yield openings before which too few were in line at all."""
    s = record.spells
    users = [k for k, service in enumerate(plan.services) if pool in service.pools]
    rows = np.isin(s["service"], users)
    until = np.where(s["granted"] != NEVER, s["granted"], s["left"])[rows]
    asked, until = s["requested"][rows], np.where(until == NEVER, plan.end, until)
    one = np.ones(len(asked), dtype=np.int64)
    waiting = _level(plan, [(asked, one), (until, -one)])
    moments = np.unique(np.concatenate((asked, until)))
    for t in opened:
        decided = t - int(plan.surges.lead[pool])
        since = decided - int(plan.surges.crowded[pool])
        inside = moments[(moments > since) & (moments < decided)].tolist()
        if min(waiting(m) for m in (since, *inside)) < int(plan.surges.people[pool]):
            yield f"surge places opened at {t}, when too few had waited"


def _times(record: Record, what: int, pool: int) -> Ints:
    c = record.changes
    found: Ints = c["t"][(c["what"] == what) & (c["name"] == pool)]
    return found


def _said(record: Record, pool: int) -> dict[int, int]:
    """Return the capacity that the changes leave at each instant, the last word of it."""
    c = record.changes
    mine = (c["what"] == CAPACITY_CHANGED) & (c["name"] == pool)
    return dict(zip(c["t"][mine].tolist(), c["value"][mine].tolist(), strict=True))


class _level:  # noqa: N801 - a step function
    """The sum of changes up to and with an instant."""

    def __init__(self, plan: Plan, flows: Flows) -> None:
        t = np.concatenate([part[0] for part in flows])
        change = np.concatenate([part[1] for part in flows])
        order = np.argsort(t, kind="stable")
        self.t = np.maximum(t[order], plan.begin)
        self.total = np.append(0, np.cumsum(change[order]))

    def __call__(self, t: int) -> int:
        return int(self.total[np.searchsorted(self.t, t, side="right")])
