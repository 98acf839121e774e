"""Which way to share a bed base is best, in words: how sure that is, and what it costs whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim.experiment.each import each_of_pool
from carepath_sim.experiment.key_figures import ADMISSIONS, COSTS, DELAYS
from carepath_sim.report.lines import THOUSANDS, measure_words, number, spread, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.key_figures import KeyFigure
    from carepath_sim.experiment.objective import Objective
    from carepath_sim.statistics import Interval

# With fewer, variances are guesses.
FEW = 10
# Measures of a pair are differences already.
OF_PAIRS = ("admissions_caused", "admissions_avoided")
# Ways of which each gets a line; with more, the tables tell.
MOST_WAYS = 6
STEP_UPS = "step_up_admissions"
# Units that are words already.
COUNTS = ("admissions", "episodes")


def answer(mix: BedMix) -> Iterator[str]:
    """Yield the answer in sentences, the one that matters most first."""
    found, objective = mix.selection, mix.objective
    choice = mix.choice()
    best, others = choice.iloc[0], rows_of(choice.iloc[1:])
    unit = unit_words(objective.unit)
    same = [row.configuration for row in others if _is_same(row)]
    sure = f"probability of being best {chance(best['probability_best'])}"
    if all_within_zone(mix):
        yield (
            f"Judged by {_by(objective)} it makes no difference that matters: all {len(choice)} "
            f"ways lie within {_zone(mix)} of the best."
        )
        least = "least" if objective.smaller else "most"
        of = f"has the {least}: {amount_words(best['mean'], unit)}"
        yield f"{_start(best['configuration'])} {of} ({sure}){_next(mix, others, same)}."
    else:
        zone = amount_words(found.zone, unit)
        sure += f", of being within {zone} of the best {chance(best['probability_good'])}"
        of = f"{best['configuration']} ({amount_words(best['mean'], unit)}; {sure})"
        yield f"To {objective}: {of}{_next(mix, others, same)}."
        good = [
            str(row.configuration)
            for row in others
            if row.probability_good >= found.level and row.configuration not in same
        ]
        if good:
            yield f"Also within {zone} of the best, about as surely: {listed(good)}."
    if same:
        yield f"The same in every replication, and as probable: {listed(same)}."
    yield from _doubts(mix)
    yield from _trade(mix)
    yield from _each(mix)
    yield from _neither_fault(mix)
    yield from _what_decides(mix)
    base = mix.bed_base.pool
    if each := each_of_pool(mix.results[0].scenario, base, "splits are those of each of them"):
        yield f"{_start(each)}."


def all_within_zone(mix: BedMix) -> bool:
    """Tell whether every way is within the indifference zone of the best, about surely."""
    found = mix.selection
    return min(found.probability_good) >= found.level


def _next(mix: BedMix, others: Sequence[Any], same: Sequence[str]) -> str:
    # The least difference comes first; of ways that are the same to the last bit all are named.
    rest = [one for one in others if one.configuration not in same]
    if not rest:
        return ""
    row = rest[0]
    equal = [one for one in rest if _differences(one) == _differences(row)]
    unit = unit_words(mix.objective.unit)
    gap = amount_words(abs(row.difference_from_best), unit)
    way = "more" if mix.objective.smaller else "less"
    ends = sorted((abs(row.difference_low), abs(row.difference_high)))
    if row.difference_low * row.difference_high > 0:
        span = f" ({amount_words(ends[0], unit)} to {amount_words(ends[1], unit)})"
    else:
        shown = spread(row.difference_low, row.difference_high, unit, signed=True)
        thousand = " thousand GBP" if unit == THOUSANDS else ""
        span = f" (difference {shown}{thousand})" if shown else ""
    part = _part(row.difference_from_best, row.mean)
    names = listed([str(one.configuration) for one in equal])
    comes = "comes" if len(equal) == 1 else "come"
    return f"; next {comes} {names} with {gap} {way}{span}{part}"


def _differences(row: Any) -> tuple[float, float, float]:
    return row.difference_from_best, row.difference_low, row.difference_high


def _part(gap: float, level: float) -> str:
    """Return a difference as a part of the level, where it is a small one."""
    part = abs(gap / level) if level else 1.0
    return "" if part >= 0.1 or part == 0 else f", which is {100 * part:.1g} %"


def _is_same(row: Any) -> bool:
    return bool(row.difference_from_best == row.difference_low == row.difference_high == 0)


def _doubts(mix: BedMix) -> Iterator[str]:
    found = mix.selection
    if not found.decided:
        left = [mix.configurations[k].name for k in found.contenders]
        yield (
            f"Not decided after {max(found.replications)} replications: of {listed(left)} each "
            "could still be the best. Ask for more (--max-replications), or say that a larger "
            "difference does not matter (--indifference)."
        )
    if mix.common < FEW:
        yield (
            f"With {mix.common} replications of everybody little is known of how much they vary: "
            f"take {FEW} or more before relying on this."
        )


# --- what a way does besides -----------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """A figure of a way that differs for certain from the scenario as written.

    Attributes
    ----------
    figure
        Which figure.
    interval
        Its difference, replication by replication.
    """

    figure: KeyFigure
    interval: Interval

    @property
    def good(self) -> float:
        """Above 0 where the change is for the better, 0 where it is neither."""
        return self.interval.mean * self.figure.better

    def __str__(self) -> str:
        """Return the change in words."""
        return change_words(self.figure, self.interval)


def certain_changes(mix: BedMix, k: int) -> tuple[Changed, ...]:
    """Return the figures in which a way differs for certain, each counted once.

    Of a sum that differs the parts are left out (payers, reasons), and measures that are
    differences already.
    """
    found = []
    for figure in mix.figures:
        if k == 0 or figure.wanted.measure in OF_PAIRS:
            continue
        interval = mix.difference(k, figure.wanted).interval
        if interval.low > 0 or interval.high < 0:
            found.append(Changed(figure, interval))
    sums = {one.figure.group for one in found if one.figure.words == "all"}
    return tuple(
        one
        for one in found
        if one.figure.words == "all" or one.figure.group not in sums & {COSTS, DELAYS}
    )


def _trade(mix: BedMix) -> Iterator[str]:
    """Say what the best buys its lead with."""
    best = mix.selection.best
    own = {wanted.measure for _, wanted in mix.objective.terms}
    changes = [one for one in certain_changes(mix, best) if one.figure.wanted.measure not in own]
    worse = [one for one in changes if one.good < 0]
    if not worse:
        return
    name = _start(mix.configurations[best].name)
    yield f"{name} pays for this. Worse with it than as written: {_each_of(worse)}."
    if better := [one for one in changes if one.good > 0]:
        yield f"Better with it than as written: {_each_of(better)}."
    served = next((one for one in changes if one.figure.wanted.measure == STEP_UPS), None)
    if served is not None and served.interval.high < 0 and own == {"costs"}:
        fewer = number(-served.interval.mean, "")
        yield (
            f"It takes in {fewer} fewer people from home (step-up admissions): what it saves rests "
            "on turning people away, not on doing the same for less."
        )


def _each(mix: BedMix) -> Iterator[str]:
    """Say of every other way what it changes for certain."""
    if len(mix.configurations) > MOST_WAYS:
        return
    for k, one in enumerate(mix.configurations):
        if k in {0, mix.selection.best}:
            continue
        changes = certain_changes(mix, k)
        parts = []
        for word, of in (("worse", -1), ("better", 1)):
            if said := [each for each in changes if each.good * of > 0]:
                parts.append(f"{word}: {_each_of(said)}")
        told = "; ".join(parts) or "no figure differs for certain"
        yield f"{_start(one.name)} against the scenario as written: {told}."


def _neither_fault(mix: BedMix) -> Iterator[str]:
    """Say where every split has a fault that sharing has not: waits of one stream, or delay."""
    own = mix.configurations
    shared = next((k for k, one in enumerate(own) if one.policy == "shared"), None)
    fenced = [k for k, one in enumerate(own) if one.policy == "ring_fenced"]
    if shared is None or not fenced or 0 in fenced or _faults(mix, shared):
        return
    faults = [(own[k].name, _faults(mix, k)) for k in fenced]
    if all(found for _, found in faults):
        said = "; ".join(f"{name}: {', '.join(found)}" for name, found in faults)
        yield f"Sharing all beds has no such fault, and every split has one ({said})."


def _faults(mix: BedMix, k: int) -> list[str]:
    """Return the groups of figures of waits and delay in which a way is worse for certain."""
    streams = {one.replace("_", "-").capitalize() for one in mix.bed_base.streams}
    worse = [one.figure.group for one in certain_changes(mix, k) if one.good < 0]
    found = [f"{one.lower()} waits" for one in worse if one in streams]
    return list(dict.fromkeys(found + ["delayed days" for one in worse if one == DELAYS]))


def _what_decides(mix: BedMix) -> Iterator[str]:
    """Name the extremes of the frontier where the objective does not decide."""
    if not all_within_zone(mix):
        return
    rows = mix.frontier()
    yield (
        "What is left to weigh: "
        + "; ".join(
            _extreme(measure, rows, name)
            for measure, name in zip(mix.two, ("first", "second"), strict=True)
        )
        + "."
    )


def _extreme(measure: Objective, rows: pd.DataFrame, name: str) -> str:
    unit = unit_words(measure.unit)
    values = rows[name].to_numpy(dtype=float)
    best = values.min() if measure.smaller else values.max()
    shown = number(best, unit)
    of = [
        str(row.configuration) for row in rows_of(rows) if number(getattr(row, name), unit) == shown
    ]
    return f"{'fewest' if measure.smaller else 'most'} {_by(measure)} with {listed(of)} ({shown})"


# --- words -----------------------------------------------------------------------------------


def change_words(figure: KeyFigure, interval: Interval) -> str:
    """Return a difference of a figure in words, with the ends of its interval."""
    unit = unit_of(figure)
    words = figure.words
    if words == "all" or figure.group == ADMISSIONS:
        words = measure_words(figure.wanted.measure).lower()
    elif figure.group == DELAYS:
        words = f"delayed days ({words})"
    else:
        words = f"{figure.group.lower()} {words}"
    shown = number(interval.mean, unit, signed=True)
    ends = spread(interval.low, interval.high, unit, signed=True)
    known = unit in COUNTS or unit.split()[-1] in words.split()
    named = {"%": " percentage points", THOUSANDS: " thousand GBP"}.get(unit, f" {unit}")
    return f"{words} {shown}{'' if known else named} ({ends})"


def unit_of(figure: KeyFigure) -> str:
    """Return the unit in which a figure is shown."""
    return unit_words(figure.wanted.unit).replace("units; people", "units")


def amount_words(value: float, unit: str) -> str:
    """Return an amount with its unit.

    >>> amount_words(0.05, "%"), amount_words(45_211.0, "1,000 GBP"), amount_words(3.0, "days")
    ('5.0 %', '£45,211', '3.0 days')
    """
    if unit == THOUSANDS:
        return f"£{value:,.0f}"
    return f"{number(value, unit)} {unit}"


def chance(share: float) -> str:
    """Return a probability; nobody is told that something is certain.

    >>> chance(0.934), chance(1.0), chance(0.0)
    ('0.93', '>0.99', '<0.01')
    """
    return ">0.99" if share > 0.99 else "<0.01" if share < 0.01 else f"{share:.2f}"


def listed(names: Sequence[str]) -> str:
    """Return names with commas, and `and` before the last."""
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, with its columns as attributes."""
    return list(frame.itertuples())


def _each_of(changes: Sequence[Changed]) -> str:
    return ", ".join(map(str, changes))


def _by(objective: Objective) -> str:
    return objective.words.replace("_", " ")


def _zone(mix: BedMix) -> str:
    """Return the indifference zone, with its part of the scenario as written, and who sets it."""
    zone, unit = mix.selection.zone, unit_words(mix.objective.unit)
    level = abs(float(mix.objective.values(mix.results[0]).mean()))
    part = f"{100 * zone / level:.2g} %; " if level and unit != "%" else ""
    return f"{amount_words(zone, unit)} ({part}--indifference says what matters)"
