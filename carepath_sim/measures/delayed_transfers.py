"""Delayed transfers of care from acute and community beds, and delays everywhere else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.admissions import scaled
from carepath_sim.measures.arrays import ratio
from carepath_sim.measures.counting import cells, days, nights, time
from carepath_sim.measures.delays import pieces, usual_reasons
from carepath_sim.measures.follow_up import needs
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW, periods
from carepath_sim.measures.places import at_places
from carepath_sim.measures.services import RESPONSIBLE, SETTINGS, services
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.view import ended
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.view import View

    Count = Callable[[View, Ints, Ints, Ints, int], Floats]

HOSPITAL = ("acute_bed", "community_bed")
DELAYED = "people in acute and community beds who are ready to leave"
THURSDAY = 3
"""Its number among the weekdays, Monday 0."""
LEGACY = "delayed transfers of care, England, 2010 to 2020"


def in_hospital(view: View) -> Bools:
    """Tell which pieces of delay are spent in an acute or community bed."""
    return view.once(services).hospital[view.once(pieces).service]


def _counted(view: View, count: Count, mask: Bools, code: Ints, codes: int) -> Floats:
    found = view.once(pieces)
    return count(view, found.begin[mask], found.end[mask], code[mask], codes)


def _nights(view: View, begin: Ints, end: Ints, code: Ints, codes: int) -> Floats:
    return nights(view, begin, end, code, codes)


def _days(view: View, begin: Ints, end: Ints, code: Ints, codes: int) -> Floats:
    return time(view, begin, end, code, codes) / DAY


def _all(view: View, count: Count) -> Floats:
    found = view.once(pieces)
    return _counted(view, count, view.once(in_hospital), np.zeros_like(found.host), 1)


def delayed_nights(view: View) -> Floats:
    """Return the delayed nights in hospital beds, shape `(period, 1)`."""
    return _all(view, _nights)


def _hospital_cells(
    view: View, count: Count, scale: Callable[[Floats], Floats] = lambda table: table
) -> Iterator[Cell]:
    """Yield delays in hospital beds: all, by setting, reason, responsible, and setting x reason."""
    found, kinds, mask = view.once(pieces), view.once(services), view.once(in_hospital)
    setting = kinds.setting[found.service]
    yield from cells(view, scale(_all(view, count)), "", ("all",))
    by_setting = scale(_counted(view, count, mask, setting, len(SETTINGS)))
    beds = [SETTINGS.index(name) for name in HOSPITAL]
    yield from cells(view, by_setting[:, beds], "setting", HOSPITAL)
    by_reason = scale(_counted(view, count, mask, found.reason, len(found.reasons)))
    shown = np.flatnonzero(usual_reasons(view) | (by_reason[0] > 0)).tolist()
    yield from cells(view, by_reason[:, shown], "reason", [found.reasons[k] for k in shown])
    by_body = scale(_counted(view, count, mask, found.responsible, len(RESPONSIBLE)))
    yield from cells(view, by_body, "responsible", RESPONSIBLE)
    yield from _pairs(
        scale(
            _counted(
                view,
                count,
                mask,
                setting * len(found.reasons) + found.reason,
                len(SETTINGS) * len(found.reasons),
            )
        ),
        "setting",
        SETTINGS,
        found.reasons,
    )


def _pairs(table: Floats, key: str, names: Sequence[str], reasons: Sequence[str]) -> Iterator[Cell]:
    """Yield pairs with a reason for the window, where anything was counted."""
    for k in np.flatnonzero(table[0]).tolist():
        name, reason = names[k // len(reasons)], reasons[k % len(reasons)]
        yield Cell(stratum(**{key: name}, reason=reason), WINDOW, float(table[0, k]))


@measure(
    name="delayed_transfer_days",
    definition="Delayed days as the national collection counted them: midnights (24:00) spent by"
    f" {DELAYED}.",
    unit="delayed days",
    version=LEGACY,
    absent_is_zero=True,
)
def delayed_transfer_days(view: View) -> Iterator[Cell]:
    """Count delayed nights."""
    yield from _hospital_cells(view, _nights)


@measure(
    name="delayed_transfer_days_per_100k_adults",
    definition=f"Delayed days a year: midnights (24:00) spent by {DELAYED}. Months are not scaled"
    " to a year.",
    unit="delayed days per 100,000 adults",
    denominator="denominators.adults",
    version=LEGACY,
    refusal=needs("adults"),
    absent_is_zero=True,
)
def delayed_transfer_days_per_100k_adults(view: View) -> Iterator[Cell]:
    """Relate delayed nights to adults."""
    yield from _hospital_cells(view, _nights, lambda table: scaled(view, table, "adults"))


@measure(
    name="delayed_transfer_people",
    definition=f"Mean number at midnight (24:00) of {DELAYED}.",
    unit="people",
    denominator="midnights of the period",
    version=LEGACY,
    absent_is_zero=True,
)
def delayed_transfer_people(view: View) -> Iterator[Cell]:
    """Average the delayed people at midnight."""
    yield from _hospital_cells(view, _nights, lambda table: table / view.once(days)[:, None])


@measure(
    name="delayed_transfer_time",
    definition=f"Time spent by {DELAYED}, in days of 24 h clipped to the window.",
    unit="d",
    absent_is_zero=True,
)
def delayed_transfer_time(view: View) -> Iterator[Cell]:
    """Add up delayed time."""
    yield from _hospital_cells(view, _days)


@measure(
    name="delayed_transfer_share",
    definition="Delayed nights in acute and community beds as a share of all nights there.",
    unit="share",
    denominator="nights that people spend in acute and community beds",
)
def delayed_transfer_share(view: View) -> Iterator[Cell]:
    """Relate delayed nights to occupied nights."""
    rows = view.once(at_places)
    rows = rows[view.once(services).hospital[view.spells["service"][rows]]]
    occupied = nights(
        view, view.spells["started"][rows], view.once(ended)[rows], np.zeros_like(rows), 1
    )
    share = ratio(view.once(delayed_nights), occupied)
    yield from cells(view, share, "", ("all",), weight=occupied)


@measure(
    name="delayed_transfer_people_last_thursday",
    definition=f"Number at midnight (24:00) of the last Thursday of the month of {DELAYED}; of the"
    " window the mean of its months. By who is responsible.",
    unit="people",
    denominator="last Thursdays in the period",
    version="delayed transfers of care, England, 2010 to March 2017",
)
def delayed_transfer_people_last_thursday(view: View) -> Iterator[Cell]:
    """Count the delayed people of one night a month."""
    found, mask = view.once(pieces), view.once(in_hospital)
    months, nights_of = last_thursdays(view)
    table = np.zeros((len(months), len(RESPONSIBLE)))
    for k, midnight in enumerate(nights_of):
        there = mask & (found.begin <= midnight) & (midnight < found.end)
        table[k] = np.bincount(found.responsible[there], minlength=len(RESPONSIBLE))
    if not months:
        yield Cell(stratum(), WINDOW, float("nan"), 0.0)
        return
    for name, column in [
        (stratum(), table.sum(axis=1)),
        *((stratum(responsible=body), table[:, k]) for k, body in enumerate(RESPONSIBLE)),
    ]:
        yield Cell(name, WINDOW, float(column.mean()), float(len(months)))
        for month, value in zip(months, column.tolist(), strict=True):
            yield Cell(name, month, value, 1.0)


def last_thursdays(view: View) -> tuple[list[str], list[int]]:
    """Return the months whose last Thursday lies in the window, and its midnight at 24:00 [ms]."""
    start, found = view.plan.start_date, view.once(periods)
    months, midnights = [], []
    for month in found.names[1:]:
        year, number = int(month[:4]), int(month[5:])
        last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        day = (last - timedelta(days=(last.weekday() - THURSDAY) % 7) - start).days
        if day >= 0 and (day + 1) * DAY <= view.window:
            months.append(month)
            midnights.append((day + 1) * DAY)
    return months, midnights


def _by_service(name: str, definition: str, unit: str, count: Count) -> Measure:
    @measure(name=name, definition=definition, unit=unit, absent_is_zero=True)
    def delays(view: View) -> Iterator[Cell]:
        found, kinds = view.once(pieces), view.once(services)
        everywhere = np.ones(len(found.host), dtype=np.bool_)
        table = _counted(view, count, everywhere, found.service, len(kinds))
        shown = np.flatnonzero(kinds.written & kinds.place).tolist()
        yield from cells(view, table[:1, shown], "service", [kinds.names[k] for k in shown])
        pairs = _counted(
            view,
            count,
            everywhere,
            found.service * len(found.reasons) + found.reason,
            len(kinds) * len(found.reasons),
        )
        yield from _pairs(pairs, "service", kinds.names, found.reasons)

    return delays


MEASURES = (
    delayed_transfer_days,
    delayed_transfer_days_per_100k_adults,
    delayed_transfer_people,
    delayed_transfer_people_last_thursday,
    delayed_transfer_time,
    delayed_transfer_share,
    _by_service(
        "delayed_time",
        "Time that people stay at a service after they are ready (reablement and home care"
        " included),"
        " in days of 24 h clipped to the window. By reason.",
        "d",
        _days,
    ),
    _by_service(
        "delayed_nights",
        "Midnights (24:00) that people spend at a service after they are ready. By reason.",
        "nights",
        _nights,
    ),
)
