"""`carepath goal`: the value of one lever that meets a target, or that none does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.levers import Confidence, Most, Targets, draw, leave, plain
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where


def goal(
    scenario: o.ScenarioName,
    lever: Annotated[
        str,
        typer.Option(
            "--lever",
            metavar="PATH",
            help="What is varied: a field with one number, a share, an opening hour "
            "(`services.x.admits.closes`), anything times a factor (`services.x.stay*`), `demand`.",
        ),
    ],
    target: Targets = None,
    low: Annotated[
        str | None, typer.Option("--from", metavar="VALUE", help="Lowest value looked at.")
    ] = None,
    high: Annotated[
        str | None, typer.Option("--to", metavar="VALUE", help="Highest value looked at.")
    ] = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="VALUE", help="How exactly the value is wanted.")
    ] = None,
    seek: Annotated[
        str | None,
        typer.Option(
            "--seek", metavar="WHICH", help="smallest or largest; default by which end misses."
        ),
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
        Path | None, o.folder("Folder for the answer, every value tried, and the pictures.")
    ] = None,
    resume: o.Resume = False,
    as_json: o.AsJson = False,
) -> None:
    """Find the value of one lever that meets targets; exit code 1 where none does.

    How far must stays fall, how much demand can be held, how many beds are enough?

    Example: `carepath goal buckinghamshire/to-be --lever demand --from 0.8 --to 1.6
    --target "p_wait[community_beds]<=0.05"`
    """
    from carepath_sim import goal as find
    from carepath_sim import load
    from carepath_sim.experiment.batch import OptionError

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    if seek not in {None, "smallest", "largest"}:
        raise OptionError(f"--seek is smallest or largest, found {seek!r}")
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    with progress(f"looking along {lever}") as bar:
        found = find(
            loaded,
            lever,
            target or (),
            low=low,
            high=high,
            step=step,
            seek=seek,  # type: ignore[arg-type]  # one of the two, as was just seen
            replications=replications,
            most=most,
            confidence=confidence,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            out=out,
            resume=resume,
            progress=bar,
        )
    draw(found, out, "goal")
    if as_json:
        print_json({**plain(found.summary()), "search": records(found.table())})
    else:
        from carepath_sim.report.levers import goal_table

        console().print(goal_table(found))
        print(found.said())
        tell_where(out)
    leave(found)
