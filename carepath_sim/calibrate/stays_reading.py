"""Lengths of stay from a local file: every row is counted, or told with its line and why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.local_columns import Chosen, choose, is_identifier
from carepath_sim.calibrate.local_dates import ORDERS, Dates, NoDate, When, form
from carepath_sim.calibrate.local_secrets import Secrets
from carepath_sim.calibrate.local_tables import LocalDataError, with_point
from carepath_sim.statistics.length_fits import Lengths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from carepath_sim.calibrate.local_tables import Line, LocalTable

ROUNDINGS: Final[Mapping[str, str]] = {
    "exact": "the time itself, not rounded",
    "nights": "midnights between admission and discharge; same day is 0",
    "days": "days touched: admission and discharge day both count; same day is 1",
    "nearest": "rounded to the nearest whole day",
    "down": "whole periods of 24 hours that were completed",
    "up": "begun periods of 24 hours",
}
"""What a whole number of days can mean."""
STAY, TREATMENT, DELAY = "stay", "treatment", "delay"
ALL = "all"
"""Name of the group where there is none."""
MOST_GROUPS: Final = 40
LONGEST: Final = 40 * 366
"""Days beyond which a stay is told as a mistake."""

_DAYS = re.compile(
    r"(?:(>=?)\s*)?(-?\d+(?:\.\d+)?)\s*(\+|(?:-|to)\s*(\d+(?:\.\d+)?))?\s*(?:d|days?)?"
)


@dataclass(frozen=True)
class RowNote:
    """What became of a row that was not simply taken.

    Attributes
    ----------
    line
        Line of the file.
    status
        ``left out``, or ``taken`` with something to know.
    reason
        Why, or what.
    """

    line: int
    status: str
    reason: str


@dataclass
class _Values:
    """Lengths of one group and part as they are collected."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(self, low: float, high: float, weight: float = 1.0) -> None:
        self.low.append(low)
        self.high.append(high)
        self.weight.append(weight)


@dataclass(frozen=True)
class StayData:
    """Lengths of stay of a file.

    Attributes
    ----------
    table
        Where they come from.
    chosen
        The columns that were taken.
    rounding
        What a whole number means; one of `ROUNDINGS`.
    guessed_rounding
        Whether that follows from the data.
    rows
        What became of rows that were not simply taken.
    taken
        Rows that were taken.
    parts
        Lengths by group and part.
    """

    table: LocalTable
    chosen: Chosen
    rounding: str
    guessed_rounding: bool
    rows: tuple[RowNote, ...]
    taken: int
    parts: Mapping[tuple[str, str], Lengths]

    @property
    def splits(self) -> bool:
        """Whether treatment and delay are apart."""
        return any(part == TREATMENT for _, part in self.parts)


def read_stays(
    table: LocalTable,
    *,
    columns: Mapping[str, str | None],
    rounding: str | None = None,
    as_of: date | None = None,
    dates: str | None = None,
    today: date | None = None,
) -> StayData:
    """Return the lengths of stay of a table.

    Parameters
    ----------
    columns
        Headings by role (admitted, discharged, days, ready, group, count); None: not told.
    rounding
        What a whole number means; None: nights where there are dates or only whole numbers.
    as_of
        Last day that the file knows of: who has no discharge date was still there then.
    dates
        ``dmy`` or ``mdy``; None: British, and doubtful ones are told.
    today
        Later dates are told as mistakes; None: the day of the computer.

    Raises
    ------
    LocalDataError
        If columns are missing, or people have no discharge date and no `as_of` is given.
    """
    if rounding is not None and rounding not in ROUNDINGS:
        raise LocalDataError(f"unknown rounding '{rounding}'; accepted: {', '.join(ROUNDINGS)}")
    if dates is not None and dates not in ORDERS:
        raise LocalDataError(f"unknown order of dates '{dates}'; accepted: {', '.join(ORDERS)}")
    chosen = _columns(table, columns)
    if (heading := chosen.get("group")) is not None and is_identifier(heading):
        raise LocalDataError(
            f"{table.name}: the column '{heading}' may say who somebody is: it cannot be a group"
        )
    reader = _Reader(table, chosen, rounding, as_of, dates, today or date.today())  # noqa: DTZ011
    return reader.read()


