"""A census of today: who is where, for how long, waiting for what, as a start of a scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.calibrate.census_places import Places, wrong_places
from carepath_sim.calibrate.census_rows import DOUBTED, LEFT, CensusPerson, RowReader
from carepath_sim.calibrate.census_start import Extra, sections_of, start_yaml
from carepath_sim.calibrate.local_columns import Chosen, choose, is_identifier, plain_heading
from carepath_sim.calibrate.local_dates import ORDERS
from carepath_sim.calibrate.local_secrets import Secrets
from carepath_sim.calibrate.local_tables import LocalDataError, LocalTable, read_local
from carepath_sim.scenario.checks_vocabulary import RESERVED, SPECIAL, Vocabulary
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from carepath_sim.scenario.model import Scenario

RESTS: Final = ("steady", "as written", "empty")
"""How services start of which the census says nothing."""
MOST_VALUES: Final = 40
"""Different values of a column by which a forecast can be broken down."""


@dataclass(frozen=True, eq=False)
class CensusImport:
    """What was understood of a census.

    Attributes
    ----------
    table, chosen
        The file, and the columns that were taken.
    people
        What became of every row.
    guessed
        Places that were found by their title or spelling: what the file says, and the service.
    as_of
        When the list was made.
    by
        Attributes by which it can be broken down.
    base, scenario
        The scenario as it was, and with this census for its start.
    rest
        How services start of which the census says nothing.
    sections
        What was written over the scenario.
    extras
        Attributes that the scenario has not, with shares for those who come later.
    """

    table: LocalTable
    chosen: Chosen
    people: tuple[CensusPerson, ...]
    guessed: Mapping[str, str]
    as_of: datetime
    by: tuple[str, ...]
    base: Scenario
    scenario: Scenario
    rest: str
    sections: Mapping[str, Any]
    extras: tuple[Extra, ...]

    @property
    def taken(self) -> tuple[CensusPerson, ...]:
        """People who are in the starting state."""
        return tuple(one for one in self.people if one.status != LEFT)

    @property
    def understood(self) -> list[str]:
        """What was taken from the file, in sentences."""
        total, left = len(self.people), len(self.people) - len(self.taken)
        doubted = sum(one.status == DOUBTED for one in self.people)
        waiting = sum(bool(one.waiting_for) for one in self.taken)
        lines = [
            *(one.replace("attribute ", "") for one in self.chosen.said()),
            f"the list is that of {_when(self.as_of)}; the scenario starts then, without a warm-up",
            f"{total - left} of {total} rows taken ({doubted} with a doubt), {left} left out",
            f"{waiting} of these people wait for a place",
        ]
        lines += [f"'{cell}' is taken to be {name}" for cell, name in sorted(self.guessed.items())]
        covered = sorted({_base(one.service) for one in self.taken} - {"home", "outside"})
        others = {
            "steady": "start with their long-run numbers (`--rest` changes that)",
            "as written": "start as the scenario says",
            "empty": "start empty",
        }[self.rest]
        lines.append(f"the file covers {', '.join(covered)}; other services {others}")
        lines += [
            f"{one.name}: people who come later are drawn by the shares of this list"
            for one in self.extras
        ]
        return [*lines, *self.table.notes]

    @property
    def warnings(self) -> list[str]:
        """What a reader should know before using it."""
        found = []
        left = [one for one in self.people if one.status == LEFT]
        lost = [one for one in left if not any("same person" in note for note in one.notes)]
        if lost:
            found.append(f"people who could not be placed: {len(lost)}; any forecast lacks them")
        turned = [one for one in self.people if any(" first (--dates" in n for n in one.notes)]
        if turned:
            found.append(
                f"dates of {len(turned)} rows exist only in another order than the one they were"
                " read in: is it --dates mdy (month first), or dmy?"
            )
        unknown = sum(
            one.days is None and one.service not in {"home", "outside"} and not one.waiting_for
            for one in self.taken
        )
        if unknown:
            found.append(
                f"of {unknown} people it is not known how long they have been there: what is left"
                " of their stays is drawn as at a random moment"
            )
        if self.base.clock.start.year != self.as_of.year:
            found.append(
                f"the scenario was written for {self.base.clock.start}: its rates, growth and"
                f" capacities are taken as they stand to be those of {self.as_of:%Y-%m-%d}"
            )
        return found

    def rows(self) -> pd.DataFrame:
        """What was understood of every row.

        Returns
        -------
            Columns line, status, person (a number of this list), service, days_so_far,
            waiting_for, days_waiting, one for each attribute, and notes.
        """
        import pandas as pd

        names = list(dict.fromkeys(name for one in self.people for name, _ in one.known))
        rows = []
        for one in self.people:
            known = dict(one.known)
            rows.append(
                {
                    "line": one.line,
                    "status": one.status,
                    "person": one.name if one.status != LEFT else "",
                    "service": one.service,
                    "days_so_far": one.days,
                    "waiting_for": one.waiting_for,
                    "days_waiting": one.waited,
                    **{name: known.get(name, "") for name in names},
                    "notes": "; ".join(one.notes),
                }
            )
        return pd.DataFrame(rows)

    def census(self) -> pd.DataFrame:
        """The people as the scenario language has them: nothing that says who somebody is."""
        import pandas as pd

        frame = pd.DataFrame(self.sections["start"]["census"])
        return frame.astype(object).where(frame.notna(), "")

    def table_of_places(self) -> pd.DataFrame:
        """People by service: there, waiting for it, days so far (median and longest)."""
        import pandas as pd

        waiting = Counter(one.waiting_for for one in self.taken if one.waiting_for)
        there: dict[str, list[CensusPerson]] = {}
        for one in self.taken:
            there.setdefault(one.service, []).append(one)
        rows = []
        for name in dict.fromkeys((*sorted(there), *sorted(waiting))):
            days = pd.Series(
                [p.days for p in there.get(name, []) if p.days is not None], dtype=float
            )
            rows.append(
                {
                    "service": name,
                    "there": len(there.get(name, [])),
                    "of_whom_waiting": sum(bool(p.waiting_for) for p in there.get(name, [])),
                    "waiting_for_it": waiting.get(name, 0),
                    "median_days": float(days.median()) if len(days) else None,
                    "longest_days": float(days.max()) if len(days) else None,
                }
            )
        return pd.DataFrame(rows)

    def yaml(self) -> str:
        """Return what to paste into a file that extends the scenario, beside ``census.csv``."""
        return start_yaml(self.sections, self.table.name)


def import_census(
    file: str | Path,
    scenario: Scenario,
    *,
    as_of: date,
    service: str | None = None,
    person: str | None = None,
    admitted: str | None = None,
    days: str | None = None,
    waiting_for: str | None = None,
    waiting_since: str | None = None,
    places: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
    by: Iterable[str] = (),
    rest: str = "steady",
    dates: str | None = None,
) -> CensusImport:
    """Read who is where today, and make it the start of a scenario.

    Parameters
    ----------
    file
        CSV or Excel file with a row a person.
    scenario
        The scenario whose services are meant.
    as_of
        The day, or the instant, of the list.
    service, person, admitted, days, waiting_for, waiting_since
        Headings: where they are; who they are (compared, never shown); since when, or for how many
        days, they have been there; what they wait for, and since when (dates or days). None:
        guessed from the headings.
    places
        Services by what the file calls them; ``none`` leaves somebody out, or is no wait.
    attributes
        Headings by attribute of the scenario; those of the same name are taken anyhow.
    by
        Attributes, or columns of the file alone, by which a forecast is broken down.
    rest
        How services start of which the file says nothing: ``steady`` (their long-run numbers),
        ``as written`` in the scenario, ``empty``.
    dates
        ``dmy`` (British) or ``mdy``, where the file leaves a doubt.

    Returns
    -------
        What was understood; `rows()` has every row, `scenario` starts from it.

    Raises
    ------
    LocalDataError
        If the file cannot be read, or nobody in it could be placed; nothing in it that says who
        somebody is appears in the message.
    """
    if dates is not None and dates not in ORDERS:
        raise LocalDataError(f"unknown order of dates '{dates}'; accepted: {', '.join(ORDERS)}")
    if rest not in RESTS:
        raise LocalDataError(
            f"unknown --rest '{rest}'{nearest(rest, RESTS)}; accepted: {', '.join(RESTS)}"
        )
    table = read_local(file)
    names = Vocabulary(scenario)
    told = dict(places or {})
    if wrong := wrong_places(told, names):
        raise LocalDataError("\n".join(wrong))
    roles = {
        "person": person,
        "service": service,
        "admitted": admitted,
        "days": days,
        "waiting_for": waiting_for,
        "waiting_since": waiting_since,
    }
    wanted = tuple(by)
    chosen, extra = _columns(table, names, roles, dict(attributes or {}), wanted)
    secrets = Secrets.of(
        table, [heading for role, heading in chosen.headings.items() if role != "person"]
    )
    values = _values(table, chosen, names, extra, secrets)
    at = as_of if isinstance(as_of, datetime) else datetime(as_of.year, as_of.month, as_of.day)  # noqa: DTZ001
    reader = RowReader(
        table,
        chosen,
        Places(names, told, secrets),
        values,
        at,
        isinstance(as_of, datetime),
        dates,
        secrets,
    )
    people = tuple(reader.people())
    taken = [one for one in people if one.status != LEFT]
    if not taken:
        some = "\n".join(f"line {one.line}: {'; '.join(one.notes)}" for one in people[:10])
        raise LocalDataError(f"{table.name}: nobody could be placed\n{some}")
    extras = tuple(_shares(name, taken, values[name]) for name in extra)
    sections = sections_of(scenario, taken, at.date(), rest, extras)
    return CensusImport(
        table,
        chosen,
        people,
        {cell: name for cell, name in reader.places.guessed.items() if secrets.may_show(cell)},
        at,
        tuple(one if one in extra else _by_name(one, extra) for one in wanted),
        scenario,
        scenario.with_(**sections),
        rest,
        sections,
        extras,
    )


def _columns(
    table: LocalTable,
    names: Vocabulary,
    roles: dict[str, str | None],
    attributes: dict[str, str],
    by: tuple[str, ...],
) -> tuple[Chosen, dict[str, str]]:
    """Return the columns to take, and attributes of the file alone: name and heading."""
    possible = [
        name
        for name, found in names.attributes.items()
        if found and name not in names.of_episode and name != "age"
    ]
    for name in attributes:
        if name not in possible:
            raise LocalDataError(
                f"'{name}' is no attribute of people of the scenario{nearest(name, possible)}"
                f" (attributes: {', '.join(possible) or 'none'})"
            )
    by_plain = {plain_heading(heading): heading for heading in table.columns}
    asked: dict[str, str | None] = dict(roles)
    for name in possible:
        heading = attributes.get(name) or by_plain.get(plain_heading(name))
        if heading is not None:
            asked[f"attribute {name}"] = heading
    extra: dict[str, str] = {}
    for one in by:
        heading = one if one in table.columns else by_plain.get(plain_heading(one))
        if one in possible and (heading is not None or one in attributes):
            continue
        if one in possible:
            continue
        if heading is None:
            raise LocalDataError(
                f"--by {one}: neither an attribute of the scenario nor a column of {table.name}"
                f"{nearest(one, [*possible, *table.columns])} (attributes:"
                f" {', '.join(possible) or 'none'}; columns: {', '.join(table.columns)})"
            )
        name = "_".join(plain_heading(heading).split())
        if name in {*SPECIAL, *RESERVED, *names.attributes} or name.isdigit():
            name = f"{name}_of_list"
        extra[name] = heading
        asked[f"attribute {name}"] = heading
    for role, heading in asked.items():
        if role.startswith("attribute ") and heading is not None and is_identifier(heading):
            raise LocalDataError(
                f"{table.name}: the column '{heading}' may say who somebody is: it cannot be"
                " an attribute"
            )
    guess = ["person", "service", "waiting_for", "waiting_since", "waited"]
    if roles["admitted"] is None and roles["days"] is None:
        guess += ["admitted", "days"]
    chosen = choose(table, asked, guess)
    if chosen.get("service") is None:
        raise LocalDataError(
            f"{table.name}: which column says where people are? Say --service COLUMN"
            f" (columns: {', '.join(table.columns)})"
        )
    return chosen, extra


def _values(
    table: LocalTable,
    chosen: Chosen,
    names: Vocabulary,
    extra: Mapping[str, str],
    secrets: Secrets,
) -> dict[str, tuple[str, ...]]:
    """Return the values that each attribute can have."""
    found: dict[str, tuple[str, ...]] = {}
    for role in chosen.headings:
        name = role.removeprefix("attribute ")
        if name != role and name not in extra:
            found[name] = names.attributes[name]
    for name, heading in extra.items():
        cells = sorted({cell for cell in table.column(heading) if cell and secrets.may_show(cell)})
        if len(cells) > MOST_VALUES:
            raise LocalDataError(
                f"{table.name}: the column '{heading}' has {len(cells)} values, at most"
                f" {MOST_VALUES} can be told apart"
            )
        if not cells:
            raise LocalDataError(f"{table.name}: the column '{heading}' has no value to show")
        found[name] = tuple({cell.lower(): cell for cell in reversed(cells)}.values())
    return found


def _shares(name: str, taken: list[CensusPerson], values: tuple[str, ...]) -> Extra:
    counts = Counter(dict(one.known).get(name, "") for one in taken)
    seen = [(value, counts[value]) for value in sorted(values) if counts[value]]
    total = sum(count for _, count in seen)
    if not total:
        return Extra(name, tuple((value, 1 / len(values)) for value in sorted(values)))
    return Extra(name, tuple((value, count / total) for value, count in seen))


def _by_name(one: str, extra: Mapping[str, str]) -> str:
    """Return the attribute that a column of the file has become."""
    wanted = plain_heading(one)
    return next((name for name, h in extra.items() if plain_heading(h) == wanted), one)


def _base(service: str) -> str:
    return service.partition("[")[0]


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d}" if at.hour == at.minute == 0 else f"{at:%Y-%m-%d %H:%M}"
