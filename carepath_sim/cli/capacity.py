"""`carepath capacity`: what more or fewer places of one pool would do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.levers import Confidence, Most, Targets, draw, leave, plain
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where


def capacity(
    scenario: o.ScenarioName,
    pool: Annotated[str, typer.Option("--pool", metavar="NAME", help="Pool whose places vary.")],
    low: Annotated[int, typer.Option("--from", min=0, help="Smallest capacity.")],
    high: Annotated[int, typer.Option("--to", min=1, help="Largest capacity.")],
    step: Annotated[int, typer.Option("--step", min=1, help="From one point to the next.")] = 10,
    target: Targets = None,
    search_step: Annotated[
        int, typer.Option("--search-step", min=1, help="Step of the search for the smallest.")
    ] = 1,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="A further figure. May be repeated."),
    ] = None,
    replications: o.ReplicationsOrKept = None,
    most: Most = 100,
    confidence: Confidence = 0.95,
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
        o.folder("Folder for the curve (`capacity.csv`), what was searched, and the pictures."),
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Show what each capacity of a pool does, and the smallest that meets targets.

    Occupancy, time full, waits, delayed days, admissions and costs with intervals, the knee of the
    curve, and what queueing theory says. Without any capacity that meets the targets the exit code
    is 1.

    Example: `carepath capacity buckinghamshire/to-be --pool community_beds --from 60 --to 160
    --target "p_wait<=0.05"`
    """
    from carepath_sim import capacity_curve, load
    from carepath_sim.experiment.batch import OptionError

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    if not low < high:
        raise OptionError(f"--from lies below --to, found {low} and {high}")
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    with progress(f"capacity of {pool}") as bar:
        curve = capacity_curve(
            loaded,
            pool=pool,
            # The last point is always --to, so that the curve covers what was asked for.
            capacities=[*range(low, high, step), high],
            targets=target or (),
            measures=measure or (),
            replications=replications,
            most=most,
            step=search_step,
            confidence=confidence,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    draw(curve, out, "capacity")
    if as_json:
        search = None if curve.answer is None else records(curve.answer.table())
        print_json({**plain(curve.summary()), "curve": records(curve), "search": search})
    else:
        from carepath_sim.report.levers import curve_table

        console().print(curve_table(curve))
        print(curve.said())
        tell_where(out)
    leave(curve.answer)
