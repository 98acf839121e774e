"""`carepath calibrate`: fit uncertain numbers to what was observed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import complain, console, print_json, progress
from carepath_sim.cli.run import tell_where


def calibrate(
    calibration: Annotated[
        str, typer.Argument(metavar="CALIBRATION", help="Bundled name, or a folder.")
    ],
    out: Annotated[
        Path | None,
        o.folder("Folder for the report, its tables, and the posterior that `--posterior` takes."),
    ] = None,
    resume: o.Resume = False,
    workers: o.Workers = None,
    cluster: o.Cluster = None,
    tls_ca_file: o.CaFile = None,
    tls_cert: o.Cert = None,
    tls_key: o.Key = None,
    seed: Annotated[
        int | None, typer.Option("--seed", "-s", min=0, help="In place of fit.yaml's.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", min=50, help="Replications in all, at most.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although a target is out of reach.")
    ] = False,
    as_json: o.AsJson = False,
) -> None:
    """Fit uncertain numbers of a scenario; exit code 1 where nothing can be fitted.

    Example: `carepath calibrate buckinghamshire/as-is --out fit`
    """
    from carepath_sim import calibrate as fit
    from carepath_sim.calibrate.calibration import TooFewTargetsError

    o.refuse_without_folder(out, keep="", resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    try:
        with progress("replications, at most") as bar:
            found = fit(
                calibration,
                out=out,
                resume=resume,
                workers=workers,
                cluster=where,
                seed=seed,
                budget=budget,
                force=force,
                progress=bar,
            )
    except TooFewTargetsError as error:
        complain(str(error))
        raise typer.Exit(1) from None
    if out is not None:
        from carepath_sim.experiment.writing import whole
        from carepath_sim.report.fit_page import fit_page

        with whole(out / "report.html") as part:
            part.write_text(fit_page(found), encoding="utf-8")
    if as_json:
        print_json(found.summary())
    else:
        from carepath_sim.report.fit_table import fit_table

        console().print(fit_table(found))
        tell_where(out)
    if not found.is_done:
        complain("there is no posterior; see what is said above")
        raise typer.Exit(1)
