"""`carepath compare`: scenarios side by side, with the same people and the same luck."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli import uncertain as u
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where
from carepath_sim.cli.trace import check_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.errors import Problem
    from carepath_sim.scenario.model import Scenario


def compare(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="Scenario that the others are compared with.")
    ],
    others: Annotated[
        list[str], typer.Argument(metavar="OTHER...", help="One or more other scenarios.")
    ],
    replications: o.ReplicationsOrKept = None,
    precision: o.Precision = None,
    max_replications: o.MaxReplications = 500,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="KEY",
            help="Print differences by pool, stream, service, setting, cause, reason, responsible, "
            "payer or organisation instead of the headlines.",
        ),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help="Print differences of this measure only. May be repeated.",
        ),
    ] = None,
    independent: Annotated[
        bool,
        typer.Option(
            "--independent",
            help="Give every scenario random numbers of its own, to see what common ones bring.",
        ),
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the differences into a png, svg or pdf."),
    ] = None,
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
    posterior: u.Posterior = None,
    ranges: u.Ranges = False,
    draws: u.Draws = None,
    parameters: u.Parameters = "",
    targets: u.Targets = None,
    objective: u.Objective = None,
    other_model: u.OtherModel = False,
    leave_out: u.LeaveOut = False,
    as_json: o.AsJson = False,
) -> None:
    """Compare scenarios: paired differences with 95 % intervals, and what differs in the files.

    `--set` changes the field in every scenario. Where several are compared with the base, the
    intervals of one figure hold together.

    Example: `carepath compare buckinghamshire/as-is buckinghamshire/to-be`

    Example: `carepath compare greenwich/without-jet greenwich/three-teams --ranges
    --objective "minimise delayed_transfer_days"`
    """
    from carepath_sim import compare as simulate

    check_picture(plot)
    o.refuse_without_folder(out, keep=keep, resume=resume)
    o.tell_more(out, replications, resume=resume)
    where = o.cluster_of(cluster, tls_ca_file, tls_cert, tls_key)
    loaded = load_all([base, *others], sets or ())
    only_then = {"--draws": draws, "--parameters": parameters, "--target": targets,
                 "--objective": objective, "--other-model": other_model,
                 "--leave-out-impossible": leave_out}  # fmt: skip
    if u.is_asked(posterior, ranges, only_then):
        u.answer(
            loaded, posterior=posterior, draws=draws, parameters=parameters,
            measures=measures, targets=targets, objective=objective, other_model=other_model,
            leave_out=leave_out, replications=replications, seed=seed, engine=engine,
            workers=workers, out=out, resume=resume, as_json=as_json, cluster=where,
            not_with={"--precision": precision, "--keep": keep, "--by": by, "--plot": plot,
                      "--independent": independent},
        )  # fmt: skip
        return
    for one in loaded:
        said(one)
    with progress("comparing") as bar:
        comparison = simulate(
            *loaded,
            replications=replications,
            precision=precision or (),
            max_replications=max_replications,
            common_random_numbers=not independent,
            seed=seed,
            engine=engine,
            workers=workers,
            cluster=where,
            keep=o.names(keep),
            out=out,
            resume=resume,
            progress=bar,
        )
    if plot is not None:
        import matplotlib.pyplot as plt

        comparison.plot(by=by, measures=measures or ())
        plt.savefig(plot, dpi=150)
        plt.close()
    if as_json:
        print_json(
            {
                "base": comparison.base.label,
                "others": [other.label for other in comparison.others],
                "hashes": [one.hash() for one in loaded],
                "seed": seed,
                "engine": engine,
                "replications": len(comparison.base.done),
                "common_random_numbers": not independent,
                **({"precision": records(comparison.precision())} if precision else {}),
                "summary": records(comparison.summary()),
                "differences": records(comparison.differences(by=by, measures=measures or ())),
                "targets": records(comparison.targets()),
                "changed": records(comparison.changed()),
            }
        )
        return
    if by is not None or measures:
        from carepath_sim.report.differences import differences_table

        console().print(differences_table(comparison, by=by, measures=measures or ()))
        tell_where(out)
        return
    from carepath_sim.report.scorecard import changes_table
    from carepath_sim.report.tables import comparison_table

    console().print(comparison_table(comparison))
    if (table := changes_table(comparison)) is not None:
        console().print(table)
    tell_where(out)


def load_all(names: Sequence[str], sets: Sequence[str]) -> list[Scenario]:
    """Load scenarios, and tell the problems of all of them at once."""
    from carepath_sim import ScenarioError, load

    loaded: list[Scenario] = []
    problems: list[Problem] = []
    for name in names:
        try:
            loaded.append(load(name, sets=sets))
        except ScenarioError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ScenarioError(problems)
    return loaded
