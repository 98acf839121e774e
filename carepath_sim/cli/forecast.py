"""`carepath forecast`: who will be where, from today's census."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from carepath_sim.cli import import_census as c
from carepath_sim.cli import options as o
from carepath_sim.cli import uncertain as u
from carepath_sim.cli.levers import plain
from carepath_sim.cli.output import console, print_json, progress, records
from carepath_sim.cli.run import tell_where

PICTURES = ("present", "waiting", "delayed")


def forecast(
    scenario: o.ScenarioName,
    census: Annotated[
        Path | None,
        typer.Option(
            "--census",
            metavar="FILE",
            help="CSV or Excel, a row a person; without it, the start of the scenario itself.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", "-d", min=1, max=366, help="How many days ahead.")
    ] = 10,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", help="The day of the list: `2026-03-31`, or `today`."
        ),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", "-r", min=1, help="How many possible futures.")
    ] = 100,
    by: c.By = None,
    service: c.Service = None,
    person: c.Person = None,
    admitted: c.Admitted = None,
    stay_days: Annotated[
        str | None,
        typer.Option("--days-so-far", metavar="COLUMN", help="Or for how many days."),
    ] = None,
    waiting_for: c.WaitingFor = None,
    waiting_since: c.WaitingSince = None,
    place: c.PlaceOf = None,
    attribute: c.AttributeOf = None,
    rest: c.Rest = "steady",
    posterior: u.Posterior = None,
    ranges: u.Ranges = False,
    dates: c.Dates = None,
    seed: o.Seed = 1,
    engine: o.Engine = o.DEFAULT_ENGINE,
    workers: o.Workers = None,
    cluster: o.Cluster = None,
    tls_ca_file: o.CaFile = None,
    tls_cert: o.Cert = None,
    tls_key: o.Key = None,
    sets: o.Sets = None,
    out: Annotated[
        Path | None,
        o.folder("Folder for `forecast.csv`, `places.csv` and the list as it was read."),
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Forecast who will be where in the days to come, from today's census, with intervals.

    What is left of each stay is drawn given the days so far; new people come as the scenario says.
    Broken down by service, and with `--by` by an attribute or a column of the file.

    Example: `carepath forecast my.yaml --census today.xlsx --as-of today --days 90 --by council`
    """
    from carepath_sim import forecast as ahead
    from carepath_sim import import_census, load
    from carepath_sim.errors import CarepathError

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    names = list(by or ())
    loaded = load(scenario, sets=sets or ())
    if census is None and as_of is not None:
        raise CarepathError("--as-of belongs to --census FILE")
    if census is not None and as_of is None:
        raise CarepathError("of which day is the list? Say --as-of DATE, or --as-of today")
    found = None
    if census is not None and as_of is not None:
        found = import_census(
            census,
            loaded,
            as_of=c.instant_of(as_of),
            service=service,
            person=person,
            admitted=admitted,
            days=stay_days,
            waiting_for=waiting_for,
            waiting_since=waiting_since,
            places=c.pairs(place, "--place", "'Ward 7=acute'"),
            attributes=c.pairs(attribute, "--attribute", "council=District"),
            by=names,
            rest=rest,
            dates=dates,
        )
        names = list(found.by)
    with progress(f"{loaded.name}") as bar:
        futures = ahead(
            loaded,
            found,
            days=days,
            by=names,
            posterior=posterior,
            ranges=ranges,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    if out is not None:
        _pictures(out, futures)
    if as_json:
        said = c.in_json(found) if found is not None else {}
        print_json(
            plain(
                {
                    **_identity(futures),
                    "answers": futures.answers(),
                    "understood": futures.understood,
                    "warnings": futures.warnings,
                    "census": said,
                    "places": records(futures.places()),
                    "forecast": records(futures.table()),
                }
            )
        )
        return
    from carepath_sim.report.forecasts import forecast_table

    if found is not None:
        from carepath_sim.report.census import told_rows

        console().print(told_rows(found))
    console().print(forecast_table(futures))
    tell_where(out)


def _identity(futures: Any) -> dict[str, Any]:
    """Return what makes the forecast what it is."""
    from carepath_sim import __version__

    return {
        "scenario": futures.scenario.name,
        "hash": futures.scenario.hash(),
        "first": str(futures.first),
        "days": futures.days,
        "replications": futures.replications,
        "seed": futures.seed,
        "engine": futures.engine,
        "version": __version__,
    }


def _pictures(folder: Path, futures: Any) -> None:
    from carepath_sim.report.forest import NothingToDrawError
    from carepath_sim.report.saving import save

    for what in PICTURES:
        for name in ("", *futures.by):
            try:
                drawn = futures.plot(name, what=what)
            except NothingToDrawError:
                continue
            save(drawn.axes[0], folder, f"{what}-by-{name}" if name else what)
    with suppress(NothingToDrawError):
        save(futures.plot_places().axes[0], folder, "places")
