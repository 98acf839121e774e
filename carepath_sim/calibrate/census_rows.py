"""Rows of a census: what was understood of each person, and what was not."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.census_places import NOTHING, NoPlace, Places
from carepath_sim.calibrate.local_dates import Dates, NoDate, When, form
from carepath_sim.calibrate.local_secrets import is_nhs_number
from carepath_sim.calibrate.local_tables import with_point
from carepath_sim.plan.compile_starts import CENSUS
from carepath_sim.plan.names import hash_word
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carepath_sim.calibrate.local_columns import Chosen
    from carepath_sim.calibrate.local_secrets import Secrets
    from carepath_sim.calibrate.local_tables import Line, LocalTable

TAKEN, DOUBTED, LEFT = "taken", "taken with a doubt", "left out"
LONGEST: Final = 40 * 366
"""Days beyond which a stay is told as a mistake."""
# Ten digits of a person, with what people and spreadsheets put around them.
_NHS = re.compile(
    r"(?:\W*nhs(?:\s*(?:no|number))?)?\W*(\d(?:[\W_]{0,3}\d){9})(?:\.0+)?\W*", re.IGNORECASE
)
_CUT_SHORT = re.compile(r"\d(?:[.,]\d+)?e\+?\d+")
_DAYS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:d|days?|nights?)?")


@dataclass(frozen=True)
class CensusPerson:
    """What became of one row.

    Attributes
    ----------
    line
        Line of the file.
    name
        What the person is called from here on: a number of this list, nothing of the file.
    status
        ``taken``, ``taken with a doubt``, or ``left out``.
    service
        Where they are.
    days
        Days so far, or None where they are not known.
    waiting_for, waited
        What they wait for, and for how many days.
    known
        Attributes that are known.
    notes
        What to know of this row.
    """

    line: int
    name: str
    status: str = TAKEN
    service: str = ""
    days: float | None = None
    waiting_for: str = ""
    waited: float | None = None
    known: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class RowReader:
    """Reads the rows of one file.

    Attributes
    ----------
    table, chosen
        The file, and the columns that are taken.
    places
        Finds services.
    values
        Values that each attribute can have; none for one of this file alone.
    as_of
        When the list was made.
    timed
        Whether a time of day is known of that.
    order
        ``dmy`` or ``mdy``; None: British, and doubtful ones are told.
    """

    table: LocalTable
    chosen: Chosen
    places: Places
    values: Mapping[str, tuple[str, ...]]
    as_of: datetime
    timed: bool
    order: str | None
    secrets: Secrets
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Learn how the dates are written."""
        self.place = {
            role: self.table.columns.index(heading)
            for role, heading in self.chosen.headings.items()
        }
        self.dates: dict[str, Dates] = {
            role: Dates.of(self.table.column(self.chosen.headings[role]), self.order)
            for role in ("admitted", "waiting_since")
            if role in self.place
        }

    def people(self) -> list[CensusPerson]:
        """Return what became of every row, in the order of the file."""
        names = numbered(len(self.table.lines))
        found = [self._person(line, names[k]) for k, line in enumerate(self.table.lines)]
        return self._without_twins(found)

    def _person(self, line: Line, name: str) -> CensusPerson:
        self.notes = []
        known = self._known(line)
        cell = self._cell(line, "service")
        person = CensusPerson(line.number, name, known=tuple(known.items()))
        try:
            service = self.places.find(cell, known)
        except NoPlace as no:
            return replace(person, status=LEFT, notes=(str(no), *self.notes))
        if service is None:
            return replace(person, status=LEFT, notes=(f"{self.secrets.safe(cell)}: as told",))
        base = self.places.names.base(service)
        if base in self.places.names.in_place:
            why = f"'{service}' is received in place: say where the person is meanwhile"
            return replace(person, status=LEFT, notes=(why, *self.notes))
        at_a_service = base is not None
        days = self._days(line) if at_a_service else None
        target = self._target(line, known, service)
        waited = self._waited(line, days) if target else None
        if target and waited is None and at_a_service:
            self.notes.append("since when they wait is not known: taken as since now")
        if not at_a_service and not target:
            why = f"at {service}, waiting for nothing: nothing would ever happen"
            if service == "outside" or self.places.names.scenario.population is None:
                return replace(person, status=LEFT, notes=(why, *self.notes))
        doubted = any(note.startswith(("wrong", "unknown")) for note in self.notes)
        return replace(
            person,
            status=DOUBTED if doubted else TAKEN,
            service=service,
            days=days,
            waiting_for=target,
            waited=waited,
            notes=tuple(self.notes),
        )

    # --- cells -------------------------------------------------------------------------------

    def _known(self, line: Line) -> dict[str, str]:
        known = {}
        for name, values in self.values.items():
            cell = self._cell(line, f"attribute {name}")
            if not cell:
                continue
            match = next((one for one in values if one.lower() == cell.lower()), None)
            if match is not None:
                known[name] = match
            else:
                shown = self.secrets.safe(cell)
                near = nearest(cell, values) if self.secrets.may_show(cell) else ""
                self.notes.append(f"unknown {name} {shown}{near}; it is drawn instead")
        return known

    def _days(self, line: Line) -> float | None:
        """Return the days so far; None where they are not known, with a note if that is wrong."""
        if "admitted" in self.place and self._cell(line, "admitted"):
            when = self._when(line, "admitted", "the stay so far")
            return None if when is None else self._since(when)
        cell = self._cell(line, "days")
        if not cell:
            self.notes.append("how long they have been there is not known")
            return None
        return self._number(cell, "the stay so far")

    def _waited(self, line: Line, days: float | None) -> float | None:
        if "waiting_since" in self.place and self._cell(line, "waiting_since"):
            cell = with_point(self._cell(line, "waiting_since"))
            if _DAYS.fullmatch(cell) and float(_DAYS.fullmatch(cell)[1]) < 10_000:  # type: ignore[index]
                waited = self._number(cell, "the wait so far")
            else:
                when = self._when(line, "waiting_since", "the wait so far")
                waited = None if when is None else self._since(when)
        elif self._cell(line, "waited"):
            waited = self._number(self._cell(line, "waited"), "the wait so far")
        else:
            return None
        if waited is not None and days is not None and waited > days:
            self.notes.append(
                f"wrong: waiting for {waited:g} days, longer than the stay of {days:g};"
                " the wait is taken to be as long as the stay"
            )
            return days
        return waited

    def _target(self, line: Line, known: dict[str, str], service: str) -> str:
        """Return what is waited for, or nothing."""
        cell = self._cell(line, "waiting_for")
        if cell.lower() in NOTHING:
            return ""
        try:
            target = self.places.find(cell, known)
        except NoPlace as no:
            self.notes.append(f"unknown wait: {no}; the person is taken not to wait")
            return ""
        if target is None or target in {"home", "outside"}:
            if target is not None:
                self.notes.append(f"waiting for {target} is no wait for a place; taken not to wait")
            return ""
        if target == service:
            self.notes.append(f"wrong: waits for {target} and is there; taken not to wait")
            return ""
        return target

    def _when(self, line: Line, role: str, what: str) -> When | None:
        cell = self._cell(line, role)
        try:
            when = self.dates[role].read(cell)
        except NoDate as no:
            self.notes.append(f"wrong date: {no}; {what} is taken as not known")
            return None
        last = self.as_of if self.timed and when.timed else datetime.combine(self.as_of, time.max)
        if when.at > last:
            self.notes.append(
                f"wrong date: {when.at:%Y-%m-%d} lies after the day of the list"
                f" ({self.as_of:%Y-%m-%d}); {what} is taken as not known"
            )
            return None
        if (self.as_of - when.at).days > LONGEST:
            self.notes.append(
                f"wrong date: {when.at:%Y-%m-%d} is more than 40 years ago; {what} is taken as not"
                " known"
            )
            return None
        return when

    def _since(self, when: When) -> float:
        """Return the days since an instant; nights where a time of day is not known of both."""
        if self.timed and when.timed:
            return max(0.0, (self.as_of - when.at).total_seconds() / 86_400)
        return float(max(0, (self.as_of.date() - when.at.date()).days))

    def _number(self, cell: str, what: str) -> float | None:
        found = _DAYS.fullmatch(with_point(cell.lower()))
        if found is None or not math.isfinite(float(found[1])) or float(found[1]) > LONGEST:
            self.notes.append(
                f"wrong: no number of days stands here (its form is {form(cell)}); {what} is taken"
                " as not known"
            )
            return None
        return float(found[1])

    def _cell(self, line: Line, role: str) -> str:
        return line.cells[self.place[role]] if role in self.place else ""

    # --- people who are there twice ------------------------------------------------------------

    def _without_twins(self, found: list[CensusPerson]) -> list[CensusPerson]:
        """Return the rows with each person once: where they came last is where they are."""
        if "person" not in self.place:
            return found
        k = self.place["person"]
        rows: dict[str, list[int]] = {}
        for number, line in enumerate(self.table.lines):
            identity = _identity(line.cells[k])
            if not identity:
                self._noted(found, number, "it does not say who the person is: taken as somebody")
            elif _CUT_SHORT.fullmatch(identity):
                self._noted(
                    found, number, "a spreadsheet has cut the number of the person short (its form"
                    f" is {form(identity)}): taken as somebody",
                )  # fmt: skip
            else:
                rows.setdefault(identity, []).append(number)
        for numbers in rows.values():
            there = [n for n in numbers if found[n].status != LEFT]
            if len(there) < 2:
                continue
            kept = min(there, key=lambda n: (_or_infinite(found[n].days), n))
            for n in there:
                if n != kept:
                    found[n] = self._twin(found[n], found[kept])
            others = ", ".join(str(found[n].line) for n in there if n != kept)
            self._noted(found, kept, f"the same person as line {others}")
        return found

    def _twin(self, one: CensusPerson, kept: CensusPerson) -> CensusPerson:
        why = f"the same person as line {kept.line}, "
        if (one.service, one.days, one.waiting_for) == (kept.service, kept.days, kept.waiting_for):
            why += "who is taken once"
        elif one.service == kept.service:
            why += "whose later beginning is taken"
        else:
            why += f"who is at {kept.service} by the later beginning"
        return replace(one, status=LEFT, notes=(why, *one.notes))

    @staticmethod
    def _noted(found: list[CensusPerson], number: int, note: str) -> None:
        one = found[number]
        found[number] = replace(one, notes=(*one.notes, note))


def numbered(size: int) -> list[str]:
    """Return names for so many people, no two of whom a plan would give the same luck.

    >>> numbered(3)
    ['P1', 'P2', 'P3']
    """
    width, taken, names = len(str(size)), set(), []
    for k in range(1, size + 1):
        name = f"P{k:0{width}d}"
        # Luck goes by a hash of 32 bits, and whoever made the list could not rename anybody.
        while hash_word(f"{CENSUS}|{name}") in taken:
            name += "x"
        taken.add(hash_word(f"{CENSUS}|{name}"))
        names.append(name)
    return names


def _identity(cell: str) -> str:
    """Return who a cell names, however it is spaced; an NHS number however it is written.

    >>> _identity("NHS 943.476.5919") == _identity('="9434765919"') == _identity("9434765919.0")
    True
    >>> _identity("12/3") == _identity("1/23")
    False
    """
    found = _NHS.fullmatch(cell)
    if found is not None and is_nhs_number(found[1]):
        return re.sub(r"[\W_]", "", found[1])
    return re.sub(r"[\s-]+", "", cell.lower())


def _or_infinite(days: float | None) -> float:
    return math.inf if days is None else days
