"""What becomes of each figure: one way minus another, with its interval and what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from carepath_sim.report.lines import number, unit_words
from carepath_sim.statistics import mean_interval, paired_difference, unpaired_difference

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from carepath_sim.statistics import Interval
    from carepath_sim.web.outcome import Outcome, Series

Verdict = Literal["better", "worse", "different", "unclear", "same"]
FEW = 4
"""Replications below which equal differences do not tell that they always are."""
WORDS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "different": "different",
    "unclear": "no clear difference",
    "same": "the same",
}


@dataclass(frozen=True)
class Change:
    """One figure of one way beside that of the base.

    Attributes
    ----------
    series
        The figure.
    base, other
        Means of the two [unit of the figure].
    interval
        Of the difference, other minus base [unit of the figure].
    verdict
        Whether it is surely better or worse.
    """

    series: Series
    base: Interval
    other: Interval
    interval: Interval
    verdict: Verdict

    @property
    def unit(self) -> str:
        """Unit in which it is shown."""
        return unit_words(self.series.unit)

    @property
    def difference(self) -> tuple[str, str, str]:
        """The difference and the ends of its interval, with as many decimals each."""
        ends = (self.interval.mean, self.interval.low, self.interval.high)
        if self.series.unit == "GBP":
            mean, low, high = (self.said(end, signed=True) for end in ends)
            return mean, low, high
        if any(map(math.isnan, ends)):
            return ("not known",) * 3
        scale, points = (100.0, " points") if self.series.unit == "share" else (1.0, "")
        mean, low, high = in_step(*(end * scale for end in ends))
        return f"{mean}{points}", low, f"{high}{points}"

    def said(self, value: float, *, signed: bool = False) -> str:
        """Return a value as it is shown; pounds in thousands."""
        return shown(value, self.series.unit, signed=signed)


def shown(value: float, unit: str, *, signed: bool = False) -> str:
    """Return a value with its unit, as short as a table needs it.

    >>> shown(0.0693, "share"), shown(-3.2, "d", signed=True)
    ('6.9 %', '-3.2')
    >>> shown(108_258_600.0, "GBP"), shown(1_234_567.0, "GBP"), shown(-53_400.0, "GBP", signed=True)
    ('£108.26m', '£1.23m', '-£53k')
    """
    if unit == "GBP" and abs(value) >= 1e6:
        sign = "-" if value < 0 else "+" if signed else ""
        return f"{sign}£{abs(value) / 1e6:,.2f}m"
    words = unit_words(unit)
    text = number(value, words, signed=signed)
    if not text:
        return "not known"
    if unit == "share":
        return f"{text} {'points' if signed else '%'}"
    if unit == "GBP":
        sign = text[0] if text[0] in "+-" else ""
        return f"{sign}£{text.removeprefix(sign)}{'' if text.strip('+-') == '0' else 'k'}"
    return text


def spread(low: float, high: float, unit: str) -> str:
    """Return an interval, with its unit once.

    >>> spread(0.064, 0.071, "share"), spread(1.25, 2.5, "h")
    ('6.4 to 7.1 %', '1.2 to 2.5')
    """
    return f"{shown(low, unit).removesuffix(' %')} to {shown(high, unit)}"


def in_step(*values: float) -> list[str]:
    """Return differences with as many decimals each as the largest of them needs, two at most.

    >>> in_step(-5.0, -11.14, 1.08), in_step(1086.3, -530, 2702), in_step(-0.001, -0.004, 0.002)
    (['-5.0', '-11.1', '+1.1'], ['+1,086', '-530', '+2,702'], ['0.00', '0.00', '0.00'])
    """
    size = max(map(abs, values))
    decimals = 0 if size >= 99.95 else 1 if size >= 0.995 else 2
    texts = [f"{value:+,.{decimals}f}" for value in values]
    # Nothing has no sign.
    return [text if text.strip("+-0.,") else text[1:] for text in texts]


def changes(found: Outcome, way: int, base: int = 0) -> tuple[Change, ...]:
    """Return every figure of a way beside that of the base.

    The intervals of one figure hold for all ways together (Bonferroni).
    """
    comparisons = max(1, len(found.labels) - 1)
    return tuple(
        change(series, series.values[base], series.values[way], comparisons)
        for series in found.series
    )


def between(one: Outcome, way: int, other: Outcome, other_way: int) -> tuple[Change, ...]:
    """Return figures of two runs beside one another.

    Replications with the same number of the same seed share their luck, where both runs are of the
    same scenario; else they are taken for independent. A figure of another area, or of another
    length of time, is different, but neither better nor worse.
    """
    alike = (one.area, one.window) == (other.area, other.window)
    seen: set[tuple[str, str]] = set()
    paired = (one.request.scenario, one.request.seed) == (
        other.request.scenario,
        other.request.seed,
    )
    found = []
    for series in one.series:
        twin = other.one(series.measure, series.stratum)
        # What is avoided and caused is said of a base, and each run has its own.
        if twin is None or series.measure.startswith("admissions_avoid"):
            continue
        if series.measure == "admissions_caused":
            continue
        before, after = series.values[way], twin.values[other_way]
        # Foremost reasons of delay stand among the key figures already.
        if (series.measure, series.stratum) in seen or not (before.any() or after.any()):
            continue
        seen.add((series.measure, series.stratum))
        of = series if alike else replace(series, better=0)
        found.append(change(of, before, after, 1, paired=paired))
    return tuple(found)


def change(
    series: Series,
    before: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    after: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    comparisons: int,
    *,
    paired: bool = True,
) -> Change:
    """Return one figure of two ways, replication by replication where they share their luck."""
    if paired:
        n = min(len(before), len(after))
        interval = paired_difference(before[:n], after[:n], comparisons=comparisons).interval
    else:
        interval = unpaired_difference(before, after, comparisons=comparisons).interval
    # All of these are counts, times, costs and shares: none is below 0.
    most = 1.0 if series.unit == "share" else math.inf
    interval = interval.within(-most, most)
    return Change(
        series,
        mean_interval(before).within(0.0, most),
        mean_interval(after).within(0.0, most),
        interval,
        verdict(interval, series.better),
    )


def verdict(interval: Interval, better: int) -> Verdict:
    """Return what an interval of a difference says, if small values are good (-1), or large (1)."""
    if math.isnan(interval.low):
        return "unclear"
    if interval.low == interval.high == 0.0:
        return "same"
    if interval.low <= 0.0 <= interval.high:
        return "unclear"
    # The same by chance, two or three times, is no sign of anything.
    if interval.low == interval.high and interval.n < FEW:
        return "unclear"
    if not better:
        return "different"
    return "better" if (interval.mean > 0) == (better > 0) else "worse"


def sentences(found: Outcome, way: int, measures: Iterable[str]) -> list[str]:
    """Return what becomes of some measures, in words."""
    from carepath_sim.report.answer import change as sentence

    said = []
    for name in measures:
        for one in changes(found, way):
            if (one.series.measure, one.series.stratum) != (name, "all"):
                continue
            ends = (one.base.mean, one.other.mean, one.interval.mean)
            words = sentence(name, one.series.unit, *ends, one.interval.low, one.interval.high)
            said += [words] if words is not None else []
            break
    return said
