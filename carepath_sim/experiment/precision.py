"""The precision that is wanted of some figures, and how many replications it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from carepath_sim.errors import CarepathError
from carepath_sim.experiment import frames
from carepath_sim.experiment.amounts import amount
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.statistics.replications import (
    LOOK_AHEAD,
    looking_ahead,
    predicted,
    replications_needed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.statistics import Interval

    Asked: TypeAlias = str | "Precision" | Iterable[str | "Precision"] | Mapping[str, float | str]

LEVEL = 0.95
"""Coverage of the intervals whose width is wanted."""

COLUMNS = (
    "scenario",
    "measure",
    "stratum",
    "unit",
    "wanted",
    "mean",
    "half_width",
    "wanted_half_width",
    "reached",
    "replications",
    "needed",
)

_TEXT: Final = re.compile(r"(?P<figure>[^=]+)=(?P<size>[^=]+)")
_SHARE: Final = re.compile(r"\s*(?P<number>[0-9.]+)\s*(?P<sign>%|pp)\s*")


@dataclass(frozen=True)
class Precision:
    """Half the length that the interval of one figure should have at most.

    Attributes
    ----------
    figure
        Which figure.
    size
        The half width: an amount [unit of the measure], or where `relative` a share.
    relative
        Whether it is a share of the mean; for a difference, of the mean of the base.
    """

    figure: Wanted
    size: float
    relative: bool

    @classmethod
    def parse(cls, text: str) -> Precision:
        """Read ``admissions=1%``, ``p_wait[community_beds]=2pp`` or ``wait[acute]=0.5 h``.

        A percentage is relative; ``pp`` are percentage points; anything else is an amount in the
        unit of the measure, or in one that is named.

        Raises
        ------
        OptionError
            If it has another form, or names what is not known.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise OptionError(
                f"{text.strip()!r} is no precision; a figure, = and half the length of its "
                "interval are needed, such as 'admissions=1%' (of the mean), "
                "'p_wait[community_beds]=2pp' (percentage points) or 'delayed_days=50'"
            )
        wanted = Wanted.parse(found["figure"])
        share = _SHARE.fullmatch(found["size"])
        try:
            if share is not None:
                size = float(share["number"]) / 100
            else:
                size = amount(found["size"], wanted.unit)
        except (CarepathError, ValueError) as error:
            raise OptionError(f"precision {text.strip()!r}: {error}") from None
        if not 0 < size < math.inf:
            raise OptionError(f"precision {text.strip()!r}: a half width is above 0")
        points = share is not None and share["sign"] == "pp"
        if points and wanted.unit != "share":
            raise OptionError(
                f"precision {text.strip()!r}: percentage points are for shares; "
                f"{wanted.measure} is in {wanted.unit}"
            )
        return cls(wanted, size, relative=share is not None and not points)

    def __str__(self) -> str:
        """Return the wish as it could be written."""
        if self.relative:
            return f"{self.figure}={100 * self.size:g}%"
        if self.figure.unit == "share":
            return f"{self.figure}={100 * self.size:g}pp"
        return f"{self.figure}={self.size:g}"

    def half_width(self, mean: float) -> float:
        """Return the greatest half width that is precise enough [unit of the measure].

        Parameters
        ----------
        mean
            What a share is of [unit of the measure].
        """
        return self.size * abs(mean) if self.relative else self.size


def precisions(given: Asked) -> tuple[Precision, ...]:
    """Read what is wanted: texts, parted by commas, or figures with their half widths.

    Raises
    ------
    OptionError
        As `Precision.parse`.

    Examples
    --------
    >>> [str(one) for one in precisions("occupancy[beds] = 2%, costs = 1000 GBP")]
    ['occupancy_share[beds]=2%', 'costs=1000']
    >>> precisions({"p_wait[beds]": 0.01})[0].relative
    False
    """
    if isinstance(given, Mapping):
        given = [f"{figure}={size}" for figure, size in given.items()]
    elif isinstance(given, str | Precision):
        given = [given]
    found: list[Precision] = []
    for one in given:
        if isinstance(one, Precision):
            found.append(one)
        else:
            # Commas within brackets belong to names of strata.
            parts = [part for part in re.split(r",(?![^\[]*\])", one) if part.strip()]
            found += [Precision.parse(part) for part in parts]
    return tuple(found)


