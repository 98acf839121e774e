"""`carepath run`: one scenario, many replications."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli import uncertain as u
from carepath_sim.cli.output import console, print_json, progress, records, said


def run(
    scenario: o.ScenarioName,
    replications: o.ReplicationsOrKept = None,
    precision: o.Precision = None,
    max_replications: o.MaxReplications = 500,
    seed: o.Seed = 1,
    engine: o.Engine = o.DEFAULT_ENGINE,
    workers: o.Workers = None,
    cluster: o.Cluster = None,
    tls_ca_file: o.CaFile = None,
    tls_cert: o.Cert = None,
    tls_key: o.Key = None,
    sets: o.Sets = None,
    out: o.Out = None,
    resume: o.Resume = False,
    keep: o.Keep = "",
    scorecard: Annotated[
        bool,
        typer.Option(
            "--scorecard", help="Print the targets of the documents beside the figures, by month."
        ),
    ] = False,
    posterior: u.Posterior = None,
    ranges: u.Ranges = False,
    draws: u.Draws = None,
    parameters: u.Parameters = "",
    measures: u.Measures = None,
    targets: u.Targets = None,
    other_model: u.OtherModel = False,
    leave_out: u.LeaveOut = False,
    as_json: o.AsJson = False,
) -> None:
    """Simulate a scenario and print its headline figures with 95 % intervals.

    Example: `carepath run buckinghamshire/to-be --replications 30 --out results/to-be`

    Example: `carepath run buckinghamshire/to-be --precision admissions=1%`

    Example: `carepath run greenwich/three-teams --ranges --draws 64`
    """
    from carepath_sim import load
    from carepath_sim import run as simulate
    from carepath_sim.errors import CarepathError
    from carepath_sim.experiment.filling import too_short
    from carepath_sim.experiment.overload import overloaded

    o.refuse_without_folder(out, keep=keep, resume=resume)
    o.tell_more(out, replications, resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    loaded = load(scenario, sets=sets or ())
    only_then = {"--draws": draws, "--parameters": parameters, "--measure": measures,
                 "--target": targets, "--other-model": other_model,
                 "--leave-out-impossible": leave_out}  # fmt: skip
    if u.is_asked(posterior, ranges, only_then):
        u.answer(
            [loaded], posterior=posterior, draws=draws, parameters=parameters,
            measures=measures, targets=targets, other_model=other_model, leave_out=leave_out,
            replications=replications, seed=seed, engine=engine, workers=workers, out=out,
            resume=resume, as_json=as_json, cluster=where,
            not_with={"--precision": precision, "--keep": keep, "--scorecard": scorecard},
        )  # fmt: skip
        return
    if scorecard and not loaded.targets:
        raise CarepathError(f"{loaded.name} has no `targets:` to hold a scorecard against")
    said(loaded)
    with progress(f"{loaded.name}") as bar:
        result = simulate(
            loaded,
            replications=replications,
            precision=precision or (),
            max_replications=max_replications,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
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
                "replications": len(result.done),
                **({"precision": records(result.precision())} if precision else {}),
                "start": list(result.plan.start_said),
                "warnings": [one for one in (too_short(loaded), overloaded(loaded)) if one],
                "summary": records(result.summary()),
                **({"scorecard": records(result.scorecard())} if scorecard else {}),
            }
        )
        return
    from carepath_sim.report.tables import run_table

    console().print(run_table(result))
    if scorecard:
        from carepath_sim.report.scorecard import scorecard_table

        console().print(scorecard_table(result))
    tell_where(out)


def tell_where(out: Any) -> None:
    """Say where the tables are, when they were asked for."""
    if out is not None:
        print(f"Tables are in {out}")
