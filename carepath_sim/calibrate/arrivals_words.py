"""Fitted arrivals in the words of the scenario language, and warnings in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.arrivals_parts import (
    AT_WEEKENDS,
    BANK_HOLIDAY,
    NO_HOLIDAYS,
    ON_WEEKDAYS,
)
from carepath_sim.calibrate.stays_reading import ALL
from carepath_sim.calibrate.stays_words import flow, quoted
from carepath_sim.plan.calendar import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.calibrate.arrivals import ArrivalFits, FittedArrivals
    from carepath_sim.calibrate.arrivals_parts import Factor
    from carepath_sim.calibrate.arrivals_reading import ArrivalData

ON_TOP: Final = (
    "these arrivals come on top of what a scenario itself sends to the same service, by hazards of"
    " its population or by other routes; people of the file whom those stand for are then counted"
    " twice, so keep one of the two"
)
"""What holds of every file, and cannot be seen in any."""
FEW: Final = 100
"""Arrivals below which a fit is said to rest on few."""
SEEN: Final = 0.05
"""From this chance on a difference is called chance; as in `arrivals.LEVEL`."""


def understood(data: ArrivalData) -> list[str]:
    """Return what was taken from the file, in sentences."""
    left = len({one.line for one in data.rows if one.status == "left out"})
    how = "as told" if data.told_first and data.told_last else "the first and the last date in it"
    if data.told_first != data.told_last:
        how = "one end as told, the other the last date in it"
    lines = [
        *data.chosen.said(),
        f"{data.size} days, from {data.first} to {data.last} ({how}); days without a row count 0",
        f"{data.taken} of {len(data.table.lines)} rows taken, {left} left out",
    ]
    if data.midnights:
        lines.append(
            "many arrivals stand at exactly 00:00: these are taken to have no known time of day"
        )
    return [*lines, *data.table.notes]


def warnings_of(one: FittedArrivals, data: ArrivalData) -> tuple[str, ...]:
    """Return what a reader should know before using a fit."""
    return tuple(_warnings(one, data))


def _warnings(one: FittedArrivals, data: ArrivalData) -> Iterator[str]:
    total = float(one.days.sum())
    if total < FEW:
        yield f"only {total:g} arrivals: every number rests on few"
    if not data.told_first or not data.told_last:
        short = [
            str(day)
            for day, known, k in ((data.first, data.told_first, 0), (data.last, data.told_last, -1))
            if not known and _rare(float(one.days[k]), float(one.fit.mean[k]), one.variation.cv)
        ]
        if short:
            yield (
                f"{' and '.join(short)} has few arrivals and may be only part of a day; say which"
                " days the file covers with --from and --until"
            )
    month = one.part("month")
    if month.taken and data.size < 2 * 365:
        yield "less than two years: season and trend cannot be told apart"
    if month.taken and any(factor.count == 0 for factor in month.factors):
        yield "some months have no arrivals at all: is the file complete?"
    if one.two_weeks:
        yield (
            "the day runs another course at weekends: weekdays and weekends are two sources, which"
            " together are the one of the file (their names are its cause)"
        )
    holiday = one.part(BANK_HOLIDAY)
    if holiday.p <= SEEN:
        (factor,) = holiday.factors
        yield (
            f"on bank holidays (of England) {factor.value:.2f} times as many came as on other such"
            f" days (95 % {factor.low:.2f} to {factor.high:.2f}); {NO_HOLIDAYS}: these days are"
            " part of the mean"
        )
    gap = _longest_gap(one)
    if gap and one.fit.mean.mean() * gap > 20:
        days = "a day" if gap == 1 else f"{gap} days on end"
        yield f"{days} without any arrival: is the file complete?"
    if abs(one.runs) > 2.6 / math.sqrt(len(one.days)) and abs(one.runs) > 0.1:
        kind = "busy days come together" if one.runs > 0 else "busy days follow quiet ones"
        yield (
            f"{kind} (correlation of neighbouring days {one.runs:.2f}); a scenario's days vary"
            " independently, so that its weeks vary less than these"
            if one.runs > 0
            else f"{kind} (correlation of neighbouring days {one.runs:.2f})"
        )
    if one.variation.cv >= 3:
        yield "days vary by more than a scenario can hold: is the file complete?"


def _rare(count: float, mean: float, cv: float) -> bool:
    """Tell whether a count is far below its mean."""
    return count < mean - 2.5 * math.sqrt(mean + (cv * mean) ** 2)


def _longest_gap(one: FittedArrivals) -> int:
    longest = now = 0
    for count in one.days:
        now = 0 if count else now + 1
        longest = max(longest, now)
    return longest


def as_yaml(fits: ArrivalFits, service: str | None = None) -> str:
    """Return what to paste into a scenario; see `ArrivalFits.yaml`."""
    from carepath_sim.calibrate.stays import slug

    data = fits.data
    lines = [f"# Fitted to {data.table.name}, {data.first} to {data.last}."]
    lines += [f"# Note: {note}" for note in (*fits.warnings, ON_TOP)]
    lines.append("arrivals:")
    for one in fits.groups:
        name = "referrals" if one.group == ALL else slug(one.group)
        source = quoted(
            f"{data.table.name}: {one.days.sum():g} arrivals in {data.size} days,"
            f" {data.first} to {data.last}"
        )
        beside = {"source": source, "quality": "fair" if one.days.sum() >= FEW else "poor"}
        for kind, part, among in _sources(one):
            lines += _source(one, name, kind, part, among, beside, service)
    return "\n".join(lines) + "\n"


def _sources(one: FittedArrivals) -> list[tuple[str, str, range]]:
    """Return ending of the name, profile of the day and days of the week of each source."""
    if not one.two_weeks:
        return [("", "hour", range(7))]
    return [("_weekdays", ON_WEEKDAYS, range(5)), ("_weekends", AT_WEEKENDS, range(5, 7))]


def _source(
    one: FittedArrivals,
    name: str,
    kind: str,
    hours: str,
    among: range,
    beside: dict[str, str],
    service: str | None,
) -> list[str]:
    """Return one source; of two that are one, each has the rate of its days over all days."""
    week = [1.0] * 7
    if one.part("weekday").taken:
        week = [factor.value for factor in one.part("weekday").factors]
    share = sum(week[k] for k in among) / sum(week)
    rate = flow({"value": f"{one.rate * share:.5g} per day", **beside})
    lines = [f"  {name}{kind}:", f"    rate: {rate}"]
    if one.part("trend").taken:
        growth = flow({"value": f"{100 * one.growth:.3g} % per y", **beside})
        lines += [
            f"    # The rate is that of {one.at}: let clock.start be that day.",
            f"    growth: {growth}",
        ]
    if one.variation.p <= SEEN and one.variation.cv > 0:
        varies = flow({"value": float(f"{min(one.variation.cv, 3.0):.3g}"), **beside})
        lines.append(f"    variation: {varies}")
    profile = []
    if one.part("month").taken:
        profile.append(f"      month: {_factors(one.part('month').factors)}")
    if kind:
        # The language scales it to mean 1.
        only = {WEEKDAYS[k]: round(week[k], 3) if k in among else 0 for k in range(7)}
        profile.append(f"      weekday: {flow(only)}")
    elif one.part("weekday").taken:
        profile.append(f"      weekday: {_factors(one.part('weekday').factors)}")
    if one.part(hours).taken:
        profile.append(f"      hour: {_factors(one.part(hours).factors)}")
    lines += ["    profile:", *profile] if profile else []
    lines += [f"    cause: {name}"] if kind else []
    return [*lines, f"    at: {service or 'your_service'}"]


def _factors(factors: tuple[Factor, ...]) -> str:
    return flow({factor.name: float(f"{factor.value:.3f}") for factor in factors})
