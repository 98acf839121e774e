"""Search along one line of values for those that meet targets, no longer than it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final, Literal

from carepath_sim.statistics import mean_interval, simultaneous_level
from carepath_sim.statistics.sequential import probability_below, sequential_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.wanted import Target
    from carepath_sim.statistics import Interval

    Simulate = Callable[[Sequence[int], int], Sequence[RunResult]]

Seek = Literal["smallest", "largest"]

BATCH: Final = 10
"""Replications added at once where it cannot be told yet; the same on every machine, so that the
answer does not depend on the number of workers."""

FEWEST: Final = 5
"""Replications before anything is decided."""


@dataclass(frozen=True)
class Verdict:
    """What one value does to one target.

    Attributes
    ----------
    excess
        By how much the target is missed, one value a replication [unit of the measure]; below 0
        is room to spare.
    sequential
        Mean excess with an interval that holds at all looks and all values together.
    """

    excess: NDArray[np.float64]
    sequential: Interval

    @property
    def met(self) -> bool:
        """Whether the best estimate keeps the target; nothing to miss keeps it."""
        return not self.sequential.mean > 0

    @property
    def decided(self) -> bool:
        """Whether that is more than chance."""
        return self.sequential.low > 0 or self.sequential.high <= 0

    @property
    def probability(self) -> float:
        """Probability that the target is met."""
        found = probability_below(self.excess)
        return (1.0 if self.met else 0.0) if math.isnan(found) else found


@dataclass(frozen=True)
class Found:
    """What a search found; values are numbered by their place on the line.

    Attributes
    ----------
    seek
        Whether the smallest or the largest value was looked for.
    answer
        The value that meets all targets, or None.
    beyond
        Its neighbour that misses one, or None at the end of the line.
    low, high
        The value lies between these, with the confidence of the search.
    certain
        Whether the answer and what lies beyond were both decided, not only estimated.
    probability
        At least so probable is it that the answer meets all targets and what lies beyond does not;
        without an answer, that none of the values looked at does.
    verdicts
        What was found out of each value looked at, a verdict a target.
    turns
        Targets that do not only fall or only rise along the line, with three values that show it.
    never
        Targets that no value meets.
    apart
        Targets that no value meets together, each of them being met somewhere.
    """

    seek: Seek
    answer: int | None
    beyond: int | None
    low: int
    high: int
    certain: bool
    probability: float
    verdicts: Mapping[int, tuple[Verdict, ...]]
    turns: tuple[tuple[int, tuple[int, int, int]], ...] = ()
    never: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()

    @property
    def replications(self) -> int:
        """Replications of all values together."""
        return sum(len(found[0].excess) for found in self.verdicts.values())


@dataclass
class Search:
    """A search on a line of values, numbered from 0.

    Attributes
    ----------
    simulate
        Returns the results of some values with so many replications; what was simulated before is
        not simulated again.
    size
        How many values the line has.
    targets
        What is to be met, with strata looked up.
    probes
        Values that are looked at first, both ends among them.
    first, most
        Replications of each value at first, and at most.
    level
        Confidence of all decisions of the search together.
    """

    simulate: Simulate
    size: int
    targets: tuple[Target, ...]
    probes: tuple[int, ...]
    first: int
    most: int
    level: float = 0.95
    verdicts: dict[int, tuple[Verdict, ...]] = field(default_factory=dict)

    @property
    def each(self) -> float:
        """Level of each decision.

        The answer is wrong if the last value that misses is taken to meet, or the first that
        meets to miss: two errors for each target. Values farther from the edge share the luck of
        these two and lie farther from the limit, so that they are mistaken less often, and mostly
        together with them.
        """
        return simultaneous_level(self.level, 2 * len(self.targets))

    def find(self, seek: Seek | None = None) -> Found:
        """Search.

        Parameters
        ----------
        seek
            Which of the values that meet all targets is wanted; None: where low values miss them
            the smallest, else where high values miss them the largest.
        """
        self.look(self.probes)
        runs, never = self._runs(seek or "smallest")
        if seek is None:
            ends = [(first > 0, last < len(self.probes) - 1) for first, last in runs]
            missed_low = any(low for low, _ in ends)
            missed_high = any(high for _, high in ends)
            seek = "largest" if missed_high and not missed_low else "smallest"
            runs, never = self._runs(seek)
        if never:
            return self._none(seek, never=never)
        # On which side of what it meets each target is missed.
        before = [k for k, (first, _) in enumerate(runs) if first > 0]
        after = [k for k, (_, last) in enumerate(runs) if last < len(self.probes) - 1]
        up, down = self._edge(runs, before, rising=True), self._edge(runs, after, rising=False)
        if up > down:
            return self._none(seek, apart=tuple(dict.fromkeys((*before, *after))))
        answer, limiting = (up, before) if seek == "smallest" else (down, after)
        step = -1 if seek == "smallest" else 1
        beyond = answer + step if limiting and 0 <= answer + step < self.size else None
        self.look([answer] if beyond is None else [answer, beyond])
        if not self._met(answer, range(len(self.targets))):
            return self._none(seek, apart=tuple(dict.fromkeys((*before, *after))))
        low, high = self._between(answer, beyond)
        return Found(
            seek,
            answer,
            beyond,
            low,
            high,
            self._sure(answer, met=True) and (beyond is None or self._sure(beyond, met=False)),
            self._probability(answer, beyond),
            dict(sorted(self.verdicts.items())),
            self._turns(),
        )

    def look(self, values: Sequence[int]) -> None:
        """Simulate values until each is decided, or the most replications are reached."""
        wanted = list(dict.fromkeys(values))
        new = [one for one in wanted if one not in self.verdicts]
        self._simulate(new, min(max(self.first, FEWEST), self.most))
        while open_ones := [one for one in wanted if self._open(one)]:
            # Each goes on from where it is; those that are equally far go together.
            counts = {one: len(self.verdicts[one][0].excess) for one in open_ones}
            least = min(counts.values())
            group = [one for one in open_ones if counts[one] == least]
            self._simulate(group, min(least + BATCH, self.most))

    def _open(self, value: int) -> bool:
        found = self.verdicts[value]
        if len(found[0].excess) >= self.most:
            return False
        # One target that is surely missed is enough: the others cannot change that.
        missed = any(one.decided and not one.met for one in found)
        return not missed and not all(one.decided for one in found)

    def _simulate(self, values: Sequence[int], replications: int) -> None:
        if not values:
            return
        results = self.simulate(values, replications)
        for value, result in zip(values, results, strict=True):
            excesses = [target.excess(result) for target in self.targets]
            self.verdicts[value] = tuple(
                Verdict(excess, sequential_interval(excess, self.each)) for excess in excesses
            )

    def _runs(self, seek: Seek) -> tuple[list[tuple[int, int]], tuple[int, ...]]:
        """Return the row of probes that meets each target, and the targets that none meets."""
        found = [self._run(k, seek) for k in range(len(self.targets))]
        never = tuple(k for k, run in enumerate(found) if run is None)
        return [run for run in found if run is not None], never

    def _run(self, target: int, seek: Seek) -> tuple[int, int] | None:
        """Return the first and last of the first (or last) row of probes that meet a target."""
        met = [self.verdicts[probe][target].met for probe in self.probes]
        rows: list[tuple[int, int]] = []
        for k, one in enumerate(met):
            if one and (k == 0 or not met[k - 1]):
                rows.append((k, k))
            elif one:
                rows[-1] = (rows[-1][0], k)
        if not rows:
            return None
        return rows[0] if seek == "smallest" else rows[-1]

    def _edge(
        self, runs: Sequence[tuple[int, int]], limiting: Sequence[int], *, rising: bool
    ) -> int:
        """Return the first value (rising) or the last that meets the targets missed beyond it."""
        if not limiting:
            return 0 if rising else self.size - 1
        rows = [runs[k] for k in limiting]
        if rising:
            missing = max(self.probes[first - 1] for first, _ in rows if first > 0)
            meeting = max(self.probes[first] for first, _ in rows)
        else:
            last = len(self.probes) - 1
            missing = min(self.probes[end + 1] for _, end in rows if end < last)
            meeting = min(self.probes[end] for _, end in rows)
        while abs(meeting - missing) > 1:
            middle = (meeting + missing) // 2
            self.look([middle])
            if self._met(middle, limiting):
                meeting = middle
            else:
                missing = middle
        return meeting

    def _met(self, value: int, targets: Sequence[int] | range) -> bool:
        return all(self.verdicts[value][k].met for k in targets)

    def _sure(self, value: int, *, met: bool) -> bool:
        """Tell whether it is decided that a value meets all targets, or misses one."""
        found = self.verdicts[value]
        if met:
            return all(one.met and one.decided for one in found)
        return any(not one.met and one.decided for one in found)

    def _between(self, answer: int, beyond: int | None) -> tuple[int, int]:
        """Return the values between which the answer lies, as far as it was decided.

        Between a value that surely misses and one that surely meets; where those looked at so far
        are far apart, values in between are looked at.
        """
        if beyond is None:
            return answer, answer
        step = answer - beyond
        sure_end = self._sure_edge(answer, step, met=True)
        missing_end = self._sure_edge(beyond, -step, met=False)
        # The first value that can be the answer comes after the last that surely misses.
        first = missing_end + step if self._sure_at(missing_end, met=False) else missing_end
        return min(first, sure_end), max(first, sure_end)

    def _sure_at(self, value: int, *, met: bool) -> bool:
        return value in self.verdicts and self._sure(value, met=met)

    def _sure_edge(self, start: int, step: int, *, met: bool) -> int:
        """Return the value nearest to a start, in one direction, of which it is sure."""
        here, far = start, 1
        self.look([here])
        if self._sure(here, met=met):
            return here
        # In strides that double, then back by halves.
        unsure = here
        while True:
            here = min(max(start + far * step, 0), self.size - 1)
            if here == unsure:
                return here
            self.look([here])
            if self._sure(here, met=met):
                break
            unsure, far = here, 2 * far
        sure = here
        while abs(sure - unsure) > 1:
            middle = (sure + unsure) // 2
            self.look([middle])
            if self._sure(middle, met=met):
                sure = middle
            else:
                unsure = middle
        return sure

    def _probability(self, answer: int, beyond: int | None) -> float:
        """Return a lower bound of the probability that the answer is right."""
        wrong = sum(1 - one.probability for one in self.verdicts[answer])
        if beyond is not None:
            wrong += min(one.probability for one in self.verdicts[beyond])
        return max(0.0, 1 - wrong)

    def _none(
        self, seek: Seek, *, never: tuple[int, ...] = (), apart: tuple[int, ...] = ()
    ) -> Found:
        """Return that no value meets all targets."""
        # At each value the target that is most surely missed.
        met = [min(one.probability for one in found) for found in self.verdicts.values()]
        certain = all(self._sure(value, met=False) for value in self.verdicts)
        return Found(
            seek,
            None,
            None,
            0,
            self.size - 1,
            certain,
            max(0.0, 1 - sum(met)),
            dict(sorted(self.verdicts.items())),
            self._turns(),
            never,
            apart,
        )

    def _turns(self) -> tuple[tuple[int, tuple[int, int, int]], ...]:
        """Return targets that surely fall somewhere and surely rise somewhere else."""
        probes = [one for one in self.probes if one in self.verdicts]
        pairs = list(combinations(probes, 2))
        level = simultaneous_level(self.level, max(1, len(pairs) * len(self.targets)))
        found = []
        for k in range(len(self.targets)):
            signs = {pair: self._sign(k, *pair, level) for pair in pairs}
            turn = next(
                (
                    (a, b, d)
                    for (a, b), (c, d) in combinations(pairs, 2)
                    if b == c and signs[a, b] * signs[c, d] < 0
                ),
                None,
            )
            if turn is not None:
                found.append((k, turn))
        return tuple(found)

    def _sign(self, target: int, one: int, other: int, level: float) -> int:
        """Return whether the figure surely rises (1) or falls (-1) from one value to another."""
        before, after = (self.verdicts[value][target].excess for value in (one, other))
        n = min(len(before), len(after))
        difference = mean_interval(after[:n] - before[:n], level)
        if difference.n < FEWEST:
            return 0
        return 1 if difference.low > 0 else -1 if difference.high < 0 else 0


def probes_of(size: int, count: int = 5) -> tuple[int, ...]:
    """Return places on a line to look at first: both ends, and evenly between them.

    >>> probes_of(101), probes_of(3)
    ((0, 25, 50, 75, 100), (0, 1, 2))
    """
    return tuple(dict.fromkeys(round(k * (size - 1) / (count - 1)) for k in range(count)))
