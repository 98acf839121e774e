"""`carepath assumptions`: every number, how good it is, and how much it matters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, records, said


def assumptions(
    scenario: o.ScenarioName,
    effects: Annotated[
        Path | None,
        typer.Option(
            "--effects",
            metavar="DIR",
            help="Folder of `carepath sensitivity`, or of `carepath run --ranges`, that tells how "
            "much each number matters.",
        ),
    ] = None,
    parameters: Annotated[
        str,
        typer.Option(
            "--parameters",
            metavar="NAMES",
            help="Which numbers, with commas and `*`: `pools.*`. Default: all.",
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Print all numbers, not the weakest alone.")
    ] = False,
    sets: o.Sets = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="CSV file for the whole log."),
    ] = None,
    as_json: o.AsJson = False,
) -> None:
    """List every number with quality, range and source: the log of assumptions.

    With `--effects` the riskiest come first: weak numbers that matter.

    Example: `carepath assumptions buckinghamshire/to-be --out assumptions.csv`
    """
    from carepath_sim import assumptions as listed
    from carepath_sim import load
    from carepath_sim.experiment.writing import write_csv
    from carepath_sim.report.assumptions import MOST, assumptions_table

    loaded = load(scenario, sets=sets or ())
    said(loaded)
    frame = listed(loaded, effects=effects, parameters=o.names(parameters))
    if out is not None:
        write_csv(out, frame)
    if as_json:
        print_json({"scenario": loaded.name, "hash": loaded.hash(), "assumptions": records(frame)})
        return
    console().print(assumptions_table(loaded.name, frame, most=None if everything else MOST))
    if out is not None:
        print(f"Log is in {out}")
