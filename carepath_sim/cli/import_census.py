"""`carepath import-census`: a list of who is where today as the start of a scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.levers import plain
from carepath_sim.cli.output import console, print_json, records
from carepath_sim.cli.run import tell_where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

TABLES = ("census.csv", "rows.csv", "start.yaml")

AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The day of the list, or the instant: `2026-03-31`, `'2026-03-31 08:00'`.",
    ),
]
Service = Annotated[
    str | None, typer.Option("--service", metavar="COLUMN", help="Where people are.")
]
Person = Annotated[
    str | None,
    typer.Option("--person", metavar="COLUMN", help="Who they are: compared, and never shown."),
]
Admitted = Annotated[
    str | None,
    typer.Option("--admitted", metavar="COLUMN", help="Since when they have been there."),
]
Days = Annotated[str | None, typer.Option("--days", metavar="COLUMN", help="Or for how many days.")]
WaitingFor = Annotated[
    str | None, typer.Option("--waiting-for", metavar="COLUMN", help="What they wait for.")
]
WaitingSince = Annotated[
    str | None,
    typer.Option("--waiting-since", metavar="COLUMN", help="Since when: dates, or days."),
]
PlaceOf = Annotated[
    list[str] | None,
    typer.Option(
        "--place",
        metavar="WORDS=SERVICE",
        help="What the file calls a service: `--place 'Ward 7=acute'`; `=none` leaves out. May be "
        "repeated.",
    ),
]
AttributeOf = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        metavar="NAME=COLUMN",
        help="Column of an attribute of the scenario, if called otherwise. May be repeated.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Attribute, or column of the file, by which forecasts are broken down: `--by council`."
        " May be repeated.",
    ),
]
Rest = Annotated[
    str,
    typer.Option(
        "--rest",
        metavar="WORD",
        help="How services start that are not in the file: steady, as written, empty.",
    ),
]
Dates = Annotated[
    str | None,
    typer.Option("--dates", metavar="ORDER", help="`dmy` (British) or `mdy`, where in doubt."),
]


def import_census(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Excel, a row a person.")],
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="SCENARIO", help="Whose services are meant.")
    ],
    as_of: AsOf,
    service: Service = None,
    person: Person = None,
    admitted: Admitted = None,
    days: Days = None,
    waiting_for: WaitingFor = None,
    waiting_since: WaitingSince = None,
    place: PlaceOf = None,
    attribute: AttributeOf = None,
    by: By = None,
    rest: Rest = "steady",
    dates: Dates = None,
    sets: o.Sets = None,
    out: Annotated[
        Path | None,
        o.folder(
            "Folder for the list without names (`census.csv`), the rows left out, and the YAML."
        ),
    ] = None,
    as_json: o.AsJson = False,
) -> None:
    """Read who is where today, and make it the start of a scenario.

    Every row is taken or told, with its line. Nothing that says who somebody is is ever shown or
    written. What is left of each stay is drawn given the days so far.

    Example: `carepath import-census today.xlsx --scenario my.yaml --as-of 2026-03-31 --out today`
    """
    from carepath_sim import import_census as read
    from carepath_sim import load

    if out is not None:
        from carepath_sim.experiment.files import claim_for_tables

        claim_for_tables(out, TABLES)
    found = read(
        file,
        load(scenario, sets=sets or ()),
        as_of=instant_of(as_of),
        service=service,
        person=person,
        admitted=admitted,
        days=days,
        waiting_for=waiting_for,
        waiting_since=waiting_since,
        places=pairs(place, "--place", "'Ward 7=acute'"),
        attributes=pairs(attribute, "--attribute", "council=District"),
        by=by or (),
        rest=rest,
        dates=dates,
    )
    if out is not None:
        from carepath_sim.calibrate.forecast_folder import write_census

        write_census(out, found)
    if as_json:
        print_json(plain(in_json(found)))
        return
    from carepath_sim.report.census import census_table

    console().print(census_table(found))
    if out is None:
        print("Nothing was written; --out DIR keeps the start and a report of every row.")
    tell_where(out)


def in_json(found: Any) -> dict[str, Any]:
    """Return what was understood as JSON values."""
    return {
        "file": found.table.name,
        "as_of": found.as_of.isoformat(sep=" "),
        "understood": found.understood,
        "taken": len(found.taken),
        "places": records(found.table_of_places()),
        "rows": records(found.rows()),
        "warnings": found.warnings,
        "yaml": found.yaml(),
    }


def instant_of(text: str) -> date:
    """Return the day of the list, or the instant where a time of day is given."""
    from carepath_sim.calibrate.local_dates import Dates as Reader
    from carepath_sim.calibrate.local_dates import NoDate
    from carepath_sim.calibrate.local_tables import LocalDataError

    if re.fullmatch(r"\s*today\s*", text):
        from datetime import date as day

        return day.today()  # noqa: DTZ011 - civil time
    try:
        when = Reader().read(text)
    except NoDate as no:
        raise LocalDataError(f"--as-of takes a date such as 2026-03-31, or today: {no}") from None
    return when.at if when.timed else when.at.date()


def pairs(given: list[str] | None, option: str, example: str) -> Mapping[str, str]:
    """Return options `A=B` as a map.

    Raises
    ------
    LocalDataError
        If one has no equals sign.
    """
    from carepath_sim.calibrate.local_tables import LocalDataError

    found = {}
    for one in given or ():
        left, equals, right = one.rpartition("=")
        if not equals or not left.strip() or not right.strip():
            raise LocalDataError(f"{option} takes a pair such as {example}, found '{one}'")
        found[left.strip()] = right.strip()
    return found
