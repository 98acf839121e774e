"""`carepath fit-los`: lengths of stay from a local file as laws of the scenario language."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.levers import plain
from carepath_sim.cli.output import console, print_json, progress, records
from carepath_sim.cli.run import tell_where

TABLES = ("fits.csv", "rows.csv", "stays.yaml", "fits.png", "fits.svg")


def fit_los(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Excel, a row a stay.")],
    admitted: Annotated[
        str | None, typer.Option("--admitted", metavar="COLUMN", help="Dates of admission.")
    ] = None,
    discharged: Annotated[
        str | None, typer.Option("--discharged", metavar="COLUMN", help="Dates of discharge.")
    ] = None,
    ready: Annotated[
        str | None,
        typer.Option(
            "--ready",
            metavar="COLUMN",
            help="Dates on which people were ready: keeps treatment and delay apart.",
        ),
    ] = None,
    days: Annotated[
        str | None,
        typer.Option(
            "--days",
            metavar="COLUMN",
            help="Lengths instead of dates: `7`, `7-13` (a band), `28+` (longer).",
        ),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="COLUMN", help="Fits each value apart.")
    ] = None,
    count: Annotated[
        str | None,
        typer.Option("--count", metavar="COLUMN", help="With --days: stays a row stands for."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Last day that the file knows of; without a discharge date people were there.",
        ),
    ] = None,
    rounding: Annotated[
        str | None,
        typer.Option(
            "--rounding",
            metavar="WORD",
            help="What a whole number means: exact, nights, days, nearest, down, up.",
        ),
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option("--dates", metavar="ORDER", help="`dmy` (British) or `mdy`, where in doubt."),
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="NAME", help="Service for the YAML.")
    ] = None,
    out: Annotated[
        Path | None,
        o.folder(
            "Folder for every law tried (`fits.csv`), the rows left out, the YAML and the pictures."
        ),
    ] = None,
    as_json: o.AsJson = False,
) -> None:
    """Fit lengths of stay from a local file: rounded, censored, in groups; YAML to paste.

    Every row is taken or told, with its line. Nothing that says who somebody is is ever shown.

    Example: `carepath fit-los stays.csv --group Ward --as-of 2026-03-31 --out fits`
    """
    from carepath_sim import fit_los as fit

    if out is not None:
        from carepath_sim.experiment.files import claim_for_tables

        claim_for_tables(out, TABLES)
    with progress("fitting") as bar:
        found = fit(
            file,
            admitted=admitted,
            discharged=discharged,
            days=days,
            ready=ready,
            group=group,
            count=count,
            as_of=day_of(as_of, "--as-of"),
            rounding=rounding,
            dates=dates,
            progress=bar,
        )
    text = found.yaml(service)
    if out is not None:
        _write(out, found, text)
    if as_json:
        print_json(
            plain(
                {
                    "file": found.data.table.name,
                    "understood": found.understood,
                    "rounding": found.data.rounding,
                    "taken": found.data.taken,
                    "rows": records(found.rows()),
                    "fits": records(found.table()),
                    "warnings": found.warnings,
                    "yaml": text,
                }
            )
        )
    else:
        from carepath_sim.report.stay_fits import fits_table

        console().print(fits_table(found))
        print(f"\n{text}", end="")
        tell_where(out)
    if all(one.best is None for one in found.groups):
        raise typer.Exit(1)  # nothing could be fitted


def day_of(text: str | None, option: str) -> date | None:
    """Return a date of the command line, as people write it."""
    if text is None:
        return None
    from carepath_sim.calibrate.local_dates import Dates, NoDate
    from carepath_sim.calibrate.local_tables import LocalDataError

    try:
        return Dates().read(text).at.date()
    except NoDate as no:
        raise LocalDataError(f"{option} takes a date such as 2026-03-31: {no}") from None


def _write(folder: Path, found: Any, text: str) -> None:
    from carepath_sim.experiment.writing import whole, write_csv
    from carepath_sim.report.saving import save

    write_csv(folder / "fits.csv", found.table())
    write_csv(folder / "rows.csv", found.rows())
    with whole(folder / "stays.yaml") as part:
        part.write_text(text, encoding="utf-8")
    save(found.plot().axes[0], folder, "fits")
