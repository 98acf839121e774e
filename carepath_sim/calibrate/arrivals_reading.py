"""Arrivals of a local file counted by day and hour: every row is counted, or told with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.local_columns import Chosen, choose, is_identifier
from carepath_sim.calibrate.local_dates import ORDERS, Dates, NoDate, form
from carepath_sim.calibrate.local_secrets import Secrets
from carepath_sim.calibrate.local_tables import LocalDataError
from carepath_sim.calibrate.stays_reading import ALL, MOST_GROUPS, RowNote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from carepath_sim.calibrate.local_tables import Line, LocalTable

LONGEST: Final = 30 * 366
"""Days from the first to the last date, beyond which one of them is a mistake."""
PILE: Final = 0.2
"""Share of arrivals at exactly midnight from which on these are taken to have no time of day."""

_CLOCK = re.compile(r"(\d{1,2})[:.]?(\d{2})(?::\d{2})?")


@dataclass(frozen=True, eq=False)
class ArrivalCounts:
    """Arrivals of one group.

    Attributes
    ----------
    days
        How many came on each day of the period.
    hours
        How many came on each day in each hour, of those whose time is known; shape `(day, 24)`.
    """

    days: NDArray[np.float64]
    hours: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ArrivalData:
    """Arrivals of a file.

    Attributes
    ----------
    table, chosen
        Where they come from, and the columns that were taken.
    first, last
        The days that the file covers, both included.
    told_first, told_last
        Whether they were told, not taken from the dates.
    rows
        What became of rows that were not simply taken.
    taken
        Rows that were taken.
    groups
        Counts by group.
    midnights
        Whether arrivals at exactly midnight were taken to have no time of day.
    """

    table: LocalTable
    chosen: Chosen
    first: date
    last: date
    told_first: bool
    told_last: bool
    rows: tuple[RowNote, ...]
    taken: int
    groups: Mapping[str, ArrivalCounts]
    midnights: bool

    @property
    def size(self) -> int:
        """Days from the first to the last."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class _Arrival:
    line: int
    group: str
    day: date
    hour: int | None
    sharp: bool  # at midnight to the minute
    weight: float


