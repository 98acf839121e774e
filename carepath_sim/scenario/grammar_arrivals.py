"""Arrivals that change over time: rates from a table, lists to replay, growth."""

from __future__ import annotations

import math
import re
from datetime import time
from typing import Any, Final

from carepath_sim.scenario.grammar_dates import day
from carepath_sim.scenario.grammar_numbers import duration, rate
from carepath_sim.scenario.grammar_quantity import BESIDE, Quantity
from carepath_sim.scenario.grammar_sheets import Row, known_columns, sheet
from carepath_sim.scenario.reading import Flaws, shown, text, wrong
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.values_arrivals import Given, Moment, Rates, RateStep, ReplayRow
from carepath_sim.units import HOUR, MINUTE, NUMBER, SECOND, UNITS

WHEN: Final = ("at", "date", "datetime")
"""Names of the column that says when somebody came."""
LASTING: Final = ("stay", "max_wait")
"""Decisions whose outcome is a length of time."""

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\s*(\d{1,2}:\d{2}(?::\d{2})?))?")
_GROWTH = re.compile(rf"({NUMBER})\s*(%?)\s*(?:per\b|/)\s*(?:annum|([^\W\d_]+))")
_GROWTH_FORM = "a change a year such as `3 % per y`"


def _growth_text(written: str) -> float:
    found = _GROWTH.fullmatch(written)
    if found is None or (found[3] is not None and UNITS.get(found[3].lower()) != "y"):
        raise wrong(f"{_GROWTH_FORM} is needed, found {shown(written)}")
    return float(found[1]) / (100 if found[2] else 1)


def _growth_bare(value: float) -> float:
    raise wrong(f"{_GROWTH_FORM} is needed, found {value}; write `{value * 100:g} % per y`")


def _growth_flaw(value: float) -> str:
    if not math.isfinite(value) or value > 10:
        return "a change of at most 1,000 % a year is needed"
    return "" if value > -1 else "a change above -100 % a year is needed"


growth = Quantity(_GROWTH_FORM, _growth_text, _growth_bare, _growth_flaw)


def _variation_flaw(value: float) -> str:
    return "" if 0 <= value <= 3 else "a coefficient of variation lies between 0 and 3"


def _variation_text(written: str) -> float:
    found = re.fullmatch(rf"({NUMBER})\s*(%?)", written)
    if found is None:
        raise wrong(f"a coefficient of variation such as `0.3` is needed, found {shown(written)}")
    return float(found[1]) / (100 if found[2] else 1)


variation = Quantity(
    "a coefficient of variation such as `0.3`", _variation_text, float, _variation_flaw
)


def moment(raw: object) -> Moment:
    """Return an instant: a date, a date with a time, or a time from the start of the window."""
    if not isinstance(raw, str):
        return Moment(None, round(duration(raw).value))
    written = raw.strip()
    found = _MOMENT.fullmatch(written)
    if found is not None:
        try:
            clock = time.fromisoformat(found[2].rjust(5, "0")) if found[2] else time()
        except ValueError:
            raise wrong(f"there is no such time of day, found {shown(raw)}") from None
        ms = clock.hour * HOUR + clock.minute * MINUTE + clock.second * SECOND
        return Moment(day(found[1]), ms)
    if re.match(r"\d{4}-|\d{1,2}[/.]\d", written):
        raise wrong(
            "a date such as `2015-04-01`, with or without a time (`2015-04-01 09:30`), is needed,"
            f" found {shown(raw)}"
        )
    before = written.startswith("-")
    length = round(duration(written.lstrip("-") if before else written).value)
    return Moment(None, -length if before else length)


def rates(raw: object) -> Rates:
    """Return rates over time from a CSV text or a list of `{from, rate}`."""
    found = sheet(raw, "the name of a CSV file or a list such as `[{from: 0 h, rate: 3 per h}]`")
    flaws = Flaws()
    head = next((name for name in found.columns if name.startswith("rate") and name != "rate"), "")
    per = re.fullmatch(r"rate[ _]per[ _](\w+)", head)
    column = head if per else "rate"
    known_columns(found, ("from", column, *BESIDE), ("from", column), flaws)
    flaws.close()
    steps = [_rate_step(row, column, per[1] if per else "", flaws) for row in found.rows]
    flaws.close()
    kept = [step for step in steps if step is not None]
    if not kept:
        raise wrong("at least one row with `from` and `rate` is needed")
    return Rates(tuple(kept))


def _rate_step(row: Row, column: str, unit: str, flaws: Flaws) -> RateStep | None:
    if unit:
        row = Row(row.cells, {**row.units, column: f"per {unit}"}, row.at, row.where)
    if "from" not in row.cells:
        flaws.note(
            "`from` is missing: a date, a date with a time, or a time such as `6 h`", *row.at
        )
    at = row.read(flaws, "from", moment)
    if column not in row.cells:
        flaws.note("the rate is missing, such as `3 per h`", *row.at)
    beside = {name: row.cells[name] for name in BESIDE if name in row.cells}

    def sourced(raw: object) -> Number:
        return rate({"value": raw, **beside} if beside else raw)

    number = row.read(flaws, column, sourced)
    if at is None or number is None:
        return None
    return RateStep(at, number, row.at)


def replay(raw: object) -> tuple[ReplayRow, ...]:
    """Return arrivals one by one from a CSV text or a list of maps."""
    found = sheet(raw, "the name of a CSV file or a list such as `[{at: 2015-04-01 09:30}]`")
    flaws = Flaws()
    when = [name for name in WHEN if name in found.columns]
    if len(when) != 1:
        where = found.columns[when[1]] if when else next(iter(found.columns.values()))
        flaws.note("one column says when people came: `at`, `date` or `datetime`", *where)
    flaws.close()
    rows = []
    for row in found.rows:
        if when[0] not in row.cells:
            flaws.note(f"`{when[0]}` is missing: a date, a date with a time, or `36 h`", *row.at)
            continue
        at = row.read(flaws, when[0], moment)
        said = given(row, flaws, when)
        if at is not None:
            rows.append(ReplayRow(at, said, row.at))
    flaws.close()
    if not rows:
        raise wrong("at least one row is needed")
    return tuple(rows)


def given(row: Row, flaws: Flaws, without: Any = ()) -> tuple[Given, ...]:
    """Return what a row says of attributes and of the outcomes of decisions."""
    found = []
    for name in row.cells:
        if name in without:
            continue
        lasts = name.rpartition(".")[0] and name.rpartition(".")[2] in LASTING
        value: str | Number | None = (
            row.read(flaws, name, duration) if lasts else row.read(flaws, name, text)
        )
        if value is not None:
            found.append(Given(name, value, row.where[name]))
    return tuple(found)
