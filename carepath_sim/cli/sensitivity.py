"""`carepath sensitivity`: which of the uncertain numbers matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where


def sensitivity(
    scenario: o.ScenarioName,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            "-m",
            help="tornado: one number at a time to the ends of its range; morris: screening of "
            "all together; sobol: shares of variance.",
        ),
    ] = "tornado",
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="MEASURE",
            help="What to look at: `delayed_transfer_days`, `p_wait[community_beds]`, or a sum. "
            "May be repeated. Default: emergency admissions, delayed days, costs.",
        ),
    ] = None,
    parameters: Annotated[
        str,
        typer.Option(
            "--parameters",
            metavar="NAMES",
            help="Which numbers to vary, with commas between and `*` for anything: "
            "`pools.*,services.acute.*`. Default: all that have a range.",
        ),
    ] = "",
    trajectories: Annotated[
        int, typer.Option("--trajectories", min=2, help="For morris: ways through the ranges.")
    ] = 10,
    samples: Annotated[
        int,
        typer.Option(
            "--samples",
            "-n",
            min=2,
            help="For sobol: a power of 2; the design has (numbers + 3) times as many points.",
        ),
    ] = 64,
    replications: o.ReplicationsOrKept = None,
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
        o.folder(
            "Folder for the effects (`table.csv`), the points with their results, and the pictures."
        ),
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Vary every number that has a range, and see which of them matter for the results.

    Example: `carepath sensitivity buckinghamshire/to-be --parameters 'pools.*' --measure
    delayed_transfer_days`
    """
    from carepath_sim import load
    from carepath_sim import sensitivity as vary

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    with progress(method) as bar:
        found = vary(
            loaded,
            method,
            measures=measure or (),
            parameters=o.names(parameters),
            trajectories=trajectories,
            samples=samples,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    from carepath_sim.report.sensitivity import noise_words, sensitivity_table

    if out is not None:
        from carepath_sim.report.saving import save

        for k, one in enumerate(found.measures):
            save(found.plot.effects(one.words), out, f"effects-{k + 1}")
    if as_json:
        print_json(
            {
                "scenario": found.name,
                "hash": loaded.hash(),
                "seed": seed,
                "engine": engine,
                "method": found.method,
                "points": len(found.design),
                "replications": found.replications,
                "measures": [one.words for one in found.measures],
                "table": records(found.table()),
                "noise": records(found.noise()),
                "noise_said": list(noise_words(found)),
                "left_out": [{"parameter": name, "reason": why} for name, why in found.left_out],
            }
        )
        return
    from carepath_sim.scenario.stated import stated

    numbers = None if parameters else len(stated(loaded))
    console().print(sensitivity_table(found, numbers=numbers))
    tell_where(out)