@dataclass
class _Reader:
    table: LocalTable
    chosen: Chosen
    order: str | None
    rows: list[RowNote] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Learn how the dates are written."""
        self.secrets = Secrets.of(self.table, self.chosen.headings.values())
        self.place = {
            role: self.table.columns.index(heading)
            for role, heading in self.chosen.headings.items()
        }
        self.dates = Dates.of(self.table.column(self.chosen.headings["date"]), self.order)

    def arrivals(self) -> list[_Arrival]:
        """Return what the rows say, as far as they can be read."""
        found = [self._row(line) for line in self.table.lines]
        return [one for one in found if one is not None]

    def _row(self, line: Line) -> _Arrival | None:
        cell = line.cells[self.place["date"]]
        if not cell:
            self.out(line.number, "the date is empty")
            return None
        try:
            when = self.dates.read(cell)
        except NoDate as no:
            self.out(line.number, str(no))
            return None
        group = ALL
        if "group" in self.place:
            group = line.cells[self.place["group"]]
            if not group:
                self.out(line.number, "the group is empty")
                return None
            if not self.secrets.may_show(group):
                self.out(line.number, "the group looks like something that says who somebody is")
                return None
        weight = 1.0
        if "count" in self.place:
            written = line.cells[self.place["count"]]
            if not re.fullmatch(r"\d{1,5}", written):
                self.out(line.number, f"no count stands here (its form is {form(written)})")
                return None
            weight = float(written)
        hour = when.at.hour if when.timed else None
        sharp = when.timed and when.at.time() == time.min
        if "hour" in self.place:
            clock = line.cells[self.place["hour"]]
            hour, sharp = self._clock(clock, line.number)
        return _Arrival(line.number, group, when.at.date(), hour, sharp, weight)

    def _clock(self, cell: str, line: int) -> tuple[int | None, bool]:
        """Return the hour of a time of day in a column of its own."""
        text = cell.rpartition(" ")[2] if cell[:4].isdigit() and " " in cell else cell
        found = _CLOCK.fullmatch(text)
        if found is not None and int(found[1]) < 24 and int(found[2]) < 60:
            return int(found[1]), int(found[1]) == int(found[2]) == 0
        if re.fullmatch(r"\d{1,2}", text) and int(text) < 24:
            return int(text), False
        if cell:
            note = f"taken without a time of day: none stands here (its form is {form(cell)})"
            self.rows.append(RowNote(line, "taken", note))
        return None, False

    def out(self, line: int, reason: str) -> None:
        """Tell that a row is left out."""
        self.rows.append(RowNote(line, "left out", reason))


def read_arrivals(
    table: LocalTable,
    *,
    columns: Mapping[str, str | None],
    first: date | None = None,
    last: date | None = None,
    dates: str | None = None,
    today: date | None = None,
) -> ArrivalData:
    """Return the arrivals of a table by day and hour.

    Parameters
    ----------
    columns
        Headings by role (date, hour, group, count); None: not told.
    first, last
        The days that the file covers; None: those of its first and last date.
    dates
        ``dmy`` or ``mdy``; None: British, and doubtful ones are told.
    today
        Later dates are told as mistakes; None: the day of the computer.

    Raises
    ------
    LocalDataError
        If there is no column of dates, or no row can be used.
    """
    if dates is not None and dates not in ORDERS:
        raise LocalDataError(f"unknown order of dates '{dates}'; accepted: {', '.join(ORDERS)}")
    chosen = choose(table, columns, ("date", "hour"))
    if chosen.get("date") is None:
        raise LocalDataError(
            f"{table.name}: which column says when people came? Say --date COLUMN"
            f" (columns: {', '.join(table.columns)})"
        )
    heading = chosen.get("group")
    if heading is not None and is_identifier(heading):
        raise LocalDataError(
            f"{table.name}: the column '{heading}' may say who somebody is: it cannot be a group"
        )
    if first is not None and last is not None and last < first:
        raise LocalDataError(f"the period ends on {last}, before it begins on {first}")
    reader = _Reader(table, chosen, dates)
    found = reader.arrivals()
    inside = []
    newest = today or date.today()  # noqa: DTZ011 - civil time
    for one in found:
        if one.day > newest and (last is None or one.day <= last):
            reader.out(one.line, f"{one.day} lies in the future")
        elif (first is not None and one.day < first) or (last is not None and one.day > last):
            reader.out(one.line, f"{one.day} lies outside the period that was asked for")
        else:
            inside.append(one)
    if not inside:
        some = "\n".join(f"line {one.line}: {one.reason}" for one in reader.rows[:10])
        raise LocalDataError(f"{table.name}: no row can be used\n{some}")
    begin = first or min(one.day for one in inside)
    end = last or max(one.day for one in inside)
    if (end - begin).days > LONGEST:
        ends = (next(one.line for one in inside if one.day == day) for day in (begin, end))
        lines = " and ".join(map(str, ends))
        raise LocalDataError(
            f"{table.name}: the dates reach from {begin} to {end} (lines {lines}), more than 30"
            " years; say which period is meant with --from and --until"
        )
    piled = sum(one.weight for one in inside if one.sharp)
    timed = sum(one.weight for one in inside if one.hour is not None)
    midnights = timed > 0 and piled > PILE * timed
    groups = _counted(inside, begin, (end - begin).days + 1, midnights=midnights)
    if len(groups) > MOST_GROUPS:
        raise LocalDataError(
            f"{table.name}: the column '{heading}' has {len(groups)} groups, at most {MOST_GROUPS}"
            " are fitted"
        )
    return ArrivalData(
        table,
        chosen,
        begin,
        end,
        first is not None,
        last is not None,
        tuple(sorted(reader.rows, key=lambda one: one.line)),
        len(inside),
        groups,
        midnights,
    )


def _counted(
    found: list[_Arrival], begin: date, size: int, *, midnights: bool
) -> dict[str, ArrivalCounts]:
    names = sorted({one.group for one in found}, key=str.lower)
    groups = {name: ArrivalCounts(np.zeros(size), np.zeros((size, 24))) for name in names}
    for one in found:
        counts = groups[one.group]
        day = (one.day - begin).days
        counts.days[day] += one.weight
        if one.hour is not None and not (midnights and one.sharp):
            counts.hours[day, one.hour] += one.weight
    return groups


def days_of(data: ArrivalData) -> list[date]:
    """Return the days that the file covers."""
    return [data.first + timedelta(days=k) for k in range(data.size)]