@dataclass(frozen=True)
class Reached:
    """What has become of a wanted precision.

    Attributes
    ----------
    wanted
        What was wanted.
    scenario
        Label of the scenario; in a comparison, of the one that is compared with the base.
    interval
        Of the mean, or of the difference, over all replications.
    half_width
        What was to be reached [unit of the measure].
    needed
        Replications after which it was reached, and held; what is to be expected if it was not;
        None if nothing can be said.
    reached
        Whether it was reached.
    """

    wanted: Precision
    scenario: str
    interval: Interval
    half_width: float
    needed: int | None
    reached: bool


def reached(results: Sequence[RunResult], wanted: Sequence[Precision]) -> tuple[Reached, ...]:
    """Tell what has become of wanted precisions, of a run or of a comparison with its first.

    Raises
    ------
    OptionError
        When there is no such figure.
    """
    return tuple(_judge(results, wanted))


def next_number(results: Sequence[RunResult], wanted: Sequence[Precision], most: int) -> int:
    """Return how many replications to go on to; as many as there are when it is enough.

    It depends on the figures alone, so that it is the same whoever did them, and when.
    """
    done = len(results[0].done)
    missing = [one for one in reached(results, wanted) if not one.reached]
    if not missing or done >= most:
        return done
    # No more than twice as many at a time, because few replications predict badly.
    most_likely = max(one.needed or 2 * done for one in missing)
    return min(most, max(done + LOOK_AHEAD, min(most_likely, 2 * done)))


def table(found: Sequence[Reached]) -> pd.DataFrame:
    """Return what has become of wanted precisions as a table; see `RunResult.precision`."""
    import pandas as pd

    rows = [
        (
            one.scenario,
            one.wanted.figure.measure,
            one.wanted.figure.stratum or "all",
            one.wanted.figure.unit,
            str(one.wanted),
            one.interval.mean,
            one.interval.half_width,
            one.half_width,
            one.reached,
            one.interval.n,
            math.nan if one.needed is None else one.needed,
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _judge(results: Sequence[RunResult], wanted: Sequence[Precision]) -> Iterator[Reached]:
    """Judge every figure of a run, or of every scenario that is compared with the first."""
    base, *others = results
    compared = frames.Compared(max(1, len(others)), base.common_random_numbers)
    for one in wanted:
        of_base = _Series(base, one.figure)
        if not others:
            yield _judged(one, base, of_base.interval, of_base.interval)
        for other in others:
            pair = _Pair(of_base, _Series(other, one.figure), compared)
            yield _judged(one, other, pair.interval, of_base.interval)


class _Series:
    """One figure, replication by replication."""

    def __init__(self, result: RunResult, wanted: Wanted) -> None:
        self.unit = wanted.unit
        self.figures, self.weights = wanted.sums(result)

    def interval(self, n: int) -> Interval:
        """Return the interval of the mean of n replications."""
        weights = None if self.weights is None else self.weights[:n]
        return frames.estimate(self.figures[:n], weights, self.unit, LEVEL)


@dataclass(frozen=True)
class _Pair:
    """One figure of two scenarios."""

    base: _Series
    other: _Series
    compared: frames.Compared

    def interval(self, n: int) -> Interval:
        """Return the interval of the difference of n replications."""
        pair = (self.base.figures[:n], self.other.figures[:n])
        return self.compared.difference(*pair, self.base.unit, LEVEL).interval


def _judged(
    wanted: Precision,
    result: RunResult,
    interval: Callable[[int], Interval],
    base: Callable[[int], Interval],
) -> Reached:
    """Judge one figure, given its interval and that of the base after n replications."""

    def target(n: int) -> float:
        mean = base(n).mean
        return wanted.half_width(interval(n).mean if math.isnan(mean) else mean)

    def ratio(n: int) -> float:
        half, enough = interval(n).half_width, target(n)
        if enough > 0:
            return half / enough
        return 1.0 if half == 0 else math.inf

    done = len(result.done)
    needed = replications_needed(ratio, done)
    is_reached, last = needed is not None, ratio(done)
    if needed is None and math.isfinite(last):
        needed = predicted(done, last)
        needed += looking_ahead(needed)
    return Reached(wanted, result.label, interval(done), target(done), needed, is_reached)