def _columns(table: LocalTable, columns: Mapping[str, str | None]) -> Chosen:
    told = {role for role, heading in columns.items() if heading is not None}
    by_days = "days" in told
    if by_days and told & {"admitted", "discharged", "ready"}:
        raise LocalDataError("give the column of days, or those of dates, not both")
    guess = () if by_days else ("admitted", "discharged", "ready")
    chosen = choose(table, columns, guess)
    if by_days:
        return chosen
    needed = [role for role in ("admitted", "discharged") if chosen.get(role) is None]
    if not needed:
        return chosen
    if not told & {"admitted", "discharged", "ready"}:
        days = choose(table, columns, ("days",))
        if days.get("days") is not None:
            return days
    raise LocalDataError(
        f"{table.name}: which column says when people were {' and '.join(needed)}? Say"
        f" {' '.join(f'--{role} COLUMN' for role in needed)}, or --days COLUMN for lengths"
        f" (columns: {', '.join(table.columns)})"
    )


@dataclass
class _Reader:
    table: LocalTable
    chosen: Chosen
    rounding: str | None
    as_of: date | None
    order: str | None
    today: date
    rows: list[RowNote] = field(default_factory=list)
    open_rows: list[int] = field(default_factory=list)
    latest: datetime = datetime.min  # noqa: DTZ901 - civil time

    def __post_init__(self) -> None:
        """Learn how the dates of each column are written."""
        self.secrets = Secrets.of(self.table, self.chosen.headings.values())
        self.place = {
            role: self.table.columns.index(heading)
            for role, heading in self.chosen.headings.items()
        }
        self.dates = {
            role: Dates.of(self.table.column(heading), self.order)
            for role, heading in self.chosen.headings.items()
            if role in {"admitted", "discharged", "ready"}
        }

    def read(self) -> StayData:
        by_days = "days" in self.place
        found = list(self._by_days() if by_days else self._by_dates())
        rounding, guessed = self._rounding(found)
        values: dict[tuple[str, str], _Values] = {}
        taken = set()
        for line, group, part, low, high, weight in found:
            bounds = _bounds(low, high, rounding)
            if bounds is None:
                self._out(line, "0 days cannot be where admission and discharge day both count")
                continue
            taken.add(line)
            values.setdefault((group, part), _Values()).add(*bounds, weight)
        groups = list(dict.fromkeys(group for group, _ in values))
        if len(groups) > MOST_GROUPS:
            raise LocalDataError(
                f"{self.table.name}: the column '{self.chosen.get('group')}' has {len(groups)}"
                f" groups, at most {MOST_GROUPS} are fitted"
            )
        nights = rounding in {"nights", "days"}
        parts = {
            key: Lengths.of(one.low, one.high, nights=nights, weight=one.weight)
            for key, one in values.items()
        }
        notes = tuple(sorted(self.rows, key=lambda one: one.line))
        return StayData(self.table, self.chosen, rounding, guessed, notes, len(taken), parts)

    # --- lengths ---------------------------------------------------------------------------------

    def _by_days(self) -> Iterator[tuple[int, str, str, float, float, float]]:
        for line in self.table.lines:
            group, weight = self._group(line), self._weight(line)
            if group is None or weight is None:
                continue
            cell = self._cell(line, "days")
            found = _DAYS.fullmatch(with_point(cell.lower()))
            if not cell:
                self._out(line.number, "the length is empty")
            elif found is None:
                self._out(line.number, f"no number of days stands here (its form is {form(cell)})")
            elif float(found[2]) < 0:
                self._out(line.number, f"a negative stay (its form is {form(cell)})")
            elif float(found[2]) > LONGEST:
                # Not what stands there: a number of a person may.
                self._out(line.number, f"longer than 40 years (its form is {form(cell)})")
            else:
                low = float(found[2])
                more = found[1] or found[3] == "+"
                high = float("inf") if more else float(found[4]) if found[4] else low
                if high < low:
                    self._out(line.number, f"the band {cell} ends before it begins")
                else:
                    # More than n whole days are at least n + 1.
                    low += found[1] == ">" and low == int(low)
                    yield line.number, group, STAY, low, high, weight

    def _by_dates(self) -> Iterator[tuple[int, str, str, float, float, float]]:
        read = list(self._dated())
        timed = self._timed([one for one in read if one[3] is not None])
        self.timed = timed
        if self.open_rows and self.as_of is None:
            lines = ", ".join(map(str, self.open_rows[:8]))
            more = f" and {len(self.open_rows) - 8} more" if len(self.open_rows) > 8 else ""
            raise LocalDataError(
                f"{self.table.name}: {len(self.open_rows)} rows have no discharge date (lines"
                f" {lines}{more}). If these people were still there, say up to which day the file"
                f" knows with --as-of (the last date in it is {self.latest:%Y-%m-%d}); leaving them"
                " out would make stays look shorter than they are"
            )
        for line, group, admitted, discharged, ready in read:
            until = discharged or self._horizon(timed)
            # What is known of a stay that goes on is how long it has lasted.
            open_end = discharged is None
            if "ready" not in self.place:
                days = _days(admitted, until, timed=timed)
                yield line, group, STAY, days, float("inf") if open_end else days, 1.0
                continue
            if ready is None and open_end:
                days = _days(admitted, until, timed=timed)
                yield line, group, TREATMENT, days, float("inf"), 1.0
            elif ready is None:
                self.rows.append(
                    RowNote(
                        line,
                        "taken",
                        "no ready date: ready at some time of the stay; left out of the delays",
                    )
                )
                yield line, group, TREATMENT, 0.0, _days(admitted, until, timed=timed), 1.0
            else:
                days = _days(admitted, ready, timed=timed)
                yield line, group, TREATMENT, days, days, 1.0
                delay = _days(ready, until, timed=timed)
                yield line, group, DELAY, delay, float("inf") if open_end else delay, 1.0

    def _dated(self) -> Iterator[tuple[int, str, When, When | None, When | None]]:
        """Yield rows whose dates can be, of people who had come by the last day."""
        last = datetime.combine(self.as_of or self.today, time.max)
        for line in self.table.lines:
            group = self._group(line)
            if group is None:
                continue
            when: dict[str, When | None] = {}
            wrong = []
            for role in self.dates:
                cell = self._cell(line, role)
                try:
                    when[role] = self.dates[role].read(cell) if cell else None
                except NoDate as no:
                    wrong.append(f"{role}: {no}")
            admitted, discharged = when.get("admitted"), when.get("discharged")
            ready = when.get("ready")
            if wrong:
                self._out(line.number, "; ".join(wrong))
                continue
            if admitted is None:
                self._out(line.number, "the admission date is empty")
                continue
            why = self._impossible(admitted, discharged, ready, last)
            if why:
                self._out(line.number, why)
                continue
            if discharged is not None and discharged.at > last:
                note = f"discharged after {self.as_of}, so still there on that day"
                self.rows.append(RowNote(line.number, "taken", note))
                discharged = None
            elif discharged is None:
                self.open_rows.append(line.number)
            if ready is not None and ready.at > last:
                ready = None
            seen = [one.at for one in (admitted, discharged, ready) if one is not None]
            self.latest = max(self.latest, *seen)
            yield line.number, group, admitted, discharged, ready

    def _impossible(
        self, admitted: When, discharged: When | None, ready: When | None, last: datetime
    ) -> str:
        """Return why the dates of a row cannot be, or nothing."""
        if admitted.at > last:
            said = f"as of {self.as_of}" if self.as_of else "today"
            return f"admitted on {admitted.at:%Y-%m-%d}, which lies in the future ({said})"
        if discharged is not None and _before(discharged, admitted):
            return (
                f"discharged on {discharged.at:%Y-%m-%d}, before the admission on"
                f" {admitted.at:%Y-%m-%d}"
            )
        if discharged is not None and self.as_of is None and discharged.at > last:
            return f"discharged on {discharged.at:%Y-%m-%d}, which lies in the future"
        if ready is not None and _before(ready, admitted):
            return f"ready on {ready.at:%Y-%m-%d}, before the admission on {admitted.at:%Y-%m-%d}"
        if ready is not None and discharged is not None and _before(discharged, ready):
            return f"ready on {ready.at:%Y-%m-%d}, after the discharge on {discharged.at:%Y-%m-%d}"
        longest = ((discharged.at if discharged else last) - admitted.at).days
        if longest > LONGEST:
            return f"a stay of {longest} days is longer than 40 years"
        return ""

    def _timed(self, completed: list[tuple[int, str, When, When | None, When | None]]) -> bool:
        """Tell whether times of day are known of all: midnight everywhere is no time of day."""
        known = [when for row in completed for when in row[2:] if when is not None]
        some = any(when.timed and when.at.time() != time.min for when in known)
        return some and all(when.timed for when in known)

    def _horizon(self, timed: bool) -> When:  # noqa: FBT001 - of this class
        """Return the end of what the file knows: the end of the last day.

        Who has not been discharged on that day stays for the night after it, too.
        """
        assert self.as_of is not None  # noqa: S101 - refused before
        return When(datetime.combine(self.as_of, time.min) + timedelta(days=1), timed=timed)

    # --- the rest of a row -----------------------------------------------------------------------

    def _rounding(self, found: list[tuple[int, str, str, float, float, float]]) -> tuple[str, bool]:
        if self.rounding is not None:
            if "days" not in self.place and not self.timed and self.rounding != "nights":
                raise LocalDataError(
                    f"{self.table.name} has dates without times of day: these count nights, so"
                    " --rounding belongs to a column of days"
                )
            return self.rounding, False
        if "days" not in self.place:
            return ("exact" if self.timed else "nights"), True
        whole = all(low == int(low) for _, _, _, low, _, _ in found)
        return ("nights" if whole else "exact"), True

    def _group(self, line: Line) -> str | None:
        if "group" not in self.place:
            return ALL
        cell = self._cell(line, "group")
        if not cell:
            self._out(line.number, "the group is empty")
            return None
        if not self.secrets.may_show(cell):
            self._out(line.number, "the group looks like something that says who somebody is")
            return None
        return cell

    def _weight(self, line: Line) -> float | None:
        if "count" not in self.place:
            return 1.0
        cell = self._cell(line, "count")
        if not re.fullmatch(r"\d{1,5}(\.\d+)?", cell):
            self._out(line.number, f"no count stands here (its form is {form(cell)})")
            return None
        return float(cell)

    def _cell(self, line: Line, role: str) -> str:
        return line.cells[self.place[role]]

    def _out(self, line: int, reason: str) -> None:
        self.rows.append(RowNote(line, "left out", reason))


def _before(first: When, second: When) -> bool:
    """Tell whether an instant lies before another; without times of day by the date."""
    if first.timed and second.timed:
        return first.at < second.at
    return first.at.date() < second.at.date()


def _days(first: When, last: When, *, timed: bool) -> float:
    """Return days between two instants, or nights between two dates."""
    if timed:
        return max(0.0, (last.at - first.at).total_seconds() / 86_400)
    return float(max(0, (last.at.date() - first.at.date()).days))


def _bounds(low: float, high: float, rounding: str) -> tuple[float, float] | None:
    """Return between what a length lies, given what whole numbers mean; None: it cannot be."""
    if rounding in {"exact", "nights"}:
        return low, high
    if rounding == "days":
        return None if low < 1 else (low - 1, high - 1)
    before, after = {"nearest": (0.5, 0.5), "down": (0.0, 1.0), "up": (1.0, 0.0)}[rounding]
    # A stay of 0 begun days takes no time.
    return max(0.0, low - before), high + after
