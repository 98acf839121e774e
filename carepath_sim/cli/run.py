"""`carepath run`: one scenario, many replications."""

from __future__ import annotations

from typing import Any

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress, records, said


def run(
    scenario: o.ScenarioName,
    replications: o.Replications = 10,
    seed: o.Seed = 1,
    engine: o.Engine = "simpy",
    workers: o.Workers = None,
    sets: o.Sets = None,
    out: o.Out = None,
    resume: o.Resume = False,
    keep: o.Keep = "",
    as_json: o.AsJson = False,
) -> None:
    """Simulate a scenario and print its headline figures with 95 % intervals.

    Example: `carepath run buckinghamshire/to-be --replications 30 --out results/to-be`
    """
    from carepath_sim import load
    from carepath_sim import run as simulate

    o.refuse_without_folder(out, keep=keep, resume=resume)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    with progress(f"{loaded.name}") as bar:
        result = simulate(
            loaded,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            keep=o.names(keep),
            out=out,
            resume=resume,
            progress=bar,
        )
    if as_json:
        print_json(
            {
                "scenario": result.label,
                "hash": loaded.hash(),
                "seed": seed,
                "engine": engine,
                "replications": replications,
                "summary": records(result.summary()),
            }
        )
        return
    from carepath_sim.report.tables import run_table

    console().print(run_table(result))
    tell_where(out)


def tell_where(out: Any) -> None:
    """Say where the tables are, when they were asked for."""
    if out is not None:
        print(f"Tables are in {out}")
