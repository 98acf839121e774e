"""`carepath warmup`: how long a scenario has to run before it is counted."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.trace import check_picture


def warmup(
    scenario: o.ScenarioName,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            min=60,
            help="Length of the pilot run; default four times as long as services take to fill, "
            "one to five years.",
        ),
    ] = None,
    replications: o.Replications = 10,
    seed: o.Seed = 1,
    engine: o.Engine = o.DEFAULT_ENGINE,
    workers: o.Workers = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the series into a png, svg or pdf."),
    ] = None,
    sets: o.Sets = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Folder for `warm_up.csv` and `warm_up_daily.csv`."
        ),
    ] = None,
    as_json: o.AsJson = False,
) -> None:
    """Find out how long a scenario has to warm up: Welch, MSER-5, and how long places take to fill.

    Runs the scenario from its first instant, with its starting state and everything counted. Says
    so when there is no steady state.

    Example: `carepath warmup buckinghamshire/to-be --plot warm-up.svg`
    """
    from carepath_sim import load, warm_up

    check_picture(plot)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    if out is not None:
        from carepath_sim.experiment.files import claim_for_tables

        claim_for_tables(out, ("warm_up.csv", "warm_up_daily.csv"))
    with progress(f"{loaded.name}: pilot run") as bar:
        found = warm_up(
            loaded,
            days=days,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            progress=bar,
        )
    if plot is not None:
        import matplotlib.pyplot as plt

        picture = found.plot()
        picture.savefig(plot, dpi=150)
        plt.close(picture)
    if out is not None:
        from carepath_sim.experiment.writing import write_csv

        write_csv(out / "warm_up.csv", found.table())
        write_csv(out / "warm_up_daily.csv", found.daily())
    from carepath_sim.report.warm_up import conclusions, warm_up_table

    if as_json:
        print_json(
            {
                "scenario": found.label,
                "hash": loaded.hash(),
                "seed": seed,
                "engine": engine,
                "replications": replications,
                "days": found.days,
                "own_warm_up": found.own,
                "warm_up": found.recommended if math.isfinite(found.recommended) else None,
                "enough": found.enough,
                "steady": not found.unsteady and not found.growing,
                "unsteady": list(found.unsteady),
                "conclusions": list(conclusions(found)),
                "series": records(found.table()),
            }
        )
        return
    console().print(warm_up_table(found))
    if plot is not None:
        print(f"Picture is in {plot}")
    if out is not None:
        print(f"Tables are in {out}")
