"""`carepath sweep`: every point of a design, into a store that survives anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import complain, console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.errors import CarepathError


def sweep(
    scenario: o.ScenarioName,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=A:B:STEP",
            help="Let a field take values: `pools.community_beds.capacity=60:160:10`, or a list "
            "`...=fixed 3 d,fixed 5 d`. May be repeated: every combination is done.",
        ),
    ] = None,
    design: Annotated[
        Path | None,
        typer.Option(
            "--design",
            metavar="FILE.csv",
            help="A row a point, a column a field; with `--sample` the columns path, low, high.",
        ),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option(
            "--sample",
            metavar="lhs|sobol",
            help="Draw points from the ranges (`--vary PATH=A:B`): Latin hypercube, or scrambled "
            "Sobol sequence.",
        ),
    ] = None,
    n: Annotated[int | None, typer.Option("-n", min=1, help="How many points to draw.")] = None,
    sample_seed: Annotated[
        int, typer.Option("--sample-seed", min=0, help="Start of the luck of the sample.")
    ] = 1,
    with_base: Annotated[
        bool, typer.Option("--with-base", help="Put the scenario as it is first, as point 0.")
    ] = False,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help="Figure to show: `p_wait[community_beds]`. May be repeated.",
        ),
    ] = None,
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
            "Folder for the design, the figures of every point, and `summary.csv` of every measure."
        ),
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Simulate every point of a design, each with the same people and the same luck.

    With `--out` every replication is kept the moment it is finished; `--resume` goes on after
    anything, and needs no design.

    Example: `carepath sweep buckinghamshire/to-be --vary pools.community_beds.capacity=60:160:10
    --out study`
    """
    from carepath_sim import load
    from carepath_sim import sweep as simulate
    from carepath_sim.experiment.each import each_capacity
    from carepath_sim.experiment.points import read_vary
    from carepath_sim.experiment.sweep import design_of
    from carepath_sim.experiment.wanted import Wanted

    o.refuse_without_folder(out, keep="", resume=resume)
    o.tell_more(out, replications, resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    for name in measure or ():
        Wanted.parse(name)
    made = design_of(
        vary=dict(map(read_vary, vary or ())),
        design=design,
        sampled=sample,
        size=n,
        sample_seed=sample_seed,
        with_base=with_base,
    )
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    for notice in made.notices if made is not None else ():
        complain(notice)
    paths = dict.fromkeys(path for point in (made.points if made else ()) for path in point)
    for words in filter(None, (each_capacity(loaded, path) for path in paths)):
        complain(words)
    with progress("sweeping") as bar:
        study = simulate(
            loaded,
            design=None if made is None else made.points,
            replications=replications,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    from carepath_sim.measures.headline import HEADLINE

    # Which strata there are is known only now; what was simulated is shown nevertheless.
    known, unknown = study.known_figures(measure or ())
    if as_json:
        names = list(dict.fromkeys(name for name, _ in HEADLINE))
        print_json(
            {
                "scenario": study.label,
                "hash": loaded.hash(),
                "seed": seed,
                "engine": engine,
                "replications": study.manifest["replications"],
                "design": records(study.design),
                "table": records(study.table(names)),
                **({"figures": records(study.figures(known))} if known else {}),
            }
        )
        end_with(unknown)
        return
    from carepath_sim.report.sweeps import save_pictures, shown_figures, sweep_table

    names = known or shown_figures(study)
    console().print(sweep_table(study, study.figures(names)))
    if out is not None:
        save_pictures(study, names, out)
    tell_where(out)
    end_with(unknown)


def end_with(errors: Sequence[CarepathError]) -> None:
    """Say what could not be shown, and end as for wrong input, if there is any."""
    for error in errors:
        complain(str(error))
    if errors:
        raise typer.Exit(2)
