"""`carepath bedmix`: ways to share one bed base, side by side, and the best."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where


def bedmix(
    scenario: o.ScenarioName,
    pool: Annotated[str, typer.Option("--pool", "-p", help="The bed base: name of a pool.")],
    streams: Annotated[
        str,
        typer.Option(
            "--streams",
            help="Streams that share it, the one that splits speak of first: "
            "`step_up,step_down`. Default: as the scenario has them.",
        ),
    ] = "",
    splits: Annotated[
        str,
        typer.Option(
            "--splits",
            help="Beds of the first stream to try, for ring_fenced and partial: `20,40`; or of "
            "each stream, `20/105`; or in percent. Default: 10 %, 20 %, 30 %, 40 %.",
        ),
    ] = "",
    policies: Annotated[
        str,
        typer.Option(
            "--policies",
            help="Which of ring_fenced, shared, reserved, partial, priority. Default: all.",
        ),
    ] = "",
    reserves: Annotated[
        str,
        typer.Option(
            "--reserves",
            help="Beds kept free to try, for reserved: `2,5` for the first stream, `0/3` for the "
            "second. Default: 2 % and 5 %.",
        ),
    ] = "",
    common: Annotated[
        str, typer.Option("--common", help="Under partial: part of the beds that all may use.")
    ] = "50%",
    objective: Annotated[
        str,
        typer.Option(
            "--objective",
            help="What the best has least or most of: `minimise costs + 150 * "
            "admissions_caused`. Default: least costs, else fewest delayed days.",
        ),
    ] = "",
    indifference: Annotated[
        str,
        typer.Option(
            "--indifference",
            help="A difference of the objective that does not matter: `10`, `£5k`, `2%` of the "
            "scenario as written. Default: 1 %.",
        ),
    ] = "",
    frontier: Annotated[
        str,
        typer.Option("--frontier", help="Two measures of which to show who is beaten in both."),
    ] = "emergency_admissions,delayed_transfer_days",
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-r",
            min=2,
            show_default="20; with --resume as many as the folder was begun with",
            help="How often everybody is simulated.",
        ),
    ] = None,
    max_replications: Annotated[
        int | None,
        typer.Option(
            "--max-replications",
            min=2,
            help="How often at most, of those that may still be the best. Default: 100, or as "
            "many as --replications.",
        ),
    ] = None,
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
        o.folder("Folder for the choice and every design tried, as tables, and the pictures."),
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Compare ways to share one bed base between step-up and step-down, and name the best.

    Example: `carepath bedmix buckinghamshire/to-be --pool community_beds --streams
    step_up,step_down --policies ring_fenced,shared --splits 20,40`
    """
    from carepath_sim import bed_mix, load
    from carepath_sim.experiment.amounts import amount
    from carepath_sim.experiment.configurations import POLICIES

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    with progress("bed mix") as bar:
        mix = bed_mix(
            loaded,
            pool,
            streams=o.names(streams),
            policies=o.names(policies) or POLICIES,
            splits=o.names(splits),
            reserves=o.names(reserves),
            common=amount(common, "share"),
            objective=objective,
            indifference=indifference or None,
            frontier=two(frontier),
            replications=replications,
            max_replications=max_replications,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    from carepath_sim.report.bed_mix import answer, bed_mix_table

    if out is not None:
        from carepath_sim.report.saving import save

        save(mix.plot.heat_map(), out, "heat-map")
        save(mix.plot.frontier(), out, "frontier")
    if as_json:
        found = mix.selection
        print_json(
            {
                "scenario": loaded.name,
                "hash": loaded.hash(),
                "seed": seed,
                "engine": engine,
                "pool": mix.bed_base.pool,
                "streams": list(mix.bed_base.streams),
                "objective": str(mix.objective),
                "indifference": found.zone,
                "level": found.level,
                "best": mix.best.name,
                "decided": found.decided,
                "answer": list(answer(mix)),
                "choice": records(mix.choice()),
                "table": records(mix.table()),
                "frontier": records(mix.frontier()),
            }
        )
        return
    console().print(bed_mix_table(mix))
    tell_where(out)


def two(text: str) -> tuple[Any, Any]:
    """Return the two measures of a frontier.

    >>> two("costs, delayed_transfer_days")
    ('costs', 'delayed_transfer_days')
    """
    from carepath_sim.errors import CarepathError

    found = [part.strip() for part in re.split(r",(?![^\[]*\])", text) if part.strip()]
    if len(found) != 2:
        raise CarepathError(f"--frontier needs two measures with a comma between, found {text!r}")
    return found[0], found[1]
