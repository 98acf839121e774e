"""Two streams in one unit of beds, exactly: a chain of who is there and who waits, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.statistics.queueing.chain import stationary_distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer lines are cut off. Where streams have lines of their own that never compete, or ranks, only
# the numbers in line count; else their order does, and the chain grows fast.
LONGEST = {"shared": 11, "partial": 9, "ring_fenced": 40, "reserved": 40, "priority": 40}
IN_ORDER = {"shared", "partial"}

State = tuple[int, int, tuple[int, ...]]


class Unit(NamedTuple):
    """Beds for two streams with one mean stay; the first gives up waiting.

    Attributes
    ----------
    rates
        Arrivals of each stream [per d].
    stay, patience
        Mean stay of all, and mean patience of the first stream [d].
    beds
        Beds in all.
    policy
        Word for the policy.
    parts
        Beds of the first and of the second stream, by policy.
    """

    rates: tuple[float, float]
    stay: float
    patience: float
    beds: int
    policy: str
    parts: tuple[int, int] = (0, 0)


def fits(unit: Unit, there: list[int], stream: int) -> bool:
    """Tell whether one more of a stream may be admitted."""
    after = list(there)
    after[stream] += 1
    if sum(after) > unit.beds:
        return False
    if unit.policy == "ring_fenced":
        return after[stream] <= unit.parts[stream]
    if unit.policy == "reserved":
        return sum(after) + unit.parts[1 - stream] <= unit.beds
    if unit.policy == "partial":
        above = sum(max(0, n - own) for n, own in zip(after, unit.parts, strict=True))
        return above <= unit.beds - sum(unit.parts)
    return True


def settle(unit: Unit, first: int, second: int, line: tuple[int, ...]) -> State:
    """Admit whoever may be, the one who came first before others."""
    there, waiting = [first, second], list(line)
    while True:
        heads = [waiting.index(stream) for stream in (0, 1) if stream in waiting]
        if unit.policy == "shared":
            heads = [0] if waiting else []
        elif unit.policy == "priority":
            heads = heads[:1]
        able = [k for k in heads if fits(unit, there, waiting[k])]
        if not able:
            return there[0], there[1], tuple(waiting)
        there[waiting.pop(min(able))] += 1


def shared_unit(unit: Unit) -> tuple[float, float]:
    """Return the share of the first stream that gives up, and the mean wait of the second [d].

    Examples
    --------
    Fenced off, the second stream is an M/M/c queue of its own:

    >>> fenced = Unit((0.2, 0.25), 14, 1, 10, "ring_fenced", (4, 6))
    >>> round(shared_unit(fenced)[1], 2)
    0.99
    """
    one_line = unit.policy in {"shared", "priority"}

    def moves(state: State) -> Iterator[tuple[float, State]]:
        first, second, line = state
        if len(line) < LONGEST[unit.policy]:
            for stream, rate in enumerate(unit.rates):
                yield rate, settle(unit, first, second, (*line, stream))
        if first:
            yield first / unit.stay, settle(unit, first - 1, second, line)
        if second:
            yield second / unit.stay, settle(unit, first, second - 1, line)
        for k, stream in enumerate(line):
            if stream == 0:
                yield 1 / unit.patience, settle(unit, first, second, line[:k] + line[k + 1 :])

    def lumped(state: State) -> Iterator[tuple[float, State]]:
        for rate, (first, second, line) in moves(state):
            in_line = line if unit.policy in IN_ORDER else tuple(sorted(line))
            # With one mean stay it does not matter who is there where one line serves all.
            yield rate, (first + second, 0, in_line) if one_line else (first, second, in_line)

    empty: State = (0, 0, ())
    shares = stationary_distribution(empty, lumped)
    means = [
        sum(share * line.count(stream) for (_, _, line), share in shares.items())
        for stream in (0, 1)
    ]
    return means[0] / unit.patience / unit.rates[0], means[1] / unit.rates[1]
