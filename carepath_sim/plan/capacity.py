"""Capacities over time: numbers, rosters and dates as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.plan.calendar import instant
from carepath_sim.plan.tables import UNLIMITED, WEEK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from carepath_sim.plan.days import Days
    from carepath_sim.scenario.values import DatedCapacity, Policy, RosterLine


def places(value: float) -> int:
    """Return a number of places; unlimited ones as a number that is never reached."""
    return UNLIMITED if value == float("inf") else round(value)


def steps(
    dated: Sequence[DatedCapacity], start: date, begin: int, end: int, days: Days | None = None
) -> list[tuple[int, int]]:
    """Return the instants [ms] at which the capacity changes, and the new capacity.

    The first step lies at `begin`; equal neighbours are merged. `days` are needed where bank
    holidays make a difference to a roster.
    """
    found: list[tuple[int, int]] = []
    spans = [begin if line.start is None else instant(start, line.start) for line in dated]
    for k, line in enumerate(dated):
        first = max(spans[k], begin) if k else begin
        last = spans[k + 1] if k + 1 < len(dated) else end
        if last <= first:
            continue
        if line.places is not None:
            found.append((first, places(line.places.value)))
        elif days is not None and any(r.hours.minds_bank_holidays for r in line.roster):
            found.extend(_roster_by_date(line.roster, days, first, last))
        else:
            found.extend(_roster(line.roster, start.weekday() * WEEK // 7, first, last))
    merged: list[tuple[int, int]] = []
    for t, capacity in found:
        if not merged or merged[-1][1] != capacity:
            merged.append((t, capacity))
    return merged


def _roster(
    lines: Sequence[RosterLine], shift: int, first: int, last: int
) -> list[tuple[int, int]]:
    """Return the steps of a weekly roster between two instants; the first line open counts."""
    edges = sorted(
        {edge % WEEK for line in lines for window in line.hours.windows for edge in window} | {0}
    )

    def at(moment: int) -> int:
        for line in lines:
            if any(a <= moment < b for a, b in line.hours.windows):
                return places(line.places.value)
        return 0

    found = [(first, at((first + shift) % WEEK))]
    monday = first - (first + shift) % WEEK
    while monday < last:
        found.extend((monday + edge, at(edge)) for edge in edges if first < monday + edge < last)
        monday += WEEK
    return found


def _roster_by_date(
    lines: Sequence[RosterLine], days: Days, first: int, last: int
) -> list[tuple[int, int]]:
    """Return the steps of a roster that minds bank holidays; lines never overlap."""
    open_at: dict[int, int] = {}
    closes: set[int] = {first}
    for line in lines:
        for begins, ends in days.opened(line.hours, first, last):
            open_at[begins] = places(line.places.value)
            closes.add(ends)
    edges = sorted(t for t in {*open_at, *closes} if first <= t < last)
    return [(t, open_at.get(t, 0)) for t in edges]


def largest_remainder(total: int, shares: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to shares that sum to the total.

    >>> largest_remainder(125, [0.15, 0.85])
    [19, 106]
    """
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    parts = [int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda k: (parts[k] - exact[k], k))
    for k in order[: total - sum(parts)]:
        parts[k] += 1
    return parts


def policy_parts(policy: Policy, capacity: int) -> tuple[list[int], int]:
    """Return the part of each stream (without the common one), and the common part."""
    if policy.kind in {"shared", "priority"}:
        return [0] * max(1, len(policy.parts)), 0
    names = [name for name, _ in policy.parts]
    if policy.is_share and capacity < UNLIMITED:
        shares = [part.value for _, part in policy.parts]
        if policy.kind == "reserved":  # what nobody reserves is a part, too
            shares.append(max(0.0, 1.0 - sum(shares)))
        counts = largest_remainder(capacity, shares)[: len(policy.parts)]
    else:
        counts = [round(part.value) for _, part in policy.parts]
    common = sum(n for name, n in zip(names, counts, strict=True) if name == "shared")
    return [n for name, n in zip(names, counts, strict=True) if name != "shared"], common
