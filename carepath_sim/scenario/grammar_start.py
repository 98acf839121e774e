"""Starting states: remaining stays, people who wait, a census, a steady start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from carepath_sim.scenario.grammar_arrivals import given, moment
from carepath_sim.scenario.grammar_conditions import when
from carepath_sim.scenario.grammar_distributions import distribution
from carepath_sim.scenario.grammar_numbers import count, duration
from carepath_sim.scenario.grammar_quantity import BESIDE, inherit, provenance
from carepath_sim.scenario.grammar_sheets import Row, sheet
from carepath_sim.scenario.reading import (
    Flaws,
    known_keys,
    listed,
    nearest,
    one_or_more,
    shown,
    text,
    wrong,
)
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.values_arrivals import Moment
from carepath_sim.scenario.values_start import CensusRow, Remaining, StartWaiting, Steady

KINDS: Final = ("length_biased", "fresh", "conditional")
COLUMNS: Final = ("person", "service", "days_so_far", "waiting_for", "waiting_since")
"""Columns of a census beside those of attributes."""


def remaining(raw: object) -> Remaining:
    """Return how remaining stays are drawn: a word, or a distribution."""
    if isinstance(raw, str) and raw.strip() in KINDS:
        return Remaining(raw.strip())
    if isinstance(raw, str) and not raw.strip()[:1].isdigit():
        raise wrong(
            f"{listed(KINDS)}, or a distribution of what is left, is needed, found {shown(raw)}"
            f"{nearest(raw, KINDS)}"
        )
    return Remaining("given", distribution(raw))


def _one_waiting(raw: object) -> StartWaiting:
    accepted = "a map such as `{count: 5, at: acute, waited: 2 d}`"
    if not isinstance(raw, Mapping):
        raise wrong(f"{accepted} is needed, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("count", "at", "waited", "who", *BESIDE), flaws)
    beside = provenance(raw, flaws)
    for name, meaning in (("count", "how many wait"), ("at", "where: a service, home or outside")):
        if name not in raw:
            flaws.note(f"`{name}` is missing: {meaning}")
    number = flaws.read(count, raw.get("count", 0), "count")
    at = flaws.read(text, raw.get("at", "home"), "at")
    waited = flaws.read(distribution, raw["waited"], "waited") if "waited" in raw else None
    who = flaws.read(when, raw["who"], "who") if "who" in raw else ()
    flaws.close()
    return StartWaiting(inherit(number, beside), at, waited, who)


waiting = one_or_more(_one_waiting)


def steady(raw: object) -> Steady:
    """Return which services start with their long-run numbers."""
    if raw is True or raw == "all":
        return Steady()
    if isinstance(raw, bool) or raw is None:
        raise wrong(f"`true` or a list of services is needed, found {shown(raw)}")
    names = one_or_more(text)(raw)
    if not names:
        raise wrong("`true` or a list of services is needed, found an empty list")
    return Steady(names)


def _days(raw: object) -> Number:
    """Return a number of days, or a duration with its unit."""
    try:
        return duration(f"{float(raw)} d" if isinstance(raw, (int, float, str)) else raw)
    except ValueError:
        return duration(raw)


def _since(raw: object) -> Moment:
    """Return a date, or how long somebody has waited: a number of days, or a duration."""
    try:
        waited = Moment(None, round(_days(float(str(raw))).value))
    except ValueError:
        waited = moment(raw)
    if waited.day is None and waited.ms < 0:
        raise wrong(f"a time that has passed is needed, found {shown(raw)}")
    return waited if waited.day is not None else Moment(None, -waited.ms)


def census(raw: object) -> tuple[CensusRow, ...]:
    """Return people one by one from a CSV text or a list of maps."""
    found = sheet(raw, "the name of a CSV file or a list such as `[{person: 1, service: acute}]`")
    flaws = Flaws()
    for name in ("person", "service"):
        if name not in found.columns:
            flaws.note(f"the column '{name}' is missing", *next(iter(found.columns.values()), ()))
    flaws.close()
    rows = [_census_row(row, flaws) for row in found.rows]
    flaws.close()
    if not rows:
        raise wrong("at least one row is needed")
    return tuple(row for row in rows if row is not None)


def _census_row(row: Row, flaws: Flaws) -> CensusRow | None:
    for name in ("person", "service"):
        if name not in row.cells:
            flaws.note(f"`{name}` is missing", *row.at)
    person = row.read(flaws, "person", text)
    service = row.read(flaws, "service", text)
    so_far = row.read(flaws, "days_so_far", _days)
    waiting_for = row.read(flaws, "waiting_for", text)
    since = row.read(flaws, "waiting_since", _since)
    known = given(row, flaws, COLUMNS)
    if person is None or service is None:
        return None
    cells = tuple(row.where.items())
    return CensusRow(person, service, so_far, waiting_for, since, known, row.at, cells)
