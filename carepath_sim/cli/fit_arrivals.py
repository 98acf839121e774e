"""`carepath fit-arrivals`: arrivals from a local file as a source of the scenario language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.fit_los import day_of
from carepath_sim.cli.levers import plain
from carepath_sim.cli.output import console, print_json, progress, records
from carepath_sim.cli.run import tell_where

TABLES = ("profile.csv", "rows.csv", "arrivals.yaml", "arrivals.png", "arrivals.svg")


def fit_arrivals(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or Excel, a row an arrival.")],
    date: Annotated[
        str | None, typer.Option("--date", metavar="COLUMN", help="When people came.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="COLUMN", help="Times of day in a column of their own."),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="COLUMN", help="Fits each value apart.")
    ] = None,
    count: Annotated[
        str | None,
        typer.Option("--count", metavar="COLUMN", help="Arrivals a row stands for."),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day that the file covers."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day that it covers.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="DATE",
            help="Day on which the rate is to hold where there is a trend: your `clock.start`.",
        ),
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option("--dates", metavar="ORDER", help="`dmy` (British) or `mdy`, where in doubt."),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option("--service", metavar="NAME", help="Service of the first referral, for YAML."),
    ] = None,
    out: Annotated[
        Path | None,
        o.folder(
            "Folder for every factor (`profile.csv`), the rows left out, the YAML and the pictures."
        ),
    ] = None,
    as_json: o.AsJson = False,
) -> None:
    """Fit arrivals by month, weekday, hour and trend, and how much days vary; YAML to paste.

    Every row is taken or told, with its line. Nothing that says who somebody is is ever shown.

    Example: `carepath fit-arrivals referrals.csv --from 2022-04-01 --until 2024-03-31 --out fits`
    """
    from carepath_sim import fit_arrivals as fit

    if out is not None:
        from carepath_sim.experiment.files import claim_for_tables

        claim_for_tables(out, TABLES)
    with progress("fitting") as bar:
        found = fit(
            file,
            date=date,
            time=time,
            group=group,
            count=count,
            first=day_of(first, "--from"),
            last=day_of(last, "--until"),
            at=day_of(at, "--at"),
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
                    "first": str(found.data.first),
                    "last": str(found.data.last),
                    "taken": found.data.taken,
                    "rows": records(found.rows()),
                    "profile": records(found.table()),
                    "warnings": found.warnings,
                    "note": found.note,
                    "yaml": text,
                }
            )
        )
        return
    from carepath_sim.report.arrival_fits import arrivals_table

    console().print(arrivals_table(found))
    print(f"\n{text}", end="")
    tell_where(out)


def _write(folder: Path, found: Any, text: str) -> None:
    from carepath_sim.experiment.writing import whole, write_csv
    from carepath_sim.report.saving import save

    write_csv(folder / "profile.csv", found.table())
    write_csv(folder / "rows.csv", found.rows())
    with whole(folder / "arrivals.yaml") as part:
        part.write_text(text, encoding="utf-8")
    save(found.plot().axes[0], folder, "arrivals")
